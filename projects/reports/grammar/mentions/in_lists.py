"""Projects named in lists, tables and rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects import money
from projects.reports.grammar import items as lists
from projects.reports.grammar.batches import BatchList
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions.naming import record, trim
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import COUNTED, NUMBER, is_generic

_ETC = re.compile(rf"等(?P<n>{NUMBER}{COUNTED})?(?P<kind>[^,。;:、\d]{{0,16}}?)项目")
_SECTION = re.compile(rf"^(?P<zone>[㐀-鿿]{{2,8}})(?P<n>{NUMBER}){COUNTED}(?:——|:)")
_ROW = re.compile(
    r"(?:^|(?<=[;。—:]))\s*(?:\d{1,2}[.、)](?=\D)|\(?[一二三四五六七八九十]{1,3}[)、.])\s*|\s*\(\d{1,2}\)(?=\s*[㐀-鿿“])\s*",
    re.MULTILINE,
)
_NUMBERED = re.compile(r"\(1\)\s*[㐀-鿿“][^\n]*\(2\)\s*[㐀-鿿“]")
_TABLE_HEAD = re.compile(r"项目(?:名称)?")
_WHOLE_LINE = re.compile(r"项目(?:\([^()]{1,40}\)|[一二三四五六]期工程)*(?:\([^()]{1,60}\))?$")


def of_batches(page: Page, batches: list[BatchList]) -> Iterator[NamedProject]:
    for made in batches:
        for item, period, role in zip(made.items, made.periods, made.roles, strict=True):
            one = record(page, item)
            one.batch, one.period, one.period_role, one.listed = made.batch, period, role, made.count is not None
            one.telling = made.telling
            if made.trouble:
                one.status, one.status_own = Read(*made.trouble), False
            elif made.asserted and made.asserted.told and made.batch:
                one.status = Read(made.asserted.status, made.asserted.start, made.asserted.end)
                one.status_own = False
            yield one


def of_tables(page: Page) -> Iterator[NamedProject]:
    """Rows with | between the cells; the header says which cell is the name."""
    columns: list[str] = []
    for start, end in page.paragraphs:
        line = page.text[start:end]
        if "|" not in line:
            continue
        cells = lists.pieces(page.text, start, end, "|")
        texts = [page.text[s:e].strip() for s, e in cells]
        if any(_TABLE_HEAD.fullmatch(t) for t in texts):
            columns = texts
        elif columns and len(cells) == len(columns):
            yield from _table_row(page, columns, cells)


def _table_row(page: Page, columns: list[str], cells: list[tuple[int, int]]) -> Iterator[NamedProject]:
    by_name = dict(zip(columns, cells, strict=True))
    place = next((c for c in columns if _TABLE_HEAD.fullmatch(c)), None)
    item = lists.parse(page, *trim(page.text, *by_name[place])) if place else None
    if item is None:
        return
    one = record(page, item)
    one.row = True
    for column, cell in by_name.items():
        if column != place:
            _table_cell(page, one, column, *trim(page.text, *cell))
    yield one


def _table_cell(page: Page, one: NamedProject, column: str, s: int, e: int) -> None:
    text = page.text[s:e]
    if "投资" in column:
        if value := _cell_amount(page, column, s, e):
            if name := "annual_plan" if "年度" in column else "completed" if "完成" in column else "":
                setattr(one, name, value)
            else:
                one.keep_total(value)
    elif re.search(r"单位|企业|业主|公司", column):
        one.company = Read(page.printed(s, e), s, e) if text.endswith(("公司", "集团")) else one.company
    elif one.zone is None and (zone := re.match(r"\d{0,3}\s*(?P<z>[㐀-鿿、]{3,})$", text)):
        one.zone = Read(page.printed(s + zone.start("z"), e), s + zone.start("z"), e)


def _cell_amount(page: Page, column: str, s: int, e: int) -> Read[money.Amount] | None:
    """A cell's amount; its unit may stand in the head of the column or above the table only."""
    unit = re.search(r"\((亿元|万元|元)\)", column) or re.search(r"单位:(亿元|万元|元)", page.text[:s])
    try:
        return Read(money.read(page.text[s:e], unit=unit.group(1) if unit else None), s, e)
    except money.UnreadableAmount:
        return None


def of_rows(page: Page) -> Iterator[NamedProject]:
    """Numbered rows, and a section such as "某县1个——" in front of them."""
    zone: Read[str] | None = None
    for start, end in page.paragraphs:
        text, at = page.text, start
        if section := _SECTION.match(text[start:end]):
            zone = Read(page.printed(start, start + section.end("zone")), start, start + section.end("zone"))
            at = start + section.end()
        elif not _ROW.match(text[start:end]) and not _NUMBERED.search(text, start, end):
            zone = None
            continue
        marks = [start + m.end() for m in _ROW.finditer(text[start:end])] or [at]
        for begin, last in zip(marks, [*marks[1:], end], strict=True):
            stop = next((i for i in range(begin, last) if text[i] in ",。;:"), last)
            item = lists.parse(page, begin, stop)
            name = text[item.start : item.end] if item else ""
            if item and len(name) >= 4 and not is_generic(name) and (section or zone or lists.ends_like_name(name)):
                one = record(page, item)
                one.zone, one.row = zone, True
                yield one


def of_open_lists(page: Page) -> Iterator[NamedProject]:
    """甲、乙、丙等8个项目; 甲、乙等总部项目."""
    text = page.text
    for etc in _ETC.finditer(text):
        begin = _list_start(text, etc.start())
        # "等总部项目" and "等8个项目" class what stands before them as projects; "等重点企业…项目" does not.
        if not etc.group("n") and re.search(r"企业|公司|专项|实施|推进|申报|的", etc.group("kind")):
            continue
        spans = lists.listed(text, begin, etc.start())
        parsed = [item for s, e in spans if (item := lists.parse(page, s, e))]
        if not etc.group("n") and (
            len(parsed) < 2 or not any(lists.ends_like_name(text[i.start : i.end]) for i in parsed)
        ):
            continue
        for item in parsed:
            if not is_generic(text[item.start : item.end]):
                one = record(page, item)
                one.listed = False
                yield one


def _list_start(text: str, end: int) -> int:
    at, depth = end, 0
    while at > 0:
        char = text[at - 1]
        depth += (char in ")”") - (char in "(“")
        if depth < 0 or (depth == 0 and char in ",。;:!?\n"):
            break
        at -= 1
    return at


def of_lines(page: Page) -> Iterator[NamedProject]:
    """A line that is nothing but a project's name, or a name and a colon, in a report made of such lines."""
    lines = []
    for start, end in page.paragraphs:
        stop = page.text.find(":", start, end)
        stop = end if stop < 0 else stop
        name = page.text[start:stop].strip()
        bare = re.sub(r"\([^()]*\)", "", name)
        if len(name) >= 8 and _WHOLE_LINE.search(name) and not re.search(r"[,。;]", bare) and not is_generic(name):
            lines.append(trim(page.text, start, stop))
    if len(lines) >= 3:
        for s, e in lines:
            yield record(page, Item(s, e))
