"""Calendar months, counted exactly."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from projects.plans import month_end

ONE_DAY = timedelta(days=1)


# ---- Judged months -----------------------------------------------------------------------------------
def before(month: date) -> date:
    """The last day of the month before."""
    return month.replace(day=1) - ONE_DAY


def after(month: date) -> date:
    """The last day of the month after."""
    begins = month_end(month.year, month.month) + ONE_DAY
    return month_end(begins.year, begins.month)


def judged_from(month: date, return_day: int | None) -> date:
    """The first day on which a month (by its last day) is judged: the day on which its return is due.

    See `projects.standings.judged_month`.
    """
    ends = month_end(month.year, month.month)
    if return_day is None:
        return ends
    following = after(ends)
    return following.replace(day=min(return_day, following.day))


def judged_until(month: date, return_day: int | None) -> date:
    """The last day on which a month is judged: the day before the next one is."""
    return judged_from(after(month), return_day) - ONE_DAY


# ---- Lengths -----------------------------------------------------------------------------------------


def months_after(day: date, months: int) -> date:
    """The same day `months` later; the last day of a month that has no such day (31 January + 1 is 28 February)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months_since(day: date, until: date) -> int:
    """How many whole months lie between two days; `until` must not be earlier than `day`."""
    months = (until.year - day.year) * 12 + until.month - day.month
    return months if months_after(day, months) <= until else months - 1


def halves_since(day: date, until: date) -> int:
    """Half months between two days, as far as they matter: 2 per whole month, and 1 for whatever is beyond it.

    A month to the day is exactly 2, and every day from then on to the last before the next is 3. So a bound of whole
    months is met or passed exactly, and the value does not change every day.
    """
    whole = whole_months_since(day, until)
    return 2 * whole + (months_after(day, whole) < until)


def halves_hold(day: date, until: date) -> date:
    """The last day for which `halves_since` says the same as on `until`."""
    whole = whole_months_since(day, until)
    if months_after(day, whole) == until:
        return until
    return months_after(day, whole + 1) - ONE_DAY


def months_missed(deadline: date, until: date) -> int | None:
    """Whole calendar months that have passed since the month of `deadline` ended; None while it has not.

    A planned month is due on its last day, and on that day nothing is late. On the day after, 0 months are missed;
    a planned March with April, May and June gone by is 3, which holds from 1 July.
    """
    if until <= month_end(deadline.year, deadline.month):
        return None
    return (until.year - deadline.year) * 12 + until.month - deadline.month - 1


def show_halves(halves: int) -> str:
    """The time that `halves_since` counted as it is said: 满3个月, 超过2个月, 不满1个月."""
    whole, beyond = divmod(halves, 2)
    if not whole:
        return "不满1个月"
    return f"超过{whole}个月" if beyond else f"满{whole}个月"


def show_day(day: date) -> str:
    """2023年7月10日."""
    return f"{day.year}年{day.month}月{day.day}日"


def show_by(deadline: date) -> str:
    """What was promised by a day: 2023年3月底前, 2023年3月5日前."""
    ends = deadline == month_end(deadline.year, deadline.month)
    return f"{deadline.year}年{deadline.month}月底前" if ends else f"{show_day(deadline)}前"


def show_month(month: date) -> str:
    """2023年6月."""
    return f"{month.year}年{month.month}月"
