"""When a person is told: one digest each working morning, urgent ones at once, and quiet nights.

The hour is that of Asia/Shanghai by the database's clock. Where `TRACKER_TODAY` fixes the day there are no hours: what
there is to tell is told as it comes, and only what is unfinished waits for its morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from projects.notices.models import QUIET_FROM, QUIET_UNTIL, Preference
from zones import clock
from zones.clock import BUSINESS_ZONE
from zones.models import User
from zones.workdays import Calendar


@dataclass(frozen=True)
class Moment:
    """A business day and the hour of it; without an hour where the day is fixed."""

    day: date
    at: time | None
    works: bool = True

    def reached(self, hour: time) -> bool:
        """Whether it is a working day, and that hour of it has come."""
        return self.at is None or (self.works and self.at >= hour)

    def is_quiet(self, wish: Preference) -> bool:
        """Whether the person is not to be disturbed now."""
        return self.at is not None and (self.at >= wish.quiet_from or self.at < wish.quiet_until)

    def beginning(self, hour: time) -> datetime | None:
        """The instant of that hour of the day; None where there are no hours."""
        return None if self.at is None else datetime.combine(self.day, hour, BUSINESS_ZONE)


def now() -> Moment:
    """The present moment, by the database's clock."""
    if getattr(settings, "TRACKER_TODAY", None):
        return Moment(clock.today(), None)
    found = User.objects.annotate(now=Now()).values_list("now", flat=True).first()
    local = (found or datetime.now(tz=BUSINESS_ZONE)).astimezone(BUSINESS_ZONE)
    return Moment(local.date(), local.time(), Calendar().works(local.date()))


def wishes(people: Any) -> dict[int, Preference]:
    """What the people have chosen, by key; who has not has the defaults. One statement."""
    found = {wish.user_id: wish for wish in Preference.objects.filter(user__in=people)}
    return {pk: found.get(pk) or Preference(user_id=pk) for pk in people}


def quiet_for(moment: Moment, wish: Preference | None) -> timedelta | None:
    """How long a message to the person (or a group: None) waits until the night is over; None when it is not."""
    chosen = wish or Preference(quiet_from=QUIET_FROM, quiet_until=QUIET_UNTIL)
    if moment.at is None or not moment.is_quiet(chosen):
        return None
    here = datetime.combine(moment.day, moment.at)
    until = datetime.combine(moment.day, chosen.quiet_until)
    return (until if until > here else until + timedelta(days=1)) - here
