"""Who is told: people who stand for a project and people of its zone, as far as they may read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from projects.alerts import cases
from projects.alerts.models import Alert, Exemption, Letter
from projects.alerts.rulebook import ABOVE, ASSIGNED, ZONE
from projects.models import Assignment
from projects.standings.among import listed
from zones import clock
from zones.models import Appointment
from zones.models.zone import ancestors_of
from zones.permissions import BUSINESS_ROLES, Role

Rung = Alert.Rung
PERSONS = (Assignment.Role.RESPONSIBLE, Assignment.Role.LIAISON, Assignment.Role.STEWARD)
"""Who owes the answer, in this order."""
SPEAKS_FOR_A_UNIT = frozenset({Role.LIAISON.value, Role.COORDINATOR.value})


class _Held(NamedTuple):
    user_id: int
    department_id: int | None
    role: str
    path: str


class Recipients:
    """The people of a shard's alerts, read in two statements.

    Assignments count as they hold on `as_of`; appointments, which decide who may read, as they hold today, too: who
    has left since is not told. Closed accounts and superusers without an appointment are never told.
    """

    def __init__(self, alerts: Iterable[Alert | Exemption | Letter], as_of: date) -> None:
        alerts = list(alerts)
        self._named = _named({alert.subject_key for alert in alerts})
        self._held = _appointments({alert.place.path for alert in alerts})
        self._by_place: dict[str, list[_Held]] = {}
        self._assigned: dict[int, list[Assignment]] = defaultdict(list)
        ids = sorted({alert.project_id for alert in alerts if alert.project_id})
        for row in Assignment.objects.in_force(as_of).filter(project__in=listed(ids)):
            self._assigned[row.project_id].append(row)

    def of(self, alert: Alert | Letter, told: Mapping[str, list[str]]) -> set[int]:
        """Keys of the users who are told of the alert."""
        place = alert.place.path
        covering = self._covering(place)
        readers = {held.user_id for held in covering}
        found = self._assigned_people(alert, set(told.get(ASSIGNED, ())), covering)
        for held in covering:
            group = ZONE if held.path == place else ABOVE
            if held.role in told.get(group, ()):
                found.add(held.user_id)
        return found & readers

    # ---- The ladder
    def owing(self, alert: Alert) -> set[int]:
        """Who owes an answer: the first step of the ladder."""
        return self.at_rung(alert, Rung.PERSON)

    def at_rung(self, alert: Alert, rung: int) -> set[int]:
        """Who stands on a step of the ladder; where nobody does, the office has it."""
        path = alert.place.path
        covering = self._covering(path)
        if rung == Rung.ABOVE:
            found = self._above(path, (Role.COORDINATOR, Role.LEADER))
        elif rung == Rung.LEADER:
            found = self._assigned_people(alert, {Assignment.Role.LEADER}, covering)
            found |= {held.user_id for held in covering if held.path == path and held.role == Role.LEADER}
        elif rung == Rung.UNIT:
            found = self._assigned_people(alert, {Assignment.Role.UNIT}, covering)
        else:
            found = self._assigned_people(alert, set(PERSONS), covering)
            if alert.department_id:
                found |= _of_unit(alert.department_id, covering)
        return found & {held.user_id for held in covering} or self.office(alert)

    def office(self, alert: Alert) -> set[int]:
        """The coordinators of the zone, else those of the nearest zone above that has any."""
        return self.nearest(alert.place.path, (Role.COORDINATOR,))

    def nearest(self, path: str, roles: Iterable[str]) -> set[int]:
        """Who holds one of `roles` in the zone, else in the nearest above where somebody does."""
        here = {held.user_id for held in self._held if held.path == path and held.role in set(roles)}
        return here or self._above(path, roles)

    def _above(self, path: str, roles: Iterable[str]) -> set[int]:
        wanted = set(roles)
        held = [each for each in self._held if each.role in wanted and path.startswith(each.path) and each.path != path]
        nearest = max((each.path for each in held), key=len, default="")
        return {each.user_id for each in held if each.path == nearest}

    def _covering(self, path: str) -> list[_Held]:
        """Who is appointed in the zone at `path` or above it."""
        if path not in self._by_place:
            self._by_place[path] = [held for held in self._held if path.startswith(held.path)]
        return self._by_place[path]

    def _assigned_people(self, alert: Alert | Letter, roles: set[str], covering: list[_Held]) -> set[int]:
        """People who stand for the project; of an alert of a unit, its own people instead of those assigned to it."""
        found: set[int] = set()
        if alert.subject_key in self._named and Assignment.Role.RESPONSIBLE in roles:
            found.add(self._named[alert.subject_key])
        if alert.department_id and Assignment.Role.UNIT in roles:
            found |= _of_unit(alert.department_id, covering)
        for row in self._assigned.get(alert.project_id or 0, ()):
            if row.role not in roles:
                continue
            if row.user_id:
                found.add(row.user_id)
            elif row.department_id:
                found |= _of_unit(row.department_id, covering)
        return found


def _named(subjects: Iterable[str]) -> dict[str, int]:
    """Who is named to answer for subjects themselves, beside those who stand for a project; by how they are called."""
    keys: dict[str, list[int]] = defaultdict(list)
    for subject in subjects:
        code, _, pk = subject.partition(":")
        keys[code].append(int(pk))
    kinds = {code: cases.get(code) for code in sorted(keys)}
    return {
        f"{code}:{pk}": user_id
        for code, kind in kinds.items()
        if kind
        for pk, user_id in kind.people(keys[code]).items()
    }


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
