"""Where rows and columns of a sheet go when others are put between them or taken out, and what refers to them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_REF: Final = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    |(?:(?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!)?
     (?<![\w.$])
     (?:(?P<c1>\$?[A-Z]{1,3})(?P<r1>\$?[1-9]\d{0,6})(?::(?P<c2>\$?[A-Z]{1,3})(?P<r2>\$?[1-9]\d{0,6}))?
       |(?P<wc1>\$?[A-Z]{1,3}):(?P<wc2>\$?[A-Z]{1,3})
       |(?P<wr1>\$?[1-9]\d{0,6}):(?P<wr2>\$?[1-9]\d{0,6}))
     (?![\w.(!])""",
    re.VERBOSE,
)
GONE: Final = "#REF!"
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


@dataclass(frozen=True, slots=True)
class Insertion:
    """`count` lines behind the line `after`, looking by turns like the `width` lines from `like` on."""

    after: int
    like: int
    count: int
    width: int = 1

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Of each new line how many stand before it, and which one it looks like."""
        return ((step, self.like + step % self.width) for step in range(self.count))


@dataclass(slots=True)
class Axis:
    """Rows, or columns, of a sheet, counted from 1: which are put in and which are taken out."""

    insertions: list[Insertion] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    _after: list[int] = field(default_factory=list)
    _sums: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.insertions.sort(key=lambda each: each.after)
        self.deleted = sorted(set(self.deleted))
        total = 0
        for each in self.insertions:
            total += each.count
            self._after.append(each.after)
            self._sums.append(total)

    def __bool__(self) -> bool:
        return bool(self.insertions or self.deleted)

    def is_gone(self, old: int) -> bool:
        """Whether a line is taken out."""
        place = bisect_left(self.deleted, old)
        return place < len(self.deleted) and self.deleted[place] == old

    def new(self, old: int) -> int:
        """Where a line stands afterwards; of one that is taken out, where the next one does."""
        place = bisect_left(self._after, old)
        return old + (self._sums[place - 1] if place else 0) - bisect_left(self.deleted, old)

    def first_behind(self, old: int) -> int:
        """Where the first line is that is put behind a line."""
        return self.new(old) + (0 if self.is_gone(old) else 1)

    def behind(self, old: int) -> int:
        """How many lines are put directly behind a line."""
        return sum(each.count for each in self.insertions if each.after == old)

    def span(self, first: int, last: int, *, grows: bool) -> tuple[int, int] | None:
        """A range afterwards, None where nothing of it is left. `grows`: lines put behind its last one belong to it."""
        kept = last - first + 1 - (bisect_right(self.deleted, last) - bisect_left(self.deleted, first))
        more = self.behind(last) if grows else 0
        inside = sum(each.count for each in self.insertions if first <= each.after < last)
        if kept + inside + more <= 0:
            return None
        start = self.new(first)
        return start, start + kept + inside + more - 1


@dataclass(slots=True)
class Shift:
    """What happens to a sheet."""

    rows: Axis = field(default_factory=Axis)
    columns: Axis = field(default_factory=Axis)

    def __bool__(self) -> bool:
        return bool(self.rows or self.columns)

    def range(self, ref: str, *, grows: bool = False) -> str:
        """A reference such as A5 or A5:C9 afterwards, "" where nothing of it is left."""
        found = _shifted(_match(ref), self, grows=grows) if _match(ref) else ref
        return "" if found is None else found

    def ranges(self, refs: str, *, grows: bool = True) -> str:
        """Several references with blanks between them."""
        return " ".join(filter(None, (self.range(each, grows=grows) for each in refs.split())))


def _match(ref: str) -> re.Match[str] | None:
    return _REF.fullmatch(ref)


def letters(column: int) -> str:
    """The name of a column, counted from 1."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def number(name: str) -> int:
    """A column's number from its name."""
    value = 0
    for letter in name:
        value = 26 * value + ord(letter) - 64
    return value


def split(place: str) -> tuple[int, int]:
    """Row and column of a cell's name, counted from 1. Raises ValueError for what is none."""
    match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", place)
    if not match:
        raise ValueError(place)
    return int(match[2]), number(match[1])


