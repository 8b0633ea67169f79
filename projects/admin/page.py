"""What the page of one project shows: its money, its steps, its people, and where every value comes from.

A constant number of statements, however much is known of the project.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from projects import claims, dates, money, panels, standings
from projects.admin import columns
from projects.admin.sourced import seen_sources, source_of
from projects.models import (
    AnnualPlan,
    Assignment,
    Claim,
    Milestone,
    MilestoneChange,
    MonthlyTarget,
    Photo,
    Progress,
    Project,
    Standing,
    Suspension,
)
from zones import clock

SHOWN: Final = 8  # rows of a table before the list behind it takes over
PHOTOS: Final = 4
FIELDS: Final = {field: at for at, field in enumerate(Claim.Field.values)}
ORDER: Final = {kind: at for at, kind in enumerate(Milestone.Kind.values)}


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the year's plan: cumulative target and figure, and how long their bars are (0 to 100)."""

    label: str
    target: str
    done: str
    statistics: str
    target_width: float
    done_width: float
    judged: bool
    behind: bool


@dataclass(frozen=True, slots=True)
class Money:
    """This year's money as of the judged month."""

    month: date
    plan: str
    due: str
    done: str
    statistics: str
    rate: str
    elapsed: str
    lag_elapsed: str
    lag_planned: str
    behind: bool
    done_from: SafeString | str
    plan_from: SafeString | str
    plan_edition: str
    compare: str
    months: list[Month] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as a row; `approve` where its promise waits to become the baseline."""

    pk: int
    name: str
    baseline: date | None
    planned: date | None
    actual: str
    done: bool
    state: str
    late: bool
    invented: bool
    approve: str


@dataclass(frozen=True, slots=True)
class Said:
    """A claim as a row; `disputed` where another source states something else, `choose` where it can be preferred.
    `why` says why the chosen one counts, `note` what a person put in place of the words there.
    """

    pk: int
    choose: str
    field: str
    value: str
    certainty: str
    source: SafeString | str
    holds_on: date | None
    chosen: bool
    disputed: bool
    why: str
    note: str


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the change log."""

    on: date
    what: str
    who: str
    reason: str
    source: SafeString | str


def build(request: HttpRequest, project: Project) -> dict[str, Any]:
    """Everything that the template shows of `project`."""
    today = clock.today()
    standing = Standing.objects.filter(project=project).first()
    user: Any = request.user
    suspensions = list(_sourced(project.suspensions.select_related("recorded_by", "ended_by"), user)[: 2 * SHOWN])
    still = Suspension.objects.in_force(today).filter(project=project).first()
    return {
        "project": project,
        "today": today,
        "light": columns.light_of(standing),
        "since": standing.since if standing else None,
        "marks": columns.marks(project, suspended=still is not None),
        "suspension": still,
        "invested": columns.invested(project),
        "aliases": [alias.name for alias in project.aliases.all()],
        "money": _money(project, today, user),
        "steps": _steps(project, today),
        "entries": _entries(project, user),
        "assignments": list(
            Assignment.objects.in_force(today).filter(project=project).select_related("user", "department")
        ),
        "problems": _problems(project, today),
        "progress": _progress(project, user),
        "returns": _returns(project),
        "returns_all": f"{columns.page('return_changelist')}?project__id__exact={project.pk}",
        "photos": _photos(project),
        "claims": _claims(project, user),
        "claims_all": f"{columns.page('claim_changelist')}?project__id__exact={project.pk}",
        "drafts": _drafts(project),
        "events": _events(project, suspensions, user),
        "parent": Project.objects.visible_to(user).filter(pk=project.parent_id).first() if project.parent_id else None,
        "parts": list(Project.objects.visible_to(user).filter(parent=project)[:SHOWN]),
        "panels": panels.drawn(request, project),
    }


# ---- Money -----------------------------------------------------------------------------------------
def _sourced(rows: Any, user: Any) -> Any:
    return rows.prefetch_related(seen_sources(user))


