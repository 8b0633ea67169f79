"""Investment of the year, behind the calendar or behind the project's own targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

from projects import money
from projects.alerts import levels
from projects.alerts.cases import Case
from projects.alerts.measures.base import Measure, Parameter
from projects.alerts.months import show_day
from projects.alerts.verdicts import MISSING, Reading, Unjudged, Verdict
from projects.models import Progress
from projects.standings import Position

NO_PLAN = Unjudged("no_plan", "没有已批准的年度计划，不判定投资进度", MISSING)
ZERO_PLAN = Unjudged("zero_plan", "年度计划为零，不判定投资进度", MISSING)
NO_FIGURE = Unjudged("no_figure", "没有本年度的完成投资数据，不判定投资进度", MISSING)
NO_TARGETS = Unjudged("no_targets", "年度计划没有逐月分解，不判定计划进度", MISSING)


class ProgressGap(Measure):
    """Percentage points between what should be done of the year's plan by the judged month and what is done.

    时序进度 is months ÷ 12, by which published bulletins rank; 计划进度 is the project's own cumulative target.
    """

    code = "progress_gap"
    label = "投资进度差距"
    unit = "个百分点"
    help = "应完成进度减去实际完成进度，落后为正"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("baseline", "应完成进度", (("elapsed", "时序进度（月数÷12）"), ("planned", "计划进度（逐月分解）"))),
        Parameter("channel", "完成数据", (("reported", "上报数"), ("statistics", "入统数"))),
    )

    def judge(self, case: Case, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        position = case.position
        by_statistics = parameters["channel"] == "statistics"
        done = position.done_statistics if by_statistics else position.done
        if position.plan is None:
            return NO_PLAN
        if not position.plan:
            return ZERO_PLAN
        if done is None:
            return NO_FIGURE
        due = _due(position, position.plan, parameters["baseline"])
        return NO_TARGETS if due is None else _reading(position, due, done, by_statistics, marks)


@dataclass(frozen=True, slots=True)
class _Due:
    """What should be done, in percent, with its name and how it is reckoned; `amount` in yuan if there are targets."""

    name: str
    percent: Fraction
    line: str
    amount: int | None = None


def _due(position: Position, plan: int, baseline: str) -> _Due | None:
    if baseline == "elapsed":
        month = position.month.month
        percent = Fraction(100 * month, 12)
        return _Due("时序进度", percent, f"时序进度：{month}个月÷12个月={levels.exactly(percent)}%")
    if position.due is None:
        return None
    percent = Fraction(100 * position.due, plan)
    line = f"计划进度：{money.show(position.due)}÷{money.show(plan)}={levels.exactly(percent)}%"
    return _Due("计划进度", percent, line, position.due)


def _reading(position: Position, due: _Due, done: int, by_statistics: bool, marks: tuple[Fraction, ...]) -> Reading:
    plan = position.plan or 0
    percent = Fraction(100 * done, plan)
    gap = due.percent - percent
    lines = (
        f"完成进度：{money.show(done)}÷{money.show(plan)}={levels.exactly(percent)}%",
        due.line,
        f"差距：{due.name}−完成进度={levels.exactly(gap)}个百分点",
    )
    places = levels.decimals_for(gap, marks) or 1
    told = f"{_up_to(position, by_statistics)}完成{money.show(done)}，占年度计划{money.show(plan)}的"
    body = f"{told}{levels.rounded(percent, places)}%，{_compared(due, gap, marks)}"
    return Reading(gap, body, lines, _inputs(position, due, done, by_statistics))


def _up_to(position: Position, by_statistics: bool) -> str:
    """Until when the figure reaches. A figure older than the judged month is said to be old."""
    month = f"截至{position.month.year}年{position.month.month}月底"
    if by_statistics:
        return f"{month}入统累计"
    told = position.done_up_to
    if told is None or (told.year, told.month) == (position.month.year, position.month.month):
        return f"{month}累计"
    return f"{month}，按截至{_short(told)}的最近数据累计"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _compared(due: _Due, gap: Fraction, marks: tuple[Fraction, ...]) -> str:
    against = f"{due.name}（{levels.rounded(due.percent, 1)}%）"
    if gap < 0:
        return f"超前{against}{levels.show(-gap, ())}个百分点"
    return f"落后{against}{levels.show(gap, marks)}个百分点" if gap else f"与{against}持平"


def _inputs(position: Position, due: _Due, done: int, by_statistics: bool) -> dict[str, Any]:
    channel = Progress.Channel.STATISTICS if by_statistics else position.done_channel
    told = None if by_statistics or position.done_up_to is None else position.done_up_to
    return {
        "month": position.month.isoformat(),
        "plan": position.plan,
        "plan_id": position.plan_id,
        "due": due.amount,
        "done": done,
        "channel": str(channel),
        "progress_id": position.done_statistics_progress if by_statistics else position.done_progress,
        "shown": [
            ["判定月份", f"{position.month.year}年{position.month.month}月"],
            ["年度计划", money.show(position.plan or 0)],
            ["累计完成", money.show(done)],
            ["数据口径", str(dict(Progress.Channel.choices).get(channel, "上报"))],
            *([["数据截至", show_day(told)]] if told else []),
            *([["按分解应完成", money.show(due.amount)]] if due.amount is not None else []),
        ],
    }
