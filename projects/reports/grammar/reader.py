"""`read`: the whole way from a report's text to what it names and states."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from typing import Any, TypeVar

from projects.dates import DateSpan
from projects.reports.grammar import batches as batch_lists
from projects.reports.grammar import details, differences, mentions, merging, totals
from projects.reports.grammar.batches import BatchList, period_words
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import Difference, NamedProject, Read, Reading, StatedDate, StatedTotal

Record = TypeVar("Record", NamedProject, StatedTotal)
Value = TypeVar("Value", Read[Any], StatedDate)

_YEAR = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)年")
_AHEAD = re.compile(
    r"^(?:\d{1,2}月)?(?:[上中下]旬|底|末)?(?:前|要|将|预计|力争|可|实现|全面|正式)*(?:建成|投产|竣工|完工|前)|^以前"
)
_ZONE = re.compile(
    r"(?P<z>[㐀-鿿]{1,12}?(?:先进制造业开发区|经济技术开发区|经济开发区|高新技术产业开发区|高新区|经开区|产业集聚区|开发区|示范区))"
)
_PLACE = re.compile(r"(?P<z>[㐀-鿿]{2,3}[市县])(?!场|政|委|长|级|域|民|区|集)")
_NOT_ZONE = re.compile(
    r"^.*?(?:的|在|和|与|及|对|把|将|到|为|从|由|向|是|有|全省|全市|各|该|个|月|日|年|以来|推进|打造|促进|损害|破坏|建设|入驻|作为|来|家|近|全国)(?=.{2,})"
)


def read(text: str, *, published: DateSpan | None = None) -> Reading:
    """Read a report. Never raises: a text that holds nothing gives an empty reading."""
    page = Page.of(text)
    on = published or _published(page)
    reading = Reading(text, _title(page), on, published is None and on is not None, _zone(page))
    lists = batch_lists.find(page)
    named = mentions.find(page, lists)
    details.describe(page, named, on)
    records = merging.merge(page, named)
    document_period = _document_period(page)
    figures = totals.find(page, lists, named, document_period, on)
    details.inherit(page, records, figures)
    noted = _complete_periods(page, lists, records, figures, document_period)
    noted += differences.find(page, lists, records, figures)
    for total in figures:
        total.scope = totals.named_scope(reading.zone_text, total)
    reading.mentions = [_placed(page, one) for one in records]
    reading.figures = [_placed(page, one) for one in figures]
    reading.differences = [replace(d, spans=tuple(page.span(*s) for s in d.spans)) for d in noted]
    return reading


def _published(page: Page) -> DateSpan | None:
    """The year the report speaks from: the latest that is not a plan."""
    years = [
        int(m.group("y"))
        for m in _YEAR.finditer(page.text)
        if not _AHEAD.match(page.text[m.end() : m.end() + 14]) or "日" in page.text[m.end() : m.end() + 6]
    ]
    years += [_chinese_year(m.group()) for m in re.finditer(r"二[〇零○][一二三四五六七八九〇零○]{2}(?=年)", page.text)]
    if not years:
        return None
    year = max(years)
    return DateSpan(date(year, 1, 1), date(year, 12, 31), "year")


def _chinese_year(text: str) -> int:
    return int("".join(str("〇一二三四五六七八九".find(c.translate({0x96F6: "〇", 0x25CB: "〇"}))) for c in text))


def _title(page: Page) -> str:
    return next((page.printed(s, e).strip() for s, e in page.paragraphs), "")[:200]


def _zone(page: Page) -> str:
    """The zone the report speaks of: the one named most often, a development zone before a city or county."""
    for pattern, least in ((_ZONE, 2), (_PLACE, 2), (_ZONE, 1), (_PLACE, 1)):
        seen: Counter[str] = Counter()
        for m in pattern.finditer(page.text):
            name = _NOT_ZONE.sub("", m.group("z"))
            if len(name) >= 3 and not re.search(r"^[一二三四五六七八九十]|全|了|各|该|我|某|本", name):
                seen[name] += 1
        told = [(n, len(z), z) for z, n in seen.items() if n >= least and len(z) >= (5 if pattern is _ZONE else 3)]
        if told:
            return max(told)[2]
    return ""


def _document_period(page: Page) -> Read[int] | None:
    """The period of the whole report, when it speaks of one only."""
    found = period_words(page.text, 0, len(page.text))
    values = {p.value if p else None for p in found}
    return found[0] if len(values) == 1 else None


def _complete_periods(
    page: Page, lists: list[BatchList], records: list[NamedProject], figures: list[StatedTotal],
    document: Read[int] | None,
) -> list[Difference]:  # fmt: skip
    """Periods that stand outside the items: of the run without a bracket, of the head, of the whole report."""
    noted = []
    by_start = {one.start: one for one in records}
    for made in lists:
        tagged = any(item.tag for item in made.items)
        run = made.items[len(made.items) - made.untagged_run :] if tagged else []
        if run:
            period = _current_period(made, figures, len(run))
            noted.append(differences.missing_bracket(made, len(run), period))
            for item in run:
                one = by_start.get(item.start)
                if one and one.period is None and period:
                    one.period, one.period_role = period, differences.WORDS[made.batch.value] if made.batch else ""
        elif not tagged and (period := _head_period(page, made)):
            for item in made.items:
                if (one := by_start.get(item.start)) and one.period is None:
                    one.period = period
    for one in records:
        if one.period is None and document and one.batch:
            one.period = document
    return noted


def _current_period(made: BatchList, figures: list[StatedTotal], run: int) -> Read[int] | None:
    """The period for which the report states exactly as many projects of this batch as the run holds."""
    for total in figures:
        same = total.batch and made.batch and total.batch.value == made.batch.value
        if same and total.period and total.count and total.count.value == run:
            return total.period
    return None


def _head_period(page: Page, made: BatchList) -> Read[int] | None:
    start = page.paragraph_at(made.head[0])[0]
    found = period_words(page.text, start, made.start)
    return found[-1] if found else None


def _placed(page: Page, one: Record) -> Record:
    """The same record with every offset in the report as printed."""
    changes: dict[str, Any] = {}
    for f in fields(one):
        value = getattr(one, f.name)
        if isinstance(value, Read):
            changes[f.name] = _moved(page, value)
        elif isinstance(value, list) and value and isinstance(value[0], Read | StatedDate):
            changes[f.name] = [_moved(page, v) for v in value]
    start, end = page.span(one.start, one.end)
    return replace(one, start=start, end=end, **changes)


def _moved(page: Page, value: Value) -> Value:
    start, end = page.span(value.start, value.end)
    return replace(value, start=start, end=end)
