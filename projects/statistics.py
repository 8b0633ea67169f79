"""Counts and sums over projects. Each project counts once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from projects import selecting, standings
from projects.models import Entry, Milestone, Phase, Project, Standing, StandingMonth, Suspension
from projects.models.rounds import RANK
from projects.standings import Position


@dataclass(frozen=True, slots=True)
class EntryCount:
    """How many entries a batch of a round has; `period_id` and `number` are None where the round is not known."""

    batch: str
    period_id: int | None
    number: int | None
    series: str
    count: int


@dataclass(slots=True)
class Investment:
    """Sums in yuan over the projects that have both a plan and a figure (`counted`), of `live` in all.

    `elapsed` is twelve times what months ÷ 12 ask for of these projects: an integer, so exact. `months` are the last
    days of the months by which those with a plan are judged, the earliest first. `frozen` projects are taken as they
    were when that month was closed.
    """

    live: int = 0
    counted: int = 0
    plan: int = 0
    due: int = 0
    done: int = 0
    elapsed: int = 0
    without_figure: int = 0
    without_plan: int = 0
    frozen: int = 0
    months: list[date] = field(default_factory=list)

    @property
    def percent(self) -> float | None:
        """Share of the plan that is done, for showing."""
        return 100 * self.done / self.plan if self.plan else None

    @property
    def lag_elapsed(self) -> int | None:
        """Percentage points × 100 behind months ÷ 12, for showing."""
        return standings.hundredths(self.elapsed - 12 * self.done, 12 * self.plan) if self.plan else None

    @property
    def lag_planned(self) -> int | None:
        """Percentage points × 100 behind the projects' own targets, for showing."""
        return standings.hundredths(self.due - self.done, self.plan) if self.plan else None

    def add(self, figures: Position | StandingMonth, *, inside: bool) -> None:
        """Count one more project; `inside` another one whose plan holds its money already."""
        self.live += 1
        if figures.plan is None or figures.month is None:
            self.without_plan += 1
            return
        if figures.month not in self.months:
            self.months = sorted([*self.months, figures.month])
        if figures.done is None:
            self.without_figure += 1
        elif not inside:
            self.counted += 1
            self.plan += figures.plan
            self.due += figures.due or 0
            self.done += figures.done
            self.elapsed += figures.plan * figures.month.month


def by_phase(projects: QuerySet[Project]) -> dict[str, int]:
    """How many projects are in each phase, in the phases' order, zeros included."""
    found = dict(projects.order_by().values_list("phase").annotate(n=Count("pk")))
    return {phase.value: found.get(phase.value, 0) for phase in Phase}


def by_phase_on(projects: QuerySet[Project], day: date) -> dict[str, int]:
    """The same on a day before today: by the furthest step that had been done by then."""
    done = Milestone.objects.done_by(day).filter(project__in=projects.order_by().values("pk"))
    reached = done.aggregate(
        **{phase.value: Count("project", distinct=True, filter=Q(kind__in=selecting.proofs(phase))) for phase in Phase}
    )
    reached[Phase.RESERVED] = projects.count()
    beyond = [*(reached[phase.value] for phase in Phase), 0]
    return {phase.value: beyond[phase.rank] - beyond[phase.rank + 1] for phase in Phase}


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

    A part is left out where the whole is one of them, with a plan of its own: its money is in there already.
    """
    rows = Standing.objects.filter(project__in=projects.order_by().values("pk"))
    rows = rows.annotate(inside=selecting.is_inside(projects, "project__parent"))
    both = Q(plan__isnull=False, done__isnull=False, inside=False)
    sums = rows.aggregate(
        sum_plan=Sum("plan", filter=both),
        sum_due=Sum("due", filter=both),
        sum_done=Sum("done", filter=both),
        sum_elapsed=Sum(F("plan") * F("month__month"), filter=both),
        counted=Count("pk", filter=both),
        planned=Count("pk", filter=Q(plan__isnull=False)),
        without_figure=Count("pk", filter=Q(plan__isnull=False, done=None)),
    )
    told = {name.removeprefix("sum_"): value or 0 for name, value in sums.items()}
    live = projects.count()
    months = rows.filter(plan__isnull=False).order_by("month").values_list("month", flat=True).distinct()
    return Investment(live=live, without_plan=live - told.pop("planned"), months=[*months], **told)


def investment_on(projects: QuerySet[Project], day: date) -> Investment:
    """The same on a day before today: as it was kept if `day` is the end of a month that was closed, else as what is
    known today says of that day. A constant number of statements for every shard.
    """
    total = Investment()
    for ids in standings.shards(projects):
        shard = Project.objects.filter(pk__in=ids)
        kept = {row.project_id: row for row in StandingMonth.objects.filter(project__in=ids, month=day)}
        figures: dict[int, Any] = {**standings.positions(shard.exclude(pk__in=kept), day), **kept}
        parts = dict(shard.exclude(parent=None).values_list("pk", "parent"))
        wholes = standings.positions(projects.order_by().filter(pk__in=parts.values()), day) if parts else {}
        planned = {pk for pk, whole in wholes.items() if whole.plan is not None}
        for pk in ids:
            total.add(figures[pk], inside=parts.get(pk) in planned)
        total.frozen += len(kept)
    return total


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