def _money(project: Project, today: date, user: Any) -> Money:
    position = standings.positions(Project.objects.filter(pk=project.pk), today)[project.pk]
    plan = _sourced(AnnualPlan.objects.filter(pk=position.plan_id), user).first()
    told = _sourced(Progress.objects.filter(pk=position.done_progress), user).first()
    return Money(
        month=position.month,
        plan=_exact(position.plan),
        due=_exact(position.due),
        done=_exact(position.done),
        statistics=_exact(position.done_statistics),
        rate=columns.percent(position.done, position.plan),
        elapsed=f"{100 * position.month.month / 12:.1f}%",
        lag_elapsed=columns.lag(position.lag_elapsed),
        lag_planned=columns.lag(position.lag_planned),
        behind=(position.lag_elapsed or 0) > 0,
        done_from=source_of(told, _channel(position)) if told else columns.NOTHING,
        plan_from=source_of(plan, "") if plan else "",
        plan_edition=f"第{plan.edition}版" if plan else "",
        compare=columns.page("annualplan_compare", plan.pk) if plan and plan.edition > 1 else "",
        months=_months(project, position, plan),
    )


def _exact(yuan: int | None) -> str:
    return columns.NOTHING if yuan is None else money.show(yuan)


def _channel(position: standings.Position) -> str:
    return Progress.Channel(position.done_channel).label if position.done_channel else columns.NOTHING


def _months(project: Project, position: standings.Position, plan: AnnualPlan | None) -> list[Month]:
    targets = dict(MonthlyTarget.objects.filter(plan=plan).values_list("month", "amount")) if plan else {}
    figures = _figures(project, position.month.year)
    if not targets and not figures:
        return []
    full = max([position.plan or 0, *targets.values(), *(f for by in figures.values() for f in by.values()), 1])
    return [_month(month, position, targets.get(month), figures[month], full) for month in range(1, 13)]


def _figures(project: Project, year: int) -> dict[int, dict[str, int]]:
    """Of each month of the year, the last cumulative figure told in it, by channel."""
    rows = project.progress.filter(current=True, amount__isnull=False, up_to__year=year).order_by("up_to", "pk")
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.up_to.month][row.channel] = row.amount or 0
    return found


def _month(
    month: int, position: standings.Position, target: int | None, by_channel: dict[str, int], full: int
) -> Month:
    done = next((by_channel[channel] for channel in standings.TRUST if channel in by_channel), None)
    statistics = by_channel.get(Progress.Channel.STATISTICS)
    return Month(
        label=f"{month}月",
        target="" if target is None else columns.brief(target),
        done="" if done is None else columns.brief(done),
        statistics="" if statistics is None else columns.brief(statistics),
        target_width=round(100 * (target or 0) / full, 1),
        done_width=round(100 * (done or 0) / full, 1),
        judged=month == position.month.month,
        behind=target is not None and done is not None and done < target,
    )


def _drafts(project: Project) -> list[dict[str, Any]]:
    """Editions of the plan that wait for approval: of each year the latest, if it is a draft."""
    latest: dict[int, AnnualPlan] = {}
    for plan in project.plans.select_related("author").order_by("-year", "-edition")[:SHOWN]:
        latest.setdefault(plan.year, plan)
    return [
        {"row": plan, "amount": money.show(plan.amount), "approve": columns.page("annualplan_approve", plan.pk)}
        for plan in latest.values()
        if plan.status == AnnualPlan.Status.DRAFT
    ]


# ---- Steps, lists, people --------------------------------------------------------------------------
def _steps(project: Project, today: date) -> list[Step]:
    known = sorted(project.milestones.prefetch_related("changes__source"), key=lambda row: (ORDER[row.kind], row.pk))
    rows = [row for row in known if row.kind != Milestone.Kind.OTHER]
    for row in known[len(rows) :]:
        rows.insert(_place(rows, row), row)
    return [_step(row, today) for row in rows]


