"""What is missing as a share of what is due."""

from __future__ import annotations

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
from projects.alerts.verdicts import Reading, Told, Unjudged, Verdict


class Shortfall(Measure):
    """1 − 完成 ÷ 应完成, in percent (三亚 2022: above 0 and up to 50 %, above 50 %)."""

    code = "shortfall"
    label = "欠应完成量的比例"
    unit = "%"
    help = "1 减去实际完成与应完成之比，没有完成任何投资为 100%"
    parameters: ClassVar = (figures.BASELINE, figures.CHANNEL)
    planned = True

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        found = figures.figures(case, parameters)
        if isinstance(found, Unjudged):
            return found
        if not found.due:
            return figures.NOTHING_DUE
        return Reading(100 * (found.due - found.parts * found.done), found.due, partial(_shortfall, found, marks))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        return None

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        return f"欠量{level.bounds(self.unit)}"


def _shortfall(found: Figures, marks: tuple[Fraction, ...]) -> Told:
    short = 100 - found.done_percent / found.due_percent * 100
    line = f"欠量：1−完成进度÷{figures.due_name(found)}={levels.exactly(short)}%"
    compared = f"欠应完成量的{levels.show(short, marks)}%" if short > 0 else "已达到应完成量"
    return Told(f"{figures.told_so_far(found)}，{compared}", (*figures.lines(found), line), figures.inputs(found))
