"""Projects as subjects of rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from projects import standings
from projects.alerts.cases.base import Case, Kind, Shard
from projects.alerts.verdicts import SUSPENDED, TERMINATED, Unjudged
from projects.models import (
    PHASE_OF,
    AnnualPlan,
    Entry,
    Milestone,
    MilestoneChange,
    Phase,
    Progress,
    Project,
    Source,
    Standing,
    Suspension,
)
from projects.standings import Position
from projects.standings.among import exactly, listed
from zones.models import Zone

ONE_DAY = timedelta(days=1)
RANK: Final = {phase: phase.rank for phase in Phase}


class Step(NamedTuple):
    """A milestone as measures see it; see `projects.models.Milestone` for what each is."""

    pk: int
    project_id: int
    kind: str
    label: str
    baseline: date | None
    planned: date | None
    done: bool
    actual_first: date | None
    actual_last: date | None
    known_on: date | None

    @property
    def deadline(self) -> date | None:
        """What it is judged by: the baseline, else the plan of today; None is never overdue."""
        return self.baseline or self.planned

    def done_by(self, day: date) -> bool:
        """Whether it was done on `day`; the same rule as the model's."""
        known = self.actual_last or self.known_on
        return bool(self.done and known and known <= day)

    def __str__(self) -> str:
        return self.label or str(Milestone.Kind(self.kind).label)


STEP: Final = tuple("project" if name == "project_id" else name for name in Step._fields)


@dataclass(slots=True, eq=False)
class ProjectCase(Case):
    """One project on one day. `phase` is that of the day, not of today. `steps` are all its milestones.

    `is_demo`: the project itself, or a plan, figure or milestone of it, is invented.
    """

    kind: ClassVar[str] = "project"

    code: str
    position: Position
    terminated_on: date | None = None
    suspended: bool = False
    phase: Phase = Phase.RESERVED
    steps: Sequence[Step] = ()
    milestones: Mapping[str, Step] = field(default_factory=dict)

    @property
    def project_id(self) -> int:
        return self.pk

    @property
    def gone(self) -> bool:
        return self.terminated_on is not None and self.terminated_on <= self.as_of

    @property
    def at_rest(self) -> Unjudged | None:
        if self.gone:
            return TERMINATED
        return SUSPENDED if self.suspended else None

    @property
    def batches(self) -> frozenset[str]:
        """The lists on which it stands on the day."""
        return self.known(batches_on) or frozenset()

    def milestone(self, kind: str) -> Step | None:
        """The milestone of a kind, if there is one; never one of the kind 其他."""
        return self.milestones.get(kind)


def batches_on(ids: Sequence[int], day: date) -> Mapping[int, frozenset[str]]:
    """The lists on which projects stand."""
    found: dict[int, set[str]] = defaultdict(set)
    for project_id, batch in (
        Entry.objects.effective(day).filter(project__in=listed(ids)).values_list("project_id", "batch")
    ):
        found[project_id].add(batch)
    return {pk: frozenset(batches) for pk, batches in found.items()}


def positions_on(ids: Sequence[int], day: date) -> Mapping[int, Position]:
    """Where projects stand."""
    return standings.positions_of(exactly(ids), day)


