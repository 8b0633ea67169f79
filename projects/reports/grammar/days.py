"""On which day a project took a step, or is to take it. Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace

from projects import dates
from projects.reports.grammar import steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.reach import Reach
from projects.reports.grammar.records import NamedProject, StatedDate

_NEAR = 16  # characters between a date behind a name and its step
_DATELINE = re.compile(r"[ ,]?(?:讯|消息|报道|电(?=[,:\s(]|$))")
_NO_DAY = re.compile(r"截[至止]|.*以来$|.*至今$")


def found(text: str, on: dates.DateSpan | None) -> list[dates.FoundDate]:
    """The dates of a stretch that a step can have: not the dateline of the report, not 截至…, not a range."""
    return [
        one
        for one in _with_years(dates.find(text, on=on), text)
        if one.span.precision != "range"
        and (one.span.first or one.span.last or one.partial[:1] in ("+", "-"))
        and not _NO_DAY.match(one.text)
        and not _DATELINE.match(text, one.end)
    ]


def give(
    page: Page, one: NamedProject, reach: Reach, known: list[dates.FoundDate], on: dates.DateSpan | None
) -> frozenset[int]:
    """Give the record the dates of its steps; hand back the places of steps that only a date puts into the future.

    `known` are the dates of the whole report, in order.
    """
    text, begin = page.text, page.sentence_at(one.start)[0]
    places = [p for part in (reach.before, reach.own, reach.more) for p in steps.dated(text, *part)]
    if not places:
        return frozenset()
    stated: dict[int, StatedDate] = {}
    first = bisect_left(known, begin, key=lambda day: day.start)
    last = bisect_right(known, reach.more[1], key=lambda day: day.end)
    for day in known[first:last]:
        s, e = day.start, day.end
        step = next((p for p in places if p[0] >= e), None)
        if step and _belongs(text, one, begin, (s, e), step) and not (s < one.start and _is_other_day(day, step, on)):
            # The nearest date before a step is its date: it replaces one that stands further off.
            stated[step[0]] = _stated(text, one, day, (s, e), step, on)
    for at in sorted(stated):
        if not any(d.role == stated[at].role for d in one.dates):
            one.dates.append(stated[at])
    planned = {at for at, _, meant in places if not meant and at in stated and stated[at].certainty == "planned"}
    return frozenset(place for at in planned for place in steps.chain(text, at))


def _belongs(text: str, one: NamedProject, begin: int, day: tuple[int, int], step: tuple[int, str, bool]) -> bool:
    """Whether the date at `day` is said of this step of this project."""
    (s, e), place = day, step[0]
    around = text[max(begin, s - 3) : s] + text[e:place]
    if "以来" in text[s : e + 2] or re.search(r"截至|以来|[。;]", around):
        return False
    return place - e <= _NEAR if s >= one.end else s >= one.start or _leads(text, e, one.start, place)


def _is_other_day(day: dates.FoundDate, step: tuple[int, str, bool], on: dates.DateSpan | None) -> bool:
    """6月20日,…项目即将开工: the day that opens a sentence is past, so it is not the day of what is planned."""
    if not step[2] or _after(day.span, on):
        return False
    known = on is not None and on.precision in ("day", "month") and day.span.last is not None
    return known or day.span.precision == "day" or day.partial.count("-") == 3


def _stated(
    text: str,
    one: NamedProject,
    day: dates.FoundDate,
    place: tuple[int, int],
    step: tuple[int, str, bool],
    on: dates.DateSpan | None,
) -> StatedDate:
    at, role, planned = step
    future = planned or _after(day.span, on) or day.partial.startswith("+")
    part = steps.of_part(text, one.end, at)
    return StatedDate(role, "planned" if future else "actual", day.span, *place, day.partial, part=part)


def _with_years(read: list[dates.FoundDate], text: str) -> list[dates.FoundDate]:
    """明年5月建成、8月投产: the second month is of the same year as the first."""
    made: list[dates.FoundDate] = []
    for one in read:
        before = made[-1] if made else None
        if before and one.start - before.end <= 6 and re.fullmatch(r"\d{1,2}月", one.text) and before.span.first:
            near = text[before.end : one.start]
            if not re.search(r"[。;]", near):
                one = replace(one, span=dates.read(f"{before.span.first.year}年{one.text}"), partial="")
        made.append(one)
    return made


def _after(span: dates.DateSpan, on: dates.DateSpan | None) -> bool:
    """Whether a span lies behind the report's date; "8月底前" does where its last day does."""
    day = span.first or span.last
    return bool(day and on and on.last and day > on.last)


def _leads(text: str, end: int, name: int, place: int) -> bool:
    """Whether a date before the name opens the sentence for it: no other step in between."""
    between = [step for step in steps.find(text, end, name) if step.asserted and step.start != place]
    return name - end < 60 and all(re.match(r"(?:总投资|[^,。;]{0,4}$|的)", text[step.end : name]) for step in between)
