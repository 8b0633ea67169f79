"""The days of the demonstration, lived through one after the other: first the scan, then the meeting."""

from __future__ import annotations

from projects.alerts.models import ScanRun
from tracker.demonstration import alerts, days, meetings


def live() -> None:
    """Live through them once: in a database in which nothing was ever scanned."""
    if ScanRun._base_manager.exists():
        return
    scanned, met, mondays = alerts.days(), meetings.days(), meetings.Mondays()
    for day in sorted({*scanned, *met}):
        with days.on(day):
            if day in scanned:
                alerts.live(day, scanned[day])
            mondays.live(met.get(day, []))
