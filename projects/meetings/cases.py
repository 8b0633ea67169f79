"""Decisions as subjects of rules: issued matters, by what had been told, asked and agreed by the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, NamedTuple

from django.db.models import Q, QuerySet

from projects.alerts.cases import Case, Kind, Shard
from projects.alerts.cases.problems import alerted
from projects.alerts.verdicts import TERMINATED, Unjudged
from projects.meetings.models import Decision, DecisionEvent
from projects.meetings.telling import called
from projects.models import Source
from zones.models import Zone

What = DecisionEvent.What
REVOKED = Unjudged("decision_revoked", "事项已撤销，不再判定")
ENDS_ASKING = (What.REFUSED, What.REASSIGNED, What.REOPENED)
ONE_DAY = timedelta(days=1)


class Step(NamedTuple):
    """A step of a decision as judging sees it."""

    what: str
    on: date
    deadline: date | None


@dataclass(slots=True, eq=False)
class DecisionCase(Case):
    """One decision on one day. `promised` is its first deadline, `deadline` the one that stood on the day; `asked_on`
    the day on which its closing was asked for, while that waits to be decided. It lies in the zone of its project,
    where it has one, and ends with it; else in that of its meeting.
    """

    kind: ClassVar[str] = "decision"

    of_project: int | None
    in_zone: int
    of_department: int | None
    promised: date | None
    deadline: date | None
    asked_on: date | None
    done_on: date | None
    revoked: bool
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
        return self.at_rest is not None

    @property
    def at_rest(self) -> Unjudged | None:
        if self.revoked:
            return REVOKED
        return TERMINATED if self.terminated_on and self.terminated_on <= self.as_of else None


class _Decisions(Kind["DecisionCase"]):
    code = "decision"
    label = "议定事项"
    model = Decision
    page = "admin:projects_meetings_decision_change"

    def subjects(self, zone: Zone | None, as_of: date, *, whole: bool) -> QuerySet[Decision]:
        issued = Decision.objects.filter(issued_on__lte=as_of)
        rows = issued.unfinished() | issued.filter(done_on__gt=as_of) | issued.filter(pk__in=alerted("decision"))
        if zone is None:
            return rows
        own = Q(project=None, meeting__zone__path__startswith=zone.path)
        return rows.filter(Q(project__zone__path__startswith=zone.path) | own)

    def people(self, ids: Sequence[int]) -> Mapping[int, int]:
        named = Decision.objects.filter(pk__in=ids, person__isnull=False).order_by("pk")
        return dict(named.values_list("pk", "person"))

    def load(self, shard: Shard) -> Iterator[DecisionCase]:
        steps = _steps(shard.ids)
        rows = Decision.objects.filter(pk__in=shard.ids, issued_on__lte=shard.as_of).order_by("pk")
        for row in rows.select_related("meeting__zone", "meeting__source", "project__zone", "person"):
            zone = (row.project or row.meeting).zone
            deadline, asked_on, done_on, revoked = _stood(row, steps.get(row.pk, ()), shard.as_of)
            invented = bool(row.project and row.project.is_demo) or row.meeting.source.kind == Source.Kind.DEMO
            yield DecisionCase(
                shard=shard,
                pk=row.pk,
                name=called(row),
                path=zone.path,
                return_day=zone.return_day,
                is_demo=invented,
                until=_until(row, steps.get(row.pk, ()), shard.as_of),
                of_project=row.project_id,
                in_zone=row.meeting.zone_id,
                # Where no unit leads, the person's own has it.
                of_department=row.lead_id or (row.person.department_id if row.person else None),
                promised=row.promised,
                deadline=deadline,
                asked_on=asked_on,
                done_on=done_on,
                revoked=revoked,
                terminated_on=row.project.terminated_on if row.project else None,
            )


DECISION = _Decisions()


def _steps(ids: Sequence[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = defaultdict(list)
    rows = DecisionEvent.objects.filter(decision__in=ids).order_by("decision", "pk")
    for pk, *step in rows.values_list("decision", "what", "on", "deadline"):
        found[pk].append(Step(*step))
    return found


def _until(row: Decision, steps: Sequence[Step], day: date) -> date | None:
    """The last day before the next step or the end of its project, seen from a day in the past."""
    ends = [step.on for step in steps]
    if row.project and row.project.terminated_on:
        ends.append(row.project.terminated_on)
    return min((each - ONE_DAY for each in ends if each > day), default=None)


def _stood(row: Decision, steps: Sequence[Step], day: date) -> tuple[date | None, date | None, date | None, bool]:
    """The deadline, the day on which closing was asked for and that of the closing, and whether it was revoked."""
    deadline, asked_on, done_on, revoked = row.promised, None, None, False
    for what, on, moved_to in steps:
        if on > day:
            break
        if what == What.EXTENDED:
            deadline = moved_to
        elif what == What.CLOSING_ASKED:
            asked_on = on
        elif what == What.CLOSED:
            done_on = on
        elif what in ENDS_ASKING:
            asked_on, done_on = None, None
        elif what == What.REVOKED:
            revoked = True
    return deadline, asked_on, done_on, revoked
