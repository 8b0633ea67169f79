"""月报审核: what came in of a month, against the month before and the statistics; accepted or sent back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from projects import facts
from projects.admin import columns, monthly
from projects.admin.acts import act_url
from projects.forms.returns import in_ten_thousands
from projects.models import Photo, Project, Return
from projects.returns import checks, lateness
from projects.returns.known import known_of, last_month, told_of
from zones import clock
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may, paths

Status = Return.Status
ORDER: Final = Case(
    When(filed__status=Status.SUBMITTED, then=Value(0)),
    When(filed__status=Status.RETURNED, then=Value(1)),
    When(filed__status=Status.REVIEWED, then=Value(3)),
    default=Value(2),
    output_field=IntegerField(),
)
MOST_TOLD: Final = 5
REASON: Final = "reason-"


@dataclass(frozen=True, slots=True)
class Typed:
    """What the reviewer sent of a return that is not done, and why not; it stays on the page."""

    ticked: bool = False
    reason: str = ""
    refused: str = ""


NOTHING_TYPED: Final = Typed()


@dataclass(frozen=True, slots=True)
class Line:
    """A project's return as the reviewer reads it."""

    project: Any
    row: Return | None
    status: str
    late: str
    amounts: list[tuple[str, str, str, bool]]
    findings: list[checks.Finding]
    claims: list[str]
    photos: list[Photo]
    waits: bool
    reopen: str
    typed: Typed


def page(screen: Any, request: HttpRequest) -> HttpResponse:
    """Show the month, or carry out what the reviewer decided."""
    if not paths(request.user, Action.READ):
        raise PermissionDenied
    month = monthly.month_asked(request)
    kept: dict[int, Typed] = {}
    if request.method == "POST":
        kept = _decide(request, month)
        if not kept:
            return HttpResponseRedirect(request.get_full_path())
    projects = monthly.of_month(Project.objects.visible_to(request.user), month)
    projects = projects.filter(Q(owed=True) | Q(filed__isnull=False))
    found = monthly.paged(_narrowed(projects, request).order_by(ORDER, "zone__path", "serial", "pk"), request)
    on_page = list(found.object_list)
    # What is not done is shown even where the filter of the address no longer selects it.
    beside = projects.filter(filed__in=kept).exclude(pk__in=[project.pk for project in on_page]) if kept else ()
    lines = _lines(request, month, [*beside, *on_page], kept)
    units, people = lateness.punctuality(Project.objects.visible_to(request.user), month, clock.today())
    context = {
        **screen.admin_site.each_context(request),
        "title": "月报审核",
        "month": month,
        "months": monthly.months(clock.today()),
        "lines": lines,
        "found": found,
        "counts": _counts(projects),
        "statuses": monthly.STATUSES,
        "status": request.GET.get("status", ""),
        "late": request.GET.get("late", ""),
        "units": monthly.units(request, projects),
        "unit": request.GET.get("unit", ""),
        "query": monthly.query_without_page(request),
        "may_review": any(line.waits for line in lines),
        "punctuality": [("按责任单位", units), ("按人员", people)],
    }
    return TemplateResponse(request, "admin/projects/returns/review.html", context)


