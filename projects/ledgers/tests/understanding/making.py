"""Small sheets of our own, as `read_sheets` would give them."""

from datetime import date

from projects.intake.opening import Merged, Sheet
from projects.ledgers.understanding import NOTHING_TOLD, understand

ON = date(2023, 8, 10)


def line(text, *rest):
    """A row of words parted by "|", nothing between two of them being a blank cell; then cells of other types."""
    return [cell or None for cell in text.split("|")] + list(rest)


def sheet(*rows, merged=(), name="Sheet1", hidden=False):
    width = max(map(len, rows), default=0)
    filled = tuple(tuple(row) + (None,) * (width - len(row)) for row in rows)
    return Sheet(name, filled, tuple(Merged(*each) for each in merged), hidden)


def read(*sheets, told=NOTHING_TOLD, name=""):
    return understand(sheets, on=ON, told=told, name=name)


def table(*rows, merged=(), name="Sheet1", told=NOTHING_TOLD):
    """The only table of one sheet."""
    (found,) = read(sheet(*rows, merged=merged, name=name), told=told).tables
    return found


def meanings(found, first=0, last=None):
    """The codes of the columns in one line, "-" for text."""
    return " ".join(column.meaning or "-" for column in found.columns[first:last])


def kinds(found):
    return "".join(row.kind[0] for row in found.rows)


def data(found):
    """The values of data rows by meaning; of several columns of one meaning, by meaning and month."""
    return [
        {
            (column.meaning, column.month)
            if column.meaning in ("month_done", "progress")
            else column.meaning: row.cells[column.index]
            for column in found.columns
            if column.index in row.cells
        }
        for row in found.rows
        if row.kind == "data"
    ]


def yuan(value):
    return value.value.high
