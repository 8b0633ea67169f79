"""The places that a report names, and which of them is a project's. Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from projects.finding import near
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import NamedProject, Read

_KIND = (
    r"(?:现代|农业|产业|生态|文化|旅游|先进|制造业|经济|技术|高新|循环|化工|绿色|临空|空港|临港|港|国家级|省级|"
    r"综合|保税|物流|食品|汽车|工业|科技|创新|合作)"
)
_ZONE = r"(?:高新区|经开区|新区|开发区|集聚区|示范区|经济区|产业园区|工业园区)"
_DISTRICT = r"(?<![院城园小片街社厂灌矿山景校库辖地功核保全各我本该分东西南北中老首某病])区(?![域间级块位别直属])"
STEM = 2  # letters that a place is called by without 县, 市 or 区
_PLACE = pattern(
    "a place by its own name",
    rf"(?P<stem>[㐀-鿿]{{{STEM}}})(?:{_KIND}{{0,6}}{_ZONE}|{_DISTRICT}|(?<![上门超股夜集菜早花])市(?![场长级域民区集值县直])"
    r"|(?<![全各我本该郡])县(?![长级域城区直市])|(?P<town>街道(?![办两])|(?<![城乡])镇(?![政委长级域区化静])|(?<![城家返回下])乡(?![镇村亲贤土音情])))",
    "菱洲区的内河航运装备制造基地",
    "菱洲区",
    code="F2",
)
_PLACE_END = quick("[区市县镇乡]|街道")
_PLACE_BEGIN = 28  # characters at most before that
_BARE_ZONE = re.compile(rf"{_KIND}{{0,6}}{_ZONE}(?=.{{4}})")
_NO_STEM = re.compile(
    r"[的在和与及对把将到为从由向是有来了个月日年家近各该全两这那此某我你他她们以之其更就都也又还被让]|"
    r"学校|[小中大]学|医院|公司|集团|保护|健康|自然|风景|疫情|根据|按照|依据|^(?:[一二三四五六七八九十]|高新|经济|开发|工业|产业|科技|经开|创新|示范|先进|国家|集聚|城市|中心|重点|乡镇|农村|城乡|直辖|基层|沿海|内陆|贫困|试点|兄弟|外省|邻|周边|走进|来到|走访|列入|纳入|入选|位于|坐落|地处|落户|度假|赴|关于|市|县|区|省|省级|市级|国际|商务|物流|自贸|综合|新型|港|后|大型|地级|管委|部分|老城|主城|城|本|现代|智慧|数字|高质)|"
    r"(?:后|内|外|走|进|省)$"
)
_ELSEWHERE = re.compile(r"(?:来自|赴|前往|与|同|原籍|对标|相比|学习|距|距离|连接|通往|至|—|邻近|毗邻)$")
_NOT_HERE = re.compile(r"(?:籍|的?(?:企业|公司|集团|客商|投资商|商会)|[—至到])")
_STAND_ALONE = 14  # characters; a shorter line that holds a place is the head of what follows


@dataclass(frozen=True, slots=True)
class _Places:
    """Every place named in a text, in order, which of them are towns, and where each stem first has its full name."""

    spans: list[tuple[int, int]]
    towns: frozenset[tuple[int, int]]
    stems: dict[str, tuple[int, int]]


@lru_cache(maxsize=4)
def _places(text: str) -> _Places:
    spans: list[tuple[int, int]] = []
    towns: set[tuple[int, int]] = set()
    words: dict[str, bool] = {}
    longer: dict[str, bool] = {}
    stems: dict[str, tuple[int, int]] = {}
    for match in near(_PLACE_END, _PLACE_BEGIN, _PLACE, text):
        if not _NO_STEM.search(match["stem"]) and not _is_a_word(text, match, words):
            start, end = match.start() - _longer(text, match, longer), match.end()
            spans.append((start, end))
            if match["town"]:
                towns.add((start, end))
            else:
                stems.setdefault(match["stem"], (start, end))
    return _Places(spans, frozenset(towns), stems)


_NO_FIRST = "在与和同跟到向从于由至对为及是把将让来去往赴离省市县区州盟旗镇乡村的了我本该全各驻原老新讯日月年"
_OFTEN = 3


def _longer(text: str, match: re.Match[str], known: dict[str, bool]) -> bool:
    """江陵湖市 and not 陵湖市: the letter before belongs to the name where the name never stands without it.

    `known` are the answers so far.
    """
    first, stem = text[match.start() - 1 : match.start()], match["stem"]
    if not "\u3400" <= first <= "\u9fff" or first in _NO_FIRST:
        return False
    if (name := first + stem) not in known:
        known[name] = text.count(stem) == text.count(name) >= _OFTEN
    return known[name]


def _is_a_word(text: str, match: re.Match[str], known: dict[str, bool]) -> bool:
    """项城市 is a place, 新型城市 is none: its name stands by itself somewhere. `known` are the answers so far."""
    stem, start = match["stem"], match.start()
    if not match.group().endswith("城市"):
        return False
    if start == 0 or not "\u3400" <= text[start - 1] <= "\u9fff":
        return False
    if stem not in known:
        known[stem] = text.count(stem) == text.count(f"{stem}市")
    return known[stem]


def named(text: str) -> Counter[str]:
    """How often each county, city, district or zone is named."""
    known = _places(text)
    return Counter(text[start:end] for start, end in known.spans if (start, end) not in known.towns)


def stems(text: str) -> frozenset[str]:
    """What the places are called without 县, 市 or 开发区: projects are named after them."""
    return frozenset(_places(text).stems)


def give(page: Page, records: list[NamedProject]) -> None:
    """Give each project the place it is named for, where the report names one nearer than its own."""
    known = _places(page.text)
    if not known.spans:
        return
    for one in records:
        if one.zone is not None and _PLACE.search(page.text, one.zone.start, one.zone.end):
            continue
        span = _right_before(page.text, known, one) or _of_name(page.text, known, one) or _nearest(page, known, one)
        if span:
            one.zone = Read(page.printed(*span), *span)
        elif one.zone is not None and not one.row:
            one.zone = None


def _of_name(text: str, known: _Places, one: NamedProject) -> tuple[int, int] | None:
    """The place whose name the project's name begins with, named in full before it or anywhere."""
    if bare := _BARE_ZONE.match(text, one.start, one.end):
        return bare.span()
    at = one.start + text.startswith("“", one.start)
    stem = text[at : at + 2]
    if stem not in known.stems:
        return None
    index = bisect_left(known.spans, (one.end, 0))
    before = next(
        (
            s
            for s in reversed(known.spans[max(0, index - 40) : index])
            if text.startswith(stem, s[0]) and s not in known.towns
        ),
        None,
    )
    return before or known.stems[stem]


def _right_before(text: str, known: _Places, one: NamedProject) -> tuple[int, int] | None:
    """西津县的榕桦污泥焚烧项目: the place that 的 joins to the name."""
    at = bisect_left(known.spans, (one.start, 0)) - 1
    return known.spans[at] if at >= 0 and text[known.spans[at][1] : one.start] == "的" else None


def _nearest(page: Page, known: _Places, one: NamedProject) -> tuple[int, int] | None:
    """The place that the sentence names before the project, or that opens its paragraph, or stands above it alone."""
    text = page.text
    sentence, (line, _) = page.sentence_at(one.start)[0], page.paragraph_at(one.start)
    index = bisect_left(known.spans, (one.start, 0))
    for start, end in reversed(known.spans[max(0, index - 6) : index]):
        if start < line:
            head, stop = page.paragraph_at(start)
            return (start, end) if stop - head <= _STAND_ALONE else None
        opens = start - line <= 8
        if (
            (opens or (start >= sentence and (start, end) not in known.towns))
            and not _NOT_HERE.match(text, end)
            and not _ELSEWHERE.search(text[max(0, start - 4) : start])
        ):
            return start, end
    return None
