"""What makes a figure of the week look like a slip: it is said at the field, and kept once somebody says it is so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from projects import facts, money
from projects.meetings.models import Meeting, Update
from projects.models import Progress
from zones import clock

WEEKLY = Progress.Channel.WEEKLY


def told_up_to(meeting: Meeting) -> date:
    """The day that the figures of a meeting are told up to: the meeting's, and today before it."""
    return min(clock.today(), meeting.held_on)


def doubts(update: Update, told: Mapping[str, Any]) -> dict[str, str]:
    """What is doubtful about the figures `told` (yuan, percent; None where nothing is), a sentence by field."""
    found: dict[str, str] = {}
    # A row that was filed on Thursday and is being rewritten on Monday is not compared with itself.
    own = update.progress
    day = own.up_to if own else told_up_to(update.meeting)
    amount, total, percent = told.get("amount"), told.get("total"), told.get("percent")
    if said := facts.doubt(update.project, WEEKLY, day, amount):
        found["amount"] = said
    if total is not None and amount is not None and total < amount:
        found["total"] = f"自开工累计 {_yuan(total)} 小于年内累计 {_yuan(amount)}，请核对"
    elif total is not None and (before := _earlier(update, day, "total")) and total < before.total:
        found["total"] = f"比截至{before.up_to:%Y-%m-%d}的自开工累计 {_yuan(before.total)} 还少，请核对"
    if percent is not None and (before := _earlier(update, day, "percent")) and percent < before.percent:
        found["percent"] = f"比截至{before.up_to:%Y-%m-%d}的 {before.percent}% 倒退，请核对"
    return found


def _earlier(update: Update, day: date, name: str) -> Any:
    return update.project.progress.filter(**{f"{name}__isnull": False}, current=True, up_to__lt=day).first()


def _yuan(yuan: int) -> str:
    return money.show(yuan, "万元")
