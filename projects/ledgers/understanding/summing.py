"""What a table of sums says: it names no projects, but its figures are told to who sent it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from projects import money
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.understanding.results import Column, Row, Table
from projects.money import Amount

_UNIT: Final = re.compile(r"[(（](?:单位[:：])?(?:亿元|万元|元|个)[)）]|[#*]")
_DOUBTFUL: Final = "（有存疑的数）"
_SUMMED: Final = frozenset({"money", "count"})


class Sum(NamedTuple):
    """The sum of a column: `heading` its levels in one line without the unit, `shown` as a person writes it."""

    letter: str
    heading: str
    shown: str


def sums(table: Table) -> tuple[int, tuple[Sum, ...]]:
    """How many rows a table of sums has, and what they come to: as its last 合计 says, or else added up here. Columns
    without a single figure are left out, and those with a cell that cannot be read are not added up.
    """
    columns = [column for column in table.columns if column.meaning and MEANINGS[column.meaning].shape in _SUMMED]
    rows = list(table.rows)
    lines = [row for row in rows if row.kind == "data"]
    total = next((row for row in reversed(rows) if row.kind == "total"), None)
    found = []
    for column in columns:
        shown = (total and _told(total, column)) or _added(lines, column)
        if shown:
            found.append(Sum(column.letter, _UNIT.sub("", "·".join(column.heading)), shown))
    return len(lines), tuple(found)


def _told(row: Row, column: Column) -> str:
    cell = row.cells.get(column.index)
    if cell is None or not isinstance(cell.value, (Amount, int)):
        return ""
    shown = money.show_amount(cell.value) if isinstance(cell.value, Amount) else str(cell.value)
    return f"{shown}{_DOUBTFUL if cell.doubt else ''}"


def _added(rows: list[Row], column: Column) -> str:
    cells = [row.cells[column.index] for row in rows if column.index in row.cells]
    values = [cell.value for cell in cells if cell.value is not None]
    if not values or any(cell.wrong for cell in cells):
        return ""
    amounts = [value for value in values if isinstance(value, Amount) and value.currency == "CNY"]
    counts = [value for value in values if isinstance(value, int)]
    mark = _DOUBTFUL if any(cell.doubt for cell in cells) else ""
    if len(amounts) == len(values):
        low, high = sum(amount.low for amount in amounts), sum(amount.high for amount in amounts)
        return f"{money.show(low)}{mark}" if low == high else ""
    return f"{sum(counts)}{mark}" if len(counts) == len(values) else ""
