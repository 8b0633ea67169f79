"""The rows of a table, read as they are walked through: memory does not grow with them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, overload

from projects import money
from projects.intake.opening import Cell, Sheet
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.understanding import columns as columns_
from projects.ledgers.understanding.cells import About, Reader, doubtful, is_blank, reader, shown
from projects.ledgers.understanding.finding import Grid
from projects.ledgers.understanding.kinds import BLANK, DATA, NAMES, TOTAL, Kinds
from projects.ledgers.understanding.results import POWERS, Column, Row, Value
from projects.money import Amount

_GAP, _FAR = 10, 50  # times the next figure, times the middle one
_LONGEST: Final = 4  # characters of a ditto sign
_DITTO: Final = frozenset(("同上", "同上行", "〃", "〃〃", "〞", "″", "”", "“", '"', "''"))
_FIGURES: Final = frozenset({"money", "serial", "count", "percent", "number", "area"})
_SPENT: Final = frozenset(
    {"month_done", "year_done", "total_done", "carried", "stats_done", "stats_month", "week_done"}
)


@dataclass(slots=True)
class Rows(Sequence[Row]):
    """Every row below the headings. Each is worked out when it is asked for."""

    sheet: Sheet
    start: int
    end: int
    readers: Sequence[tuple[int, Reader]]
    fills: Mapping[int, tuple[list[int], list[int]]]  # column → tops and bottoms of merges over rows
    told: Mapping[int, Mapping[int, Cell]]  # row as Excel counts → column → what was typed instead
    checks: Checks
    kinds: Kinds
    unseen: frozenset[int] = frozenset()  # rows that are hidden
    before: Mapping[int, Column] = field(default_factory=dict)  # column → the one that holds where it is blank
    dittos: dict[int, tuple[int, int]] = field(default_factory=dict)  # column → the last ditto sign, what it stands for

    def __len__(self) -> int:
        return self.end - self.start

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, at: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(at, slice):
            return tuple(self._row(self.start + each) for each in range(*at.indices(len(self))))
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return self._row(self.start + at % len(self))

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, range(self.start, self.end))

    def count(self, kind: object) -> int:
        """How many rows are of a kind."""
        return self.kinds.kinds.count(NAMES.index(kind)) if kind in NAMES else 0

    def _row(self, at: int) -> Row:
        kind = self.kinds[at]
        number = at + 1
        if kind == BLANK:
            return Row(number, "blank", (), {})
        cells = self.sheet.rows[at]
        width = len(cells)
        told = self.told.get(number)
        if told:
            cells = tuple(told.get(index, cell) for index, cell in enumerate(cells))
        values: dict[int, Value] = {}
        if kind in (DATA, TOTAL):
            for index, read in self.readers:
                cell = cells[index] if index < width else None
                if cell is not None and cell != "":
                    ditto = kind == DATA and cell.__class__ is str and len(cell) <= _LONGEST and cell.strip() in _DITTO
                    values[index] = self._as_above(at, index, cell, read) if ditto else read(cell)
            if kind == DATA:
                if self.fills:
                    self._fill(at, values)
                for index, other in self.before.items():
                    self._from_before(at, index, other, values)
                self.checks.apply(values)
                if at in self.unseen:
                    self._doubt(values)
        else:
            for index, _ in self.readers:
                cell = cells[index] if index < width else None
                if not is_blank(cell):
                    values[index] = Value(cell, shown(cell))
        if told:
            raws = self.sheet.rows[at]
            for index in told:
                if index in values and index < width:
                    values[index] = values[index]._replace(raw=raws[index])
        part_of = self.kinds.parts.get(at)
        return Row(number, NAMES[kind], self.kinds.group(at), values, 0 if part_of is None else part_of + 1)

    def _as_above(self, at: int, index: int, cell: Cell, read: Reader) -> Value:
        """What a ditto sign stands for: the words or the day in the nearest row of data above that says them. Figures
        are never carried down.
        """
        if self.checks.shapes.get(index, "text") in _FIGURES:
            return read(cell)
        known, origin = self.dittos.get(index, (-1, -1))
        row = at - 1
        while row >= self.start and row != known:
            if self.kinds[row] == DATA and not is_blank(above := self._cell(row, index)) and not _is_ditto(above):
                origin = row
                break
            row -= 1
        else:
            origin = origin if row == known else -1
        self.dittos[index] = at, origin
        if origin < 0:
            return Value(cell, None, f"“{shown(cell)}”的上面没有内容：请补填")
        value = read(self._cell(origin, index))._replace(raw=cell)
        if value.value is None:
            return value
        return doubtful(value, f"“{shown(cell)}”：按第{origin + 1}行的“{shown(self._cell(origin, index))}”读入")

    def _from_before(self, at: int, index: int, other: Column, values: dict[int, Value]) -> None:
        """What was planned first holds where nothing stands in the column of what it was adjusted to."""
        cell, read = self._cell(at, other.index), dict(self.readers).get(index)
        if read is None or is_blank(cell) or (index in values and values[index].value is not None):
            return
        if not is_blank(self._cell(at, index)) and values[index].wrong:
            return
        value = read(cell)
        if value.value is not None:
            heading = f"{other.letter}列“{'·'.join(other.heading)}”"
            values[index] = doubtful(value, f"这一格空着，按{heading}的“{shown(cell)}”读入")

    def _cell(self, at: int, index: int) -> Cell:
        cells = self.sheet.rows[at]
        typed = self.told.get(at + 1, {})
        return typed[index] if index in typed else cells[index] if index < len(cells) else None

    def _doubt(self, values: dict[int, Value]) -> None:
        """A hidden row is read, and said to be hidden at its name: nobody may have meant it."""
        index = self.checks.name if self.checks.name in values else min(values, default=None)
        if index is not None:
            values[index] = doubtful(values[index], "这一行在表里是隐藏的，也读入了：不要的请选“不导入这一行”")

    def _fill(self, at: int, values: dict[int, Value]) -> None:
        """Blanks under a merge take its value; an amount that several rows share is nobody's alone."""
        readers = dict(self.readers)
        for column, (tops, bottoms) in self.fills.items():
            place = bisect_right(tops, at) - 1
            if place < 0 or at > bottoms[place] or column not in readers:
                continue
            top = tops[place]
            shape = self.checks.shapes.get(column, "text")
            if shape == "money":
                self._share(at, top, bottoms[place], column, readers[column], values)
            elif at != top and column not in values and shape not in _FIGURES:
                cell = self.sheet.rows[top][column] if column < len(self.sheet.rows[top]) else None
                if not is_blank(cell):
                    values[column] = readers[column](cell)

    def _share(self, at: int, top: int, bottom: int, column: int, read: Reader, values: dict[int, Value]) -> None:
        if column in self.told.get(at + 1, {}) or (at != top and column in values):
            return
        cell = self.sheet.rows[top][column] if column < len(self.sheet.rows[top]) else None
        if is_blank(cell) or (read(cell).value is None and at == top) or self._is_one_projects(top, bottom):
            return
        shared = f"合并单元格的金额：第{top + 1}行至第{bottom + 1}行共用“{shown(cell)}”"
        sentence = f"{shared}，不知道各是多少，没有读入：请分别填写"
        values[column] = Value(cell if at == top else None, None, sentence)

    def _is_one_projects(self, top: int, bottom: int) -> bool:
        """Whether rows that share a cell speak of one project, whose name they share as well."""
        tops, bottoms = self.fills.get(-1 if self.checks.name is None else self.checks.name, ([], []))
        place = bisect_right(tops, top) - 1
        if place >= 0 and bottoms[place] >= bottom:
            return True
        return sum(self.kinds[at] == DATA for at in range(top, min(bottom + 1, self.end))) < 2


