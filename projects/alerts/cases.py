"""What is known of the projects of one shard on a day, in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from projects import standings
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
    Suspension,
)
from projects.standings import Position


@dataclass(frozen=True, slots=True)
class Case:
    """One project on one day, as measures see it. `phase` is that of the day, not of today.

    `is_demo`: the project itself, or a plan, figure or milestone of it, is invented.
    """

    project: Project
    as_of: date
    position: Position
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    phase: Phase = Phase.RESERVED
    batches: frozenset[str] = frozenset()
    suspended: bool = False
    is_demo: bool = False

    @property
    def terminated(self) -> bool:
        """Whether the project had ended by the day."""
        ended = self.project.terminated_on
        return ended is not None and ended <= self.as_of

    def milestone(self, kind: str) -> Milestone | None:
        """The milestone of a kind, if there is one."""
        return self.milestones.get(kind)


def load(projects: Iterable[Project], as_of: date) -> list[Case]:
    """The cases of a shard; each project comes with its zone."""
    projects = list(projects)
    ids = [project.pk for project in projects]
    positions = standings.positions(Project.objects.filter(pk__in=ids), as_of)
    milestones, phases = _milestones(ids, as_of)
    suspended, batches, invented = _suspended(ids, as_of), _batches(ids, as_of), _invented(ids)
    return [
        Case(
            project=project,
            as_of=as_of,
            position=positions[project.pk],
            milestones=milestones.get(project.pk, {}),
            phase=phases.get(project.pk, Phase.RESERVED),
            batches=frozenset(batches.get(project.pk, ())),
            suspended=project.pk in suspended,
            is_demo=project.is_demo or project.pk in invented,
        )
        for project in projects
    ]


def _milestones(ids: list[int], as_of: date) -> tuple[dict[int, dict[str, Milestone]], dict[int, Phase]]:
    """Milestones by kind, and the furthest phase that was reached by the day."""
    found: dict[int, dict[str, Milestone]] = defaultdict(dict)
    phases: dict[int, Phase] = {}
    for row in Milestone.objects.filter(project__in=ids).exclude(kind=Milestone.Kind.OTHER):
        found[row.project_id][row.kind] = row
        phase = PHASE_OF.get(row.kind) if row.done_by(as_of) else None
        if phase and phase.rank > phases.get(row.project_id, Phase.RESERVED).rank:
            phases[row.project_id] = phase
    return found, phases


def _suspended(ids: list[int], as_of: date) -> set[int]:
    return set(Suspension.objects.in_force(as_of).filter(project__in=ids).values_list("project_id", flat=True))


def _invented(ids: list[int]) -> set[int]:
    """Projects with anything that a rule reads and that a source of the demonstration states."""
    demo = Source.Kind.DEMO
    found = (
        AnnualPlan.objects.filter(project__in=ids, source__kind=demo).values_list("project_id"),
        Progress.objects.filter(project__in=ids, source__kind=demo).values_list("project_id"),
        MilestoneChange.objects.filter(milestone__project__in=ids, source__kind=demo).values_list("milestone__project"),
    )
    return {pk for (pk,) in found[0].order_by().union(found[1].order_by(), found[2].order_by())}


def _batches(ids: list[int], as_of: date) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for project_id, batch in Entry.objects.effective(as_of).filter(project__in=ids).values_list("project_id", "batch"):
        found[project_id].add(batch)
    return found