def shift_formula(
    formula: str, own: str, shifts: Mapping[str, Shift], row: int = 0, names: Mapping[str, str] | None = None
) -> str:
    """A formula of sheet `own` as it stands when sheets are shifted (by name) and renamed. Of a range that holds the
    formula's own `row`, new lines at its end stay outside.
    """

    def put(match: re.Match[str]) -> str:
        if match["text"] is not None:
            return match[0]
        said = match["sheet"]
        sheet = _unquoted(said) if said else own
        shift = shifts.get(sheet)
        grows = not (sheet == own and _holds(match, row))
        found = _shifted(match, shift, grows=grows) if shift else match[0].rpartition("!")[2]
        if found is None:
            return GONE
        return f"{_quoted((names or {}).get(sheet, sheet))}!{found}" if said else found

    return _REF.sub(put, formula)


def move_formula(formula: str, rows: int, columns: int) -> str:
    """A formula as it reads when it is copied so many rows down and columns to the right."""

    def put(match: re.Match[str]) -> str:
        if match["text"] is not None or not match["c1"]:
            return match[0]
        before = f"{match['sheet']}!" if match["sheet"] else ""
        ends = [(match["c1"], match["r1"])] + ([(match["c2"], match["r2"])] if match["c2"] else [])
        moved = [_moved(column, row, rows, columns) for column, row in ends]
        return GONE if None in moved else before + ":".join(filter(None, moved))

    return _REF.sub(put, formula)


def _moved(column: str, row: str, rows: int, columns: int) -> str | None:
    at = number(column.lstrip("$")) + (0 if column.startswith("$") else columns)
    line = int(row.lstrip("$")) + (0 if row.startswith("$") else rows)
    if not (1 <= at <= LAST_COLUMN and 1 <= line <= LAST_ROW):
        return None
    return f"{'$' * column.startswith('$')}{letters(at)}{'$' * row.startswith('$')}{line}"


def _holds(match: re.Match[str], row: int) -> bool:
    if not match["c2"]:
        return True
    return int(match["r1"].lstrip("$")) <= row <= int(match["r2"].lstrip("$"))


def _shifted(match: re.Match[str] | None, shift: Shift, *, grows: bool) -> str | None:
    if match is None:
        return None
    if match["wc1"]:
        found = _ends(match["wc1"], match["wc2"], shift.columns, grows=False)
        return found and ":".join(found)
    if match["wr1"]:
        found = _ends(match["wr1"], match["wr2"], shift.rows, grows=grows)
        return found and ":".join(found)
    columns = _ends(match["c1"], match["c2"] or match["c1"], shift.columns, grows=False)
    # A single cell of a column is no range that grows: E5 stays E5, E5:E5 does not.
    rows = _ends(match["r1"], match["r2"] or match["r1"], shift.rows, grows=grows and bool(match["r2"]))
    if not columns or not rows:
        return None
    first = columns[0] + rows[0]
    return f"{first}:{columns[1]}{rows[1]}" if match["c2"] else first


def _ends(first: str, last: str, axis: Axis, *, grows: bool) -> tuple[str, str] | None:
    """Both ends of a range, as they were written: with their $, as letters or digits."""
    plain = [each.lstrip("$") for each in (first, last)]
    words = plain[0].isalpha()
    low, high = (number(each) if words else int(each) for each in plain)
    found = axis.span(min(low, high), max(low, high), grows=grows)
    if found is None:
        return None
    most = LAST_COLUMN if words else LAST_ROW
    shown = [letters(min(each, most)) if words else str(min(each, most)) for each in found]
    return "$" * first.startswith("$") + shown[0], "$" * last.startswith("$") + shown[1]


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def _quoted(sheet: str) -> str:
    if re.fullmatch(r"[^\W\d]\w*", sheet) and not re.fullmatch(r"[A-Za-z]{1,3}\d+", sheet):
        return sheet
    return "'" + sheet.replace("'", "''") + "'"
