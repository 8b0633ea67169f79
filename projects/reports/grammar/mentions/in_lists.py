"""Projects named in lists: under a head, before a count, or simply side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects.finding import near
from projects.reports.grammar import items as lists
from projects.reports.grammar import sections, steps
from projects.reports.grammar.batches import BatchList
from projects.reports.grammar.mentions.naming import SENTENCE, name_end, record
from projects.reports.grammar.page import LONGEST, Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import ADVERB, COUNTED, NUMBER, ROLES, is_generic, is_vague, number

_PLACE = re.compile("[㐀-鿿]{1,4}[村镇乡县市区]")
_FOLLOWED = pattern(
    "leads that are only followed up",
    r"(?:正)?(?:在|处于)?(?:跟踪|接洽|对接|跟进)",
    "另有生物燃料、再生橡胶等4个项目在跟踪",
    "在跟踪",
    code="E3",
)
_CAPACITY = re.compile(r"年(?:产|处理|加工)[\d.]+万?[吨台套件米只]")
_SO_MANY = re.compile(rf"{NUMBER}{COUNTED}[^(]{{0,8}}项目$")
_COUNT_SIGN = re.compile("[个项]")
_ETC = re.compile(rf"等(?P<n>{NUMBER}{COUNTED})?(?P<kind>[^,。;:、\d]{{0,16}}?)项目")
MONEY_END = re.compile(r"\([^()]*元\)$")
_COUNTED_LIST = pattern(
    "names, then their count",
    rf"(?<![等的共有余约近超达第是为,。;:!?\s])(?P<n>[两二三四五六七八九]|[2-9]|1\d){COUNTED}(?P<kind>(?:超?\d+亿元(?:以上|级)?的?)?[^,。;:、\d]{{0,10}}?)(?<!子)项目(?!之一|部|组)",
    "杂粮烘焙工厂、食用菌栽培两个项目正在洽谈",
    "两个项目",
    code="C9",
)


def of_batches(page: Page, batches: list[BatchList]) -> Iterator[NamedProject]:
    for made in batches:
        for item, period, role in zip(made.items, made.periods, made.roles, strict=True):
            name = page.text[item.start : item.end]
            if is_generic(name) or (len(made.items) == 1 and SENTENCE.search(re.sub(r"“[^”]*”", "", name))):
                continue
            one = record(page, item)
            one.batch, one.period, one.period_role, one.listed = made.batch, period, role, made.count is not None
            one.telling = made.telling
            if one.batch is None and period and (told := ROLES.get(role)):
                one.batch = Read(told, period.start, period.end)
            if made.trouble:
                one.status, one.status_own = Read(*made.trouble), False
            elif made.asserted and made.asserted.told and made.batch:
                one.status = Read(made.asserted.status, made.asserted.start, made.asserted.end)
                one.status_own = False
            yield one


def of_bare_lists(page: Page) -> Iterator[NamedProject]:
    """A项目、B公路、C园 (…): three names or more between 、, under a head or before what is said of them all."""
    for start, end in page.sentences:
        if "|" in page.text[start:end]:
            continue
        rows = lists.pieces(page.text, start, end, ";。") if page.text.count(";", start, end) > 1 else []
        if rows and not re.search("[,:]", page.text[start:end]):
            yield from _bare(page, start, end, rows)
        if page.text.count("、", start, end) < 2:
            continue
        for s, e in lists.pieces(page.text, start, end, ",。;:!?"):
            cut = lists.pieces(page.text, s, e)
            if len(cut) > 2 and not _ETC.search(page.text, *cut[-1]):
                went = list(_WENT.finditer(page.text, s, e))
                begin = went[-1].end() if went else s
                yield from _bare(page, begin, _names_stop(page.text, begin, e, lists.pieces(page.text, begin, e)))


def _names_stop(text: str, start: int, end: int, cut: list[tuple[int, int]]) -> int:
    """Where the last name ends; 成功签约 and the like go on after it."""
    last, stop = cut[-1]
    for step in steps.find(text, last, stop):
        head = re.sub(rf"{ADVERB}$", "", text[last : step.start])
        if lists.ends_like_name(head) or MONEY_END.search(head):
            return last + len(head)
    told = name_end(text, last)
    counted = told and _SO_MANY.search(text, last, told)
    return told if told and told < stop and not counted and lists.ends_like_name(text[last:told]) else end


def _bare(page: Page, start: int, end: int, rows: list[tuple[int, int]] | None = None) -> Iterator[NamedProject]:
    text = page.text
    spans = rows or lists.listed(text, start, end)
    parsed = [item for s, e in spans if (item := lists.parse(page, s, e))]
    if len(parsed) < 3 or len(parsed) != len(spans):
        return
    names = [text[item.start : item.end] for item in parsed]
    priced = sum(item.amount is not None for item in parsed)
    named = sum(lists.ends_like_name(name) for name in names)
    clear = not any(is_vague(name) or SENTENCE.search(name) or len(name) < 4 for name in names)
    strong = sum("项目" in name or "工程" in name for name in names)
    if clear and (priced == len(parsed) or (named * 5 >= len(parsed) * (3 if rows else 4) and (rows or strong >= 2))):
        for item in parsed:
            one = record(page, item)
            one.row = sections.is_line(page, start)
            yield one


def of_counted_lists(page: Page) -> Iterator[NamedProject]:
    """甲工厂、乙栽培两个项目: as many names as the count says."""
    text = page.text
    floor = 0
    for told in near(_COUNT_SIGN, 2, _COUNTED_LIST, text):
        begin = _list_start(text, told.start(), floor)
        floor = told.end()
        parsed = [
            item
            for s, e in lists.listed(text, begin, told.start(), number(told["n"]))
            if (item := lists.parse(page, s, e))
        ]
        if len(parsed) < 2 or len(parsed) != number(told["n"]):
            continue
        names = [text[item.start : item.end] for item in parsed]
        if not any(is_vague(name) or SENTENCE.search(name) or _PLACE.fullmatch(name) for name in names):
            for item in parsed:
                one = record(page, item)
                one.listed = False
                yield one


def of_open_lists(page: Page) -> Iterator[NamedProject]:
    """甲、乙、丙等8个项目; 甲、乙等总部项目."""
    text = page.text
    floor = 0
    for etc in _ETC.finditer(text):
        begin = _list_start(text, etc.start(), floor)
        floor = etc.end()
        # "等总部项目" and "等8个项目" class what stands before them as projects; "等重点企业…项目" does not.
        if not etc.group("n") and re.search(r"企业|公司|专项|实施|推进|申报|的", etc.group("kind")):
            continue
        said = number(etc["n"].rstrip("个项")) if etc["n"] else None
        spans = lists.listed(text, begin, etc.start(), said if said and said > 2 else None)
        parsed = [item for s, e in spans if (item := lists.parse(page, s, e))]
        named = any(
            lists.ends_like_name(text[i.start : i.end]) or _CAPACITY.search(text, i.start, i.end) for i in parsed
        )
        if not named and _FOLLOWED.match(text, etc.end()):
            continue
        if not etc.group("n") and (len(parsed) < 2 or not named):
            continue
        for item in parsed:
            if not is_generic(text[item.start : item.end]):
                one = record(page, item)
                one.listed = False
                labels = steps.find(text, *etc.span("kind")) or steps.find(text, etc.start("kind"), etc.end())
                if going := re.search("续建|在建", etc.group("kind")):
                    one.status, one.status_own = (
                        Read("在建", etc.start("kind") + going.start(), etc.start("kind") + going.end()),
                        False,
                    )
                if one.batch is None and labels and labels[0].label:
                    one.batch = Read(labels[0].batch, labels[0].start, labels[0].end)
                yield one


def _list_start(text: str, end: int, floor: int) -> int:
    at, depth = end, 0
    while at > max(floor, end - LONGEST):
        char = text[at - 1]
        depth += (char in ")”") - (char in "(“")
        if depth < 0 or (depth == 0 and char in ",。;:!?\n"):
            break
        at -= 1
    went = list(_WENT.finditer(text, at, end))
    return went[-1].end() if went else at


_WENT = pattern(
    "where somebody went, before what was seen",
    r"(?:来到|深入|走进|前往|察看|查看|调研|视察|听取|考察|参观|督导|检查|观摩(?![团会组])|签[订署下])了?(?=[^、,。]{4,}、)",
    "付某、何某一行先后来到阳光花园三期、云岭轴承产业园",
    "来到",
    code="T5",
)
