"""Investment of the year, behind the calendar or behind the project's own targets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial
from typing import ClassVar

from projects.alerts import levels
from projects.alerts.cases import ProjectCase
from projects.alerts.levels import Level
from projects.alerts.measures import figures
from projects.alerts.measures.base import Measure
from projects.alerts.measures.figures import Figures
from projects.alerts.measures.known import Fine, Known
from projects.alerts.verdicts import Reading, Told, Unjudged, Verdict
from projects.standings import Bound


class ProgressGap(Measure):
    """Percentage points between what should be done of the year's plan by the judged month and what is done.

    时序进度 is months ÷ 12, by which published bulletins rank; 计划进度 is the project's own cumulative target.
    """

    code = "progress_gap"
    label = "投资进度差距"
    unit = "个百分点"
    help = "应完成进度减去实际完成进度，落后为正"
    parameters: ClassVar = (figures.BASELINE, figures.CHANNEL)
    planned = True

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        found = figures.figures(case, parameters)
        if isinstance(found, Unjudged):
            return found
        denominator = found.parts * found.plan
        numerator = 100 * (found.due - found.parts * found.done)
        return Reading(numerator, denominator, partial(_told, found, marks))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        return None

    def fine(self, parameters: Mapping[str, str], least: Fraction | None, known: Known) -> list[Fine] | None:
        if least is None or parameters["channel"] == figures.STATISTICS:
            return None
        lag = "lag_elapsed" if parameters["baseline"] == figures.ELAPSED else "lag_planned"
        # The lag of the standing is rounded to hundredths: one of them below the bound is certain.
        below, planned = Bound(lag, "<", math.floor(100 * least) - 1), Bound("plan", ">", 0)
        return [known.started, planned, below, *([Bound("due", ">", 0)] if lag == "lag_planned" else [])]

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        return f"落后{level.bounds(self.unit)}"


def _told(found: Figures, marks: tuple[Fraction, ...]) -> Told:
    gap = found.due_percent - found.done_percent
    done, due = figures.lines(found)
    line = f"差距：{figures.due_name(found)}−完成进度={levels.exactly(gap)}个百分点"
    body = f"{figures.told_so_far(found, levels.decimals_for(gap, marks) or 1)}，{_compared(gap, marks)}"
    return Told(body, (done, due, line), figures.inputs(found))


def _compared(gap: Fraction, marks: tuple[Fraction, ...]) -> str:
    if gap < 0:
        return f"超前{levels.show(-gap, ())}个百分点"
    return f"落后{levels.show(gap, marks)}个百分点" if gap else "与应完成进度持平"
