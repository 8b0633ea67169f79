"""What is known of projects before their return of a month: the figures that its arithmetic is checked against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Q

from projects.models import AnnualPlan, Milestone, Progress, Return
from projects.models.monthly import CLAIMS
from projects.returns.checks import Known, Told


@dataclass(frozen=True, slots=True)
class Figure:
    """A cumulative figure told before, in yuan: by the end of which day, of the year and since the start."""

    up_to: date
    year: int | None
    since: int | None
    percent: int | None
    is_return: bool


def known_of(project_ids: Collection[int], month: date, as_of: date) -> dict[int, Known]:
    """For each project what is known before the return of `month` (its last day). Four statements, however many.

    Of a month the return counts (已报 or 已审) before other figures of the 报表 channel; returns of later months do
    not count, so that a return of the past is checked as it would have been then.
    """
    figures = _figures(project_ids, month)
    plans = _plans(project_ids, month.year, as_of)
    done = _done(project_ids)
    return {pk: _known(figures[pk], plans.get(pk), month, frozenset(done[pk])) for pk in project_ids}


def told_of(row: Return, photos: int) -> Told:
    """What a stored return says."""
    names = ("this_month", "year_to_date", "since_start", "building", "installation", "equipment", "other", "percent")
    claims = {kind: getattr(row, f"{kind}_on") for kind in CLAIMS if getattr(row, f"claims_{kind}")}
    figures = {name: getattr(row, name) for name in names}
    return Told(month=row.month, note=row.note, claims=claims, photos=photos, **figures)


def last_month(month: date) -> date:
    """The last day of the month before."""
    return month.replace(day=1) - timedelta(days=1)


def _figures(project_ids: Collection[int], month: date) -> dict[int, list[Figure]]:
    """Figures told before the month, the latest first, of one day the return first."""
    found: dict[int, list[Figure]] = defaultdict(list)
    told = (Return.Status.SUBMITTED, Return.Status.REVIEWED)
    rows = Return.objects.filter(project__in=project_ids, month__lt=month, status__in=told)
    columns = ("project_id", "month", "year_to_date", "since_start", "percent")
    for pk, *row in rows.values_list(*columns).order_by():
        found[pk].append(Figure(*row, is_return=True))
    before = month.replace(day=1)
    progress = Progress.objects.filter(
        Q(amount__isnull=False) | Q(total__isnull=False) | Q(percent__isnull=False),
        project__in=project_ids,
        current=True,
        channel=Progress.Channel.REPORTED,
        up_to__lt=before,
    )
    for pk, *row in progress.values_list("project_id", "up_to", "amount", "total", "percent").order_by():
        found[pk].append(Figure(*row, is_return=False))
    for each in found.values():
        each.sort(key=lambda figure: (figure.up_to, figure.is_return), reverse=True)
    return found


def _plans(project_ids: Collection[int], year: int, as_of: date) -> dict[int, AnnualPlan]:
    found: dict[int, AnnualPlan] = {}
    for plan in AnnualPlan.objects.holding_on(as_of).filter(project__in=project_ids, year=year):
        found.setdefault(plan.project_id, plan)
    return found


def _done(project_ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    steps = Milestone.objects.filter(project__in=project_ids, kind__in=CLAIMS, done=True).order_by()
    for pk, kind in steps.values_list("project_id", "kind"):
        found[pk].add(kind)
    return found


def _known(figures: list[Figure], plan: AnnualPlan | None, month: date, done: frozenset[str]) -> Known:
    of_year = [each for each in figures if each.up_to.year == month.year and each.year is not None]
    with_total = [each for each in figures if each.since is not None]
    before = last_month(month)
    last = 0 if month.month == 1 else next((each.year for each in of_year if _same_month(each.up_to, before)), None)
    known = Known(
        plan=plan.amount if plan else None,
        last=last,
        earlier=of_year[0].year if of_year else None,
        earlier_month=of_year[0].up_to if of_year else None,
        since=with_total[0].since if with_total else None,
        since_is_last=bool(with_total) and _same_month(with_total[0].up_to, before),
        percent=next((each.percent for each in figures if each.percent is not None), None),
        done=done,
    )
    return _with_opening(known, with_total, plan, month.year)


def _with_opening(known: Known, with_total: list[Figure], plan: AnnualPlan | None, year: int) -> Known:
    """What had been done up to the end of last year: by its December return, else by the plan, else as last told."""
    december = date(year - 1, 12, 31)
    told = [each for each in with_total if each.up_to <= december]
    returned = next((each.since for each in told if each.is_return and each.up_to == december), None)
    if returned is not None:
        return replace(known, opening=returned, opening_from=f"{year - 1}年12月月报")
    if plan and plan.carried is not None:
        return replace(known, opening=plan.carried, opening_from=f"{year}年计划的结转数")
    if told:
        return replace(known, opening=told[0].since, opening_from=f"截至{told[0].up_to:%Y-%m-%d}填报")
    return known


def _same_month(day: date, other: date) -> bool:
    return (day.year, day.month) == (other.year, other.month)
