"""Lists of projects under a head ("“开工一批”项目24个,分别为…") with the period that brackets give to each run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from projects import money
from projects.finding import near
from projects.money import Amount
from projects.reports.grammar import items as lists
from projects.reports.grammar import steps
from projects.reports.grammar.items import Item
from projects.reports.grammar.page import LONGEST, Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import Read
from projects.reports.grammar.words import COUNTED, NUMBER, number

_COUNT = rf"(?P<n>{NUMBER}){COUNTED}(?!一批)"
_CUE = quick(
    r"分别[为是]:?|(?<=[个项]),[为是](?=[㐀-鿿“])|依次(?:为|是):?|(?:主要)?包括:?|(?:项目|的),?(?:主要)?(?:还)?(?:是|有|为)(?![\d两二三四五六七八九十]{1,3}[个项]):?|(?<=[个项宗])(?:外资|内资|项目)?[:(]|——|[个项]项目:|一批”?(?:项目)?:"
)
_STOP = re.compile(
    r",(?=(?:计划|预计|合计|累计)?(?:总投资|投资|年度|共|总计|合计)|截至|均|完成|占|达产|其中)|[。;!?\n]"
)
_HEAD_COUNT = re.compile(rf"{_COUNT}(?:[^,。;:、]{{0,16}}?项目)?|项目{_COUNT.replace('?P<n>', '?P<m>')}")
PERIOD = re.compile(r"第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})[期次批]")
MANY_PERIODS = re.compile(
    r"第?[一二三四五六七八九十]{1,3}[期次]?(?:至|到|—|-)第?[一二三四五六七八九十]{1,3}[期次]|(?<![第\d])前[二两三四五六七八九十\d]{1,2}[期次](?=活动|集中|签约|开工|投产|的|共|累计)|(?<![第\d一二三四五六七八九十])(?:前|现有|共|累计|历经|经前)?(?P<n>\d{1,2}|[二三四五六七八九十]{1,2})期(?=“?三个一批|项目|“|活动累计)"
)
_ANY_PERIOD = re.compile(r"[一二三四五六七八九十\d][期次批]")
_MANY_AHEAD = quick(
    r"[期次](?=“|三个一批|项目|活动|集中|签约|开工|投产|的|共|累计)|[至到—-](?=第?[一二三四五六七八九十]{1,3}[期次])"
)
_MANY_BEGIN = 8  # characters at most that `MANY_PERIODS` has before that
_ROW_COUNT = re.compile(rf"{NUMBER}{COUNTED}(?!一批)[^,。;:]{{0,8}}项目|项目{NUMBER}{COUNTED}")
_BULLETIN = pattern(
    "the number of a bulletin",
    r"(?:简报|专报|快报|周报|月报|通报|通讯|内参|参阅|总|报道|调度|动态|信息|专刊|要情|周刊|简讯|快讯)\s*$",
    "百日会战简报 ",
    "简报 ",
    code="T3",
)
_TO_COME = pattern(
    "a round that is still to come",
    r"[^,。;、(]{0,20}?(?:将[于在]|即将|拟[于在]|项目(?:谋划|储备))",
    "“三个一批”项目建设活动将于下月举行",
    "“三个一批”项目建设活动将于",
    code="D1",
)
_PREPARED = pattern(
    "a round that is only being prepared",
    r"(?:紧盯|迎接|备战|做好|筹备|谋划|瞄准|较|比|申报|争取|冲刺|申请|距离?|离|列入下)[^,。;]{0,6}$",
    "紧盯",
    "紧盯",
    code="D1",
)
_OF_PAPER = re.compile(r"(?:(?<=\n)|(?<![\s\S]))[(\s]{0,4}(?:20\d\d年)?$")
_AS_FAR = 12  # characters before the number of a paper
_PAPER_ENDS = re.compile(r"[)(\s]|$")
OF_ACTIVITY = pattern(
    "a round counted by 次 or 批",
    r"(?:全[省市县区])?“?(?:三个一批|(?:重大|重点)?项目(?:建设)?活动|集中(?:签约|开工|投产|竣工))",
    "2023年第三次“三个一批”活动",
    "“三个一批",
    code="D6",
)


_HEADLINES = 3  # lines
_LONGEST_HEADLINE = 60  # characters
_SECTION = pattern(
    "the heading of a section",
    r"\s*(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\))[^。;\n]{2,40}\s*$",
    "二、第十八期“三个一批”筹备情况",
    "二、第十八期“三个一批”筹备情况",
    code="C7",
)


def of_headline(page: Page) -> Read[int] | None:
    """The one round that the headlines name."""
    told: list[Read[int] | None] = []
    for start, end in page.paragraphs[:_HEADLINES]:
        if end - start > _LONGEST_HEADLINE or "。" in page.text[start:end]:
            break
        told += period_words(page.text, start, end)
    return told[0] if told and len({one and one.value for one in told}) == 1 else None


def by_section(page: Page) -> list[tuple[int, Read[int] | None]]:
    """Where each section begins, and the one round that its heading names."""
    heads = ((start, of_section(page, start, end)) for start, end in page.paragraphs)
    return [(start, told) for start, (is_head, told) in heads if is_head]


def of_section(page: Page, start: int, end: int) -> tuple[bool, Read[int] | None]:
    """Whether a line is the heading of a section, and the one round that it names."""
    if not _SECTION.fullmatch(page.text, start, end):
        return False, None
    told = period_words(page.text, start, end)
    return True, told[0] if len({one and one.value for one in told}) == 1 else None


_SEVERAL = 3  # A项目;B项目;C项目,总投资20.9亿元: where nothing is said of the others, the money is that of all
MOST = 20  # lists that a sentence may open; damaged text repeats its words, and must not cost more for it


@dataclass(slots=True)
class BatchList:
    """One list, in offsets of the working copy."""

    head: tuple[int, int]
    start: int
    end: int
    batch: Read[str] | None
    count: Read[int] | None
    asserted: steps.Step | None
    trouble: tuple[str, int, int] | None
    open: bool
    items: list[Item] = field(default_factory=list)
    periods: list[Read[int] | None] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    untagged_run: int = 0
    telling: bool = False  # a row for each item, closed by a semicolon, with words of its own


def find(page: Page) -> list[BatchList]:
    """Every list of named projects under a head that says which batch or how many."""
    found: list[BatchList] = []
    for start, end in page.sentences:
        at, tried = start, 0
        while tried < MOST and (cue := _CUE.search(page.text, at, end)):
            tried += 1
            made = _list(page, start, cue)
            if made and not any(made.start < other.end and other.start < made.end for other in found):
                found.append(made)
                at = max(made.end, cue.end())
            else:
                at = cue.end()
    return found


def _list(page: Page, sentence: int, cue: re.Match[str]) -> BatchList | None:
    text = page.text
    opens = cue.group().endswith("(")
    begin, end = cue.end(), _region_end(text, cue.end(), bracket=opens)
    if end - begin > 2 * lists.LONGEST_ITEM and not re.search("[、,;]", text[begin:end]):
        return None
    if re.match(r"\s*(?:\d{1,2}[.、)]|\(\d{1,2}\))\D", text[begin:end]):
        return None
    head_start = max(sentence, text.rfind(";", sentence, cue.start()) + 1)
    head = text[head_start : cue.start() + 1]
    count = _head_count(head, head_start)
    batch, step = _head_batch(page, head_start, cue.start() + 2 * cue.group().startswith("一批"))
    trouble = steps.trouble(text, head_start, cue.start()) or _waiting(text, head_start, cue.start())
    if trouble and trouble[0] == "未开工" and step and step.counted:
        batch = step = None  # 已开工9个,待开工3个:…: the step is that of the others
    if rows := _rows(page, begin) if (batch or count) and not opens else []:
        made = BatchList((head_start, cue.start()), begin, rows[-1][1], batch, count, step, trouble, False)
        made.items = [item for item, _ in rows]
        made.telling = len(rows) < _SEVERAL or any("," in text[item.end : e] for item, e in rows[:-1])
        _give_periods(made)
        return made
    open_end = bool(re.search(r"等(?:[\d个项]|$|[^、]{0,8}项目)", text[begin:end]))
    end_items = begin + len(re.sub(r"等(?:\d+[个项])?[^、。]{0,12}$", "", text[begin:end]))
    commas = lists.pieces(text, begin, end_items, ",")
    if count is None or (len(commas) > 1 and not all(lists.ends_like_name(text[s:e]) for s, e in commas)):
        end_items = _names_end(text, begin, end_items)
    declared = count.value if count and not open_end else None
    spans = lists.listed(text, begin, end_items, declared)
    items = [item for s, e in spans if (item := lists.parse(page, s, e)) and _is_name(text[item.start : item.end])]
    named = sum(lists.ends_like_name(text[i.start : i.end]) for i in items)
    near = count is not None and cue.start() + 1 - count.end <= 12
    priced = sum(item.amount is not None for item in items)
    named = max(named, priced)
    enough = (named * 2 >= len(items)) if not (near and len(items) >= 3 and batch) else True
    if not items or len(items) * 2 <= len(spans) or not (batch or count or priced > 1) or not enough:
        return None
    if len(items) == 1 and not (named and (batch or near)):
        return None
    if count and len(items) == 1 < count.value and not cue.group().startswith("分别"):
        count = None
    if each := _each(text, head_start, cue.start()):
        items = [replace(item, amount=item.amount or each) for item in items]
    made = BatchList((head_start, cue.start()), begin, end_items, batch, count, step, trouble, open_end, items)
    made.telling = len(items) == 1 and count is not None and count.value == 1
    _give_periods(made)
    return made


def _waiting(text: str, start: int, end: int) -> tuple[str, int, int] | None:
    """未开工的2个项目分别是: every item has not begun."""
    state = steps.state(text, max(start, text.rfind(",", start, end) + 1), end)
    return state if state and state[0] in ("未开工", "调入", "在建", "前期手续") else None


_EACH = pattern(
    "an amount of each that is listed", r"投资(?:额)?[均都各](?:为|达到?|在)*$", "总投资都达", "投资都达", code="A12"
)


def _each(text: str, start: int, end: int) -> Read[Amount] | None:
    """总投资都达3亿元的有2个,是…: every item has the amount."""
    for found in money.find(text[start:end]):
        if found.amount and _EACH.search(text, start, start + found.start):
            return Read(found.amount, start + found.start, start + found.end)
    return None


def _rows(page: Page, begin: int) -> list[tuple[Item, int]]:
    """总投资8亿元的A项目;B项目,总投资3亿元;…: the item of each row and the row's end; nothing where rows are none."""
    text = page.text
    found: list[tuple[Item, int]] = []
    for s, e in lists.pieces(text, begin, _row_end(text, begin), ";"):
        if not (parts := lists.pieces(text, s, e, ",")):
            break
        name_end = parts[0][1]
        item = lists.parse(page, s, name_end)
        several = len(lists.pieces(text, s, name_end)) > 1 or _CUE.search(text, s, e) or _ROW_COUNT.search(text, s, e)
        named = item and (lists.ends_like_name(text[item.start : item.end]) or item.amount)
        if several or item is None or not named:
            break
        found.append((item, e))
    return found if len(found) > 1 else []


