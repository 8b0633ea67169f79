"""What each row of a table is: a project, the head of a group, a total, a note, nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from projects.glyphs import fold
from projects.intake.opening import Cell
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.understanding.cells import is_blank, shown
from projects.ledgers.understanding.finding import NOTED, Grid, is_of_page
from projects.ledgers.understanding.results import Column, RowKind
from projects.names import looks_like_project

NAMES: Final[tuple[RowKind, ...]] = ("data", "group", "total", "blank", "note")
DATA, GROUP, TOTAL, BLANK, NOTE = range(5)

_COUNT: Final = r"(?:[:：(（]?(?:共|计)?[0-9一二三四五六七八九十]+(?:个|项|家)(?:项目)?[)）]?)?"
_TOTAL_TEXT: Final = re.compile(
    rf"[^,，。;；:：]{{0,12}}?(?<!综)(?:合计|小计|总计|共计)[:：]?{_COUNT}(?:[(（][^()（）]{{0,12}}[)）])?|(?:总|合|累)计数?"
)
_ORDINAL: Final = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}(?:[、.．:：]|\s|类|$)|(?P<second>[(（][一二三四五六七八九十]{1,3}[)）]))"
)
_COUNTED: Final = re.compile(r".*[(（:：]?\s*(?:共|计)?\s*[0-9]+\s*(?:个|项)(?:项目)?[,，]?.{0,30}[)）]?")
_NUMERAL: Final = re.compile(r"[0-9]{1,6}(?:[.．\-][0-9]{1,4})?\.?")


@dataclass(slots=True)
class Kinds:
    """The kind of every row from `start` on, one byte each, and from which row on which groups hold."""

    start: int
    kinds: bytearray = field(default_factory=bytearray)
    groups: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    parts: dict[int, int] = field(default_factory=dict)  # row → row of the project that it is a part of

    def __getitem__(self, row: int) -> int:
        return self.kinds[row - self.start]

    def group(self, row: int) -> tuple[str, ...]:
        """The groups that a row stands under, the outer first."""
        place = bisect_right(self.groups, row, key=lambda group: group[0]) - 1
        return self.groups[place][1] if place >= 0 else ()


def sort_out(grid: Grid, start: int, end: int, columns: Sequence[Column], again: frozenset[int]) -> Kinds:
    """Tell data from groups, totals, notes and blanks, and note which groups hold from where.

    Rows count from 0, up to before `end`; `again` are those that print the headings once more.
    """
    place = {column.meaning: column.index for column in reversed(columns) if column.meaning}
    serial, name = place.get("serial"), place.get("name")
    words = {column.index for column in columns if not column.meaning or MEANINGS[column.meaning].shape not in _FIGURED}
    sorted_out = Kinds(start)
    path: list[str] = []
    whole: int | None = None  # the row of the project above
    for at in range(start, end):
        cells = grid.sheet.rows[at]
        kind, text = (NOTE, "") if at in again else _kind(cells, grid, at, serial, name, words)
        if whole is not None and kind in (DATA, TOTAL) and _is_part(cells, grid.sheet.rows[whole], serial, name):
            kind = DATA
            sorted_out.parts[at] = whole
        elif kind != BLANK:
            whole = at if kind == DATA else None
        sorted_out.kinds.append(kind)
        if kind == GROUP:
            second = (match := _ORDINAL.match(text)) is not None and match["second"] is not None
            sorted_out.groups.append((at, tuple(path[:1] if second else ())))
            path = [*path[:1], text] if second and path else [text]
            sorted_out.groups.append((at + 1, tuple(path)))
        elif kind == TOTAL and path and not re.search("小\\s*计", text):
            path = []
            sorted_out.groups.append((at, ()))
    return sorted_out


_SORT: Final = re.compile("类|[省市县区]级?重点|续建|新开工|新建$|(?:产业|设施|民生|城建|服务业|工业|农业)项目$")
_PART: Final = re.compile(r"其中\s*[:：、]?\s*(?P<name>.+)", re.DOTALL)


def _is_part(cells: Sequence[Cell], above: Sequence[Cell], serial: int | None, name: int | None) -> bool:
    """Whether a row is but a part of the project `above`: 1.1 below 1, or 其中：一期厂房."""
    called = _words(cells, name)
    number = cells[serial] if serial is not None and serial < len(cells) else None
    pointed = not number.is_integer() if isinstance(number, float) else isinstance(number, str) and len(number) > 2
    if not called or not (pointed or called.startswith("其中")) or _is_sum_of(_words(above, name)):
        return False
    among = _PART.match(called)
    if among and _is_sum_of(among["name"]):
        return False
    whole = _words(above, serial)
    if pointed and whole.isdigit() and re.fullmatch(rf"{whole}[.．\-][0-9]{{1,3}}", _words(cells, serial)):
        return True
    return bool(among) and not _is_serial(number)


def _words(cells: Sequence[Cell], at: int | None) -> str:
    return fold(shown(cells[at])).strip() if at is not None and at < len(cells) else ""


def _is_sum_of(text: str) -> bool:
    """Whether a name is one of a kind of projects with their sum, as behind 其中: 产业项目, 省重点（12个）."""
    return bool(_COUNTED.fullmatch(text) or _SORT.search(text))


_FIGURED: Final = frozenset({"money", "count", "percent", "number", "area", "serial"})


def _kind(
    cells: Sequence[Cell], grid: Grid, at: int, serial: int | None, name: int | None, words: set[int]
) -> tuple[int, str]:
    """The kind of a row, and the words that show it."""
    called = cells[name] if name is not None and name < len(cells) else None
    numbered = serial is not None and serial < len(cells) and _is_serial(cells[serial])
    if isinstance(called, str) and numbered and called.strip() and not _is_total(called):
        return DATA, ""
    said = [(index, cell) for index, cell in enumerate(cells) if not is_blank(cell)]
    if not said:
        return BLANK, ""
    first_column = said[0][0]
    first = fold(str(said[0][1])).strip()
    for index, cell in said[:3]:
        if isinstance(cell, str) and index <= max(name or 0, 2) and _is_total(cell):
            return TOTAL, cell.strip()
    alone = len(said) == 1
    if isinstance(said[0][1], str) and (NOTED.match(first) or (alone and (len(first) > 60 or is_of_page(first)))):
        return NOTE, first
    texts = [(index, cell.strip()) for index, cell in said if isinstance(cell, str)]
    if alone and texts:
        return _single(grid, at, first_column, texts[0][1], serial, name)
    if texts and _is_group(said, texts, serial, name, words):
        lone = _numeral_alone(texts[0][1]) and len(texts) > 1
        return (
            GROUP,
            f"{texts[0][1].strip('、.．')}{'' if texts[0][1][0] in '(（' else '、'}{texts[1][1]}"
            if lone
            else texts[0][1],
        )
    return DATA, ""


def _is_total(text: str) -> bool:
    plain = "".join(text.split())
    return ("计" in plain and bool(_TOTAL_TEXT.fullmatch(plain))) or (plain.startswith("其中") and len(plain) <= 20)


def _is_serial(cell: Cell) -> bool:
    if isinstance(cell, (int, float)):
        return True
    return isinstance(cell, str) and bool(_NUMERAL.fullmatch(fold(cell).strip()))


def _single(grid: Grid, at: int, column: int, text: str, serial: int | None, name: int | None) -> tuple[int, str]:
    """A row with nothing but one text: a group, or a project of which only the name is known."""
    ordered = bool(_ORDINAL.match(text) or (len(text) <= 40 and _COUNTED.fullmatch(text)))
    merged = any(merge.left == column and merge.right > column for merge in grid.starting.get(at, ()))
    if column == name and serial is None and not ordered and not merged and looks_like_project(text):
        return DATA, ""
    if name is not None and column > name and not merged:
        return DATA, ""
    if _is_serial(text):
        return DATA, ""
    return GROUP, text


def _numeral_alone(text: str) -> bool:
    return bool(re.fullmatch(r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]?", text))


def _is_group(
    said: Sequence[tuple[int, Cell]],
    texts: Sequence[tuple[int, str]],
    serial: int | None,
    name: int | None,
    words: set[int],
) -> bool:
    """Whether a row of several cells is the head of a group with its sums: 一 | 先进制造业（12个） | 52000."""
    column, text = texts[0]
    if name is not None and column > name:
        return False
    if name is not None and _is_sum(said, column, text, serial, name, words):
        return True
    lone = _numeral_alone(text) and column == (serial if serial is not None else 0)
    if not lone and not (_ORDINAL.match(text) or (len(text) <= 40 and _COUNTED.fullmatch(text))):
        return False
    if serial is not None and column != serial and any(index == serial for index, _ in said):
        return False
    rest = [index for index, _ in texts[1 + lone :] if index in words]
    return not rest and (not lone or len(texts) > 1)


def _is_sum(
    said: Sequence[tuple[int, Cell]], column: int, text: str, serial: int | None, name: int, words: set[int]
) -> bool:
    """Whether a row is a word and its sums, 化工 | | 35000: no number before it, no project's name, no more words."""
    if _is_serial(text) or len(text) > 20 or looks_like_project(text) or len(words - {name}) < 2:
        return False
    others = [index for index, _ in said if index != column]
    if column != name and (column != serial or name in others):
        return False
    return not any(index in words or index == serial for index in others)
