"""Letters as subjects of rules: by what had become of them on the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from django.db.models import Q, QuerySet

from projects.alerts.cases import Case, Kind, Shard
from projects.alerts.cases.problems import alerted
from projects.alerts.models import Letter, LetterEvent
from projects.alerts.verdicts import TERMINATED, Unjudged
from zones.models import Zone

What = LetterEvent.What
WITHDRAWN = Unjudged("letter_withdrawn", "函件已撤回，不再判定")
ONE_DAY = timedelta(days=1)
Step = tuple[str, date]


@dataclass(slots=True, eq=False)
class LetterCase(Case):
    """One letter on one day: until when a reply is wanted, since when one waits for the office, and since when it is
    finished. It lies in the zone of its project, where it has one, and ends with it.
    """

    kind: ClassVar[str] = "letter"

    of_project: int | None
    in_zone: int
    of_department: int | None
    reply_by: date
    replied_on: date | None
    done_on: date | None
    withdrawn: bool
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
        if self.withdrawn:
            return WITHDRAWN
        return TERMINATED if self.terminated_on and self.terminated_on <= self.as_of else None


class _Letters(Kind["LetterCase"]):
    code = "letter"
    label = "函件"
    model = Letter
    page = "admin:projects_alerts_letter_change"

    def subjects(self, zone: Zone | None, as_of: date, *, whole: bool) -> QuerySet[Letter]:
        sent = Letter.objects.filter(issued_on__lte=as_of)
        rows = sent.outstanding() | sent.filter(done_on__gt=as_of) | sent.filter(pk__in=alerted("letter"))
        if zone is None:
            return rows
        own = Q(project=None, zone__path__startswith=zone.path)
        return rows.filter(Q(project__zone__path__startswith=zone.path) | own)

    def load(self, shard: Shard) -> Iterator[LetterCase]:
        steps = _steps(shard.ids)
        rows = Letter.objects.filter(pk__in=shard.ids, issued_on__lte=shard.as_of).order_by("pk")
        for row in rows.select_related("zone", "project__zone"):
            zone = (row.project or row).zone
            taken = steps.get(row.pk, ())
            replied_on, done_on, withdrawn = _stood(taken, shard.as_of)
            ended = row.project.terminated_on if row.project else None
            yield LetterCase(
                shard=shard,
                pk=row.pk,
                name=f"{row.code}《{row.title}》",
                path=zone.path,
                return_day=zone.return_day,
                is_demo=row.is_demo,
                until=_until([*(on for _, on in taken), *([ended] if ended else [])], shard.as_of),
                of_project=row.project_id,
                in_zone=row.zone_id,
                of_department=row.department_id,
                reply_by=row.reply_by,
                replied_on=replied_on,
                done_on=done_on,
                withdrawn=withdrawn,
                terminated_on=ended,
            )


LETTER = _Letters()


def _steps(ids: Sequence[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = defaultdict(list)
    rows = LetterEvent.objects.filter(letter__in=ids).order_by("letter", "pk")
    for pk, what, on in rows.values_list("letter", "what", "on"):
        found[pk].append((what, on))
    return found


def _until(ends: Sequence[date], day: date) -> date | None:
    """The last day before the next step or the end of its project, seen from a day in the past."""
    return min((each - ONE_DAY for each in ends if each > day), default=None)


def _stood(steps: Sequence[Step], day: date) -> tuple[date | None, date | None, bool]:
    """The day of the reply that waits, that of the end, and whether it was withdrawn."""
    replied_on, done_on, withdrawn = None, None, False
    for what, on in steps:
        if on > day:
            break
        if what == What.REPLIED:
            replied_on = on
        elif what == What.RETURNED:
            replied_on = None
        elif what in (What.ACCEPTED, What.FINISHED):
            done_on = on
        elif what == What.WITHDRAWN:
            withdrawn = True
    return replied_on, done_on, withdrawn
