"""Days as they are typed in a meeting, quickly: 7-20, 0720, 20日, 下周五, +10, 月底, or written out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError

from projects import dates
from projects.dates import DateSpan
from projects.glyphs import fold

WEEKDAYS: Final = "一二三四五六日"
FAR: Final = timedelta(days=92)
FURTHEST: Final = 3660  # days
_MONTH_DAY: Final = re.compile(r"(\d{1,2})[-./](\d{1,2})|(\d{2})(\d{2})")
_DAY: Final = re.compile(r"(\d{1,2})[日号]")
_AHEAD: Final = re.compile(r"\+(\d{1,4})(?:天|日)?|(\d{1,4})(?:天|日)[后内]")
_WEEKDAY: Final = re.compile(r"(下下|下|上上|上|本|这)?(?:周|星期)([一二三四五六日天])(?:前)?")


def deadline(text: str, today: date) -> date:
    """The day by which something is to be done: of a month its last. Without a year it is the next such day.

    Raises ValidationError for what is no day.
    """
    day = _read(text, today, ahead=True).last
    if day is None:
        raise _unreadable(text)
    return day


def done(text: str, today: date) -> DateSpan:
    """The days within which something was done. Without a year they are the last such days; a span that reaches
    beyond today ends today.

    Raises ValidationError for what is no day, and for a day to come.
    """
    span = _read(text, today, ahead=False)
    if span.first is None or span.last is None:
        raise _unreadable(text)
    if span.first > today:
        raise ValidationError("完成日期不能晚于今天")
    return span if span.last <= today else DateSpan(span.first, today, "range")


def _read(text: str, today: date, *, ahead: bool) -> DateSpan:
    plain = fold(text).strip().removesuffix("前").strip()
    for way in (_month_and_day, _day_of_month, _days_ahead, _weekday):
        try:
            if (day := way(plain, today, ahead)) is not None:
                return DateSpan(day, day, "day")
        except (ValueError, OverflowError):
            raise _unreadable(text) from None
    try:
        return dates.read(text, on=today)
    except dates.UnreadableDate:
        raise _unreadable(text) from None


def _month_and_day(plain: str, today: date, ahead: bool) -> date | None:
    match = _MONTH_DAY.fullmatch(plain)
    if not match:
        return None
    month, day = int(match[1] or match[3]), int(match[2] or match[4])
    return _nearest(lambda year: date(year, month, day), today, ahead)


def _nearest(on: Callable[[int], date], today: date, ahead: bool) -> date:
    """The day in this year, unless it lies a quarter back (ahead) or off (done): then in the year it is meant."""
    day = on(today.year)
    if ahead and day < today - FAR:
        return on(today.year + 1)
    return on(today.year - 1) if not ahead and day > today else day


def _day_of_month(plain: str, today: date, ahead: bool) -> date | None:
    match = _DAY.fullmatch(plain)
    if not match:
        return None
    day = today.replace(day=int(match[1]))
    if ahead and day < today:
        return (today.replace(day=1) + timedelta(days=32)).replace(day=int(match[1]))
    if not ahead and day > today:
        return (today.replace(day=1) - timedelta(days=1)).replace(day=int(match[1]))
    return day


def _days_ahead(plain: str, today: date, ahead: bool) -> date | None:
    match = _AHEAD.fullmatch(plain)
    if not match or not ahead:
        return None
    number = int(match[1] or match[2])
    if number > FURTHEST:
        raise ValueError(plain)
    return today + timedelta(days=number)


def _weekday(plain: str, today: date, ahead: bool) -> date | None:
    match = _WEEKDAY.fullmatch(plain)
    if not match:
        return None
    weeks = {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(match[1] or "", 0)
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=7 * weeks + WEEKDAYS.index(match[2].replace("天", "日")))
    return day - timedelta(days=7) if not ahead and not match[1] and day > today else day


def _unreadable(text: str) -> ValidationError:
    return ValidationError(
        f"“{text.strip()[:20]}”不是能读懂的日期：请写成 7-20、7月20日、下周五、月底或 +10（10 天后）"
    )
