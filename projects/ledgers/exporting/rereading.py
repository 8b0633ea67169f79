"""Reading again what was written: what would be understood otherwise is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from projects import names
from projects.dates import DateSpan
from projects.intake.formats.refs import Axis, letters
from projects.intake.opening import read_sheets
from projects.ledgers.exporting.speaking import MONTHLY
from projects.ledgers.understanding import Answers, Column, Table, Value, understand
from projects.ledgers.understanding import Told as Answered
from projects.money import Amount
from zones import clock

if TYPE_CHECKING:
    from projects.ledgers.exporting.filling import Filling, TableFilling


class Rereading:
    """Reads what was written, and tells what would be understood otherwise."""

    def __init__(self, filling: Filling, tables: Collection[TableFilling], answered: Answered) -> None:
        self.filling, self.tables, self.answered = filling, list(tables), answered

    def check(self, data: bytes, rows_at_most: int) -> None:
        """Read the file again. Raises Refused where even that fails."""
        sheets = read_sheets(data, self.filling.name, rows=rows_at_most)
        found = understand(sheets, on=clock.today(), told=self._answered(), name=self.filling.name)
        again = {table.key: table for table in found.tables}
        for table in self.tables:
            self._table(table, again.get(self._key(table)))

    def _answered(self) -> Answered:
        """What was answered, by the places where it holds now. What was typed in cells is written in them."""
        tables: dict[str, Answers] = {}
        when = self.filling.when
        for table in self.tables:
            told = self.answered.tables.get(table.table.key)
            dated = bool(told and (told.year or told.month)) or bool(self.answered.year or self.answered.month)
            if told or dated:
                meanings, units = (told.meanings, told.units) if told else ({}, {})
                month = when.month if dated else None
                tables[self._key(table)] = Answers(meanings, units, when.year if dated else None, month)
        headings: dict[int, Sequence[tuple[int, int]]] = {}
        for at, ranges in self.answered.headings.items():
            rows = next((each.shift.rows for each in self.tables if each.table.sheet_index == at), Axis())
            headings[at] = [(rows.new(first), rows.new(last)) for first, last in ranges]
        return Answered(headings=headings, tables=tables, layouts=self.answered.layouts)

    @staticmethod
    def _key(table: TableFilling) -> str:
        return f"{table.table.sheet_index}:{table.shift.rows.new(table.table.first_heading)}"

    def _table(self, table: TableFilling, again: Table | None) -> None:
        report = self.filling.report
        if again is None:
            report.remarks["写好的表重新读取时没有认出表头，请打开核对"] = None
            return
        columns = {each.index: each for each in again.columns}
        odd = []
        for heads in table.heads:
            found = columns.get(table.shift.columns.new(heads.column.index + 1) - 1)
            same = found is not None and (found.meaning, found.unit) == (heads.meaning, heads.column.unit)
            dated = found is None or heads.meaning not in MONTHLY or found.month in (None, heads.month)
            if heads.month and not (same and dated):
                odd.append(heads.column)
        if odd:
            heard = "、".join(heading_of(each) for each in odd)
            report.remarks[f"月份或列的含义没有改对，请打开核对：{heard}"] = None
        first = again.last_heading + 1
        for (row, column), (_, fact) in table.facts.items():
            at = row - first
            value = again.rows[at].cells.get(column - 1) if 0 <= at < len(again.rows) else None
            if not _reads_as(value, fact):
                report.keep("写入后读出来不一样，请打开核对", f"{letters(column)}{row}")


def heading_of(column: Column) -> str:
    """A column as a sentence names it."""
    return f"{column.letter}列“{'·'.join(filter(None, column.heading))}”"


def _reads_as(value: Value | None, fact: Any) -> bool:
    said = value.value if value else None
    if fact is None or said is None:
        return fact is None and said is None
    if isinstance(fact, DateSpan) and isinstance(said, DateSpan):
        return (said.first, said.last) == (fact.first, fact.last) or said.last == fact.last
    if isinstance(fact, int | float) and isinstance(said, int | float):
        return abs(said - fact) <= 0.01
    if isinstance(fact, Amount) and isinstance(said, Amount):
        return (fact.low, fact.high, fact.currency) == (said.low, said.high, said.currency)
    if isinstance(fact, str) and isinstance(said, str):
        return names.tidy(said) == names.tidy(fact)
    return True
