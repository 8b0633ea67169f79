"""Working days of mainland China: the published calendar with make-up days, and our own exceptions to it."""

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from zones.models import WorkdayOverride

if TYPE_CHECKING:
    from holidays import HolidayBase

SATURDAY = 5


class Calendar:
    """The calendar for many questions: our exceptions are read once, by the first that is asked."""

    def __init__(self) -> None:
        self._exceptions: dict[date, bool] | None = None
        self._known: dict[tuple[date, int], date] = {}

    def after(self, day: date, count: int) -> date:
        """The working day `count` working days after `day` (before it, if negative); `day` itself for 0."""
        if (day, count) not in self._known:
            self._known[day, count] = self._walk(day, count)
        return self._known[day, count]

    def works(self, day: date) -> bool:
        """Whether offices work on `day`."""
        if self._exceptions is None:
            self._exceptions = dict(WorkdayOverride.objects.values_list("date", "is_working"))
        return self._exceptions[day] if day in self._exceptions else _published(day)

    def _walk(self, day: date, count: int) -> date:
        step = timedelta(days=1 if count >= 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self.works(day):
                day += step
        return day


def _published(day: date) -> bool:
    calendar = _calendar(day.year)
    if day in calendar.weekend_workdays:
        return True
    return day.weekday() < SATURDAY and day not in calendar


@lru_cache(maxsize=64)
def _calendar(year: int) -> "HolidayBase":
    import holidays  # the calendars of all countries: slow to load

    calendar = holidays.country_holidays("CN", years=year)
    date(year, 1, 1) in calendar  # noqa: B015  (fills the year, and with it the make-up days)
    return calendar