def _place(rows: list[Milestone], own: Milestone) -> int:
    """Where a step with a name of its own stands among the others: before the first that is later."""
    day = own.actual_last or own.deadline
    days = [row.actual_last or row.deadline for row in rows]
    return next((at for at, other in enumerate(days) if day and other and other > day), len(rows))


def _step(row: Milestone, today: date) -> Step:
    state, late = milestone_state(row, today)
    actual = dates.show(row.actual) if row.actual else "日期不详" if row.done else ""
    invented = any(change.source and change.source.is_demo for change in row.changes.all())
    approve = "" if row.done or row.baseline or not row.planned else columns.page("milestone_approve", row.pk)
    return Step(row.pk, str(row), row.baseline, row.planned, actual, row.done, state, late, invented, approve)


def milestone_state(row: Milestone, today: date) -> tuple[str, bool]:
    """How a milestone compares with its deadline, in words, and whether that is late."""
    if not row.done:
        late = row.deadline is not None and row.deadline < today
        return columns.days_left(row.deadline, today) or "未定期限", late
    if row.deadline is None or row.actual_last is None:
        return "已完成", False
    days = (row.actual_last - row.deadline).days
    if days > 0:
        return f"已完成，晚 {days} 天", True
    return ("已完成，按期" if days == 0 else f"已完成，提前 {-days} 天"), False


def _entries(project: Project, user: Any) -> list[dict[str, Any]]:
    rows = project.entries.select_related("period__series").order_by("period__year", "period__number", "pk")
    return [
        {
            "name": str(row),
            "role": row.role_text,
            "days": dates.show(row.days) if row.days else "",
            "left_on": row.left_on,
            "left_reason": row.left_reason,
            "source": source_of(row),
            "leave": columns.page("entry_leave", row.pk),
        }
        for row in _sourced(rows, user)[: 2 * SHOWN]
    ]


def _problems(project: Project, today: date) -> list[dict[str, Any]]:
    rows = project.problems.select_related("department", "owner", "source")[:SHOWN]
    return [
        {
            "row": row,
            "state": "已销号" if row.closed_on else columns.days_left(row.deadline, today) or "未定时限",
            "late": row.closed_on is None and row.deadline is not None and row.deadline < today,
            "demo": bool(row.source and row.source.is_demo),
        }
        for row in rows
    ]


def _progress(project: Project, user: Any) -> list[dict[str, Any]]:
    rows = _sourced(project.progress.filter(current=True).select_related("recorded_by"), user)[:SHOWN]
    return [
        {
            "row": row,
            "amount": columns.brief(row.amount),
            "total": columns.brief(row.total),
            "source": source_of(row, str(row.recorded_by or columns.NOTHING)),
        }
        for row in rows
    ]


def _returns(project: Project) -> list[dict[str, Any]]:
    """The latest months' returns with their figures."""
    return [
        {"row": row, "this_month": columns.brief(row.this_month), "year_to_date": columns.brief(row.year_to_date)}
        for row in project.returns.order_by("-month")[:SHOWN]
    ]


def _photos(project: Project) -> list[Photo]:
    """The pictures of the latest months, the latest first."""
    rows = Photo.objects.filter(monthly_return__project=project, removed_at=None).select_related("monthly_return")
    return list(rows.order_by("-monthly_return__month", "-pk")[:PHOTOS])


# ---- Claims and the change log ---------------------------------------------------------------------
def _claims(project: Project, user: Any) -> list[Said]:
    """What holds, and beside it whatever else is stated of the same: one claim of each value, the latest few."""
    disputed = {(group[0].field, group[0].certainty): _unlike(group) for group in claims.disagreements(project)}
    agreed = [row for row in project.claims.filter(chosen=True) if (row.field, row.certainty) not in disputed]
    rows = [*(row for group in disputed.values() for row in group), *agreed]
    prefetch_related_objects(rows, seen_sources(user), "chosen_by")
    rows.sort(key=lambda row: (FIELDS[row.field], row.certainty, not row.chosen, row.pk))
    return [_said(row, disputed=(row.field, row.certainty) in disputed) for row in rows]