def _is_ditto(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip() in _DITTO


@dataclass(slots=True)
class Checks:
    """What figures of one row, and of one column, say about each other. Nothing is changed, only doubted."""

    shapes: Mapping[int, str]
    bounds: Sequence[tuple[int, str, int, int]]  # column, unit, lowest and highest yuan that fit with the others
    investment: int | None
    plans: Sequence[int]
    spent: Sequence[int]
    labels: Mapping[int, str]
    name: int | None = None

    def apply(self, values: dict[int, Value]) -> None:
        odd = False
        for index, unit, low, high in self.bounds:
            value = values.get(index)
            if value is None:
                continue
            amount = value.value
            if type(amount) is not Amount or not amount.high or amount.currency != "CNY":
                continue
            if not low <= amount.high <= high and not (isinstance(value.raw, str) and _says_unit(value.raw, amount)):
                values[index] = doubtful(value, _odd(value, amount, unit, amount.high < low))
                odd = odd or index == self.investment
        total = values.get(self.investment) if self.investment is not None else None
        if (
            odd
            or total is None
            or type(total.value) is not Amount
            or not total.value.high
            or total.value.currency != "CNY"
        ):
            return
        whole = total.value.high
        for index in self.plans:
            self._compare(values, index, whole, whole)
        for index in self.spent:
            self._compare(values, index, 2 * whole, whole)

    def _compare(self, values: dict[int, Value], index: int, most: int, whole: int) -> None:
        value = values.get(index)
        if value is not None and type(value.value) is Amount and value.value.low > most:
            name = self.labels[index]
            sentence = f"{name}{money.show(value.value.low)}大于总投资{money.show(whole)}，请核对单位"
            values[index] = doubtful(value, sentence)


def _says_unit(text: str, amount: Amount) -> bool:
    """Whether a cell names its own unit and is of a size that some project has."""
    return bool(re.search("[万亿萬億]", text)) and 10**5 <= amount.high <= 5 * 10**11


def _odd(value: Value, amount: Amount, unit: str, small: bool) -> str:
    others = {"元": "万元", "万元": "亿元"} if small else {"亿元": "万元", "万元": "元"}
    perhaps = f"，单位可能是{others[unit]}" if unit in others else ""
    return f"“{shown(value.raw)}”：按{money.show_amount(amount)}读入，{'小' if small else '大'}得反常{perhaps}，请核对"


def bounds(column: Column, figures: list[float]) -> tuple[int, int]:
    """The lowest and highest yuan that are no reason to doubt, from what is usual and from the rest of the column.

    Figures beyond a wide gap from all others are odd: one wrong unit is a factor of ten thousand.
    """
    power = POWERS.get(column.unit, 1)
    low, high = columns_.usual(column.meaning)
    if column.meaning != "investment":
        low = min(low, 10**3)
    figures = sorted(figure for figure in figures if figure > 0)
    if len(figures) >= 3:
        at = len(figures) // 2
        middle = figures[at]
        for above, below in zip(figures[at + 1 :], figures[at:], strict=False):
            if above >= _GAP * below and above >= _FAR * middle:
                high = min(high, int(below * power))
                break
        for below, above in zip(figures[at - 1 :: -1], figures[at::-1], strict=False):
            if above >= _GAP * below and middle >= _FAR * below:
                low = max(low, int(above * power))
                break
    elif len(figures) == 2 and figures[-1] >= 3000 * figures[0]:
        low = max(low, int(figures[0] * power) + 1)
    return low, high


def read_rows(
    grid: Grid,
    start: int,
    end: int,
    columns: Sequence[Column],
    abouts: Mapping[int, About],
    figures: Mapping[int, list[float]],
    told: Mapping[int, Mapping[int, Cell]],
    kinds: Kinds,
    before: Mapping[int, Column],
) -> Rows:
    """The rows from `start` to before `end`, counted from 0."""
    shapes = {column.index: MEANINGS[column.meaning].shape if column.meaning else "text" for column in columns}
    readers = [(column.index, reader(shapes[column.index], abouts[column.index])) for column in columns]
    fills: dict[int, tuple[list[int], list[int]]] = {}
    for index, spans in grid.below.items():
        inside = [(top, bottom) for top, bottom in spans if top >= start]
        if inside:
            fills[index] = [top for top, _ in inside], [bottom for _, bottom in inside]
    moneys = [column for column in columns if shapes[column.index] == "money" and MEANINGS[column.meaning].goes]
    checks = Checks(
        shapes,
        [
            (column.index, column.unit, *bounds(column, figures.get(column.index, [])))
            for column in moneys
            if column.unit
        ],
        next((column.index for column in columns if column.meaning == "investment"), None),
        [column.index for column in moneys if column.meaning in ("annual_plan", "month_plan", "plan_to_date")],
        [column.index for column in moneys if column.meaning in _SPENT],
        {column.index: MEANINGS[column.meaning].label for column in moneys},
        next((column.index for column in columns if column.meaning == "name"), None),
    )
    unseen = frozenset(grid.sheet.hidden_rows)
    return Rows(grid.sheet, start, end, readers, fills, told, checks, kinds, unseen, before)
