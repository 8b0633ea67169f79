"""When a kind of job is due by itself: entries for `tracker/schedule.py`. Pure data, read by the settings.

An entry names the latest moment that was due, never all of them: whoever was away for a weekend does the work once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from zones.clock import BUSINESS_ZONE


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day at an hour of Asia/Shanghai; made up for later, as long as it is not later than `within`."""

    kind: str
    at: time
    within: timedelta = timedelta(days=1)
    routine = False

    def latest(self, now: datetime) -> datetime | None:
        """The latest moment up to `now`; None if it is too long ago to be made up for."""
        here = now.astimezone(BUSINESS_ZONE)
        moment = datetime.combine(here.date(), self.at, BUSINESS_ZONE)
        if moment > here:
            moment -= timedelta(days=1)
        return moment.astimezone(UTC) if here - moment <= self.within else None


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again; what was missed is not made up for. Its finished jobs are routine, forgotten after a week."""

    kind: str
    period: timedelta
    routine = True

    def latest(self, now: datetime) -> datetime | None:
        """The latest whole period up to `now`, counted from the epoch, so that every scheduler names the same."""
        seconds = self.period.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


Entry = Daily | Every