def _narrowed(projects: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    rows = monthly.narrowed(projects, request)
    return rows.filter(filed__late_days__gt=0) if request.GET.get("late") == "1" else rows


def _counts(projects: QuerySet[Any]) -> dict[str, int]:
    """How many there are of each status, over all pages."""
    of = {status.value: Count("pk", filter=Q(filed__status=status)) for status in Status if status != Status.DRAFT}
    not_filed = Count("pk", filter=Q(filed=None) | Q(filed__status=Status.DRAFT))
    late = Count("pk", filter=Q(filed__late_days__gt=0))
    return projects.order_by().aggregate(**of, total=Count("pk"), missing=not_filed, late=late)


# ---- Reading ---------------------------------------------------------------------------------------
def _lines(request: HttpRequest, month: date, found: list[Any], kept: dict[int, Typed]) -> list[Line]:
    keys = [project.pk for project in found]
    rows, before = monthly.returns_of(keys, month), monthly.returns_of(keys, last_month(month))
    known = known_of(keys, month, clock.today()) if keys else {}
    photos = monthly.photos_of(rows.values())
    made = []
    for project in found:
        row = rows.get(project.pk)
        row = row if row and row.status != Status.DRAFT else None  # a draft is nobody's to read but the writer's
        pictures = photos.get(row.pk, []) if row else []
        is_told = row is not None and row.status in (Status.SUBMITTED, Status.REVIEWED)
        findings = checks.check(told_of(row, len(pictures)), known[project.pk]) if row and is_told else []
        approves = row is not None and row.status == Status.REVIEWED and may(request.user, Action.APPROVE, project)
        made.append(
            Line(
                project=project,
                row=row,
                status=row.get_status_display() if row else Status.DRAFT.label,
                late=_late(row, lateness.due_day(project.zone.return_day, month)),
                amounts=_amounts(row, before.get(project.pk), known[project.pk]) if row else [],
                findings=[each for each in findings if each.kind != checks.Kind.SAYS],
                claims=row.claimed if row else [],
                photos=pictures,
                waits=row is not None and row.status == Status.SUBMITTED and may(request.user, Action.REVIEW, project),
                reopen=act_url("reopen", row) if approves and row else "",
                typed=kept.get(row.pk, NOTHING_TYPED) if row else NOTHING_TYPED,
            )
        )
    return made


def _late(row: Return | None, due_on: date) -> str:
    if row and row.late_days is not None:
        return f"迟报 {row.late_days} 天" if row.late_days else ""
    days = (clock.today() - due_on).days
    return f"已迟 {days} 天未报" if days > 0 else ""


def _amounts(row: Return, before: Return | None, known: checks.Known) -> list[tuple[str, str, str, bool]]:
    """Label, amount in 万元, what it is compared with, and whether that catches the eye."""
    plan = f"占年度计划 {columns.percent(row.year_to_date, known.plan)}" if known.plan else "没有已批准的年度计划"
    last = f"上月累计 {in_ten_thousands(known.last)}" if known.last is not None else "上月没有累计数"
    gap = None if row.statistics is None or row.year_to_date is None else row.statistics - row.year_to_date
    month_before = f"上月完成 {_shown(before.this_month)}" if before and before.this_month is not None else ""
    return [
        ("本月完成", _shown(row.this_month), month_before, False),
        ("自年初累计", _shown(row.year_to_date), f"{last}；{plan}", False),
        ("自开工累计", _shown(row.since_start), "", False),
        ("入统额", _shown(row.statistics), "" if gap is None else f"与报表相差 {in_ten_thousands(gap)}", bool(gap)),
        ("投资构成（建/安/设/他）", _parts(row), "", False),
    ]


def _parts(row: Return) -> str:
    told = any(part is not None for part in row.parts)
    return " / ".join(map(_shown, row.parts)) if told else columns.NOTHING


def _shown(yuan: int | None) -> str:
    return columns.NOTHING if yuan is None else in_ten_thousands(yuan)


# ---- Deciding --------------------------------------------------------------------------------------
def _decide(request: HttpRequest, month: date) -> dict[int, Typed]:
    """Accept those that are ticked, or one; or send one back. Each by itself, in the version that was read. What was
    refused, and what else was typed, by return. Raises PermissionDenied for who reviews nothing at all.
    """
    user: Any = request.user
    if not may(user, Action.REVIEW):
        raise PermissionDenied
    back, one = request.POST.get("back", ""), request.POST.get("one", "")
    ticked = monthly.whole(request.POST.getlist("review"))
    asked = monthly.whole([back or one]) if back or one else ticked if "checked" in request.POST else []
    reasons = _reasons(request)
    rows = _reviewable(user, month, {*asked, *ticked, *reasons})
    refused: dict[int, str] = {}
    for key, row in rows.items():
        if key not in asked:
            continue
        expected = next(iter(monthly.whole([request.POST.get(f"version-{key}", "")])), 0)
        act = _back(row, reasons.get(key, ""), user, expected) if back else _accept(row, user, expected)
        if sentence := _refusal(act):
            refused[key] = sentence
    missing = len(set(asked) - set(rows))
    accepted = len(set(asked)) - missing - len(refused)
    _tell(request, f"{'已退回' if back else '审核通过'} {accepted} 份月报" if accepted else "", missing, rows, refused)
    if not asked:
        messages.warning(request, "请先勾选要审核的月报")
    sent = {key: Typed(key in ticked, reasons.get(key, ""), refused.get(key, "")) for key in rows}
    return {
        key: typed for key, typed in sent.items() if typed != NOTHING_TYPED and (key not in asked or key in refused)
    }


def _reasons(request: HttpRequest) -> dict[int, str]:
    """The reasons that are typed, by return."""
    typed = [name.removeprefix(REASON) for name in request.POST if name.startswith(REASON) and request.POST[name]]
    return {key: request.POST[f"{REASON}{key}"] for key in monthly.whole(typed) if f"{REASON}{key}" in request.POST}


def _reviewable(user: Any, month: date, keys: set[int]) -> dict[int, Return]:
    """Those of the month's returns that are the person's to review, told before anything is written."""
    rows = Return.objects.visible_to(user).filter(pk__in=keys, month=month).select_related("project__zone")
    return {row.pk: row for row in rows if may(user, Action.REVIEW, row)}


def _tell(request: HttpRequest, done: str, missing: int, rows: dict[int, Return], refused: dict[int, str]) -> None:
    if done:
        messages.success(request, done)
    for key in list(refused)[:MOST_TOLD]:
        messages.error(request, f"{rows[key].project}：{refused[key]}")
    if len(refused) > MOST_TOLD:
        messages.error(request, f"另有 {len(refused) - MOST_TOLD} 份没有通过，原因见下面各项目")
    if missing:
        messages.error(request, f"{missing} 份月报没有找到，或者不归您审核，请刷新后再办")


def _accept(row: Return, user: Any, expected: int) -> Callable[[], Any]:
    return lambda: facts.review_return(row, by=user, expected=expected)


def _back(row: Return, reason: str, user: Any, expected: int) -> Callable[[], Any]:
    return lambda: facts.send_back_return(row, reason=reason, by=user, expected=expected)


def _refusal(act: Callable[[], Any]) -> str:
    """What was refused, as a sentence; "" if it was carried out."""
    try:
        act()
    except StaleVersion:
        return "刚被他人修改，请重新核对后再审核"
    except ValidationError as error:
        return "；".join(error.messages)
    return ""
