"""Totals stated in a report: how many projects, of how much money, how far. Working-copy offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from projects import dates
from projects.reports.grammar import tables
from projects.reports.grammar.batches import BatchList
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject, Read, StatedTotal
from projects.reports.grammar.totals.figures import keep_amount
from projects.reports.grammar.totals.ledger import Ledger, merged
from projects.reports.grammar.totals.repeats import once
from projects.reports.grammar.totals.walk import sentence
from projects.reports.grammar.words import COUNTED, NUMBER, number


def find(
    page: Page, batches: list[BatchList], records: list[NamedProject], document_period: Read[int] | None,
    on: dates.DateSpan | None,
) -> list[StatedTotal]:  # fmt: skip
    """Every total, each once; figures that belong to a named project are left out."""
    walls = _walls(batches, records)
    found: list[StatedTotal] = []
    ledger = Ledger()
    for (begin, _), sentences in groupby(page.sentences, key=lambda sentence: page.paragraph_at(sentence[0])):
        if not (ledger.open and _CONTINUES.match(page.text, begin)):
            ledger = Ledger()
        first = len(ledger.made)
        for start, end in sentences:
            sentence(page, start, end, walls, ledger, on)
        for total in ledger.made[first:]:
            if total.period is None and not ledger.many_periods:
                total.period = document_period
        found += ledger.made[first:]
    found += _of_tables(page)
    return once(sorted(found, key=lambda total: total.start))


_COUNTED = re.compile(rf"(?P<n>{NUMBER}){COUNTED}")
_CONTINUES = pattern(
    "a line that goes on about the total of the line before",
    r"[●•■◆▪·\-—\s]*(?:年度计划|累计完成|截至|其中|完成投资|总投资|已完成)",
    "● 年度计划投资1260.5亿元",
    "● 年度计划",
    code="G3",
)


def _of_tables(page: Page) -> Iterator[StatedTotal]:
    """The row that adds a table up."""
    for row in tables.rows(page):
        first = page.text[row.start : row.end]
        if not tables.SUM.match(first.lstrip("| ")):
            continue
        total = StatedTotal(start=row.start, end=row.end)
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
        if total.values():
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
