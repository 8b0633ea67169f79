"""`read`: the whole way from a report's text to what it names and states."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TypeVar

from projects import dates
from projects.dates import DateSpan
from projects.finding import near
from projects.reports.grammar import batches as batch_lists
from projects.reports.grammar import (
    confidence,
    details,
    differences,
    events,
    inheriting,
    mentions,
    merging,
    places,
    steps,
    totals,
)
from projects.reports.grammar.batches import BatchList, by_section, of_headline, period_words
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import (
    Difference,
    NamedProject,
    Read,
    Reading,
    StatedDate,
    StatedPart,
    StatedTotal,
)

Value = TypeVar("Value", StatedDate, StatedPart)

_YEAR = re.compile(
    r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?:年|(?=[-./]\d{1,2}[-./]\d{1,2})|(?=[㐀-鿿·“”]{2,18}?(?:大会|博览会|推介会|论坛|峰会|签约会)))"
)
_YEAR_SIGN = re.compile("19|20")
_AHEAD = re.compile(
    r"^(?:\d{1,2}月)?(?:[上中下]旬|底|末)?(?:前|要|将|预计|力争|可|实现|全面|正式)*(?:建成|投产|竣工|完工|前)|^以前|"
    r"^[^,。;\n]{0,8}(?:工作(?:计划|打算|安排|要点|目标)|重点工作)"
)
_MEANT = quick(r"(?:预计|计划|力争|争取|确保|有望|将|拟)(?:于|在|到)?$|(?<!截)(?:到|至)$")
# 2022年9月开工 dates a project, and not the report.
_OF_A_STEP = re.compile(
    r"(?:\d{1,2}月|第?[一二三四]季度|[上下]半年)(?:[初底末]|[上中下]旬|份)?,?(?:已|正式|顺利|集中|全面|建成|竣工)*"
    r"(?:开工|动工|签约|投产|竣工|建成|奠基|破土|启动|成立|注册|落户|入驻|获批|摘牌|拿地|封顶|投用|通车|落地)"
)
_NO_ZONE = re.compile(r"^[一二三四五六七八九十县市区]|全|了|各|该|我|某|本")
HEADLINE = 80
_OPENING = 10  # sentences
_HOUR = re.compile(r"(?<=\d)\s*\d{1,2}:\d\d(?::\d\d)?$")
_SIGNED_OFF = pattern(
    "who sent the report, and when, in a bracket at its end",
    r"\((?=[^()]{0,12}(?:供稿|来稿|记者|通讯员|文/|图文|作者|编辑))[^()]{4,56}\)\s*$",
    "完成率达到百分之百。(供稿:砚塘乡人民政府 2023年11月3日)",
    "(供稿:砚塘乡人民政府 2023年11月3日)",
    code="T3",
)
_BEGINS_DATE = re.compile(r"(?:19|20)\d\d|二")
_DATELINE = quick(r"讯$|[日月]讯|电$|来源|发布|日期|时间:|作者|编辑:|记者")
_ZONE = re.compile(
    r"(?P<z>[㐀-鿿]{1,12}?(?:先进制造业开发区|经济技术开发区|经济开发区|高新技术产业开发区|高新区|经开区|产业集聚区|开发区|示范区))"
)
_ZONE_END = quick("开发区|高新区|经开区|集聚区|示范区")
_NOT_ZONE = re.compile(
    r"^.*?(?:的|在|和|与|及|对|把|将|到|为|从|由|向|是|有|全省|全市|各|该|个|月|日|年|以来|推进|打造|走进|来到|位于|坐落|学校|医院|大学|促进|损害|破坏|建设|入驻|作为|来|家|近|全国)(?=.{2,})"
)


def read(text: str, *, published: DateSpan | None = None) -> Reading:
    """Read a report. Never raises: a text that holds nothing gives an empty reading."""
    page = Page.of(text)
    on = published or _dateline(page)
    inferred = None if on else _published(page)
    on = on or inferred
    reading = Reading(text, _title(page), on, inferred is not None, _zone(page))
    lists = batch_lists.find(page)
    named = mentions.find(page, lists)
    known = details.describe(page, named, on)
    inheriting.of_classes(page, named)
    records = merging.merge(page, named)
    document_period = _document_period(page)
    figures = totals.find(page, lists, named, document_period, _opening_period(page), on)
    inheriting.inherit(page, records, figures)
    noted = _complete_periods(page, lists, records, figures, document_period)
    for one in records:
        if (one.batch and one.batch.value == "sign" and _is_only_meant(one)) or _is_past(one):
            one.status = None
    events.of_round(page, records, known)
    noted += differences.find(page, lists, records, figures)
    confidence.weigh(page, records, noted, year_inferred=inferred is not None)
    for one in records:
        one.entered = _entered(page, one)
    for total in figures:
        total.scope = totals.named_scope(reading.zone_text, total)
    every: list[NamedProject | StatedTotal] = [*records, *figures]
    for stated in every:
        _place(page, stated)
    reading.mentions, reading.figures = records, figures
    reading.differences = [replace(d, spans=tuple(page.span(*s) for s in d.spans)) for d in noted]
    return reading


def _is_only_meant(one: NamedProject) -> bool:
    """Whether its own words only say when it is to be started: of what was just signed that goes without saying."""
    told = one.status
    return bool(told and told.value == "未开工" and not one.status_own and told.start >= one.end)


_PASSED = {"已签约": "sign", "已开工": "start"}


def _is_past(one: NamedProject) -> bool:
    """Whether its status is a step that it took before the one it is listed for: 投产一批…去年9月开工."""
    step = _PASSED.get(one.status.value) if one.status and one.listed else None
    return bool(step and one.batch and steps.ORDER[step] < steps.ORDER[one.batch.value])


def _dateline(page: Page) -> DateSpan | None:
    """The date in a line of its own near the beginning or the end: "某区 2023年1月讯", "发布时间:2023-01-30"."""
    lines = page.paragraphs if len(page.paragraphs) <= 9 else [*page.paragraphs[:6], *page.paragraphs[-3:]]
    for start, end in lines:
        closes = _SIGNED_OFF.search(page.text, start, end) if end == page.paragraphs[-1][1] else None
        line = _HOUR.sub("", (closes.group() if closes else page.text[start:end]).strip(" ()"))
        if len(line) > 60 or not _BEGINS_DATE.search(line):
            continue
        found = [d for d in dates.find(line) if d.span.first and _BEGINS_DATE.match(d.text)]
        known = [d for d in found if d.span.precision in ("day", "month")]
        closing = (
            start > page.paragraphs[0][0] and page.text[start:end].rstrip(" )").endswith(known[-1:][0].text)
            if known
            else False
        )
        if known and (_DATELINE.search(line) or known[0].text == line or closing):
            return known[0].span
    return None


def _published(page: Page) -> DateSpan | None:
    """The year the report speaks from: the latest that it dates something by, plans left out.

    A year alone ("2019年研发费用") dates nothing, except at the opening of the report or in brackets at its end.
    """
    opening = page.sentences[2][1] if len(page.sentences) > 2 else len(page.text)
    years = []
    for m in near(_YEAR_SIGN, 0, _YEAR, page.text):
        after = page.text[m.end() : m.end() + 14]
        dated = (
            bool(re.match(r"\d{1,2}月|[-./]\d{1,2}[-./]|第?[一二三四]季度|[上下]半年", after))
            or page.text[m.start() - 1] == "("
        )
        ahead = _MEANT.search(page.text[max(0, m.start() - 8) : m.start()])
        behind = _AHEAD.match(after) and "日" not in after[:6]
        told = (m.start() < opening or dated) and not _OF_A_STEP.match(after)
        if told and not (ahead or behind):
            years.append(int(m.group("y")))
    years += [_chinese_year(m.group()) for m in re.finditer(r"二[〇零○][一二三四五六七八九〇零○]{2}(?=年)", page.text)]
    if not years:
        return None
    year = max(years)
    return DateSpan(date(year, 1, 1), date(year, 12, 31), "year")


def _chinese_year(text: str) -> int:
    return int("".join(str("〇一二三四五六七八九".find(c.translate({0x96F6: "〇", 0x25CB: "〇"}))) for c in text))


def _title(page: Page) -> str:
    """The first line; of a report that begins without a headline, how it begins."""
    first = next((page.printed(s, e).strip().lstrip("# ") for s, e in page.paragraphs), "")
    return first if len(first) <= HEADLINE else f"{first[: HEADLINE // 2]}…"


def _zone(page: Page) -> str:
    """The zone the report speaks of: the one named most often, a development zone before a city or county."""
    zones, others = _zones_named(page), places.named(page.text)
    for seen, least, shortest in ((zones, 2, 5), (others, 2, 3), (zones, 1, 5), (others, 1, 3)):
        told = [(n, len(z), -page.text.find(z), z) for z, n in seen.items() if n >= least and len(z) >= shortest]
        if told:
            return max(told)[3]
    return ""


def _zones_named(page: Page) -> Counter[str]:
    seen: Counter[str] = Counter()
    for m in near(_ZONE_END, 20, _ZONE, page.text):
        name = _NOT_ZONE.sub("", m.group("z"))
        if len(name) >= 3 and not _NO_ZONE.search(name):
            seen[name] += 1
    return seen


_OF_ONE = pattern(
    "the round of one project",
    r"[期次批]的?“?三个一批”?(?:签约|开工|投产)项目(?!\d|共|有)",
    "期“三个一批”开工项目,",
    "期“三个一批”开工项目",
    code="D1",
)
_IS = re.compile(r"(?:是|作为|入选|列入|纳入|系|属于)(?:全?[省市县区]|我[省市县区])?(?:的|级)?$|(?<=[。;:\n])$")


def _is_of_one(text: str, period: Read[int] | None) -> bool:
    """是省第十一期“三个一批”开工项目: said of one project, and not what the report is about."""
    if period is None or not _IS.search(text, max(0, period.start - 8), period.start):
        return False
    return bool(_OF_ONE.match(text, period.end - 1))


def _document_period(page: Page) -> Read[int] | None:
    """The period of the whole report, when it speaks of one only."""
    if not (told := period_words(page.text, 0, len(page.text))):
        return None
    found = [one for one in told if not _is_of_one(page.text, one)]
    every = period_words(page.text, 0, len(page.text), to_come=True)
    values = {p.value if p else None for p in every} if found else set()
    return found[0] if len(values) == 1 else None


def _complete_periods(
    page: Page, lists: list[BatchList], records: list[NamedProject], figures: list[StatedTotal],
    document: Read[int] | None,
) -> list[Difference]:  # fmt: skip
    """Periods that stand outside the items: of the run without a bracket, of the head, of the whole report."""
    noted = []
    by_start = {one.start: one for one in records}
    for made in lists:
        tagged = any(item.tag for item in made.items)
        run = made.items[len(made.items) - made.untagged_run :] if tagged else []
        if run:
            period = _current_period(made, figures, len(run))
            noted.append(differences.missing_bracket(made, len(run), period))
            for item in run:
                one = by_start.get(item.start)
                if one and one.period is None and period:
                    one.period, one.period_role = period, differences.WORDS[made.batch.value] if made.batch else ""
        elif not tagged and (period := _head_period(page, made)):
            for item in made.items:
                if (one := by_start.get(item.start)) and one.period is None:
                    one.period = period
    current = document or _opening_period(page)
    headed, sections = of_headline(page), by_section(page)
    opens = document is not None and _is_about(page, document, sections)
    for one in records:
        if one.period is None and one.batch and (told := _above(page, one, sections, headed)):
            one.period = told
        within = document is not None and (opens or page.paragraph_at(one.start) == page.paragraph_at(document.start))
        if one.period is None and one.batch and (within or (current and _of_this_round(page, one))):
            one.period = current
    return noted


_ABOUT_WITHIN = 6  # sentences, the headline among them


def _is_about(page: Page, period: Read[int], sections: list[tuple[int, Read[int] | None]]) -> bool:
    """Whether a report is about the round that it names: in its opening, and not as one thing of several."""
    line = page.paragraph_at(period.start)[0]
    late = period.start >= page.sentences[min(_ABOUT_WITHIN, len(page.sentences)) - 1][1]
    return not (late or any(start == line for start, _ in sections) or _ONE_OF_MANY.match(page.text, line))


def _above(
    page: Page, one: NamedProject, sections: list[tuple[int, Read[int] | None]], headed: Read[int] | None
) -> Read[int] | None:
    """The round in the heading of the section, or in the headline, where the paragraph of a record names no other."""
    at = bisect_left(sections, one.start, key=lambda section: section[0]) - 1
    told = (sections[at][1] if at >= 0 else None) or headed
    rounds = period_words(page.text, *page.paragraph_at(one.start)) if told else []
    return told if told and all(other and other.value == told.value for other in rounds) else None


_ONE_OF_MANY = pattern(
    "a numbered paragraph that opens with its day",
    r"\s*(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.、]|[①-⑳]|[(（][一二三四五六七八九十\d]{1,2}[)）])\s*(?:20\d\d年)?\d{1,2}月",
    "三、9月28日,第六期“三个一批”集中签约",
    "三、9月",
    code="C8",
)


def _opening_period(page: Page) -> Read[int] | None:
    """The period that the report opens with: what it calls 本期 further on."""
    if headed := of_headline(page):
        return headed
    found = [period for period in period_words(page.text, 0, _opening(page)) if period]
    return found[0] if found and len({period.value for period in found}) == 1 else None


def _opening(page: Page) -> int:
    """The end of what a report opens with."""
    return page.sentences[min(_OPENING, len(page.sentences)) - 1][1] if page.sentences else 0


def _of_this_round(page: Page, one: NamedProject) -> bool:
    """Whether 本期 stands before the name in its paragraph, and no other round between."""
    start = page.paragraph_at(one.start)[0]
    at = page.text.rfind("本期", start, one.start)
    return at >= 0 and not period_words(page.text, at, one.start)


def _current_period(made: BatchList, figures: list[StatedTotal], run: int) -> Read[int] | None:
    """The period for which the report states exactly as many projects of this batch as the run holds."""
    for total in figures:
        same = total.batch and made.batch and total.batch.value == made.batch.value
        if same and total.period and total.count and total.count.value == run:
            return total.period
    return None


def _head_period(page: Page, made: BatchList) -> Read[int] | None:
    start = page.paragraph_at(made.head[0])[0]
    found = period_words(page.text, start, made.start)
    return found[-1] if found else None


def _entered(page: Page, one: NamedProject) -> bool:
    """Whether the report puts the project on a list of the activity. "已开工" is a step, "第五期开工项目" is a list."""
    if one.batch is None:
        return False
    start, end = one.batch.start, one.batch.end
    words, text = page.text[start:end], page.text
    if one.period or "一批" in words:
        return True
    if words.startswith("已") or "三个一批" not in text:
        return False
    label = any(step.label and step.start == start for step in steps.find(text, start, end + 3))
    return one.listed or label or text.endswith(("三个一批", "三个一批”"), 0, start)


def _place(page: Page, one: NamedProject | StatedTotal) -> None:
    """Turn every offset of the record into that of the report as printed."""
    one.start, one.end = page.span(one.start, one.end)
    if isinstance(one, NamedProject):
        one.start = page.after_mark(one.start)
    for name, value in one.values().items():
        setattr(one, name, Read(value.value, *page.span(value.start, value.end)))
    if isinstance(one, NamedProject):
        one.dates = [_moved(page, day) for day in one.dates]
        one.parts = [_moved(page, part) for part in one.parts]


def _moved(page: Page, value: Value) -> Value:
    start, end = page.span(value.start, value.end)
    return replace(value, start=start, end=end)
