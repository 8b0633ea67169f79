"""Where the tables of a sheet are: titles, rows of headings, rows below."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

from projects.glyphs import fold
from projects.intake.opening import Cell, Merged, Sheet
from projects.ledgers.understanding import headings
from projects.ledgers.understanding.cells import is_blank

_LOOKED: Final = 200  # rows that are searched with care for the first headings
_LEVELS: Final = 4  # rows of headings at most
_TABLES: Final = 200  # of one sheet
_CARD: Final = 12  # rows below a label that are looked at for others
_WIDEST: Final = 400  # columns that are looked at
_COVERED: Final = 200_000  # cells under merges that are followed; more is no ledger

OFFICE: Final = re.compile(
    r"(?:报送|填报|填表|编制|制表|上报|汇总|报表)(?:单位|部门|机关)(?:\(?(?:盖章|公章|章)\)?)?[:：]\s*(?P<office>[^:：\s]{2,40}?)(?=\s|$|单位[:：]|填报|时间|日期|[(（])"
)
_ASIDE: Final = re.compile(
    r"(?:报送|填报|填表|编制|制表|上报|单位|部门|日期|时间|审核|附件|附表|联系)[^:：]{0,8}[:：]|^附(?:件|表)\s?[0-9]*$"
)
NOTED: Final = re.compile(
    r"^[(（]?(?:备?注|说明|填表说明|填报说明|填报要求|附注|填[报表]人|制表|审核|审批|负责人|单位负责人|联系人|联系电话|填报单位|报送单位|附件?)\d*[)）]?[:：]"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A table within a sheet, by rows counted from 0: titles, headings from `first` to `last`, data up to `end`."""

    above: int
    first: int
    last: int
    end: int
    levels: tuple[tuple[str, ...], ...]  # of every column
    again: frozenset[int] = frozenset()  # rows that print the headings once more


