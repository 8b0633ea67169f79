"""Projects named in tables, numbered rows and lines of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects import dates, money, names
from projects.reports.grammar import items as lists
from projects.reports.grammar import sections, steps, tables
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions.naming import SENTENCE, record, trim
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject, Read, StatedDate
from projects.reports.grammar.words import COUNTED, NUMBER, is_generic, is_vague

_SECTION = re.compile(rf"^(?P<zone>[㐀-鿿]{{2,8}})(?P<n>{NUMBER}){COUNTED}(?:——|:)")
_ROW = re.compile(
    r"(?:^|(?<=[;。—:]))\s*(?:0[1-9](?=[㐀-鿿“A-Za-z])|\d{1,2}[.、)](?=\D|\d{1,3}[+×xX*]|\d{1,4}(?:层|万?[吨台套千米只件座栋头羽]|MW|兆瓦))|[①-⑳]|\(?[一二三四五六七八九十]{1,3}[)、.])\s*|\s*\(\d{1,2}\)(?=\s*[㐀-鿿“])\s*",
    re.MULTILINE,
)
_BULLET = pattern(
    "mark before a row",
    r"^\s*(?:——|[-•●◆▪■·*○◇]|[\u2190-\u21ff\u25a0-\u27bf\U0001f300-\U0001faff]+)\s*(?=[㐀-鿿“\dA-Za-z])",
    "——青芦板材加工项目:已停工两个月",
    "——",
    code="C8",
)
_SHORT_LINE = 60  # characters
_SHORTEST_LINE = 8  # characters of a name that is a line
_NUMBERED = re.compile(r"\(1\)\s*[㐀-鿿“][^\n]*\(2\)\s*[㐀-鿿“]")
_WHOLE_LINE = re.compile(r"项目(?:\([^()]{1,40}\)|[一二三四五六]期工程)*(?:\([^()]{1,60}\))?$")


def of_tables(page: Page) -> Iterator[NamedProject]:
    """The rows of a table; its head says which cell is the name."""
    for row in tables.rows(page):
        if one := _table_row(page, row):
            yield one


def _table_row(page: Page, row: tables.Row) -> NamedProject | None:
    place = next((cell for column, cell in row.cells if tables.kind(column) == "name"), None)
    sums = any(tables.SUM.match(page.text[slice(*cell)]) for _, cell in row.cells[:2])
    if place is None or sums or tables.SUM.match(page.text[slice(*place)]) or place[1] - place[0] < 2:
        return None
    item = lists.parse(page, *place)
    if item is None or re.fullmatch(r"[\d.%]+", page.text[item.start : item.end]):
        return None
    one = record(page, item)
    one.row = True
    for column, cell in row.cells:
        if cell != place and cell[0] < cell[1]:
            _table_cell(page, one, column, row.unit, cell)
    return one


def _table_cell(page: Page, one: NamedProject, column: str, unit: str | None, cell: tuple[int, int]) -> None:
    (s, e), kind = cell, tables.kind(column)
    text = page.text[s:e]
    if kind in ("amount", "annual_plan", "completed"):
        value = tables.amount(page, column, unit, cell)
        if value and kind == "amount":
            one.keep_total(value)
        elif value:
            setattr(one, kind, value)
    elif kind == "dates":
        one.dates += _from_to(page.text, s, e)
    elif kind == "status":
        if found := steps.state(page.text, s, e):
            one.status, one.status_part = Read(*found), steps.of_part(page.text, s, found[1])
            told = [step for step in steps.find(page.text, s, e) if step.asserted]
            if told and one.status.value == told[-1].status:
                one.batch = Read(told[-1].batch, told[-1].start, told[-1].end)
    elif kind == "batch":
        of_batch = steps.find(page.text, s, e)
        if of_batch and one.batch is None:
            one.batch = Read(of_batch[-1].batch, of_batch[-1].start, of_batch[-1].end)
        of_round = _OF_ROUND.match(text)
        tag = names.batch_tag(f"({of_round.group()}项目)") if of_round else None
        if of_round and tag and tag[0]:
            one.period, one.period_role = Read(tag[0], s, s + of_round.end()), tag[1]
    elif kind == "company":
        one.company = Read(page.printed(s, e), s, e) if text.endswith(("公司", "集团")) else one.company
    elif one.zone is None and (zone := re.match(r"\d{0,3}\s*(?P<z>[㐀-鿿、]{3,})$", text)):
        one.zone = Read(page.printed(s + zone.start("z"), e), s + zone.start("z"), e)


_MONTH = r"(?:19|20)\d\d[.年/-](?:1[0-2]|0?[1-9])月?"
_FROM_TO = re.compile(rf"\s*(?P<a>{_MONTH})\s*[—~至-]+\s*(?P<b>{_MONTH})\s*")


def _from_to(text: str, start: int, end: int) -> Iterator[StatedDate]:
    """2023.10—2025.12: when it was started, and when it is to be completed."""
    if told := _FROM_TO.fullmatch(text, start, end):
        for group, role, certainty in (("a", "started", "actual"), ("b", "completed", "planned")):
            yield StatedDate(role, certainty, dates.read(told[group]), *told.span(group))


_OF_ROUND = pattern(
    "the round and the batch in a cell",
    r"第[一二三四五六七八九十\d]{1,3}[期次批](?:签约开工|签约|开工|投产|竣工)",
    "第四期开工",
    "第四期开工",
    code="D1",
)
_SAYS = pattern(
    "what a row says of its name",
    r":|[,。\s](?=(?:计划|概算|估算|规划|固定资产)*(?:(?:总?投资|注资|固投)(?:额)?)?约?\d[\d.]*[亿万]美?元)|。(?=该?项目)",
    "“珞溪芯谷”封测一期,总投资11亿元",
    ",",
    code="C8",
)
_LABELLED = pattern(
    "a name behind its label",
    r"(?:项目|工程)名称\s*:\s*(?P<n>[^\s,。;|:]{4,60})",
    "项目名称:西岭县供水一体化工程 建设单位:西岭水务公司",
    "项目名称:西岭县供水一体化工程",
    code="C8",
)


def of_labels(page: Page) -> Iterator[NamedProject]:
    """项目名称:N 建设单位:… 总投资:…"""
    for told in _LABELLED.finditer(page.text):
        if item := lists.parse(page, *told.span("n")):
            one = record(page, item)
            one.row = True
            yield one


def of_headings(page: Page) -> Iterator[NamedProject]:
    """一、关于N的进展, and below it what is said of it."""
    for start, _ in page.paragraphs:
        told = sections.ABOUT.match(page.text, start)
        item = lists.parse(page, *told.span("n")) if told else None
        if item and lists.ends_like_name(page.text[item.start : item.end]):
            one = record(page, item)
            one.row = True
            yield one


def of_rows(page: Page) -> Iterator[NamedProject]:
    """Numbered rows, and a section such as "某县1个——" in front of them."""
    zone: Read[str] | None = None
    for start, end in page.paragraphs:
        text, at = page.text, start
        if section := _SECTION.match(text[start:end]):
            zone = Read(page.printed(start, start + section.end("zone")), start, start + section.end("zone"))
            at = start + section.end()
        elif bullet := _BULLET.match(text[start:end]):
            zone, at = None, start + bullet.end()
        elif not _ROW.match(text[start:end]) and not _NUMBERED.search(text, start, end):
            zone = None
            continue
        marks = [start + m.end() for m in _ROW.finditer(text[start:end])] or [at]
        for begin, last in zip(marks, [*marks[1:], end], strict=True):
            stop = _row_stop(text, begin, last)
            item = lists.parse(page, begin, stop)
            name = text[item.start : item.end] if item else ""
            named = section or zone or lists.ends_like_name(name) or _is_told(text, name, stop, last)
            below = stop == end and _BELOW.match(text, end) and not SENTENCE.search(name)
            counts = re.search(rf"[(共]{NUMBER}{COUNTED}", name)
            plain = is_vague(name) and not (_PRICED.match(text, stop) and _is_full(name))
            if item and len(name) >= 4 and not plain and not counts and (named or below):
                for s, e in _row_names(text, item):
                    one = record(page, Item(s, e, item.amount, item.tag, item.tag_span))
                    beside = _PLACE_BESIDE.match(text, e)
                    of_place = Read(page.printed(*beside.span("z")), *beside.span("z")) if beside else None
                    one.zone, one.row = zone or of_place, True
                    yield one


_PRICED = pattern(
    "the investment right behind the name of a row",
    r"[。,:]\s*(?:项目)?(?:计划|预计|概算|估算)?总?投资(?:额)?约?\d",
    "2.开发区污水处理厂扩建工程。总投资3.2亿元",
    "。总投资3",
    code="C8",
)
_SHORTEST_FULL = 7  # characters


def _is_full(name: str) -> bool:
    """开发区污水处理厂扩建工程: no word tells it from others of its kind, and yet it is one."""
    return len(name) >= _SHORTEST_FULL and not is_generic(name) and lists.ends_like_name(name)


_ASIDE = pattern(
    "a bracket that tells who answers for the project",
    r"\((?:责任|牵头|建设|实施|包联|业主|包保|服务|投资)[^()]{0,8}[:为][^()]*\)|"
    r"\([㐀-鿿]{1,8}(?:局|委|委员会|办公室|[乡镇]|街道|开发区|高新区|经开区|管委会)\)",
    "储能电站项目(责任单位:县发改委;包联领导:张某)总投资8.4亿元",
    "(责任单位:县发改委;包联领导:张某)",
    code="C8",
)
_PLACE_BESIDE = pattern(
    "the place in a bracket behind the name of a row",
    r"\((?P<z>[㐀-鿿]{2,8}(?:[县区镇乡]|街道))\)",
    "惠民路小学新建工程(砚塘镇)。总投资6800万元",
    "(砚塘镇)",
    code="F2",
)
_BELOW = pattern(
    "the amount in the line below a row",
    r"\s*(?:投资方:[^\n]*\s*)?总?投资(?:额)?:\d",
    "\n总投资:0.6亿元",
    "\n总投资:0",
    code="C8",
)
_DETAIL_GAP = pattern(
    "blank before what is said of a row",
    r"[ \u3000]+(?=(?:计划|概算|估算|项目)?(?:总投资|投资|年度|建设|占地|位于|由))",
    "砚塘县集中供热工程 总投资0.87亿元",
    " ",
    code="C8",
)


def _row_names(text: str, item: Item) -> list[tuple[int, int]]:
    """A项目、B生产线: a row of two names, each whole, is two projects."""
    cut = lists.pieces(text, item.start, item.end)
    if len(cut) == 1 and "分别" in text[item.end : item.end + 12]:
        cut = lists.unjoined(text, item.start, item.end, weak=True)
    whole = all(lists.ends_like_name(text[s:e]) and e - s >= 6 for s, e in cut)
    return cut if whole else [(item.start, item.end)]


def _row_stop(text: str, begin: int, last: int) -> int:
    """Where the name of a row ends at the latest."""
    stop, depth = begin, 0
    while stop < last and (depth > 0 or text[stop] not in ",。;:"):
        depth += (text[stop] == "(") - (text[stop] == ")")
        stop += 1
    if depth > 0:
        stop = next((i for i in range(begin, last) if text[i] in ",。;:"), last)
    if aside := _ASIDE.search(text, begin, stop):
        return aside.start()
    gap = _DETAIL_GAP.search(text, begin + 1, stop)
    return gap.start() if gap else stop


def _is_told(text: str, name: str, stop: int, last: int) -> bool:
    """某某中央厨房:设备安装已完成八成: a row whose first words are told about as projects are."""
    if not _SAYS.match(text, stop) or len(name) > 30 or is_vague(name) or SENTENCE.search(name):
        return False
    rest = text[stop + 1 : last]
    label = text[stop] == ":"
    priced = any(
        f.amount and ((label and not f.start) or amount_role(rest[: f.start]) == "total") for f in money.find(rest)
    )
    return priced or bool(steps.state(text, stop + 1, last))


_UNMARKED = pattern(
    "a line that opens with its name",
    r"\s*(?:(?P<zone>[㐀-鿿]{2,8}(?:[县市区镇乡]|街道))·)?(?P<n>[㐀-鿿A-Za-z\d“”()\-][㐀-鿿A-Za-z\d“”()·\-]{3,39}?)"
    r"(?P<mark>——|:|(?<=.{6})。)(?=.{6})",
    "沙埠镇智能仓储货架厂——规划条件改了三次,至今没有报建",
    "沙埠镇智能仓储货架厂——",
    code="C8",
)


def of_told_lines(page: Page) -> Iterator[NamedProject]:
    """N——总投资…: lines that open with a name and tell about it, two of them or more."""
    told: list[NamedProject] = []
    for start, end in page.paragraphs:
        opening = _UNMARKED.match(page.text, start, end)
        item = lists.parse(page, *opening.span("n")) if opening else None
        if opening is None or item is None:
            continue
        name = page.text[item.start : item.end]
        named = opening["zone"] or lists.ends_like_name(name)
        plain = len(name) >= 6 and not is_vague(name) and not SENTENCE.search(name) and named
        rest = opening.end()
        priced = any(
            f.amount and amount_role(page.text[rest : f.start] or ":") in ("total", None)
            for f in page.amounts(rest, min(end, rest + 30))
        )
        dashed = opening["mark"] == "——" and len(name) >= 8
        if plain and (dashed or priced or steps.state(page.text, rest, end)):
            one = record(page, item)
            one.row = True
            if opening["zone"]:
                one.zone = Read(page.printed(*opening.span("zone")), *opening.span("zone"))
            told.append(one)
    if len(told) > 1:
        yield from told


def of_lines(page: Page) -> Iterator[NamedProject]:
    """A line that is nothing but a project's name, or a name and a colon, in a report made of such lines."""
    lines = []
    for start, end in page.paragraphs:
        stop = page.text.find(":", start, end)
        stop = end if stop < 0 else stop
        name = page.text[start:stop].strip()
        if len(name) < _SHORTEST_LINE or not _WHOLE_LINE.search(name):
            continue
        bare = re.sub(r"\([^()]*\)", "", name)
        if not re.search(r"[,。;]", bare) and not is_vague(bare):
            lines.append(trim(page.text, start, stop))
    priced = list(_priced_lines(page))
    if len(lines) + len(priced) >= 3:
        for item in [*(Item(s, e) for s, e in lines), *priced]:
            one = record(page, item)
            one.row = True
            yield one


def _priced_lines(page: Page) -> Iterator[Item]:
    """城南水厂二期 1.2亿元: a line that is a name and its amount."""
    for start, end in page.paragraphs:
        found = page.amounts(start, end)
        if len(found) == 1 and found[0].end >= end - 1 and end - start <= _SHORT_LINE:
            item = lists.parse(page, start, end)
            name = page.text[item.start : item.end] if item else ""
            if item and item.amount and lists.ends_like_name(name) and not is_vague(name) and not SENTENCE.search(name):
                yield item
