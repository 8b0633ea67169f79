"""From lines on pages to an article: running heads dropped, columns one after the other, wrapped lines joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from projects.intake.formats.lines import joined, row

_MARGIN: Final = 0.12  # of a page's height, above and below: where running heads and page numbers stand
_PAGE: Final = r"(?:第\s*)?\d{1,4}(?:\s*[/／]\s*\d{1,4})?\s*页?(?:\s*[,，]?\s*共\s*\d{1,4}\s*页)?"
_NUMBER: Final = re.compile(rf"[-—–·•.\s]*{_PAGE}[-—–·•.\s]*")
_ADDRESS: Final = re.compile(r"(?:https?|file)://\S+(?:\s+\d+\s*/\s*\d+)?")
_MARK: Final = re.compile(
    r"[(（]?[一二三四五六七八九十]{1,3}(?:[)）、.．]|是)|[(（]\d{1,2}[)）]|\d{1,2}(?:[、)）]|[.．](?!\d))|[•●◆■①-⑳]"
)
_GAP, _BOLD = 1.2, 0.1  # of a line's height: between columns, of a shadow
_WORD: Final = re.compile("[A-Za-z0-9]{2}")
_CHINESE: Final = re.compile("[㐀-鿿]{2}")
_MIXED: Final = re.compile("[㐀-鿿A-Za-z0-9]{2}")
_UNPARTED: Final = re.compile(r"[A-Za-z0-9.,%×-]{2,24}")
_CELLS, _SHORT = 3, 14  # pieces on one level that begin a table, and the characters of the longest
_COLUMN: Final = 4  # lines side by side that make a column


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page in points, from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @classmethod
    def of(cls, boxes: Iterable[Box]) -> Box:
        """The place that all of them take together."""
        lefts, tops, rights, bottoms = zip(*((box.left, box.top, box.right, box.bottom) for box in boxes), strict=True)
        return cls(min(lefts), min(tops), max(rights), max(bottoms))

    def holds(self, other: Box) -> bool:
        """Whether the middle of the other one is in this one."""
        return self.left <= (other.left + other.right) / 2 <= self.right and self.top <= other.middle <= self.bottom

    def apart(self, other: Box) -> float:
        """How far apart their middles are, across."""
        return abs(self.left + self.right - other.left - other.right) / 2

    def level(self, other: Box) -> bool:
        """Whether the two stand on one line: a comma beside a character, a small figure above one."""
        return abs(self.middle - other.middle) < 0.45 * max(self.height, other.height)


@dataclass(frozen=True, slots=True)
class Char:
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    box: Box
    ruled: bool = False  # a row of a table


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its number from 1, its size in points, what stands on it, and whether it has a picture."""

    number: int
    width: float
    height: float
    lines: list[Line]
    pictured: bool = False


@dataclass(slots=True)
class _Column:
    """Lines below each other that wrap at the same places."""

    lines: list[Line]
    whole: bool  # it takes the page's whole width
    left: float = field(init=False)
    right: float = field(init=False)

    def __post_init__(self) -> None:
        running = [line.box for line in self.lines if not line.ruled] or [line.box for line in self.lines]
        self.left = min(box.left for box in running)
        self.right = max(box.right for box in running)


def lines_of(chars: list[Char]) -> list[Line]:
    """Characters on one level from left to right, parted where a wide gap is: there another column may begin.

    A file may draw them in any order; quotation marks from another font often come after their line.
    """
    levels: list[list[Char]] = []
    for char in sorted(chars, key=lambda char: char.box.middle):
        if levels and levels[-1][0].box.level(char.box):
            levels[-1].append(char)
        else:
            levels.append([char])
    return [
        line for level in levels for line in _pieces(sorted(level, key=lambda char: char.box.left)) if line.text.strip()
    ]


def _pieces(level: list[Char]) -> Iterator[Line]:
    begin, text = 0, ""
    for at, char in enumerate(level):
        before = level[at - 1] if at > begin else None
        if before:
            gap = char.box.left - before.box.right
            if gap > _GAP * char.box.height:
                yield Line(text, Box.of(each.box for each in level[begin:at]))
                begin, text = at, ""
            elif before.text == char.text and char.box.left - before.box.left < _BOLD * char.box.height:
                continue  # Drawn twice to look bold.
            elif gap > _blank(before.text + char.text) * char.box.height:
                text += " "
        text += char.text
    yield Line(text, Box.of(each.box for each in level[begin:]))


