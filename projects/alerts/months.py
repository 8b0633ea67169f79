"""Calendar months, counted exactly."""

from __future__ import annotations

import calendar
from datetime import date
from fractions import Fraction

from projects.plans import month_end


def months_after(day: date, months: int) -> date:
    """The same day `months` later; the last day of a month that has no such day (31 January + 1 is 28 February)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months_since(day: date, until: date) -> int:
    """How many whole months lie between two days; `until` must not be earlier than `day`."""
    months = (until.year - day.year) * 12 + until.month - day.month
    return months if months_after(day, months) <= until else months - 1


def months_since(day: date, until: date) -> Fraction:
    """Months between two days: whole ones, and days as part of the month they lie in. A month is exactly 1."""
    whole = whole_months_since(day, until)
    begun, ends = months_after(day, whole), months_after(day, whole + 1)
    return whole + Fraction((until - begun).days, (ends - begun).days)


def months_missed(deadline: date, until: date) -> int | None:
    """Whole calendar months that have passed since the month of `deadline` ended; None while it has not.

    A planned month is due on its last day, and on that day nothing is late. On the day after, 0 months are missed;
    a planned March with April, May and June gone by is 3, which holds from 1 July.
    """
    if until <= month_end(deadline.year, deadline.month):
        return None
    return (until.year - deadline.year) * 12 + until.month - deadline.month - 1


def show_length(day: date, until: date) -> str:
    """The time between two days as it is said: 3个月, 1个月零12天, 5天."""
    whole = whole_months_since(day, until)
    days = (until - months_after(day, whole)).days
    if not whole:
        return f"{days}天"
    return f"{whole}个月零{days}天" if days else f"{whole}个月"


def show_day(day: date) -> str:
    """2023年7月10日."""
    return f"{day.year}年{day.month}月{day.day}日"
