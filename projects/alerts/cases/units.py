"""Units (责任单位) as subjects of rules: what they are to do with all their projects together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import QuerySet

from projects.alerts.cases.base import Case, Kind, Shard
from projects.alerts.cases.problems import alerted
from projects.alerts.cases.projects import PROJECT, ProjectCase
from projects.alerts.verdicts import Unjudged
from projects.models import Assignment
from zones.models import Department, Zone

INACTIVE = Unjudged("inactive", "单位已停用，不再判定")


@dataclass(slots=True, eq=False)
class UnitCase(Case):
    """One unit on one day. The projects that count are those it is assigned to as 责任单位, that are open and do not
    stand still.
    """

    kind: ClassVar[str] = "unit"

    in_zone: int
    active: bool

    @property
    def department_id(self) -> int | None:
        return self.pk

    @property
    def zone_id(self) -> int | None:
        return self.in_zone

    @property
    def gone(self) -> bool:
        return not self.active

    @property
    def at_rest(self) -> Unjudged | None:
        return None if self.active else INACTIVE

    @property
    def projects(self) -> Sequence[ProjectCase]:
        """Its live projects on the day, in their order."""
        return self.known(projects_of) or ()


def projects_of(ids: Sequence[int], day: date) -> Mapping[int, Sequence[ProjectCase]]:
    """The live projects of units on a day, read as one shard."""
    held: dict[int, set[int]] = defaultdict(set)
    rows = Assignment.objects.in_force(day).filter(department__in=ids, role=Assignment.Role.UNIT)
    for unit, project in rows.order_by().values_list("department", "project"):
        held[unit].add(project)
    shard = Shard(PROJECT, sorted(set().union(*held.values())), day)
    live = {pk: case for pk, case in shard.cases.items() if case.at_rest is None and isinstance(case, ProjectCase)}
    return {unit: [live[pk] for pk in sorted(projects) if pk in live] for unit, projects in held.items()}


class _Units(Kind["UnitCase"]):
    code = "unit"
    label = "责任单位"
    model = Department

    size = 50  # each with its projects

    def subjects(self, zone: Zone | None, as_of: date, *, whole: bool) -> QuerySet[Department]:
        rows = Department.objects.filter(active=True) | Department.objects.filter(pk__in=alerted("unit"))
        return rows.filter(zone__path__startswith=zone.path) if zone else rows

    def load(self, shard: Shard) -> Iterator[UnitCase]:
        rows = Department.objects.filter(pk__in=shard.ids).select_related("zone").order_by("pk")
        projects = shard.known(projects_of)
        for row in rows:
            yield UnitCase(
                shard=shard,
                pk=row.pk,
                name=str(row),
                path=row.zone.path,
                return_day=row.zone.return_day,
                is_demo=any(project.is_demo for project in projects.get(row.pk, ())),
                until=None,
                in_zone=row.zone_id,
                active=row.active,
            )


UNIT = _Units()
