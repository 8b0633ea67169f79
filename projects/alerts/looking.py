"""When a subject must be judged again although no fact has changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from projects import standings
from projects.alerts import leaves
from projects.alerts.cases import Case
from projects.alerts.judging import Finding
from zones import clock

ONE_DAY = timedelta(days=1)


def look_on(case: Case, findings: Iterable[Finding]) -> date:
    """The first day after that of the case on which a rule may say something else of it: another month is judged,
    something of it begins or ends, or a rule's own measure moves with the days.
    """
    days = [standings.turns_on(case.return_day, case.as_of)]
    if case.until is not None:
        days.append(case.until + ONE_DAY)
    for finding in findings:
        applied = finding.applied
        last = applied.measure.holds_until(case, applied.parameters)
        days += [last + ONE_DAY] if last is not None else []
        change = leaves.changes_on(case, applied.rule.code)
        days += [change] if change is not None else []
    return at_the_latest(min(days), case.as_of)


def at_the_latest(day: date, as_of: date) -> date:
    """`day`; but what was judged as of a day in the past is looked at again on the day after it, as facts are known by
    now that only hold since.
    """
    return day if as_of >= clock.today() else min(day, as_of + ONE_DAY)
