"""What a single month was to bring, and what it brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Final

from projects import money
from projects.alerts import levels, months
from projects.alerts.cases import ProjectCase
from projects.alerts.levels import Level
from projects.alerts.measures import figures
from projects.alerts.measures.base import Measure
from projects.alerts.measures.figures import NO_FIGURE, NO_PLAN, NO_TARGETS, ZERO_PLAN, same_month
from projects.alerts.months import show_month
from projects.alerts.verdicts import MISSING, Reading, Told, Unjudged, Verdict
from projects.models import MonthlyTarget
from projects.models.plan import AnnualPlan
from projects.standings.among import listed

NO_TASK: Final = Unjudged("no_task", "本月没有投资任务，不判定本月任务")
NO_FIGURE_OF_MONTH: Final = Unjudged(
    "no_figure_of_month", "没有本月的完成投资数据，请责任单位上报月报后再判定本月任务", MISSING
)
NO_FIGURE_BEFORE: Final = Unjudged(
    "no_figure_before", "没有上月的完成投资数据，请责任单位补报后再判定本月任务", MISSING
)


class MonthTaskRatio(Measure):
    """本月完成 ÷ 本月计划, in percent (新晃 2015: below 80 % and below 60 %).

    Both are differences of cumulative figures: of the judged month and of the month before, which in January is
    nothing. What a project without any figure before had done is nothing if nothing had been due.
    """

    code = "month_task_ratio"
    label = "本月任务完成率"
    unit = "%"
    help = "本月完成投资除以本月计划投资；本月数为本月底累计减上月底累计，1 月即累计"
    rises = False
    planned = True

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        found = month_task(case)
        if isinstance(found, Unjudged):
            return found
        return Reading(100 * found.done, found.due, partial(_told, case, found, marks))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        return None

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        return f"本月完成率{level.bounds(self.unit)}"


@dataclass(frozen=True, slots=True)
class MonthTask:
    """What was due and done in the judged month alone, in yuan, and the cumulative figures behind it."""

    due: int
    done: int
    due_before: int
    done_before: int


def month_task(case: ProjectCase) -> MonthTask | Unjudged:
    """The month's own task and what was done of it, or why nothing can be said."""
    position = case.position
    if position.plan is None:
        return NO_PLAN
    if not position.plan:
        return ZERO_PLAN
    due = due_in_month(case)
    if due is None or position.due is None:
        return NO_TARGETS
    if due <= 0:
        return NO_TASK
    if position.done is None:
        return NO_FIGURE
    if position.done_up_to is None or not same_month(position.done_up_to, position.month):
        return NO_FIGURE_OF_MONTH
    before = done_before(case, position.due - due)
    if before is None:
        return NO_FIGURE_BEFORE
    return MonthTask(due, position.done - before, position.due - due, before)


def due_in_month(case: ProjectCase) -> int | None:
    """The task of the judged month by the plan that the case is judged by, in yuan; None if it was not cut down."""
    position = case.position
    if position.due is None or position.plan_id is None:
        return None
    if position.month.month == 1:
        return position.due
    before = (case.known(targets) or {}).get(position.plan_id, {}).get(position.month.month - 1)
    return None if before is None else position.due - before


def done_before(case: ProjectCase, due_before: int) -> int | None:
    """What had been done by the end of the month before, in yuan; None where it is not known."""
    month = case.position.month
    if month.month == 1:
        return 0
    past = case.on(months.judged_until(months.before(month), case.return_day))
    position = past.position if isinstance(past, ProjectCase) else None
    if position is None or position.done is None:
        return 0 if not due_before else None
    told = position.done_up_to
    return position.done if told and same_month(told, position.month) else None


def targets(ids: Sequence[int], day: date) -> Mapping[int, Mapping[int, Mapping[int, int]]]:
    """The cumulative targets of every approved plan of this year and the last, by project, plan and month."""
    rows = MonthlyTarget.objects.filter(
        plan__project__in=listed(ids), plan__status=AnnualPlan.Status.APPROVED, plan__year__in=(day.year - 1, day.year)
    )
    found: dict[int, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for project, plan, month, amount in rows.order_by().values_list("plan__project", "plan", "month", "amount"):
        found[project][plan][month] = amount
    return found


def _told(case: ProjectCase, found: MonthTask, marks: tuple[Fraction, ...]) -> Told:
    position = case.position
    ratio = Fraction(100 * found.done, found.due)
    due, done, month = money.show(found.due), money.show(found.done), show_month(position.month)
    shown = levels.show(ratio, marks)
    body = f"{month}计划完成{due}，实际完成{done}，完成本月任务的{shown}%"
    lines = (
        f"本月计划：{money.show(position.due or 0)}−{money.show(found.due_before)}={due}",
        f"本月完成：{money.show(position.done or 0)}−{money.show(found.done_before)}={done}",
        f"完成率：{done}÷{due}={levels.exactly(ratio)}%",
    )
    inputs = {
        "month": position.month.isoformat(),
        "plan": position.plan,
        "plan_id": position.plan_id,
        "due": position.due,
        "done": position.done,
        "channel": position.done_channel,
        "progress_id": position.done_progress,
        "month_due": found.due,
        "month_done": found.done,
        "shown": [
            ["判定月份", month],
            ["年度计划", figures.show_plan(position.plan or 0)],
            ["本月计划", due],
            ["本月完成", done],
            ["上月底累计完成", money.show(found.done_before)],
        ],
    }
    return Told(body, lines, inputs)
