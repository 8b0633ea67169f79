"""What a unit's projects were to bring in a month together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Final

from django.db.models import Q

from projects import money
from projects.alerts import editions
from projects.alerts.cases import ProjectCase, UnitCase
from projects.alerts.levels import Level
from projects.alerts.measures.base import Measure
from projects.alerts.measures.figures import same_month
from projects.alerts.measures.task import NO_TASK, due_in_month
from projects.alerts.months import before, judged_until, show_month
from projects.alerts.verdicts import MISSING, Reading, Told, Unjudged, Verdict
from projects.models import AnnualPlan
from projects.standings import judged_month
from projects.standings.among import listed

NAMED = 5  # projects without a figure that the sentence names
NO_TASK_ANY_MORE: Final = Unjudged(
    "no_task_any_more", "计划调整或作废后本月没有投资任务，请项目办核实计划后再判定", MISSING
)


class UnitQuota(Measure):
    """1 where the unit's live projects together did less in the judged month than their plans were to bring, else 0
    (三亚 2022: a month missed, two months running).

    What a project reached in the month is the difference of its cumulative figures. One without a figure of the
    month counts as nothing done, and is named. Each project is taken by the judged month of its own zone, and of the
    editions of its plan that bind by the one that asks the most of the month: re-planning eases nothing.
    """

    subject = "unit"
    code = "unit_quota"
    label = "单位本月任务"
    unit = ""
    grain = Fraction(1)
    help = "1 为本月任务未完成，0 为完成；任务和完成额为该单位（责任单位）在建项目之和，没有填报的项目按未完成计"

    def judge(self, case: UnitCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        parts = list(_parts(case))
        due, done = sum(part.due for part in parts), sum(part.done for part in parts)
        if not due:
            return NO_TASK_ANY_MORE if _planned_anew(case) else NO_TASK
        return Reading(int(done < due), 1, partial(_told, case, parts))

    def holds_until(self, case: UnitCase, parameters: Mapping[str, str]) -> date | None:
        # Its projects may be assigned, stand still or be planned anew from a day on: that is not known here.
        return case.as_of

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        return "本月任务未完成" if level.met_by(1, 1) and not level.met_by(0, 1) else level.bounds(self.unit)


@dataclass(frozen=True, slots=True)
class _Part:
    """One project's part: yuan due and done in the month; `told` is whether there is a figure of the month."""

    name: str
    plan_id: int | None
    progress_id: int | None
    due: int
    done: int
    told: bool


def _parts(case: UnitCase) -> Iterator[_Part]:
    for project in case.projects:
        parts = [part for each in editions.binding(project, _is_behind) if (part := _part(each))]
        if parts:
            yield max(parts, key=lambda part: part.due)


def _is_behind(project: ProjectCase) -> bool:
    part = _part(project)
    return part is not None and part.done < part.due


def _part(project: ProjectCase) -> _Part | None:
    """The project's part by the edition that it is judged by; None where nothing is planned by month."""
    due, position = due_in_month(project), project.position
    if due is None:
        return None
    told = position.done_up_to is not None and same_month(position.done_up_to, position.month)
    done = (position.done or 0) - _done_before(project) if told else 0
    return _Part(project.called, position.plan_id, position.done_progress, due, done, told)


def _planned_anew(case: UnitCase) -> bool:
    return any(project.position.month.year in (project.known(planned_anew) or ()) for project in case.projects)


def planned_anew(ids: Sequence[int], day: date) -> Mapping[int, set[int]]:
    """The years of which a project was planned once more, or a plan withdrawn. One statement."""
    again = Q(status=AnnualPlan.Status.APPROVED, edition__gt=1, effective_from__lte=day)
    rows = AnnualPlan.objects.filter(again | Q(status=AnnualPlan.Status.WITHDRAWN), project__in=listed(ids)).order_by()
    found: dict[int, set[int]] = {}
    for project, year in rows.values_list("project", "year"):
        found.setdefault(project, set()).add(year)
    return found


def _done_before(project: ProjectCase) -> int:
    """What had been done before the month, by the latest figure there is."""
    month = project.position.month
    if month.month == 1:
        return 0
    past = project.on(judged_until(before(month), project.return_day))
    return past.position.done or 0 if isinstance(past, ProjectCase) else 0


def _told(case: UnitCase, parts: list[_Part]) -> Told:
    due, done = sum(part.due for part in parts), sum(part.done for part in parts)
    month = show_month(judged_month(case.return_day, case.as_of))
    missing = [part.name for part in parts if part.due and not part.told]
    body = f"{month}任务{money.show(due)}（{len(parts)}个项目），完成{money.show(done)}，"
    body += f"欠{money.show(due - done)}" if done < due else "已完成"
    if missing:
        more = f"等{len(missing)}个项目" if len(missing) > NAMED else ""
        body += f"；{'、'.join(missing[:NAMED])}{more}没有填报，按未完成计"
    lines = tuple(
        f"{part.name}：任务{money.show(part.due)}，完成{money.show(part.done) if part.told else '未填报'}"
        for part in parts
    )
    inputs = {
        "quota_month": month,
        "month_due": due,
        "month_done": done,
        "plan_ids": [part.plan_id for part in parts],
        "progress_ids": [part.progress_id for part in parts],
        "shown": [["判定月份", month], ["本月任务", money.show(due)], ["本月完成", money.show(done)]],
    }
    return Told(body, lines, inputs)