def _row_end(text: str, begin: int) -> int:
    return next((at for at in range(begin, min(len(text), begin + LONGEST)) if text[at] in "。!?\n"), len(text))


def _names_end(text: str, begin: int, end: int) -> int:
    """Where the names of an uncounted list stop and what is said of them begins."""
    commas = lists.pieces(text, begin, end, ",")
    if not all(lists.ends_like_name(text[s:e]) for s, e in commas):
        end = commas[0][1]
    last = lists.pieces(text, begin, end)[-1:] or [(begin, end)]
    if lists.ends_like_name(text[last[0][0] : last[0][1]]):
        return last[0][1]
    strong = [m.end() for m in re.finditer(r"项目(?:\([^()]{1,10}\)|[一二三四五六]期)*", text[last[0][0] : last[0][1]])]
    return last[0][0] + strong[-1] if strong else last[0][1]


def _region_end(text: str, begin: int, *, bracket: bool) -> int:
    depth = 0
    last = min(len(text), begin + LONGEST)
    for at in range(begin, last):
        char = text[at]
        if char in "(“":
            depth += 1
        elif char in ")”":
            depth -= 1
            if depth < 0:
                return at
        elif (depth <= 0 and not bracket and _STOP.match(text, at)) or char == "\n":
            return at
    return last


