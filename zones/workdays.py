"""Working days of mainland China: the published calendar with make-up days, and our own exceptions to it."""

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
