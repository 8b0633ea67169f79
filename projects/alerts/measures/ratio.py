"""What is done as a share of what is due."""

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


class RatioToDue(Measure):
    """完成 ÷ 应完成, in percent (武汉市重大项目管理办法: below 80 % and below 60 %)."""

    code = "ratio_to_due"
    label = "完成与应完成之比"
    unit = "%"
    help = "实际完成投资除以应完成投资，100% 为正好完成"
    parameters: ClassVar = (figures.BASELINE, figures.CHANNEL)
    rises = False
    planned = True

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        found = figures.figures(case, parameters)
        if isinstance(found, Unjudged):
            return found
        if not found.due:
            return figures.NOTHING_DUE
        return Reading(100 * found.parts * found.done, found.due, partial(_ratio, found, marks))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        return None

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        return f"完成率{level.bounds(self.unit)}"


def _ratio(found: Figures, marks: tuple[Fraction, ...]) -> Told:
    ratio = found.done_percent / found.due_percent * 100
    line = f"比值：完成进度÷{figures.due_name(found)}={levels.exactly(ratio)}%"
    body = f"{figures.told_so_far(found)}，完成应完成量的{levels.show(ratio, marks)}%"
    return Told(body, (*figures.lines(found), line), figures.inputs(found))