def _unlike(group: list[Claim]) -> list[Claim]:
    """One claim of each value, the chosen one first, then the latest."""
    latest = sorted(group, key=lambda row: (not row.chosen, -row.pk))
    values: dict[Any, Claim] = {}
    for row in latest:
        values.setdefault(claims.said(row), row)
    return list(values.values())[:SHOWN]


def _said(row: Claim, *, disputed: bool) -> Said:
    return Said(
        pk=row.pk,
        choose=columns.page("claim_choose", row.pk) if disputed and not row.chosen else "",
        field=row.get_field_display(),
        value=row.shown or columns.NOTHING,
        certainty=row.get_certainty_display(),
        source=source_of(row),
        holds_on=row.holds_on,
        chosen=row.chosen,
        disputed=disputed,
        why=_why(row) if disputed and row.chosen else "",
        note=row.note,
    )


def _why(row: Claim) -> str:
    """Why this claim counts and the others do not."""
    return f"{row.chosen_by or '系统'}于{row.chosen_on:%Y-%m-%d}选用" if row.chosen_on else "最先登记，未另行选用"


def _events(project: Project, suspensions: list[Suspension], user: Any) -> list[Event]:
    """What changed, the latest first."""
    found = [*_moves(project, user), *_editions(project, user), *_standstills(suspensions), *_edits(project)]
    if project.terminated_on:
        who = str(project.terminated_by or "")
        found.append(Event(project.terminated_on, "终止项目", who, project.terminated_reason, ""))
    return sorted(found, key=lambda event: event.on, reverse=True)[: 2 * SHOWN]


def _moves(project: Project, user: Any) -> list[Event]:
    rows = MilestoneChange.objects.filter(milestone__project=project).select_related("milestone", "by")
    return [
        Event(
            row.on,
            f"{row.milestone}：{_moved(row)}",
            str(row.by or ""),
            row.reason,
            source_of(row, ""),
        )
        for row in _sourced(rows, user).order_by("-pk")[: 2 * SHOWN]
    ]


def _moved(row: MilestoneChange) -> str:
    """What was done to the milestone, and from which day to which, where a day moved."""
    what, before, after = row.get_what_display(), row.before.get(row.what), row.after.get(row.what)
    if row.what == MilestoneChange.What.PLANNED:
        return f"{what}（{before} → {after}）" if before else f"首次计划（{after}）"
    return f"{what}（{after}）" if row.what == MilestoneChange.What.BASELINE else what


def _editions(project: Project, user: Any) -> list[Event]:
    """Editions from the day on which they took effect, and those that were withdrawn."""
    known = project.plans.filter(effective_from__isnull=False).select_related("approved_by", "withdrawn_by")
    found = []
    for row in _sourced(known, user)[:SHOWN]:
        said = f"{row}：{money.show(row.amount)}"
        found.append(Event(row.effective_from, said, str(row.approved_by or ""), row.reason, source_of(row, "")))
        if row.withdrawn_on:
            who = str(row.withdrawn_by or "")
            found.append(Event(row.withdrawn_on, f"作废{said}", who, row.withdrawn_reason, ""))
    return found


def _standstills(rows: list[Suspension]) -> list[Event]:
    found = []
    for row in rows:
        who = f"批准人 {row.approver} {row.recorded_by or ''}".rstrip()
        found.append(Event(row.starts, str(row), who, row.reason, source_of(row, "")))
        if row.ends:
            found.append(Event(row.ends, f"{row.get_kind_display()}结束（最后一天）", str(row.ended_by or ""), "", ""))
    return found


def _edits(project: Project) -> list[Event]:
    kind = ContentType.objects.get_for_model(Project)
    rows = LogEntry.objects.filter(content_type=kind, object_id=str(project.pk)).select_related("user")[:SHOWN]
    return [
        Event(timezone.localtime(row.action_time).date(), row.get_change_message() or "建档", str(row.user), "", "")
        for row in rows
    ]
