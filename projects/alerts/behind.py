"""What stands behind the numbers of an alert: the plan, the figure, the promise, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from projects import money
from projects.admin.sourced import seen_sources
from projects.alerts.models import Alert
from projects.alerts.recipients import PERSONS
from projects.models import AnnualPlan, Assignment, Milestone, MilestoneChange, Progress
from zones import clock


@dataclass(frozen=True, slots=True)
class Ground:
    """One fact that was judged: what, its value, when it was recorded by whom, and the row, ready for `source_of`."""

    what: str
    value: str
    note: str
    row: AnnualPlan | Progress | MilestoneChange


def grounds(alert: Alert, user: Any) -> list[Ground]:
    """The facts that `user` may see behind an alert; a constant number of statements."""
    return [*_plan(alert.evidence, user), *_figure(alert, user), *_milestone(alert.evidence, user)]


def owing(alert: Alert) -> str:
    """Who owes an answer, by name and post: those who stand for the project, else its unit, else the office."""
    rows = (
        Assignment.objects.in_force(clock.today()).filter(project=alert.project_id).select_related("user", "department")
    )
    held = list(rows) if alert.project_id else []
    for roles in (PERSONS, (Assignment.Role.UNIT,)):
        named = [f"{row.who}（{row.get_role_display()}）" for role in roles for row in held if row.role == role]
        if named:
            return "、".join(named)
    return str(alert.department) if alert.department else "项目办（责任人尚未落实）"


def _plan(evidence: dict[str, Any], user: Any) -> Iterator[Ground]:
    rows = AnnualPlan.objects.visible_to(user).filter(pk=evidence.get("plan_id"))
    for plan in rows.prefetch_related(seen_sources(user)):
        note = f"{plan.effective_from:%Y-%m-%d} 生效" if plan.effective_from else ""
        if plan.reason:
            note += f"，调整原因：{plan.reason}"
        yield Ground(f"{plan.year}年度计划（第{plan.edition}版）", money.show(plan.amount), note, plan)


def _figure(alert: Alert, user: Any) -> Iterator[Ground]:
    evidence = alert.evidence
    if evidence.get("done") is None or not evidence.get("month"):
        return
    rows = Progress.objects.visible_to(user).filter(_judged(alert.project_id, evidence)).select_related("recorded_by")
    row = rows.prefetch_related(seen_sources(user)).order_by("-up_to", "-pk").first()
    if row:
        by = f"{row.recorded_by} 填报，" if row.recorded_by else ""
        note = f"{by}截至 {row.up_to:%Y-%m-%d}" + ("" if row.current else "，此后已更正，下次判定时按更正后的数据")
        yield Ground(f"完成投资（{row.get_channel_display()}）", money.show(row.amount or 0), note, row)


def _judged(project_id: int | None, evidence: dict[str, Any]) -> Q:
    """The row that was judged; where its key was not kept, the latest that says the same amount by the same channel."""
    if evidence.get("progress_id"):
        return Q(pk=evidence["progress_id"])
    month = date.fromisoformat(evidence["month"])
    of_year = Q(project=project_id, up_to__lte=month, up_to__year=month.year)
    return of_year & Q(channel=evidence.get("channel", ""), amount=evidence["done"])


def _milestone(evidence: dict[str, Any], user: Any) -> Iterator[Ground]:
    milestone = Milestone.objects.visible_to(user).filter(pk=evidence.get("milestone_id")).first()
    if milestone is None:
        return
    changes = MilestoneChange.objects.visible_to(user).filter(milestone=milestone).select_related("by")
    for change in changes.prefetch_related(seen_sources(user)).order_by("pk"):
        by = f"，{change.by}" if change.by else ""
        reason = f"，原因：{change.reason}" if change.reason else ""
        first = change.what == MilestoneChange.What.PLANNED and not change.before.get("planned")
        what = f"{milestone}：{'首次计划' if first else change.get_what_display()}"
        yield Ground(what, _day(change), f"{change.on:%Y-%m-%d}{by}{reason}", change)


def _day(change: MilestoneChange) -> str:
    """The day that a change set; what it left as it was stands in its record too."""
    told = [value for name, value in change.after.items() if value != change.before.get(name)]
    days = [value for value in told if isinstance(value, str) and value[:2].isdigit()]
    return "至".join(dict.fromkeys(days)) or "日期不详"