def _head_count(head: str, offset: int) -> Read[int] | None:
    counts = list(_HEAD_COUNT.finditer(head))
    if not counts:
        return None
    last = counts[-1]
    group = "n" if last.group("n") else "m"
    value = number(last.group(group))
    return Read(value, offset + last.start(group), offset + last.end(group)) if value else None


def _head_batch(page: Page, start: int, end: int) -> tuple[Read[str] | None, steps.Step | None]:
    """The batch of the head; when it names none, that of the sentences before it in the same paragraph."""
    if steps.trouble(page.text, start, end):
        return None, None
    own = [s for s in steps.find(page.text, start, end) if s.told]
    if not own:
        paragraph = page.paragraph_at(start)[0]
        own = [s for s in steps.find(page.text, paragraph, start) if s.told]
    if not own:
        return None, None
    labels = [s for s in own if s.label]
    step = (labels or own)[-1]
    done = (
        step.label
        and page.text.endswith(("集中", "新增"), 0, step.start)
        and not page.text.startswith("一批", step.end - 2)
    )
    return Read(step.batch, step.start, step.end), (None if step.label and not done else step)


_IS_MONEY = re.compile(r"[\d.]+[亿万](?![件吨套台只支辆锭平立块千瓦米片颗羽头株盒])")


def _is_name(name: str) -> bool:
    return bool(re.search(r"[㐀-鿿A-Za-z]{2}", name)) and not _IS_MONEY.match(name)


