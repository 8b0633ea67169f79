"""Unanswered alerts go up: assigned person, unit, leader, office above. All of it follows from days alone.

An answer is wanted by the end of `answer_by`. On the working day after it the coordinators are told, and `hold` working
days later the alert goes up one step (0: on the same day). From then on the next step has the same number of working
days, and so on up to the top. A scan that missed days climbs as many steps as are due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from projects.alerts.models import Alert
from zones.workdays import Calendar

TOP = Alert.Rung.ABOVE


@dataclass(frozen=True, slots=True)
class Due:
    """Where an unanswered alert stands on a day: how far up it belongs, when it goes up further if the coordinators
    are to know already, and the next day on which anything of this changes.
    """

    rung: int
    goes_up_on: date | None
    next_on: date | None


def due(answer_by: date, days: int, hold: int, as_of: date, calendar: Calendar) -> Due:
    """Where an alert stands on `as_of` that was to be answered by `answer_by` and was not; `days` and `hold` are
    working days.
    """
    told = calendar.after(answer_by, 1)
    for rung in range(TOP):
        goes_up_on = calendar.after(told, hold)
        if as_of < told:
            return Due(rung, None, told)
        if as_of < goes_up_on:
            return Due(rung, goes_up_on, goes_up_on)
        told = calendar.after(goes_up_on, days)
    return Due(TOP, None, None)


def reminder_on(answer_by: date, calendar: Calendar) -> date:
    """The last working day before the one on which the answer is due."""
    return calendar.after(answer_by, -1)


def start(alert: Alert, days: int | None, as_of: date, calendar: Calendar) -> None:
    """Begin the term for an answer on `as_of`, from the lowest step; `days` working days, or none at all."""
    alert.rung, alert.goes_up_on = Alert.Rung.PERSON, None
    alert.answer_by = calendar.after(as_of, days) if days else None
    alert.look_on = next_on(alert, days, 0, as_of, calendar)


def stop(alert: Alert) -> None:
    """Nothing goes up any more; how far it went stays to be seen."""
    alert.goes_up_on = alert.look_on = None


def waits(alert: Alert) -> bool:
    """Whether an answer is wanted now: it is open, does not rest, and nobody has answered."""
    return alert.closed_on is None and not alert.held and not alert.answered and alert.answer_by is not None


def next_on(alert: Alert, days: int | None, hold: int, as_of: date, calendar: Calendar) -> date | None:
    """The next day after `as_of` on which a scan must look at the alert although no fact changes."""
    if not waits(alert) or not days or alert.answer_by is None:
        return None
    reminder = reminder_on(alert.answer_by, calendar)
    if as_of < reminder:
        return reminder
    return due(alert.answer_by, days, hold, as_of, calendar).next_on