def _blank(pair: str) -> float:
    """How wide a gap between two characters is a blank, in heights of the line. Figures within Chinese have one that
    nobody typed; punctuation brings its own.
    """
    narrowest = ((_WORD, 0.15), (_CHINESE, 0.2), (_MIXED, 0.3))
    return next((gap for pattern, gap in narrowest if pattern.fullmatch(pair)), _GAP)


def paragraphs(sheets: list[Sheet]) -> Iterator[str]:
    """The article, a paragraph or a row of a table at a time."""
    running = _running(sheets)
    columns = [
        column
        for sheet in sheets
        for column in _columns([line for line in sheet.lines if not _drops(line, sheet, running)])
    ]
    _align([column for column in columns if column.whole], max(sheet.width for sheet in sheets))
    usual = _usual_gap(columns)
    told, begun = "", None
    last: tuple[Line, _Column] | None = None
    for column in columns:
        for line in column.lines:
            if begun and last and _full(*last, line) and _goes_on(begun, last[0], line, column, usual):
                told = joined(told.rstrip(), line.text.strip())
            else:
                yield told
                told, begun = line.text.strip(), line
            last = line, column
    yield told


def _edge(line: Line, sheet: Sheet) -> bool:
    return line.box.bottom < _MARGIN * sheet.height or line.box.top > (1 - _MARGIN) * sheet.height


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", "".join(line.text.split()))


