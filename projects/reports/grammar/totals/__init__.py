"""Totals stated in a report: how many projects, of how much money, how far. Working-copy offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from projects import dates
from projects.reports.grammar import tables
from projects.reports.grammar.batches import PERIOD, BatchList, of_section, period_words
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import NamedProject, Read, StatedTotal
from projects.reports.grammar.totals.counting import of_a_stretch
from projects.reports.grammar.totals.figures import keep_amount
from projects.reports.grammar.totals.ledger import Ledger, merged
from projects.reports.grammar.totals.repeats import once
from projects.reports.grammar.totals.walk import sentence
from projects.reports.grammar.words import COUNTED, NUMBER, number


def find(
    page: Page, batches: list[BatchList], records: list[NamedProject], document_period: Read[int] | None,
    opening: Read[int] | None, on: dates.DateSpan | None,
) -> list[StatedTotal]:  # fmt: skip
    """Every total, each once; figures that belong to a named project are left out."""
    walls = _walls(batches, records)
    found: list[StatedTotal] = []
    ledger = Ledger(earlier=found)
    round_, section = document_period, None
    for (begin, stop), sentences in groupby(page.sentences, key=lambda sentence: page.paragraph_at(sentence[0])):
        if not (ledger.open and _CONTINUES.match(page.text, begin)):
            ledger = Ledger(earlier=found)
        heads, told = of_section(page, begin, stop)
        section = told if heads else section
        round_ = document_period or section or _round(page, begin, stop, opening, round_)
        first = len(ledger.made)
        for start, end in sentences:
            sentence(page, start, end, walls, ledger, on)
        for total in ledger.made[first:]:
            part = any(total is whole for whole in ledger.whole)
            if total.period is None and not (part or ledger.many_periods or of_a_stretch(page, total.start)):
                total.period = round_
        found += ledger.made[first:]
    found += _of_tables(page, found)
    return [t for t in once(sorted(found, key=lambda total: total.start)) if not _only_headed(page, t)]


_FEW = 5
_HEADLINES = 3  # lines


def _only_headed(page: Page, total: StatedTotal) -> bool:
    """柏陵三个项目跑出“加速度”: a headline that counts a few, and says no more of them than the report below."""
    few = total.count is not None and total.count.value <= _FEW and not total.values().keys() - {"count", "batch"}
    if not few or len(page.paragraphs) <= _HEADLINES or total.start >= page.paragraphs[_HEADLINES - 1][1]:
        return False
    start, end = page.paragraph_at(total.start)
    return not re.search("[。;,]", page.text[start:end])


_THIS_ROUND = pattern(
    "the round that the report is about",
    r"(?:此|本)[次期届轮批](?:活动)?(?=[^。;]{0,16}[项个\d]|“?三个一批)|这一期",
    "此次活动全市共有项目63个",
    "此次活动",
    code="D1",
)
_OTHER_ROUNDS = quick(
    r"以来|累计(?=签约|开工|入库|引进|实施|推进|举办|组织|建成)|历次|往期|近年|去年|今年|[上下]半年|全年|[前1]\d*(?:[—-]\d+)?个?月|下一步"
)


def _round(page: Page, start: int, end: int, opening: Read[int] | None, before: Read[int] | None) -> Read[int] | None:
    """The round of the totals of a paragraph: that of the opening once 本期 or 此次 is said, until others are told."""
    if _THIS_ROUND.search(page.text, start, end):
        return opening
    told = period_words(page.text, start, end)
    if opening and told and all(one and one.value == opening.value for one in told):
        return opening
    others = any(one is None or before is None or one.value != before.value for one in told)
    if others or _lists_several(page.text, start, end) or _OTHER_ROUNDS.search(page.text, start, end):
        return None
    return before


def _lists_several(text: str, start: int, end: int) -> bool:
    """Whether what is listed carries rounds of its own: …基地项目(第四期开工项目)、…"""
    return len({m["n"] for m in PERIOD.finditer(text, start, end) if text.startswith("(", m.start() - 1)}) > 1


_COUNTED = re.compile(rf"(?P<n>{NUMBER}){COUNTED}")
_CONTINUES = pattern(
    "a line that goes on about the total of the line before",
    r"[●•■◆▪·\-—\s]*(?:年度计划|累计完成|截至|其中|完成投资|总投资|已完成)",
    "● 年度计划投资1260.5亿元",
    "● 年度计划",
    code="G3",
)


_PART_SUM = pattern(
    "the sum of a section of a table",
    r"\d{0,3}\s*小\s*计",
    "小 计",
    "小 计",
    code="A11",
)


def _of_tables(page: Page, known: list[StatedTotal]) -> Iterator[StatedTotal]:
    """The row that adds a table up; that of a section tells more of the total in its head."""
    for row in tables.rows(page):
        first = page.text[row.start : row.end]
        if not tables.SUM.match(first.lstrip("| ")):
            continue
        of_section = _PART_SUM.match(first.lstrip("| "))
        heads = [t for t in known if t.count and t.amount is None and t.end <= row.start] if of_section else []
        total = heads[-1] if heads else StatedTotal(start=row.start, end=row.end)
        for column, cell in row.cells:
            kind = tables.kind(column)
            value = (
                tables.amount(page, column, row.unit, cell) if kind in ("amount", "annual_plan", "completed") else None
            )
            if value and kind == "amount":
                keep_amount(total, value)
            elif value:
                setattr(total, kind, value)
        for _, (s, e) in row.cells:
            if (counted := _COUNTED.fullmatch(page.text, s, e)) and (said := number(counted["n"])):
                total.count = Read(said, *counted.span("n"))
        if total.values() and not heads:
            yield total


def _walls(batches: list[BatchList], records: list[NamedProject]) -> list[tuple[int, int]]:
    spans = [(b.start, b.end) for b in batches]
    for one in records:
        spans.append((one.start, one.end))
        spans += [(v.start, v.end) for v in (one.amount, one.foreign, one.annual_plan, one.completed, *one.parts) if v]
    return merged(spans)


def named_scope(zone: str, total: StatedTotal) -> str:
    """Words for what the total speaks of."""
    words = {"sign": "签约一批", "start": "开工一批", "produce": "投产一批"}
    period = f"第{total.period.value}期" if total.period else ""
    batch = words[total.batch.value] if total.batch else "项目"
    return " ".join(filter(None, (zone, period, batch, total.filter)))