class _Projects(Kind["ProjectCase"]):
    code = "project"
    label = "项目"
    model = Project

    size = 5000
    part = 10_000

    def subjects(self, zone: Zone | None, as_of: date, *, whole: bool) -> QuerySet[Project]:
        alerted = Project.objects.filter(alerts__isnull=False, alerts__closed_on=None).values("pk")
        lit = Standing.objects.filter(project=OuterRef("pk")).exclude(light="")
        there = Q(terminated_on=None) | Q(terminated_on__gt=as_of)
        rows = Project.objects.filter(there & Q(withdrawn_at=None) | Q(pk__in=alerted) | Q(Exists(lit)))
        if not whole:
            answers_due = Project.objects.filter(alerts__look_on__lte=as_of).values("pk")
            due = (
                Q(standing=None)
                | Q(pk__in=answers_due)
                | Q(standing__stale=True)
                | Q(standing__look_on=None)
                | Q(standing__look_on__lte=as_of)
            )
            rows = rows.filter(due)
        return rows.filter(zone__path__startswith=zone.path) if zone else rows

    def load(self, shard: Shard) -> Iterator[ProjectCase]:
        ids, day = shard.ids, shard.as_of
        rows = Project.objects.filter(pk__in=listed(ids)).order_by("pk")
        positions = shard.known(positions_on)
        steps, ahead = _steps(ids), _ahead(ids, day)
        suspended, invented = _suspended(ids, day), _invented(ids)
        told = ("pk", "name", "zone__path", "zone__return_day", "is_demo", "code", "terminated_on")
        for pk, name, path, return_day, is_demo, code, terminated_on in rows.values_list(*told):
            own = steps.get(pk, [])
            yield ProjectCase(
                shard=shard,
                pk=pk,
                name=name,
                path=path,
                return_day=return_day,
                is_demo=is_demo or pk in invented,
                until=_until(own, day, ahead.get(pk)),
                code=code,
                position=positions[pk],
                terminated_on=terminated_on,
                suspended=pk in suspended,
                phase=_phase(own, day),
                steps=own,
                milestones={step.kind: step for step in own if step.kind != Milestone.Kind.OTHER},
            )


PROJECT = _Projects()


def _steps(ids: Sequence[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = defaultdict(list)
    for row in Milestone.objects.filter(project__in=listed(ids)).order_by("pk").values_list(*STEP):
        step = Step._make(row)
        found[step.project_id].append(step)
    return found


def _until(steps: Sequence[Step], day: date, ahead: date | None) -> date | None:
    """The last day before something ahead; also before a step that is done by now and was not on a day in the past."""
    days = [
        known - ONE_DAY for step in steps if step.done and (known := step.actual_last or step.known_on) and known > day
    ]
    return min([*days, *([ahead] if ahead else [])], default=None)


def _phase(steps: Sequence[Step], day: date) -> Phase:
    """The furthest phase that was reached by the day."""
    reached = [PHASE_OF[step.kind] for step in steps if step.kind in PHASE_OF and step.done_by(day)]
    return max(reached, key=RANK.__getitem__, default=Phase.RESERVED)


def _suspended(ids: Sequence[int], day: date) -> set[int]:
    return set(Suspension.objects.in_force(day).filter(project__in=listed(ids)).values_list("project_id", flat=True))


def _ahead(ids: Sequence[int], day: date) -> dict[int, date]:
    """For each project the day before the next one on which something of it begins or ends by itself."""
    these = listed(ids)
    last_days = [
        *_days(Suspension.objects.filter(project__in=these, starts__gt=day), "starts", before=True),
        *_days(Suspension.objects.filter(project__in=these, ends__gte=day), "ends"),
        *_days(AnnualPlan.objects.filter(project__in=these, effective_from__gt=day), "effective_from", before=True),
        *_days(Project.objects.filter(pk__in=these, terminated_on__gt=day), "terminated_on", "pk", before=True),
        *_days(Entry.objects.with_since().filter(project__in=these, since__gt=day), "since", before=True),
        *_days(Entry.objects.filter(project__in=these, left_on__gt=day), "left_on", before=True),
    ]
    found: dict[int, date] = {}
    for pk, last in last_days:
        found[pk] = min(found.get(pk, last), last)
    return found


def _days(rows: QuerySet, field: str, key: str = "project", *, before: bool = False) -> Iterator[tuple[int, date]]:
    shift = ONE_DAY if before else timedelta()
    return ((pk, day - shift) for pk, day in rows.values_list(key, field))


def _invented(ids: Sequence[int]) -> set[int]:
    """Projects with anything that a rule reads and that a source of the demonstration states."""
    demo = Source.Kind.DEMO
    if not Source.objects.filter(kind=demo).exists():
        return set()
    these = listed(ids)
    changes = MilestoneChange.objects.filter(milestone__project__in=these, source__kind=demo)
    found = (
        AnnualPlan.objects.filter(project__in=these, source__kind=demo).values_list("project_id"),
        Progress.objects.filter(project__in=these, source__kind=demo).values_list("project_id"),
        changes.values_list("milestone__project"),
    )
    return {pk for (pk,) in found[0].order_by().union(found[1].order_by(), found[2].order_by())}
