"""What 月报填报 and 月报审核 share: which month, which of its projects, which page of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, ExpressionWrapper, FilteredRelation, Q, QuerySet
from django.http import HttpRequest

from projects import plans
from projects.models import Assignment, Photo, Project, Return
from projects.returns import lateness
from projects.returns.known import last_month
from zones import clock
from zones.models import Department

PER_PAGE: Final = 50
MONTHS: Final = 12
NO_RETURN: Final = "none"
STATUSES: Final = ((NO_RETURN, "未报"), *((s.value, s.label) for s in Return.Status if s != Return.Status.DRAFT))


# ---- The address -------------------------------------------------------------------------------------
def month_asked(request: HttpRequest) -> date:
    """The last day of the month in the address, or of the month that is to be filled in now."""
    offered = months(clock.today())
    asked = request.GET.get("month", "")
    return next((day for day in offered if f"{day:%Y-%m}" == asked), lateness.month_to_fill(clock.today()))


def months(today: date) -> list[date]:
    """The last days of the month that runs and of the twelve before it, the latest first."""
    first = [plans.month_end(today.year, today.month)]
    for _ in range(MONTHS):
        first.append(last_month(first[-1]))
    return first


def narrowed(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """By the status and the unit of the address; what is not offered selects nothing."""
    status, unit = request.GET.get("status", ""), request.GET.get("unit", "")
    if status == NO_RETURN:
        rows = rows.filter(Q(filed=None) | Q(filed__status=Return.Status.DRAFT))
    elif status:
        rows = rows.filter(filed__status=status)
    if unit:
        seen = Department.objects.visible_to(request.user).filter(pk=unit if unit.isdecimal() else None)
        held = Assignment.objects.in_force(clock.today()).filter(department__in=seen.values("pk"))
        rows = rows.filter(pk__in=held.values("project"))
    return rows


def units(request: HttpRequest, projects: QuerySet[Any]) -> QuerySet[Department]:
    """The units that stand for some of the projects."""
    held = Assignment.objects.in_force(clock.today()).filter(project__in=projects.order_by().values("pk"))
    return Department.objects.visible_to(request.user).filter(pk__in=held.values("department")).select_related("zone")


def paged(rows: QuerySet[Any], request: HttpRequest) -> Page[Any]:
    """The page of the address."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def query_without_page(request: HttpRequest) -> str:
    """The filters of the address, ready for the link to another page."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()


# ---- The rows ----------------------------------------------------------------------------------------
def of_month(projects: QuerySet[Project], month: date) -> QuerySet[Any]:
    """Projects that are alive in the month, each with its return of the month (`filed`) and whether it owes one."""
    condition = Q(returns__month=month)
    return (
        projects.filter(lateness.alive_in(month))
        .annotate(filed=FilteredRelation("returns", condition=condition))
        .annotate(owed=ExpressionWrapper(lateness.owes(month), output_field=BooleanField()))
        .select_related("zone")
    )


def returns_of(project_ids: Iterable[int], month: date) -> dict[int, Return]:
    """The returns of the projects for a month, by project."""
    rows = Return.objects.filter(project__in=list(project_ids), month=month)
    return {row.project_id: row for row in rows.select_related("submitted_by", "reviewed_by")}


def photos_of(rows: Iterable[Return]) -> dict[int, list[Photo]]:
    """The pictures of returns that are there, by return."""
    found: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(monthly_return__in=[row.pk for row in rows], removed_at=None):
        found.setdefault(photo.monthly_return_id, []).append(photo)
    return found


def whole(keys: list[str]) -> list[int]:
    """The keys among what was sent, no more than stand on a page."""
    return [int(key) for key in keys[:PER_PAGE] if key.isdecimal() and len(key) < 19]
