"""What the measures of the year's investment share: what should be done, what is done, and how both are said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, TypeGuard

from projects import money
from projects.alerts import levels
from projects.alerts.cases import ProjectCase
from projects.alerts.measures.base import Parameter
from projects.alerts.months import show_by, show_day, show_month
from projects.alerts.verdicts import MISSING, NOT_YET_DUE, Unjudged
from projects.models import Milestone, Phase, Progress
from projects.standings import Position

ELAPSED: Final = "elapsed"
STATISTICS: Final = "statistics"
BASELINE: Final = Parameter(
    "baseline", "应完成进度", ((ELAPSED, "时序进度（月数÷12）"), ("planned", "计划进度（逐月分解）"))
)
CHANNEL: Final = Parameter("channel", "完成数据", (("reported", "上报数"), (STATISTICS, "入统数")))

NO_PLAN: Final = Unjudged("no_plan", "没有已批准的年度计划，请项目办编制、领导批准后再判定投资进度", MISSING)
ZERO_PLAN: Final = Unjudged("zero_plan", "年度计划为零，请项目办核对计划后再判定投资进度", MISSING)
NO_FIGURE: Final = Unjudged("no_figure", "没有本年度的完成投资数据，请责任单位填报后再判定投资进度", MISSING)
NO_TARGETS: Final = Unjudged("no_targets", "年度计划没有逐月分解，请项目办分解到月后再判定计划进度", MISSING)
NOTHING_DUE: Final = Unjudged("nothing_due", "按逐月计划到本月还没有投资任务，不判定投资进度")

CHANNELS: Final = {channel.value: str(channel.label) for channel in Progress.Channel}
STARTED: Final = frozenset(phase for phase in Phase if phase.rank >= Phase.STARTED.rank)
PRODUCED: Final = frozenset(phase for phase in Phase if phase.rank >= Phase.PRODUCED.rank)


@dataclass(frozen=True)
class Figures:
    """The year's plan and what is done of it, both known; what is due is `due` ÷ `parts` of yuan."""

    position: Position
    plan: int
    done: int
    due: int
    parts: int
    elapsed: bool
    by_statistics: bool

    @cached_property
    def due_percent(self) -> Fraction:
        return Fraction(100 * self.due, self.parts * self.plan)

    @cached_property
    def done_percent(self) -> Fraction:
        return Fraction(100 * self.done, self.plan)


def figures(case: ProjectCase, parameters: Any) -> Figures | Unjudged:
    """What a measure of the year's investment compares, or why it cannot.

    By the calendar, months ÷ 12 of the plan are due; a project whose promised start lies behind the judged month is
    not held to them before. By the plan, its own cumulative target is due.
    """
    position = case.position
    plan = position.plan
    if plan is None:
        return NO_PLAN
    if not plan:
        return ZERO_PLAN
    elapsed = parameters["baseline"] == ELAPSED
    if elapsed and case.phase not in STARTED and (ahead := _start_ahead(case)):
        return ahead
    by_statistics = parameters["channel"] == STATISTICS
    done = position.done_statistics if by_statistics else position.done
    if done is None:
        return NO_FIGURE
    if elapsed:
        return Figures(position, plan, done, plan * position.month.month, 12, True, by_statistics)
    if position.due is None:
        return NO_TARGETS
    return Figures(position, plan, done, position.due, 1, False, by_statistics)


def _start_ahead(case: ProjectCase) -> Unjudged | None:
    start = case.milestone(Milestone.Kind.STARTED)
    if start is None or start.deadline is None or start.deadline <= case.position.month:
        return None
    words = f"应于{show_by(start.deadline)}开工，开工月份未到，不按时序判定投资进度"
    return Unjudged("start_ahead", words, NOT_YET_DUE)


# ---- Words -------------------------------------------------------------------------------------------
def told_so_far(found: Figures, places: int = 1) -> str:
    """截至2023年6月，年度计划2.40亿元，应完成50.0%，实际31.3%."""
    due = levels.rounded(found.due_percent, 1)
    by = "应完成" if found.elapsed else "按逐月计划应完成"
    really = f"实际入统{old_statistics(found.position)}" if found.by_statistics else "实际"
    done = levels.rounded(found.done_percent, places)
    return f"{_up_to(found)}，年度计划{show_plan(found.plan)}，{by}{due}%，{really}{done}%"


def show_plan(yuan: int) -> str:
    """An amount with at least two decimals where it is written in 亿元, and never rounded: 2.40亿元, 5363.47万元."""
    shown = money.show(yuan)
    number = shown.removesuffix("亿元")
    if number == shown:
        return shown
    whole, _, decimals = number.partition(".")
    return f"{whole}.{decimals:0<2}亿元"


def _up_to(found: Figures) -> str:
    """Until when the figure reaches. A figure older than the judged month is said to be old."""
    position = found.position
    month = f"截至{show_month(position.month)}"
    if found.by_statistics or not is_older(position.done_up_to, position.month):
        return month
    return f"{month}（按{show_until(position.done_up_to)}的最近数据）"


def old_statistics(position: Position) -> str:
    """（截至3月31日）, behind a figure of the statistics bureau that is older than the judged month; else ""."""
    told = position.done_statistics_up_to
    return f"（{show_until(told)}）" if is_older(told, position.month) else ""


def show_until(day: date) -> str:
    """截至3月31日: figures are those of the judged year."""
    return f"截至{day.month}月{day.day}日"


def is_older(day: date | None, month: date) -> TypeGuard[date]:
    """Whether a figure's day lies in an earlier month than `month`; not, if its day is unknown."""
    return day is not None and (day.year, day.month) < (month.year, month.month)


def same_month(day: Any, other: Any) -> bool:
    """Whether two days lie in the same month of the same year."""
    return (day.year, day.month) == (other.year, other.month)


def lines(found: Figures) -> tuple[str, str]:
    """How the two shares were reckoned."""
    plan = money.show(found.plan)
    done = f"完成进度：{money.show(found.done)}÷{plan}={levels.exactly(found.done_percent)}%"
    if found.elapsed:
        return done, f"时序进度：{found.position.month.month}个月÷12个月={levels.exactly(found.due_percent)}%"
    return done, f"计划进度：{money.show(found.due)}÷{plan}={levels.exactly(found.due_percent)}%"


def due_name(found: Figures) -> str:
    """What the share that is due is called."""
    return "时序进度" if found.elapsed else "计划进度"


def inputs(found: Figures) -> dict[str, Any]:
    """The raw values, with the keys of the rows from which they come."""
    position = found.position
    channel = Progress.Channel.STATISTICS if found.by_statistics else position.done_channel
    told = position.done_statistics_up_to if found.by_statistics else position.done_up_to
    due = None if found.elapsed else found.due
    return {
        "month": position.month.isoformat(),
        "plan": found.plan,
        "plan_id": position.plan_id,
        "due": due,
        "done": found.done,
        "channel": str(channel),
        "progress_id": position.done_statistics_progress if found.by_statistics else position.done_progress,
        "shown": [
            ["判定月份", show_month(position.month)],
            ["年度计划", money.show(found.plan)],
            ["累计完成", money.show(found.done)],
            ["数据口径", CHANNELS.get(channel, "上报")],
            *([["数据截至", show_day(told)]] if told else []),
            *([["按分解应完成", money.show(due)]] if due is not None else []),
        ],
    }
