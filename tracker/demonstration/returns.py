"""The months that liaison officers returned: filled in, submitted and reviewed as they are at the office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from projects import facts
from projects.models import Project, Source
from projects.models.monthly import PARTS
from projects.plans import month_end
from tracker.demonstration import days, drawing, files
from zones.models import User

SUBMITTED = timedelta(days=-2)  # counted from the month's last day, on which a return is due
REVIEWED = timedelta(days=3)
LAST = 6
"""The month up to which the demonstration has returns; the next one waits to be filled in."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who fills in and who reviews, and the source that says 演示."""

    year: int
    source: Source
    filler: User
    reviewer: User


def fill(desk: Desk, project: Project, told: dict[str, dict[str, int]], more: dict[str, dict[str, Any]]) -> None:
    """Return every month up to June. `told` has the cumulative 万元 by channel and month, 0 where none is told;
    `more` what else a month's return says, and what became of it if it was not reviewed as all others.
    """
    for month in _months(desk.year):
        key = f"{month:%Y-%m}"
        extra = more.get(key, {})
        figures = {
            "year_to_date": files.yuan(told["reported_wan"].get(key, 0)),
            "statistics": files.yuan(told.get("statistics_wan", {}).get(key)),
            **_words(extra),
        }
        _one(desk, project, month, figures, extra)


def _months(year: int) -> Iterator[date]:
    return (month_end(year, month) for month in range(1, LAST + 1))


def _words(extra: dict[str, Any]) -> dict[str, Any]:
    """Physical progress, the four parts, a claimed step and its day, a note: as far as they are told."""
    said: dict[str, Any] = {name: extra[name] for name in ("percent", "words", "note") if name in extra}
    said |= dict(zip(PARTS, map(files.yuan, extra.get("parts_wan", ())), strict=False))
    for kind, day in extra.get("claims", {}).items():
        said |= {f"claims_{kind}": True, f"{kind}_on": date.fromisoformat(day)}
    return said


def _one(desk: Desk, project: Project, month: date, figures: dict[str, Any], extra: dict[str, Any]) -> None:
    with days.on(files.day(extra.get("submitted")) or month + SUBMITTED):
        row, _ = facts.fill_return(project, month, figures, by=desk.filler, source=desk.source)
        if photo := extra.get("photo"):
            taken_on = date.fromisoformat(photo["taken_on"])
            facts.add_photo(project, month, drawing.site(), taken_on=taken_on, place=photo["place"], by=desk.filler)
        row = facts.submit_return(row, by=desk.filler)
    with days.on(month + REVIEWED):
        if reason := extra.get("sent_back"):
            facts.send_back_return(row, reason=reason, by=desk.reviewer)
        elif not extra.get("waits"):
            facts.review_return(row, by=desk.reviewer)
