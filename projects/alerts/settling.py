"""How long an approved closing (销号) keeps an alert closed: for its month, and up to the level that was approved."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from projects.plans import month_end
from projects.standings import turns_on


def month_of(evidence: dict[str, Any], as_of: date) -> date:
    """The month to which a judgement belongs, by its last day: the judged one of money, else that of the day."""
    month = evidence.get("month")
    return date.fromisoformat(month) if month else month_end(as_of.year, as_of.month)


def over_on(month: date, evidence: dict[str, Any], return_day: int | None) -> date:
    """The first day on which a judgement belongs to a month after `month`, so that the approval holds no longer.

    `return_day` as in `projects.standings.judged_month`: the next month is judged from the day on which its return is
    due.
    """
    if not evidence.get("month"):
        return month + timedelta(days=1)
    judged_on = month if return_day is None else turns_on(return_day, month)
    return turns_on(return_day, judged_on)
