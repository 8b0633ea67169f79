"""Who is told: people who stand for a project and people of its zone, as far as they may read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from projects.alerts.rulebook import ABOVE, ASSIGNED, ZONE
from projects.models import Assignment, Project
from zones import clock
from zones.models import Appointment
from zones.models.zone import ancestors_of
from zones.permissions import BUSINESS_ROLES, Role

SPEAKS_FOR_A_UNIT = frozenset({Role.LIAISON.value, Role.COORDINATOR.value})


class _Held(NamedTuple):
    user_id: int
    department_id: int | None
    role: str
    path: str


class Recipients:
    """The people of a shard's projects, read in two statements.

    Assignments count as they hold on `as_of`; appointments, which decide who may read, as they hold today, too: who
    has left since is not told. Closed accounts and superusers without an appointment are never told.
    """

    def __init__(self, projects: Iterable[Project], as_of: date) -> None:
        projects = list(projects)
        self._held = _appointments({project.zone.path for project in projects})
        self._assigned: dict[int, list[Assignment]] = defaultdict(list)
        ids = [project.pk for project in projects]
        for row in Assignment.objects.in_force(as_of).filter(project__in=ids):
            self._assigned[row.project_id].append(row)

    def of(self, project: Project, told: Mapping[str, list[str]]) -> set[int]:
        """Keys of the users who are told of `project`."""
        covering = [held for held in self._held if project.zone.path.startswith(held.path)]
        readers = {held.user_id for held in covering}
        found = self._assigned_people(project, set(told.get(ASSIGNED, ())), covering)
        for held in covering:
            group = ZONE if held.path == project.zone.path else ABOVE
            if held.role in told.get(group, ()):
                found.add(held.user_id)
        return found & readers

    def _assigned_people(self, project: Project, roles: set[str], covering: list[_Held]) -> set[int]:
        found: set[int] = set()
        for row in self._assigned[project.pk]:
            if row.role not in roles:
                continue
            if row.user_id:
                found.add(row.user_id)
            elif row.department_id:
                found |= _of_unit(row.department_id, covering)
        return found


def _of_unit(department_id: int, covering: list[_Held]) -> set[int]:
    """The unit's own people who work on projects there."""
    return {h.user_id for h in covering if h.department_id == department_id and h.role in SPEAKS_FOR_A_UNIT}


def _appointments(paths: set[str]) -> list[_Held]:
    above = {each for path in paths for each in [*ancestors_of(path), path]}
    rows = (
        Appointment.objects.in_force(clock.today())
        .filter(zone__path__in=above, role__in=BUSINESS_ROLES, user__is_active=True)
        .values_list("user_id", "user__department_id", "role", "zone__path")
    )
    return [_Held(*row) for row in rows]
