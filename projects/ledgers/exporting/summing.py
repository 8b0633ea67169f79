"""Rows of sums in an office's own table: over which rows each adds up is seen from what it said before."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from projects import money
from projects.intake.formats.refs import Shift, letters
from projects.intake.opening import Cell
from projects.intake.refilling import Sum
from projects.ledgers.exporting.speaking import Heads
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.understanding import POWERS, Row, Table, Value
from projects.money import Amount

if TYPE_CHECKING:
    from projects.ledgers.exporting.filling import Report

_COUNTED: Final = re.compile(r"(?P<n>\d+)(?P<sign>\s*(?:个|项|家|宗))")
_WITHIN: Final = re.compile(r"其\s*中")
Place = tuple[int, int]


@dataclass(slots=True)
class _Line:
    """A row of sums, by its place in the table; `over` are the places of the rows that it may add up, likely first."""

    at: int
    row: Row
    over: list[list[int]]


class Sums:
    """The money of every row, before and after. `whole`: every row of sums is about all rows."""

    def __init__(self, table: Table, heads: Sequence[Heads], gone: Collection[int], *, whole: bool) -> None:
        self.table, self.first, self.gone, self.whole = table, table.last_heading + 1, gone, whole
        self.moneys = {
            each.column.index: each for each in heads if each.meaning and MEANINGS[each.meaning].shape == "money"
        }
        self.rates = [each.column.index for each in heads if each.meaning == "done_rate"]
        self.by_meaning = {each.meaning: each.column.index for each in heads}
        self.lines: list[_Line] = []
        self.old: dict[int, dict[int, int]] = {index: {} for index in self.moneys}
        self.new: dict[Place, int | None] = {}  # row and index of a column, where it says something else now
        self.more: dict[Place, int] = {}  # row afterwards and new column
        self._look()

    def _look(self) -> None:
        """The rows, once; what they say in money is kept only where something adds it up."""
        kinds = [row.kind for row in self.table.rows]
        wanted = [at for at, kind in enumerate(kinds) if kind in ("total", "group")]
        if not wanted:
            return
        data: list[int] = []
        for at, row in enumerate(self.table.rows):
            if row.kind != "data":
                continue
            data.append(at)
            for index in self.moneys:
                value = row.cells.get(index)
                if value is not None and isinstance(value.value, Amount) and value.value.currency == "CNY":
                    self.old[index][at] = value.value.high
        for at in wanted:
            row = self.table.rows[at]
            if self.first + at not in self.gone:
                self.lines.append(_Line(at, row, list(self._over(at, row, kinds, data))))

    def _over(self, at: int, row: Row, kinds: Sequence[str], data: Sequence[int]) -> Iterator[list[int]]:
        """Rows that a row of sums may be about, the likeliest first."""
        groups = [place for place, kind in enumerate(kinds) if kind == "group"]
        totals = [place for place, kind in enumerate(kinds) if kind == "total"]
        if self.whole:
            yield list(data)
            return
        if row.kind == "group":
            ends = [place for place in (*groups, *totals) if place > at]
            yield [each for each in data if at < each < min(ends, default=len(kinds))]
            for end in sorted(ends):
                yield [each for each in data if at < each < end]
            yield [each for each in data if each > at]
            return
        words = "".join(str(value.raw) for value in row.cells.values() if isinstance(value.raw, str))
        since = max((place for place in (*groups, *totals) if place < at), default=-1)
        part = [each for each in data if since < each < at]
        whole = list(data)
        above = [each for each in data if each < at]
        yield from (part, above, whole) if "小" in words else (whole, above, part)

    # -- what is told while rows are filled
    def put(self, row: int, index: int, place: Place, fact: Any) -> None:
        """A cell says something else; `row` is the one it had, negative for a new row, 0 for a new column."""
        if not self.lines or index not in self.moneys:
            return
        yuan = fact.high if isinstance(fact, Amount) and fact.currency == "CNY" else None
        if row > 0:
            self.new[row - self.first, index] = yuan
        elif yuan is not None:
            self.more[place] = yuan

    # -- what comes of it
    def settled(
        self, shift: Shift, more: Sequence[tuple[int, int]], report: Report
    ) -> Iterator[tuple[Place, Cell | Sum]]:
        """The cells of the rows of sums as they read now."""
        for line in self.lines:
            yield from self._line(line, shift, more, report)

    def _line(
        self, line: _Line, shift: Shift, more: Sequence[tuple[int, int]], report: Report
    ) -> Iterator[tuple[Place, Cell | Sum]]:
        number = shift.rows.new(self.first + line.at)
        words = "".join(str(value.raw) for value in line.row.cells.values() if isinstance(value.raw, str))
        said = {index: yuan for index in self.moneys if (yuan := self._said(line.row, index)) is not None}
        if _WITHIN.search(words):
            if said:
                report.keep("“其中”一行没有重算，请核对", f"第{number}行")
            return
        over, wrong = self._choose(line, said)
        rows = [at for at in over if self.first + at not in self.gone]
        new_rows = self._new_rows(over, shift)
        sums: dict[int, int] = {}
        for index in self.moneys:
            column = shift.columns.new(index + 1)
            before = [self.old[index].get(at) for at in over]
            figures = [self._now(at, index) for at in rows] + [self.more.get((row, column)) for row in new_rows]
            sums[index] = sum(figure or 0 for figure in figures)
            if index not in said or list(filter(None, figures)) == list(filter(None, before)):
                continue
            if index in wrong and not self.whole:
                report.keep("原来的合计与各行之和不符，已按各行重算，请核对", f"{letters(column)}{number}")
            shown = self._shown(line.row.cells[index], index, sums[index])
            yield (number, column), None if all(figure is None for figure in figures) else shown
        for column, like in more:
            if like in said:
                whole = [*(shift.rows.new(self.first + at) for at in rows), *new_rows]
                there = [self.more[row, column] for row in whole if (row, column) in self.more]
                if not there:
                    continue
                total = sum(there)
                yield (number, column), Sum(total / POWERS[self.moneys[like].column.unit or "元"])
        yield from self._rates(line, number, shift, sums, report)
        yield from self._counts(line, number, shift, len(over), len(rows) + len(new_rows))

    def _choose(self, line: _Line, said: dict[int, int]) -> tuple[list[int], set[int]]:
        """The rows that a row of sums adds up, those that came to most of what it said; and the columns that they did
        not come to.
        """
        if not said:
            counted = self._counted(line.row)
            return next((over for over in line.over if counted in (None, len(over))), line.over[0]), set()
        wrong = [{index for index, yuan in said.items() if not self._came(over, index, yuan)} for over in line.over]
        best = min(range(len(wrong)), key=lambda at: (len(wrong[at]), at))
        return line.over[best], wrong[best]

    def _came(self, over: Collection[int], index: int, yuan: int) -> bool:
        """Whether rows came to a sum, as exactly as it is written."""
        power = POWERS[self.moneys[index].column.unit or "元"]
        return abs(sum(self.old[index].get(at, 0) for at in over) - yuan) <= max(power // 2, 1)

    @staticmethod
    def _counted(row: Row) -> int | None:
        words = "".join(str(value.raw) for value in row.cells.values() if isinstance(value.raw, str))
        found = _COUNTED.findall(words)
        return int(found[0][0]) if len(found) == 1 else None

    def _said(self, row: Row, index: int) -> int | None:
        """What a row of sums says, in yuan."""
        value = row.cells.get(index)
        if value is None:
            return None
        if isinstance(value.value, Amount):
            return value.value.high if value.value.currency == "CNY" else None
        unit = self.moneys[index].column.unit
        if isinstance(value.raw, int | float) and not isinstance(value.raw, bool) and unit:
            return round(value.raw * POWERS[unit])
        return None

    def _now(self, at: int, index: int) -> int | None:
        return self.new[at, index] if (at, index) in self.new else self.old[index].get(at)

    def _new_rows(self, over: Collection[int], shift: Shift) -> list[int]:
        """Rows that were put in behind one of these."""
        last = {self.first + at for at in over}
        return [
            shift.rows.first_behind(each.after) + step
            for each in shift.rows.insertions
            if each.after in last
            for step in range(each.count)
        ]

    def _shown(self, value: Value, index: int, yuan: int) -> Cell | Sum:
        unit = self.moneys[index].column.unit
        if isinstance(value.raw, str) and re.search(r"[亿万元]\s*$", value.raw):
            return money.show(yuan)
        return Sum(yuan / POWERS[unit or "元"])

    def _rates(
        self, line: _Line, number: int, shift: Shift, sums: dict[int, int], report: Report
    ) -> Iterator[tuple[Place, Cell | Sum]]:
        done, plan = (self.by_meaning.get(each) for each in ("year_done", "annual_plan"))
        for index in self.rates:
            value = line.row.cells.get(index)
            if value is None or not isinstance(value.raw, int | float):
                continue
            column = shift.columns.new(index + 1)
            if done is None or plan is None or not sums.get(plan):
                report.keep("合计的完成率没有重算，请核对", f"{letters(column)}{number}")
                continue
            share = sums[done] / sums[plan]
            yield (number, column), Sum(round(share if abs(value.raw) <= 2 else 100 * share, 4))

    def _counts(
        self, line: _Line, number: int, shift: Shift, before: int, after: int
    ) -> Iterator[tuple[Place, Cell | Sum]]:
        """合计：20 个 → 合计：21 个, where the old number was right."""
        if before == after:
            return
        for index, value in line.row.cells.items():
            if isinstance(value.raw, str):
                moved = _COUNTED.sub(
                    lambda match: f"{after}{match['sign']}" if int(match["n"]) == before else match[0], value.raw
                )
                if moved != value.raw:
                    yield (number, shift.columns.new(index + 1)), moved
