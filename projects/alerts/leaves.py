"""Exemptions (豁免) as facts: to judging a leave is like a suspension; what held on a day follows from rows alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from projects.alerts.cases import Case
from projects.alerts.cases.base import Loader
from projects.alerts.models import EXEMPTED, Alert, Exemption
from projects.alerts.verdicts import Unjudged
from projects.standings.among import listed
from zones import clock

ONE_DAY = timedelta(days=1)
LEAVE = Unjudged("exempted", "经批准豁免，暂不判定", EXEMPTED)


class Leave(NamedTuple):
    """An exemption as judging sees it: the code of the rule, its first and its last day."""

    code: str
    starts: date
    ends: date


@cache
def leaves_of(kind: str) -> Loader[tuple[Leave, ...]]:
    """The loader of the leaves of subjects of a kind: those that hold on the day, and those still to come."""

    def leaves_on(ids: Sequence[int], day: date) -> Mapping[int, tuple[Leave, ...]]:
        """One statement. A leave begins when it is approved at the earliest; a revoked one ends the day before."""
        found: dict[int, list[Leave]] = defaultdict(list)
        granted = [Exemption.State.APPROVED, Exemption.State.REVOKED]
        rows = Exemption.objects.filter(
            subject_key__in=listed([f"{kind}:{pk}" for pk in ids], "text"), state__in=granted, ends__gte=day
        )
        columns = ("subject_key", "rule__code", "starts", "ends", "decided_on", "revoked_on")
        for key, code, starts, ends, decided_on, revoked_on in rows.order_by("pk").values_list(*columns):
            first, last = max(starts, decided_on), min(ends, revoked_on - ONE_DAY) if revoked_on else ends
            if max(first, day) <= last:
                found[int(key.partition(":")[2])].append(Leave(code, first, last))
        return {pk: tuple(leaves) for pk, leaves in found.items()}

    return leaves_on


def exempted(case: Case, code: str) -> Unjudged | None:
    """That the rule with this code says nothing of the subject on the day; None where no leave holds."""
    return LEAVE if last_day(case, code) else None


def last_day(case: Case, code: str) -> date | None:
    """The last day of the leave that holds on the day of the case; None where none does."""
    return max((leave.ends for leave in _leaves(case, code) if leave.starts <= case.as_of), default=None)


def changes_on(case: Case, code: str) -> date | None:
    """The next day on which a leave of the subject from the rule begins or is over."""
    return _next(_leaves(case, code), case.as_of)


def next_of(alert: Alert) -> date | None:
    """The same, of the subject of an alert and from today on. One statement."""
    today = clock.today()
    pk = int(alert.subject_key.partition(":")[2])
    known = leaves_of(alert.subject_kind)([pk], today).get(pk, ())
    return _next((leave for leave in known if leave.code == alert.rule.code), today)


def ahead(kind: str, ids: Sequence[int], day: date) -> dict[int, date]:
    """For each subject that has any leave the next day on which one begins or is over. One statement."""
    found = {pk: _next(leaves, day) for pk, leaves in leaves_of(kind)(ids, day).items()}
    return {pk: change for pk, change in found.items() if change}


def _leaves(case: Case, code: str) -> list[Leave]:
    return [leave for leave in case.known(leaves_of(case.kind)) or () if leave.code == code]


def _next(leaves: Iterable[Leave], day: date) -> date | None:
    days = (each for leave in leaves for each in (leave.starts, leave.ends + ONE_DAY))
    return min((each for each in days if each > day), default=None)
