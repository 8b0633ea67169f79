"""Problems as subjects of rules: of a project, or of a company in a zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.apps import apps
from django.db.models import Q, QuerySet

from projects.alerts.cases.base import Case, Kind, Shard
from projects.alerts.verdicts import TERMINATED, Unjudged
from projects.models import Problem
from zones.models import Zone


@dataclass(slots=True, eq=False)
class ProblemCase(Case):
    """One problem on one day. It lies in the zone of its project, where it has one, and ends with it."""

    kind: ClassVar[str] = "problem"

    of_project: int | None
    project_name: str
    in_zone: int
    of_department: int | None
    raised_on: date
    deadline: date | None
    closed_on: date | None
    terminated_on: date | None

    @property
    def project_id(self) -> int | None:
        return self.of_project

    @property
    def department_id(self) -> int | None:
        return self.of_department

    @property
    def zone_id(self) -> int | None:
        return None if self.of_project else self.in_zone

    @property
    def gone(self) -> bool:
        return self.terminated_on is not None and self.terminated_on <= self.as_of

    @property
    def at_rest(self) -> Unjudged | None:
        return TERMINATED if self.gone else None

    @property
    def called(self) -> str:
        of = f"{self.project_name}的" if self.project_name else ""
        mark = "（演示）" if self.is_demo and "演示" not in f"{of}{self.name}" else ""
        return f"{of}问题“{self.name}”{mark}"

    @property
    def is_closed(self) -> bool:
        """Whether it was settled (销号) by the day."""
        return self.closed_on is not None and self.closed_on <= self.as_of


class _Problems(Kind["ProblemCase"]):
    code = "problem"
    label = "问题"
    model = Problem
    page = "admin:projects_problem_change"

    def subjects(self, zone: Zone | None, as_of: date, *, whole: bool) -> QuerySet[Problem]:
        rows = Problem.objects.open_on(as_of) | Problem.objects.filter(pk__in=alerted("problem"))
        if zone is None:
            return rows
        own = Q(project=None, zone__path__startswith=zone.path)
        return rows.filter(Q(project__zone__path__startswith=zone.path) | own)

    def load(self, shard: Shard) -> Iterator[ProblemCase]:
        rows = Problem.objects.filter(pk__in=shard.ids, raised_on__lte=shard.as_of).order_by("pk")
        for row in rows.select_related("zone", "project__zone", "source"):
            project, zone = row.project, row.project.zone if row.project else row.zone
            yield ProblemCase(
                shard=shard,
                pk=row.pk,
                name=row.title,
                path=zone.path,
                return_day=zone.return_day,
                is_demo=bool(project and project.is_demo) or bool(row.source and row.source.is_demo),
                until=_until(row, shard.as_of),
                of_project=row.project_id,
                project_name=project.name if project else "",
                in_zone=row.zone_id,
                of_department=row.department_id,
                raised_on=row.raised_on,
                deadline=row.deadline,
                closed_on=row.closed_on,
                terminated_on=project.terminated_on if project else None,
            )


PROBLEM = _Problems()


def _until(row: Problem, day: date) -> date | None:
    ends = [each for each in (row.closed_on, row.project.terminated_on if row.project else None) if each and each > day]
    return date.fromordinal(min(ends).toordinal() - 1) if ends else None


def alerted(kind: str) -> list[int]:
    """Keys of the subjects of a kind that show an open alert."""
    # By name: alerts are made of rules, which know the kinds of subjects.
    alerts = apps.get_model("projects_alerts", "Alert")._default_manager
    keys = alerts.filter(closed_on=None, subject_key__startswith=f"{kind}:").values_list("subject_key", flat=True)
    return [int(key.partition(":")[2]) for key in keys]