def _running(sheets: list[Sheet]) -> set[str]:
    """Heads and feet: what stands at the edge of several pages, but for its figures, alike."""
    seen = Counter(
        key for sheet in sheets for key in {_key(line) for line in sheet.lines if not line.ruled and _edge(line, sheet)}
    )
    return {key for key, times in seen.items() if times >= max(2, len(sheets) // 3)}


def _drops(line: Line, sheet: Sheet, running: set[str]) -> bool:
    if line.ruled or not _edge(line, sheet):
        return False
    text = line.text.strip()
    return _key(line) in running or bool(_NUMBER.fullmatch(text) or _ADDRESS.fullmatch(text))


def _columns(found: list[Line]) -> Iterator[_Column]:
    """The lines in the order of reading: columns from left to right between what stands across both of them."""
    yield from _parted(_tabled(sorted(found, key=lambda line: (line.box.middle, line.box.left))), whole=True)


def _tabled(found: list[Line]) -> list[Line]:
    """Short pieces side by side, level after level, are a table without rules: its rows in place of the pieces."""
    levels: list[list[Line]] = []
    for line in found:
        if levels and levels[-1][0].box.level(line.box):
            levels[-1].append(line)
        else:
            levels.append([line])
    made: list[Line] = []
    table: list[list[Line]] = []
    for level in [*levels, []]:
        if level and _is_row(level, 2 if table else _CELLS):
            table.append(level)
            continue
        made += _rows(table) if len(table) > 1 else [line for each in table for line in each]
        made += level
        table = []
    return made


def _is_row(level: list[Line], fewest: int) -> bool:
    return len(level) >= fewest and not any(line.ruled or len(line.text) > _SHORT for line in level)


def _rows(table: list[list[Line]]) -> Iterator[Line]:
    """A piece belongs to the column whose head is nearest."""
    heads = [line.box for line in sorted(table[0], key=lambda line: line.box.left)]
    for level in table:
        cells = [""] * len(heads)
        for line in sorted(level, key=lambda line: line.box.left):
            at = min(range(len(heads)), key=lambda at: line.box.apart(heads[at]))
            cells[at] = joined(cells[at], line.text.strip())
        yield Line(row(cells), Box.of(line.box for line in level), ruled=True)


def _parted(found: list[Line], *, whole: bool) -> Iterator[_Column]:
    gutter = _gutter(found)
    if gutter is None:
        if found:
            yield _Column(_levelled(found), whole)
        return
    across: list[Line] = []
    beside: list[Line] = []
    for line in [*found, None]:
        if line is not None and (line.box.right <= gutter or line.box.left >= gutter):
            if across:
                yield _Column(_levelled(across), whole)
                across = []
            beside.append(line)
            continue
        if beside:
            yield from _parted([each for each in beside if each.box.right <= gutter], whole=False)
            yield from _parted([each for each in beside if each.box.left >= gutter], whole=False)
            beside = []
        if line is not None:
            across.append(line)
    if across:
        yield _Column(_levelled(across), whole)


def _gutter(found: list[Line]) -> float | None:
    """Where two columns part: most lines stand left or right of it, side by side, and the right ones are aligned."""
    plain = [line.box for line in found if not line.ruled]
    if len(plain) < 2 * _COLUMN:
        return None
    best, gutter = 0, None
    starts = Counter(round(box.left) - 1 for box in plain)
    for at in sorted(at for at, times in starts.items() if times > 1):
        left = [box for box in plain if box.right <= at]
        right = [box for box in plain if box.left >= at]
        fewer = min(len(left), len(right))
        if fewer <= best or fewer < _COLUMN or 10 * (len(left) + len(right)) < 7 * len(plain):
            continue
        if 2 * sum(abs(box.left - at) < 4 for box in right) < len(right):
            continue
        if 2 * sum(any(box.level(other) for other in left) for box in right) >= len(right):
            best, gutter = fewer, float(at)
    return gutter


def _levelled(found: list[Line]) -> list[Line]:
    """Pieces of one level are one line."""
    made: list[Line] = []
    for line in found:
        before = made[-1] if made else None
        if before and not (before.ruled or line.ruled) and _side_by_side(before.box, line.box):
            made[-1] = Line(f"{before.text.rstrip()} {line.text.lstrip()}", Box.of((before.box, line.box)))
        else:
            made.append(line)
    return made


def _side_by_side(before: Box, box: Box) -> bool:
    return abs(before.middle - box.middle) < 0.4 * min(before.height, box.height) and box.left >= before.right - 1


def _align(columns: list[_Column], width: float) -> None:
    """Pages that are filled alike: a page with few lines has the edges of the others."""
    if not columns:
        return
    left, right = min(column.left for column in columns), max(column.right for column in columns)
    for column in columns:
        column.left, column.right = left, max(right, width - left - 4 * _size(column.lines[0]))


def _size(line: Line) -> float:
    return max(line.box.height, 4.0)


def _usual_gap(columns: list[_Column]) -> float:
    """The distance between lines that follow each other, as most have it."""
    gaps = [
        round(after.box.middle - before.box.middle, 1)
        for column in columns
        for before, after in zip(column.lines, column.lines[1:], strict=False)
        if not before.ruled and not after.ruled and after.box.middle > before.box.middle
    ]
    return Counter(gaps).most_common(1)[0][0] if gaps else 0.0


def _full(line: Line, column: _Column, following: Line) -> bool:
    """Whether the line ends where the column does, or so early that the next one's first word had no room."""
    # Before a word of Latin letters a line ends earlier.
    slack = 6.0 if line.text.rstrip()[-1:].isascii() else 2.2
    room = max(slack * _size(line), 2.2 * _size(line) + _first_word(following))
    return not line.ruled and line.box.right >= column.right - room


def _first_word(line: Line) -> float:
    """The width of the letters and figures that a line begins with, which no line end parts."""
    text = line.text.strip()
    word = _UNPARTED.match(text)
    return len(word.group()) * (line.box.right - line.box.left) / len(text) if word else 0.0


def _goes_on(begun: Line, last: Line, line: Line, column: _Column, usual: float) -> bool:
    """Whether a line is the rest of a paragraph: after one that is full, it begins where such lines begin."""
    if line.ruled or abs(_size(last) - _size(line)) > 0.15 * _size(last) or _MARK.match(line.text.strip()):
        return False
    gap = line.box.middle - last.box.middle
    if usual and gap > max(1.45 * usual, 1.3 * _size(line)):
        return False
    hanging = line.box.left > begun.box.left and bool(_MARK.match(begun.text.strip()))
    return line.box.left < column.left + 1.2 * _size(line) or (hanging and line.box.left < begun.box.left + 40)