def _give_periods(made: BatchList) -> None:
    """A bracket speaks for every item since the bracket before it."""
    made.periods, made.roles = [None] * len(made.items), [""] * len(made.items)
    since = 0
    for at, item in enumerate(made.items):
        if item.tag is None or item.tag_span is None:
            continue
        number_, role = item.tag
        for i in range(since, at + 1):
            made.periods[i] = Read(number_, *item.tag_span) if number_ is not None else None
            made.roles[i] = role
        since = at + 1
    made.untagged_run = len(made.items) - since


def _is_to_come(text: str, period: re.Match[str]) -> bool:
    prepared = _PREPARED.search(text, max(0, period.start() - 12), period.start())
    return bool(prepared or _TO_COME.match(text, period.end()))


@lru_cache(maxsize=1024)
def period_words(text: str, start: int, end: int, *, to_come: bool = False) -> Sequence[Read[int] | None]:
    """Periods named in the stretch, in order; None where the words speak of several periods together.

    A period that is only being prepared counts `to_come`.
    """
    found: list[tuple[int, Read[int] | None]] = []
    if not _ANY_PERIOD.search(text, start, end):
        return ()
    many = [*near(_MANY_AHEAD, _MANY_BEGIN, MANY_PERIODS, text, start, end)]
    converted = steps.CONVERTED.finditer(text, start, end) if text.find("转", start, end) >= 0 else ()
    tags = lists.TAG.finditer(text, start, end) if text.find(")", start, end) >= 0 else ()
    skipped = {at for m in (*converted, *tags, *many) for at in range(*m.span())}
    for m in PERIOD.finditer(text, start, end):
        value = number(m.group("n"))
        inside = (
            (not to_come and _is_to_come(text, m))
            or (text[m.start() - 1 : m.start()] in ("", "\n") and text[m.end() : m.end() + 1] in ("", "\n"))
            or _BULLETIN.search(text[max(0, m.start() - 6) : m.start()])
            or m.start() in skipped
            or (_PAPER_ENDS.match(text, m.end()) and _OF_PAPER.search(text, max(0, m.start() - _AS_FAR), m.start()))
            or text[m.start() - 1 : m.start()] == "("
        )
        round_ = text[m.end() - 1] == "期" or OF_ACTIVITY.match(text, m.end())
        if value and not inside and round_:
            found.append((m.start(), Read(value, m.start(), m.end())))
    found += [(m.start(), None) for m in many]
    return tuple(value for _, value in sorted(found, key=lambda pair: pair[0]))
