"""Counts and sums over projects. Each project counts once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from projects.models import Entry, Phase, Project, Standing, Suspension
from projects.models.rounds import RANK


@dataclass(frozen=True, slots=True)
class EntryCount:
    """How many entries a batch of a round has; `period_id` and `number` are None where the round is not known."""

    batch: str
    period_id: int | None
    number: int | None
    series: str
    count: int


@dataclass(frozen=True, slots=True)
class Investment:
    """Sums in yuan over the projects that have both a plan and a figure (`counted`), of `live` in all."""

    live: int
    counted: int
    plan: int
    due: int
    done: int

    @property
    def percent(self) -> float | None:
        """Share of the plan that is done, for showing."""
        return 100 * self.done / self.plan if self.plan else None


def by_phase(projects: QuerySet[Project]) -> dict[str, int]:
    """How many projects are in each phase, in the phases' order, zeros included."""
    found = dict(projects.order_by().values_list("phase").annotate(n=Count("pk")))
    return {phase.value: found.get(phase.value, 0) for phase in Phase}


def entries(projects: QuerySet[Project], on: date | None = None) -> list[EntryCount]:
    """Effective entries by batch and round. A project in two rounds has two entries."""
    rows = Entry.objects.effective(on).filter(project__in=projects.order_by().values("pk"))
    return _counted(rows)


def by_batch(projects: QuerySet[Project], on: date | None = None) -> list[EntryCount]:
    """Projects by batch and round, each once, by its latest effective entry."""
    rows = Entry.objects.one_per_project(on).filter(project__in=projects.order_by().values("pk"))
    return _counted(rows)


def by_light(projects: QuerySet[Project]) -> dict[str, int]:
    """How many projects show each light; "" is not judged."""
    rows = Standing.objects.filter(project__in=projects.order_by().values("pk"))
    return dict(rows.order_by().values_list("light").annotate(n=Count("pk")))


def investment(projects: QuerySet[Project]) -> Investment:
    """This year's plan, what was due by the judged month, and what was done, over projects that have both figures.

    A part is left out where the whole has a plan of its own: its money is in there already.
    """
    rows = Standing.objects.filter(project__in=projects.order_by().values("pk"))
    rows = rows.exclude(project__parent__standing__plan__isnull=False)
    both = Q(plan__isnull=False, done__isnull=False)
    sums = rows.aggregate(
        sum_plan=Sum("plan", filter=both),
        sum_due=Sum("due", filter=both),
        sum_done=Sum("done", filter=both),
        counted=Count("pk", filter=both),
        live=Count("pk"),
    )
    return Investment(**{name.removeprefix("sum_"): value or 0 for name, value in sums.items()})


def suspended(projects: QuerySet[Project], day: date) -> QuerySet[Project]:
    """Those that stand still on `day`."""
    return projects.filter(pk__in=Suspension.objects.in_force(day).values("project"))


def _counted(rows: QuerySet[Entry]) -> list[EntryCount]:
    """By round, the one held last at the end; a round of one series is never added to one of another."""
    kept = ("batch", "period_id", "period__number", "period__series__name")
    held = Coalesce("period__last", "period__first")
    found = rows.order_by().values_list(*kept).annotate(held=Max(held), n=Count("pk"))
    oldest_first = (F("held").asc(nulls_first=True), F("period__number").asc(nulls_first=True), "period_id", RANK.asc())
    return [
        EntryCount(batch, pk, number, series or "", n)
        for batch, pk, number, series, _, n in found.order_by(*oldest_first)
    ]
