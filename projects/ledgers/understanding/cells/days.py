"""Cells of dates and of periods."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from projects import dates
from projects.dates import DateSpan
from projects.intake.opening import Cell
from projects.ledgers.understanding.cells.basics import (
    LONG,
    WORDING,
    About,
    Reader,
    is_finite,
    is_number,
    remembering,
    shown,
)
from projects.ledgers.understanding.results import Value

_EXCEL: Final = date(1899, 12, 30)


def _reference(year: int | None) -> DateSpan | None:
    return DateSpan(date(year, 1, 1), date(year, 12, 31), "year") if year and 1900 <= year <= 2200 else None


def days(about: About) -> Reader:
    """A column of dates; one without a year is of `about.year`."""
    ref = _reference(about.year)

    def other(cell: Cell) -> Value:
        if isinstance(cell, date):
            return Value(cell, dates.read(cell))
        return _date_of_number(cell, ref)

    def text(cell: str, plain: str) -> Value:
        if about.plain_text and re.fullmatch(r"[12][0-9]{3}\.1", plain):
            return _date_with_point(cell, plain)
        return _date_of_text(cell, plain, ref)

    return remembering(text, other)


def _date_of_number(cell: Cell, ref: DateSpan | None) -> Value:
    """202306, 2023.6, or the days that Excel counts."""
    wrong = Value(
        cell, None, f"“{shown(cell)}”不是能读懂的日期：请写成2023年6月30日、2023年6月或2023-06-30", wrong=True
    )
    if not is_number(cell) or not is_finite(cell):
        return wrong
    number = float(cell)  # type: ignore[arg-type]
    if not number.is_integer():
        if 1950 <= number < 2100:
            return _date_with_point(cell, f"{number:.6g}")
        return _date_of_number(int(number), ref)._replace(raw=cell) if 20_000 <= number <= 73_050 else wrong
    if 20_000 <= number <= 73_050:
        span = dates.read(_EXCEL + timedelta(days=int(number)))
        return Value(cell, span, f"“{shown(cell)}”是Excel的日期序号：按{dates.show(span)}读入")
    if 1950 <= number < 2100 or number > 190_000:
        return _date_of_text(shown(cell), shown(cell), ref)._replace(raw=cell)
    if 1 <= number <= 12 and ref:
        value = _date_of_text(f"{int(number)}月", f"{int(number)}月", ref)
        if isinstance(value.value, DateSpan):
            return Value(cell, value.value, f"“{shown(cell)}”：按{dates.show(value.value)}读入")
    return wrong


def _date_with_point(cell: Cell, text: str) -> Value:
    """2023.6 as a number; Excel writes 2023.10 as 2023.1."""
    value = _date_of_text(text, text, None)._replace(raw=cell)
    if text.endswith(".1") and isinstance(value.value, DateSpan):
        return value._replace(doubt=f"“{text}”：按{dates.show(value.value)}读入，也可能是{text[:4]}年10月")
    return value


def _date_of_text(cell: str, plain: str, ref: DateSpan | None) -> Value:
    if len(plain) > LONG:
        return Value(cell, None, f"“{shown(cell)}”不是日期，只保留原文")
    if re.fullmatch("[2-7][0-9]{4}", plain):
        return _date_of_number(int(plain), ref)._replace(raw=cell)
    text = re.sub(r"\s*[\r\n]+\s*", "", plain)
    text = re.sub(r"(?<=[年月日.])\s+|\s+(?=[年月日.])", "", text)
    text = re.sub(r"\A([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})[.日号]?\Z", r"\1-\2-\3", text)
    text = re.sub(r"\A((?:19|20)[0-9]{2})[.,、]([0-9]{1,2})月?\Z", r"\1-\2", text)
    try:
        span = dates.read(text, on=ref)
    except dates.UnreadableDate as error:
        return _date_within(cell, text, ref, str(error))
    if span.precision == "unknown":
        return Value(cell, None, f"“{shown(cell)}”没有写年份，只保留原文" if span.relative else "")
    if _says_year(text):
        return Value(cell, span)
    return Value(cell, span, f"“{shown(cell)}”：按{dates.show(span)}读入")


def _says_year(text: str) -> bool:
    return bool(re.search(r"(?:19|20)[0-9]{2}|\A[0-9]{2}年|[一二][〇零一二三四五六七八九]{3}", text))


def _date_within(cell: str, text: str, ref: DateSpan | None, sentence: str) -> Value:
    """A date among other words is read with a doubt; words without one are no date."""
    short = re.fullmatch(r"(0?[1-9]|1[0-2])[./-]([0-9]{1,2})", text)
    if short and ref and ref.first:
        value = _date_of_text(cell, f"{ref.first.year}-{short[1]}-{short[2]}", ref)
        if isinstance(value.value, DateSpan):
            return value._replace(doubt=f"“{shown(cell)}”：按{dates.show(value.value)}读入")
    two = re.fullmatch(r"([0-9]{2})[./-]([0-9]{1,2})(?:[./-]([0-9]{1,2}))?", text)
    if two and (two[3] or int(two[1]) > 12):
        value = _date_of_text(cell, "20" + text.replace(".", "-").replace("/", "-"), ref)
        if isinstance(value.value, DateSpan):
            return value._replace(doubt=f"“{shown(cell)}”：按{dates.show(value.value)}读入")
    found = [each for each in dates.find(text, on=ref) if each.span.first or each.span.last]
    if len(found) == 1 and len(text) <= 60:
        return Value(cell, found[0].span, f"“{shown(cell)}”：按{dates.show(found[0].span)}读入")
    if WORDING.match(text) or not re.search("[0-9]", text) or len(found) > 1:
        return Value(cell, None, f"“{shown(cell)}”不是日期，只保留原文")
    sentence = sentence.replace(f"“{text}”", f"“{shown(cell)}”")  # as it stands there, not as it was tried
    return Value(cell, None, sentence if len(sentence) <= 120 else f"“{shown(cell)}”不是能读懂的日期", wrong=True)


_SPLITS: Final = ("至", "到", "~", "—", "–", "-", "/", "、", ",")


def periods(about: About) -> Reader:
    """A column of beginnings and ends."""
    ref = _reference(about.year)

    def text(cell: str, plain: str) -> Value:
        one_line = re.sub(r"\s+", "", re.sub(r"(?<=[年月日0-9])\s*[\r\n]+\s*(?=[12][0-9]{3})", "至", plain)).strip(
            "。.;；"
        )
        pair = _pair(one_line, ref) if len(one_line) <= LONG else None
        if pair is not None:
            first, last = pair
            if first.first and last.last and first.first > last.last:
                return Value(cell, None, f"“{shown(cell)}”的开始晚于结束：请核对", wrong=True)
            return Value(cell, pair, "" if _says_year(one_line) else _period_doubt(cell, pair))
        single = _date_of_text(cell, one_line, ref)
        if isinstance(single.value, DateSpan):
            span = single.value
            both = _ends(span) if span.precision == "range" else (span, span)
            return Value(cell, both, single.doubt)
        return Value(cell, None, f"“{shown(cell)}”不是起止时间，只保留原文")

    def other(cell: Cell) -> Value:
        if isinstance(cell, date):
            span = dates.read(cell)
            return Value(cell, (span, span), f"“{shown(cell)}”只有一个日期：按起止同一天读入")
        value = _date_of_number(cell, ref)
        if isinstance(value.value, DateSpan):
            return value._replace(value=(value.value, value.value))
        return Value(cell, None, f"“{shown(cell)}”不是起止时间，只保留原文")

    return remembering(text, other)


def _period_doubt(cell: str, pair: tuple[DateSpan, DateSpan]) -> str:
    return f"“{shown(cell)}”：按{dates.show(pair[0])}至{dates.show(pair[1])}读入"


def _ends(span: DateSpan) -> tuple[DateSpan, DateSpan]:
    first, last = span.first or span.last, span.last or span.first
    return (dates.read(first), dates.read(last)) if first and last else (span, span)


def _pair(text: str, ref: DateSpan | None) -> tuple[DateSpan, DateSpan] | None:
    """Both ends of "2021-01至2023-12", "2021/2024", "2023年3月-10月", at the first sign that parts two dates."""
    for sign in _SPLITS:
        for match in re.finditer(f"{re.escape(sign)}+", text):
            left = _end(text[: match.start()], ref)
            if left is None or left.first is None:
                continue
            right = _end(
                text[match.end() :], DateSpan(date(left.first.year, 1, 1), date(left.first.year, 12, 31), "year")
            )
            if right is not None and right.last is not None and (right.precision != "day" or left.precision != "year"):
                return left, right
    return None


def _end(text: str, ref: DateSpan | None) -> DateSpan | None:
    text = text.strip(".")
    if re.fullmatch(r"(?:19|20)[0-9]{2}[./年][0-9]{1,2}", text):
        text = re.sub(r"[./年]", "-", text)
    text = re.sub(r"\A((?:19|20)[0-9]{2})[./]([0-9]{1,2})[./]([0-9]{1,2})\Z", r"\1-\2-\3", text)
    if not re.search("[0-9一二三四五六七八九十年底末]", text) or re.fullmatch("[0-9]{1,2}", text):
        return None
    try:
        span = dates.read(text, on=ref)
    except dates.UnreadableDate:
        return None
    return span if span.first or span.last else None