@dataclass(slots=True)
class Grid:
    """A sheet with its merges looked up."""

    sheet: Sheet
    width: int = 0
    _origin: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    below: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # column → merges over rows, (top, bottom)
    starting: dict[int, list[Merged]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = self.sheet.rows
        self.width = min(_WIDEST, max(map(len, rows), default=0))
        starting: dict[int, list[Merged]] = defaultdict(list)
        below: dict[int, list[tuple[int, int]]] = defaultdict(list)
        covered = 0
        for merge in self.sheet.merged:
            if not (0 <= merge.top <= merge.bottom and 0 <= merge.left <= merge.right) or merge.top >= len(rows):
                continue
            starting[merge.top].append(merge)
            if merge.bottom > merge.top and merge.left < self.width:
                below[merge.left].append((merge.top, min(merge.bottom, len(rows) - 1)))
            if merge.bottom - merge.top < _LEVELS + 2:
                for row in range(merge.top, min(merge.bottom, len(rows) - 1) + 1):
                    for column in range(merge.left, min(merge.right, self.width - 1) + 1):
                        covered += 1
                        if covered <= _COVERED:
                            self._origin[row, column] = merge.top, merge.left
        self.starting = dict(starting)
        self.below = {column: sorted(spans) for column, spans in below.items()}

    def raw(self, row: int, column: int) -> Cell:
        """What stands in a cell itself."""
        cells = self.sheet.rows[row]
        return cells[column] if column < len(cells) else None

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """Where the merge begins that covers a cell; the cell itself when none does."""
        return self._origin.get((row, column), (row, column))

    def text(self, row: int, column: int) -> str:
        """The words of a cell, or of the merge that covers it."""
        return headings.text_of(self.raw(*self.origin(row, column)))

    def said(self, row: int) -> list[tuple[int, str]]:
        """The cells of a row that hold something, with their words."""
        cells = self.sheet.rows[row][: self.width]
        return [(at, headings.text_of(cell)) for at, cell in enumerate(cells) if not is_blank(cell)]


@lru_cache(maxsize=8192)
def known(text: str) -> bool:
    """Whether a cell's words are those of a heading, to the letter."""
    return len(text) <= 24 and headings.is_known(text)


@lru_cache(maxsize=8192)
def _likely(text: str) -> str:
    """What a heading most likely means, "" when nothing is likely."""
    if not text or len(text) > headings.LONGEST or text.isdigit():
        return ""
    found = headings.guesses((text,))
    return found[0].meaning if found and found[0].confidence >= 0.6 else ""


def is_card(grid: Grid, place: Place) -> bool:
    """Whether what was found is a card of one project, labels with their values beside them, and no table: below its
    first label stand other labels.
    """
    heads = [at for at, text in grid.said(place.last) if known(text)]
    below = range(place.last + 1, min(place.end, place.last + _CARD + 1))
    if not heads:
        return False
    said = [text for row in below if (text := headings.text_of(grid.raw(row, heads[0])))]
    labels = {meaning for text in said if not text[0].isdigit() and (meaning := _likely(text))}
    return len(labels) >= 2 and len(labels) >= 0.5 * len(said)


def places(sheet: Sheet, grid: Grid, told: Sequence[tuple[int, int]] | None) -> list[Place]:
    """The tables of a sheet from above to below; where a person said which rows the headings are, just these."""
    height = len(sheet.rows)
    if told is not None:
        spans = sorted((first - 1, min(last, height) - 1) for first, last in told if 1 <= first <= last <= height)
        blocks: Iterable[tuple[int, int, bool]] = [(first, last, False) for first, last in spans]
    else:
        blocks = islice(_blocks(grid, height), _TABLES)
    found: list[Place] = []
    for first, last, printed_again in blocks:
        begin = _page_begins(grid, found[-1], first) if found else first
        above = _titles_above(grid, begin, found[-1].last + 1 if found else 0)
        fresh = tuple(_levels(grid, first, last, column) for column in range(grid.width))
        # Printed again, headings are seldom merged again.
        same = printed_again or (bool(found) and fresh == found[-1].levels)
        if same and not _is_titled(grid, above, begin):
            found[-1] = replace(found[-1], again=found[-1].again | set(range(begin, last + 1)))
            continue
        if found:
            above = _titles_above(grid, first, found[-1].last + 1)
            found[-1] = replace(found[-1], end=max(above, found[-1].last + 1))
        found.append(Place(above, first, last, height, found[-1].levels if printed_again else fresh))
    return [place for place in found if any(any(level) for level in place.levels)]


def _page_begins(grid: Grid, place: Place, first: int) -> int:
    """Where a page begins that prints the headings of a table again at `first`: with the titles that stood above them
    the first time, 续表 and the number of a page.
    """
    stood = {_unpaged(text) for row in range(place.above, place.last + 1) for _, text in grid.said(row)} | {""}
    begin = row = first
    while row - 1 > place.last:
        row -= 1
        said = grid.said(row)
        if any(not isinstance(grid.raw(row, at), str) or _unpaged(text) not in stood for at, text in said):
            break
        begin = row if said else begin
    return begin


_PAGE: Final = re.compile(r"[(]?[续接转][上下]?[表页]?[)]?|(?:第[0-9]+页|-+[0-9]+-+)?(?:[,/]?共[0-9]+页)?")


def _unpaged(text: str) -> str:
    """Words without what only says that a page is turned."""
    plain = fold(text).strip()
    return "" if is_of_page(plain) else re.sub(r"[(]?续(?:表|[0-9一二三四五])?[)]?$", "", plain)


def is_of_page(plain: str) -> bool:
    """Whether folded words only say that a page is turned: 续表, 第2页 共3页."""
    return len(plain) <= 14 and not plain.isdigit() and bool(_PAGE.fullmatch("".join(plain.split())))


def _is_titled(grid: Grid, above: int, first: int) -> bool:
    """Whether what stands above headings begins a table of its own, and is not just a group of the one before."""
    said = [text for row in range(above, first) for _, text in grid.said(row)]
    return any(is_aside(text) or re.search("表|台账|清单|报表|汇总", text) for text in said)


def _blocks(grid: Grid, height: int) -> Iterator[tuple[int, int, bool]]:
    """First and last row of every block of headings, and whether it only prints the last one again."""
    row, most, floor = 0, 0, 0
    rows = grid.sheet.rows
    printed: set[tuple[Cell, ...]] = set()
    while row < height:
        if printed and rows[row] in printed:
            first = row
            while row + 1 < height and rows[row + 1] in printed:
                row += 1
            yield first, row, True
            floor = row + 1
        else:
            likely = _score(grid, row, careful=not printed and row < _LOOKED)
            # Later headings must be as rich as the first, or a row of data that quotes headings would split the table.
            if likely >= (max(3, most // 2) if printed else 2):
                first, last = _upwards(grid, row, floor), _downwards(grid, row, height)
                most = max(most, likely)
                yield first, last, False
                printed = {rows[at] for at in range(first, last + 1) if len(grid.said(at)) > 1}
                row, floor = last, last + 1
        row += 1


def _score(grid: Grid, row: int, *, careful: bool) -> int:
    """How many cells of a row are headings; 0 when too few of all are."""
    cells = grid.sheet.rows[row]
    if not careful:
        # Nearly all rows are data; they are told from headings by a figure among their first cells.
        if any(isinstance(cell, (int, float, date)) for cell in cells[:10]):
            return 0
        firsts = [cell for cell in cells[:4] if isinstance(cell, str) and len(cell) <= 10]
        if any(cell.isdigit() for cell in firsts):
            return 0
        if not any(known(headings.text_of(cell)) for cell in firsts):
            return 0
    said = grid.said(row)
    if len(said) < 2:
        return 0
    meant = {meaning for _, text in said if (meaning := _likely(text))}
    exact = sum(known(text) for _, text in said)
    numbers = sum(not isinstance(cells[at], str) for at, _ in said)
    if not exact or numbers > len(said) // 4 or len(meant) < 2:
        return 0
    # The name of a group means nothing by itself, but with what stands under it.
    under = row + 1 if row + 1 < len(grid.sheet.rows) else row
    count = sum(bool(_likely(text) or _likely(text + grid.text(under, at).lstrip("#"))) for at, text in said)
    return count if count >= 0.4 * len(said) else 0


def is_aside(text: str) -> bool:
    """Whether words above a table are no title: who sends it, its unit, its date."""
    plain = fold(text)
    bare = "".join(plain.split())
    unit = _UNIT_SAID.search(bare)
    if (unit and unit["corner"]) or _UNIT_ALONE.fullmatch(bare):
        return True
    return bool(OFFICE.search(plain) or _ASIDE.search(plain))


def _upwards(grid: Grid, row: int, floor: int) -> int:
    """The first row of a block of headings that holds `row`: above it may stand the names of groups."""
    said = grid.said(row)
    left, right = said[0][0], said[-1][0]
    first = row
    while first > floor and row - first < _LEVELS - 1:
        above = grid.said(first - 1)
        # Names of groups are few; a row as full as the headings that holds none of them is data.
        if len(above) > 0.7 * len(said) and sum(known(text) for _, text in above) < 0.3 * len(above):
            break
        if not above or any(is_aside(text) or len(text) > headings.LONGEST for _, text in above):
            break
        wide = {merge.left: merge.right for merge in grid.starting.get(first - 1, ())}
        if any(wide.get(at, at) - at >= 0.8 * max(1, right - left) for at, _ in above):
            break
        # One word alone above the first column is a title, not a group.
        if len(above) == 1 and above[0][0] <= left and above[0][0] not in wide:
            break
        if any(not isinstance(grid.raw(first - 1, at), str) or text.isdigit() for at, text in above):
            break
        if len(above) == 1 and above[0][0] not in wide and not _groups(grid, row, above[0][0]):
            break
        first -= 1
    return first


def _groups(grid: Grid, row: int, at: int) -> bool:
    """Whether a word above column `at` may be a group of it and the next column."""
    return bool(grid.text(row, at)) and bool(at + 1 < grid.width and grid.text(row, at + 1))


def _downwards(grid: Grid, row: int, height: int) -> int:
    """The last row of a block of headings that begins with or holds `row`."""
    last = row
    anchors = [at for at, text in grid.said(row) if _likely(text) in _ANCHORS]
    for merge in grid.starting.get(row, ()):
        if merge.bottom - row < _LEVELS and not is_blank(grid.raw(row, merge.left)):
            last = max(last, min(merge.bottom, height - 1))
    while last + 1 < height and last - row < _LEVELS - 1 and _is_under(grid, row, last + 1, anchors):
        last += 1
    if last + 1 < height and _counts_columns(grid, last + 1):
        last += 1
    return last


_ANCHORS: Final = frozenset({"serial", "name", "company", "unit", "zone", "investment", "content"})


def _is_under(grid: Grid, top: int, row: int, anchors: list[int]) -> bool:
    """Whether a row holds sub-heads: words under group names, nothing under 序号 and 项目名称."""
    said = grid.said(row)
    if not said or any(not isinstance(grid.raw(row, at), str) for at, _ in said):
        return False
    if any(
        at in anchors and _likely(grid.text(top, at)) in ("serial", "name") and not _only_unit(text)
        for at, text in said
    ):
        return False
    if any(len(text) > 30 for _, text in said) or (said[0][0] == 0 and len(said) == 1):
        return False
    known_heads = sum(1 for at, text in said if _likely(text) or text.startswith("#") or _only_unit(text))
    under = sum(1 for at, _ in said if _covered_from(grid, top, at))
    return under == len(said) and (known_heads >= 0.5 * len(said))


def _covered_from(grid: Grid, top: int, column: int) -> bool:
    """Whether a column has a heading above, its own or that of a group to its left."""
    return any(grid.text(top, at) for at in range(column, max(-1, column - 12), -1))


def _only_unit(text: str) -> bool:
    return bool(re.fullmatch(r"[(（]?(?:万元|亿元|元|亩|%|个|年月|年、月|平方米|㎡)[)）]?", text))


_COUNTED: Final = re.compile(r"[(（]?(?:(?P<number>[0-9]{1,3})|(?P<stem>[甲乙丙丁戊己庚辛A-Z]))[)）]?(?:[栏列]|=.*)?")
_STEMS: Final = ("甲乙丙丁戊己庚辛", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _counts_columns(grid: Grid, row: int) -> bool:
    """Whether a row does nothing but number the columns: 1 2 3 4, 甲 乙 丙 1 2 3=1+2."""
    said = [text for _, text in grid.said(row)]
    counted = [match for text in said if (match := _COUNTED.fullmatch(text))]
    numbers = [int(match["number"]) for match in counted if match["number"]]
    stems = "".join(match["stem"] for match in counted if match["stem"])
    if len(said) < 0.6 * grid.width or any(after != at + 1 for at, after in pairwise(numbers)):
        return False
    if stems:
        ordered = stems.startswith(("甲", "A")) and any(stems in each for each in _STEMS)
        begins = not numbers or numbers[0] in (0, 1, 2, len(stems) + 1)
        return ordered and begins and len(counted) == len(said) and len(said) >= (3 if numbers else 4)
    return len(numbers) >= 4 and len(numbers) + 2 >= len(said) and numbers[0] in (0, 1, 2)


def _levels(grid: Grid, first: int, last: int, column: int) -> tuple[str, ...]:
    """The headings over a column from above to below; a group's name holds for the blanks to its right."""
    levels: list[str] = []
    origins: set[tuple[int, int]] = set()
    for row in range(first, last + 1):
        origin = grid.origin(row, column)
        text = headings.text_of(grid.raw(*origin))
        if not text and row < last and not levels:
            origin, text = _group_at_left(grid, row, last, column)
        counted = row == last and row > first and bool(_COUNTED.fullmatch(text))
        if counted and (re.fullmatch("[0-9]{1,3}|[甲乙丙丁]", text) or _counts_columns(grid, row)):
            continue
        if text and origin not in origins:
            origins.add(origin)
            levels.append(text[: 2 * headings.LONGEST])
    return tuple(levels)


def _group_at_left(grid: Grid, row: int, last: int, column: int) -> tuple[tuple[int, int], str]:
    """The group that a blank above sub-heads belongs to, without any merge: 年计划 | (blank) over 投资 | 内容."""
    if not any(grid.text(below, column) for below in range(row + 1, last + 1)):
        return (row, column), ""
    for at in range(column - 1, max(-1, column - 13), -1):
        text = grid.text(row, at)
        if not text:
            if not any(grid.text(below, at) for below in range(row + 1, last + 1)):
                break
            continue
        own = grid.origin(row, at)
        merged = any(
            m.left <= own[1] <= m.right and m.right > m.left for m in grid.starting.get(own[0], ()) if m.top == own[0]
        )
        if not merged and any(grid.raw(below, at) not in (None, "") for below in range(row + 1, last + 1)):
            return own, text
        break
    return (row, column), ""


def _titles_above(grid: Grid, first: int, floor: int) -> int:
    """The first of the rows above the headings that speak of the table: titles, 报送单位, 单位：万元."""
    above = first
    while above > floor:
        said = grid.said(above - 1)
        # What is not plainly a title or an aside may be the last project of the table before.
        if floor and (len(said) > 1 and not any(is_aside(text) for _, text in said)):
            break
        if floor and any(not isinstance(grid.raw(above - 1, at), str) or text.isdigit() for at, text in said):
            break
        if floor and said and re.search(r"合\s*计|小\s*计|总\s*计", said[0][1][:8]):
            break
        if floor and said and NOTED.match(fold(said[0][1])) and not OFFICE.search(said[0][1]):
            break
        if floor and not said and above < first and grid.said(above):
            # A blank line parts the title of this table from what stands above.
            break
        above -= 1
    return above


_UNIT_SAID: Final = re.compile(
    r"(?P<corner>(?<![报送表制设责])单位(?:均?[:为]|是)(?P<said>(?:人民币:)?[^:。;]{0,10}?(?:亿元|百?万元|千元|元|亿|万)(?:[、,/和](?:亿元|百?万元|千元|元))*)(?![\w]))"
    r"|[(](?P<bracket>(?:单位:?)?(?:人民币)?(?:亿元|百?万元|千元|元))[)]"
    r"|(?:金额|投资|资金|数据)[^,。;]{0,8}(?:以|均为|为|按)(?P<note>亿元|百?万元|千元|元)"
)
_UNIT_ALONE: Final = re.compile("(?:人民币)?(?:亿元|百?万元|千元|元)")


def units_in(text: str) -> set[str]:
    """The units of money that a corner or a title names."""
    plain = "".join(fold(text).split())
    found: set[str] = set()
    for match in _UNIT_SAID.finditer(plain):
        words = match["said"] or match["bracket"] or match["note"]
        found |= _named_in(words)
    return found or (_named_in(plain) if _UNIT_ALONE.fullmatch(plain) else found)


def _named_in(words: str) -> set[str]:
    said = re.findall("亿元|百万元|万元|千元|(?<![万亿千百美欧港日])元|亿$|万$", words)
    return {headings.unit_name(word) for word in said} - {""}
