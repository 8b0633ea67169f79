"""Working days of mainland China: the published calendar with make-up days, and our own exceptions to it."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import holidays

from zones.models import WorkdayOverride

SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether offices work on `day`."""
    return _works(day, _overrides(day, day))


def add_working_days(day: date, count: int) -> date:
    """The working day `count` working days after `day` (before it, if negative); `day` itself for 0."""
    step = timedelta(days=1 if count >= 0 else -1)
    # The longest closure is nine days, so three calendar days per working day and a month cover any stretch.
    reach = day + step * (abs(count) * 3 + 31)
    overrides = _overrides(min(day, reach), max(day, reach))
    for _ in range(abs(count)):
        day += step
        while not _works(day, overrides):
            day += step
    return day


def working_days_before(day: date, counts: Iterable[int]) -> dict[int, date]:
    """For each of `counts` the working day that many working days before `day`; one statement for all."""
    wanted = dict.fromkeys(counts, day)
    farthest = max(wanted, default=0)
    overrides = _overrides(day - timedelta(days=farthest * 3 + 31), day)
    for count in range(1, farthest + 1):
        day -= timedelta(days=1)
        while not _works(day, overrides):
            day -= timedelta(days=1)
        if count in wanted:
            wanted[count] = day
    return wanted


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

    def _walk(self, day: date, count: int) -> date:
        if self._exceptions is None:
            self._exceptions = dict(WorkdayOverride.objects.values_list("date", "is_working"))
        step = timedelta(days=1 if count >= 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not _works(day, self._exceptions):
                day += step
        return day


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and including `last`; negative if `last` comes before."""
    if last < first:
        return -working_days_between(last, first)
    overrides = _overrides(first, last)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(_works(day, overrides) for day in days)


def _works(day: date, overrides: dict[date, bool]) -> bool:
    return overrides[day] if day in overrides else _published(day)


def _published(day: date) -> bool:
    calendar = _calendar(day.year)
    if day in calendar.weekend_workdays:
        return True
    return day.weekday() < SATURDAY and day not in calendar


@lru_cache(maxsize=64)
def _calendar(year: int) -> holidays.HolidayBase:
    calendar = holidays.country_holidays("CN", years=year)
    date(year, 1, 1) in calendar  # noqa: B015  (fills the year, and with it the make-up days)
    return calendar


def _overrides(first: date, last: date) -> dict[date, bool]:
    return dict(WorkdayOverride.objects.filter(date__range=(first, last)).values_list("date", "is_working"))
