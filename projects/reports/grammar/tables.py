"""Tables pasted into a report: | or tabs between the cells, or wide gaps under a head that names the columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from projects import money
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import Read

Cell = tuple[int, int]

NAME = pattern(
    "column of names", r"^(?:(?:重点|建设)?(?:项目|工程)(?:名称|名)?|名称)$", "项目名称", "项目名称", code="A11"
)
_SECTION = pattern(
    "a head between the rows of a table",
    r"\s*(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]\)|[▶●■【])[^。;|]{2,24}",
    "一、开工一批(5个)",
    "一、开工一批(5个)",
    code="A11",
)
_NUMBER = re.compile(r"^(?:序号|编号|No\.?)$")
SUM = pattern("row that adds up", r"^(?:\d{0,3}\s*)?(?:合\s*计|总\s*计|小\s*计|共\s*计)", "合计", "合计", code="A11")
UNIT = pattern(
    "unit above a table", r"单位\s*[:为]?\s*(?P<u>亿元|万元|元|万美元|亿美元)", "单位:万元", "单位:万元", code="A11"
)
_UNIT_IN_HEAD = re.compile(r"[\((](?P<u>亿元|万元|元|万美元|亿美元)[\))]|[/,](?P<v>亿元|万元)$")
KINDS = (
    (
        "annual_plan",
        pattern(
            "column of the year's plan",
            r"(?:年度|本年|今年|当年|\d{2,4}年)[^完]{0,6}(?:计划|投资|目标)",
            "年度计划投资",
            "年度计划投资",
            code="G3",
        ),
    ),
    (
        "dates",
        pattern(
            "column of start and end",
            r"开(?:工?[、/]?)?竣工(?:时间|日期|年月)?|起止(?:年限|时间|年月)|建设(?:年限|期限|起止)",
            "开竣工时间",
            "开竣工时间",
            code="E9",
        ),
    ),
    ("completed", pattern("column of what is spent", r"完成|累计|已投", "累计完成", "累计", code="G7")),
    (
        "amount",
        pattern("column of total investment", r"投资(?![方商单主])|概算|造价|金额", "总投资(万元)", "投资", code="A11"),
    ),
    (
        "company",
        pattern(
            "column of the owner",
            r"(?:建设|业主|投资|实施|承建|申报|项目)?(?:单位|业主|主体|企业|法人)|公司|投资[方商]",
            "建设单位",
            "建设单位",
        ),
    ),
    (
        "batch",
        pattern(
            "column of the batch",
            r"^(?:(?:所属)?批次|(?:项目)?类别|类型|签约开工投产|活动)$",
            "类别",
            "类别",
            code="D5",
        ),
    ),
    ("status", pattern("column of the state", r"状态|进展|进度|形象|情况|阶段|备注", "工程进度", "进度", code="E5")),
    (
        "zone",
        pattern(
            "column of the place",
            r"县区|县\(?市|区县|区域|所[属在]|属地|辖区|乡镇|地区|单位$",
            "县区",
            "县区",
            code="F2",
        ),
    ),
)
_NOT_OWNER = re.compile(r"责任|牵头|服务|主管|包联|配合|监管|联系")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by the heading of their column, and the unit that holds for its amounts."""

    cells: tuple[tuple[str, Cell], ...]
    unit: str | None

    @property
    def start(self) -> int:
        return self.cells[0][1][0]

    @property
    def end(self) -> int:
        return self.cells[-1][1][1]


@lru_cache(maxsize=1024)
def kind(heading: str) -> str:
    """What a column holds: "name", "annual_plan", "completed", "amount", "company", "status", "zone" or ""."""
    plain = re.sub(r"\s", "", heading)
    if NAME.search(re.sub(r"\(.*", "", plain)):
        return "name"
    found = next((name for name, words in KINDS if words.search(plain)), "")
    return "" if found == "company" and _NOT_OWNER.search(plain) else found


def rows(page: Page) -> Iterator[Row]:
    """Every row under a head that names the column of names; a row that lacks cells at its end is read as it stands."""
    columns: list[str] = []
    resumed = False  # after a head between the rows, which may bring other columns
    for start, end in page.paragraphs:
        if "|" not in page.text[start:end]:
            resumed = bool(_SECTION.fullmatch(page.text, start, end))
            columns = columns if resumed or SUM.match(page.text[start:end]) else []
            continue
        cells = _cells(page.text, start, end)
        texts = [page.text[s:e] for s, e in cells]
        if resumed and len(cells) != len(columns):
            columns = []
        resumed = False
        if any(kind(text) == "name" for text in texts):
            columns = texts
        elif not columns and (guessed := _guessed(texts)):
            yield Row(tuple(zip(guessed, cells, strict=True)), _unit(page.text, start))
        elif columns and 1 < len(cells) <= len(columns) and not re.fullmatch(r"[-|:\s]+", page.text[start:end]):
            yield Row(tuple(zip(columns, cells, strict=False)), _unit(page.text, start))


def _guessed(texts: list[str]) -> list[str]:
    """The columns of a row without a head: its number if any, its name, and what each further cell looks like."""
    if len(texts) >= 3 and re.fullmatch(r"\d{1,3}[.、]?", texts[0]):
        return ["序号", "项目名称", *(_looks_like(text) for text in texts[2:])]
    rest = [_looks_like(text) for text in texts[1:]]
    return ["项目名称", *rest] if len(texts) >= 2 and rest.count("总投资") == 1 else []


def _looks_like(text: str) -> str:
    if re.search(r"公司$|集团$", text):
        return "建设单位"
    amounts = money.find(text)
    whole = len(amounts) == 1 and amounts[0].text == text and amounts[0].amount
    return "总投资" if whole else "进展"


def _cells(text: str, start: int, end: int) -> list[Cell]:
    """The cells of a line, empty ones kept; a | at either end of the line only frames it."""
    begin, last = _trim(text, start, end)
    if text[begin] == "|":
        begin += 1
        last -= text[last - 1] == "|"
    found: list[Cell] = []
    at = begin
    for stop in [i for i in range(begin, last) if text[i] == "|"] + [last]:
        found.append(_trim(text, at, stop))
        at = stop + 1
    return found


def _trim(text: str, start: int, end: int) -> Cell:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _unit(text: str, start: int) -> str | None:
    """The unit named last above the table."""
    found = list(UNIT.finditer(text, max(0, start - 3000), start))
    return found[-1]["u"] if found else None


def amount(page: Page, heading: str, unit: str | None, cell: Cell) -> Read[money.Amount] | None:
    """A cell's amount; its unit may stand in the head of the column or above the table only."""
    s, e = cell
    own = _UNIT_IN_HEAD.search(re.sub(r"\s", "", heading))
    try:
        value = money.read(page.text[s:e], unit=(own["u"] or own["v"]) if own else unit)
    except money.UnreadableAmount:
        return None
    return Read(value, s, e)
