"""Two figures that should agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial
from typing import ClassVar, Final

from projects import money
from projects.alerts import levels
from projects.alerts.cases import ProjectCase
from projects.alerts.levels import Level
from projects.alerts.measures.base import Measure, Parameter
from projects.alerts.measures.figures import NO_PLAN, ZERO_PLAN, is_older, old_statistics, show_until
from projects.alerts.months import show_month
from projects.alerts.verdicts import MISSING, Reading, Told, Unjudged, Verdict

OLD_STATISTICS: Final = Unjudged(
    "old_statistics", "入统数的月份早于上报数，不是同一时点，请项目办录入同月的入统数后再比较", MISSING
)


class StatisticsGap(Measure):
    """How far the reported investment of the year lies above what the statistics bureau has entered, in points of
    the year's plan or in percent of the reported figure (衢江 2020, 临潼: 投资数据偏离度). A statistics figure of an
    earlier month than the reported one is not compared: the months between are no gap.
    """

    code = "statistics_gap"
    label = "上报数与入统数之差"
    unit = "个百分点"
    help = "上报数减入统数，占年度计划的百分点，或占上报数的百分比；上报多于入统为正"
    parameters: ClassVar = (
        Parameter("share", "差距算法", (("points", "占年度计划的百分点"), ("ratio", "占上报数的百分比"))),
    )
    planned = True

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        position = case.position
        reported, entered = position.done, position.done_statistics
        if reported is None:
            return Unjudged("no_reported_figure", "没有本年度的上报数，请责任单位填报后再比较入统数", MISSING)
        if entered is None:
            return Unjudged("no_statistics", "没有本年度的入统数，请项目办录入后再比较", MISSING)
        if position.done_up_to and is_older(position.done_statistics_up_to, position.done_up_to):
            return OLD_STATISTICS
        if parameters["share"] == "ratio":
            if not reported:
                return Unjudged("nothing_reported", "上报数为零，不比较入统数")
            return Reading(100 * (reported - entered), reported, partial(_gap, case, reported, parameters, marks))
        if position.plan is None:
            return NO_PLAN
        if not position.plan:
            return ZERO_PLAN
        return Reading(100 * (reported - entered), position.plan, partial(_gap, case, position.plan, parameters, marks))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        return None

    def unit_by(self, parameters: Mapping[str, str]) -> str:
        return "%" if parameters.get("share") == "ratio" else self.unit

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        return f"相差{level.bounds(self.unit_by(parameters))}"


def _gap(case: ProjectCase, whole: int, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Told:
    position = case.position
    reported, entered = position.done or 0, position.done_statistics or 0
    gap = Fraction(100 * (reported - entered), whole)
    by_ratio = parameters["share"] == "ratio"
    unit, of = ("%", "上报数") if by_ratio else ("个百分点", "年度计划")
    shown = levels.show(gap, marks) if gap >= 0 else f"−{levels.show(-gap, ())}"
    month = show_month(position.month)
    told = position.done_up_to
    old = f"（{show_until(told)}）" if is_older(told, position.month) else ""
    difference = money.show(reported - entered)
    body = (
        f"截至{month}，上报完成{old}{money.show(reported)}，入统{old_statistics(position)}{money.show(entered)}，"
        f"相差{difference}，占{of}的{shown}{unit if by_ratio else '%'}"
    )
    line = f"差距：({money.show(reported)}−{money.show(entered)})÷{of}{money.show(whole)}={levels.exactly(gap)}{unit}"
    inputs = {
        "month": position.month.isoformat(),
        "plan": position.plan,
        "plan_id": position.plan_id,
        "done": reported,
        "channel": position.done_channel,
        "progress_id": position.done_progress,
        "entered": entered,
        "statistics_progress_id": position.done_statistics_progress,
        "shown": [["判定月份", month], ["上报数", money.show(reported)], ["入统数", money.show(entered)]],
    }
    return Told(body, (line,), inputs)
