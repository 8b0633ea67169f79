"""On which day a project took a step, or is to take it. Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import date

from projects import dates
from projects.finding import near
from projects.reports.grammar import steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.reach import Reach
from projects.reports.grammar.records import NamedProject, StatedDate

_NEAR = 16  # characters between a date behind a name and its step
_LEAD = 2  # sentences, the headline among them
_OPENING = 4  # sentences in which a report says of which day it speaks
_AS_FAR = 400  # characters from a day without a month back to the month it is of
_DATELINE = re.compile(r"[ ,]?(?:[㐀-鿿]{0,8}讯(?![息号速])|消息|报道|电(?=[,:\s(]|$))")
_NO_DAY = re.compile(r"截[至止]|.*以来$|.*至今$")
_GIVEN_UP = pattern(
    "a day that no longer holds",
    r"原(?:计划|定|拟|本|先|来)[^,。;]{0,4}$",
    "海蓝卫浴项目原计划于",
    "原计划于",
    code="A9",
)
_CLASS = pattern(
    "what the quarter or the month before it only tells the kind of",
    r"的?(?:度)?(?:全[省市县区])?(?:省市?|市|县|区)?(?:级)?(?:重点|重大|“?三个一批|集中|产业|工业|招商|亿元|项目)",
    "重点项目集中开工仪式",
    "重点",
    code="E10",
)
_SEASON = re.compile(r"[春夏秋][季天]?$")
_DAY_SIGN = re.compile("[日月]")
_DAY_ALONE = pattern(
    "a day of the month named before",
    r"(?<![\d月.\-—~至到个第每历仅近共余满超用时])(?P<d>[1-3]?\d)日(?!\d|[元均产内常处游用报益夜程盲])",
    "3月的苇泊花开有信。12日上午,首场签约会举行",
    "12日",
    code="E6",
)
_OF_THAT = pattern(
    "the year of the date named before",
    r"(?:(?P<same>同|当)|(?P<next>次|翌|第二))年的?$",
    "2023年3月签约,次年",
    "次年",
    code="E6",
)
_OF_THAT_MONTH = pattern(
    "the month of the date named before",
    r"(?:同|当)月(?:(?P<d>[1-3]?\d)日|底|下旬)|次月(?:(?P<e>[1-3]?\d)日|底)?",
    "3月8日签约,当月26日开工",
    "当月26日",
    code="E6",
)


@dataclass(frozen=True, slots=True)
class Days:
    """The dates of a report that a step can have, in order, and when it was published where that is known."""

    found: list[dates.FoundDate]
    on: dates.DateSpan | None
    day: dates.FoundDate | None = None  # of the report, where its opening tells of something that happened on it

    def within(self, start: int, end: int) -> list[dates.FoundDate]:
        """Those that stand in a stretch."""
        first = bisect_left(self.found, start, key=lambda day: day.start)
        last = bisect_right(self.found, end, key=lambda day: day.end)
        return self.found[first:last]


def find(page: Page, on: dates.DateSpan | None) -> Days:
    """The dates of a report but for its dateline, 截至… and ranges; what is said from its own day is resolved."""
    text, years = page.text, _years_of_headings(page)
    plain = [_not_next_year(one, on) for one in dates.find(text, on=on)]
    read = _after_others([_of_year(one, years) for one in plain] if years else plain, text)
    day = _day_of_report(page, read, on)
    read = [_seen_from(one, day) for one in read]
    kept = [one for one in _with_years(read, text) if _is_day(one, text)]
    told = day if day and _NEWS.search(text, day.end, page.sentence_at(day.start)[1]) else None
    told = None if told and done_later(text, kept, told) else told
    return Days(kept, told.span if told and told.span.first else on, told)


_HEADLINES = 3  # lines
_LONGEST_HEADLINE = 60  # characters
_HEADED = pattern(
    "the year that a headline says the report is about",
    r"(?<!\d)(?P<y>20\d\d)年(?!\d{1,2}月\d{1,2}日)度?",
    "2022年泉口新区项目建设十件大事",
    "2022年",
    code="E6",
)
_SECTION = re.compile(r"\s*[一二三四五六七八九十]{1,3}、")
_LINE_OF_ITS_OWN_DAY = re.compile(r"来源|发布|日期|时间|作者|编辑|记者|[日月电]讯|〔")
_WITHOUT_YEAR = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})月|第?[一二三四]季度|[上下]半年|年[底初内末]")


def _years_of_headings(page: Page) -> list[tuple[int, int]]:
    """From where on which year holds: 2022年…十件大事 may come out in January, 二、2026年重点工作 the autumn before."""
    found = []
    for at, (start, end) in enumerate(page.paragraphs):
        head = end - start <= _LONGEST_HEADLINE and (at < _HEADLINES or _SECTION.match(page.text, start))
        if head and "。" not in page.text[start:end] and not _LINE_OF_ITS_OWN_DAY.search(page.text, start, end):
            told = {int(m["y"]) for m in _HEADED.finditer(page.text, start, end)}
            found += [(start, told.pop())] if len(told) == 1 else []
    return found


def _of_year(one: dates.FoundDate, years: list[tuple[int, int]]) -> dates.FoundDate:
    """A date that tells no year, as one of the year that the heading above it tells."""
    at = bisect_right(years, (one.start, 0)) - 1
    if at < 0 or not _WITHOUT_YEAR.match(one.text):
        return one
    text = f"{years[at][1]}{'' if one.text.startswith('年') else '年'}{one.text}"
    try:
        return replace(one, span=dates.read(text), partial="")
    except dates.UnreadableDate:
        return one


def _not_next_year(one: dates.FoundDate, on: dates.DateSpan | None) -> dates.FoundDate:
    """3月8日 in a report of November: next year's is written 明年3月8日, however near it is."""
    later = on and on.last and one.span.first and one.span.first.year == on.last.year + 1
    if not later or not on or not on.last or not re.match(r"\d{1,2}月", one.text) or one.text.endswith("前"):
        return one
    try:
        return replace(one, span=dates.read(f"{on.last.year}年{one.text}"))
    except dates.UnreadableDate:
        return one


def _is_day(one: dates.FoundDate, text: str) -> bool:
    relative = one.partial[:1] in ("+", "-") and one.partial != "-1"
    return (
        (one.span.precision != "range" or bool(_SEASON.search(one.text)))
        and bool(one.span.first or one.span.last or relative)
        and not _NO_DAY.match(one.text)
        and not (one.text.startswith(("今天", "今日")) and text.endswith(("到", "至"), 0, one.start))
        and not _DATELINE.match(text, one.end)
        and not (one.span.precision != "day" and one.partial.count("-") < 3 and _CLASS.match(text, one.end))
    )


def _day_of_report(page: Page, read: list[dates.FoundDate], on: dates.DateSpan | None) -> dates.FoundDate | None:
    """The first day that the report names in its opening; where it is dated by day, that."""
    if on and on.precision == "day":
        return dates.FoundDate(on, 0, 0, "")
    opening = page.sentences[min(_OPENING, len(page.sentences)) - 1][1] if page.sentences else 0
    lead = page.sentences[min(_LEAD, len(page.sentences)) - 1][1] if page.sentences else 0
    for one in read:
        if one.end > opening:
            return None
        said = one.span.precision == "day" or one.partial.count("-") == 3
        sentence = page.sentence_at(one.start)
        news = one.end <= lead or _NEWS.search(page.text, one.end, sentence[1])
        if (
            said
            and news
            and not one.text.startswith("截")
            and not _AHEAD.search(page.text, max(0, one.start - 6), one.start)
        ):
            return one
    return None


def done_later(text: str, found: list[dates.FoundDate], day: dates.FoundDate | StatedDate) -> bool:
    """Whether something is told as done on a later day: then that day is not the one the report speaks from."""
    return any(_is_done_later(text, one, day) for one in found)


def _is_done_later(text: str, one: dates.FoundDate, day: dates.FoundDate | StatedDate) -> bool:
    later = one.span.first and day.span.first and one.span.precision == "day" and one.span.first > day.span.first
    later = later or (one.partial.count("-") == 3 and one.partial > day.partial > "--")
    return bool(later and any(s.asserted for s in steps.find(text, one.end, one.end + _NEAR)))


_AHEAD = re.compile(r"(?:计划|预计|力争|争取|确保|将|拟|定)(?:于|在|到)?$")
_NEWS = pattern(
    "news of the day that the report speaks from",
    r"举行|举办|召开|仪式|活动|大会|招商会|推介会|洽谈会|签约会|讯|记者|走进|来到|在[^,。;]{2,16}现场|见到|看到",
    "集中开工仪式在经开区举行",
    "仪式",
    code="E10",
)
_YEAR_UNKNOWN = 2021
_NEEDS_YEAR = re.compile("[周星春端中]")


_OF_SOME_YEAR = re.compile(r"--\d\d-\d\d")


def _seen_from(one: dates.FoundDate, day: dates.FoundDate | None) -> dates.FoundDate:
    """上个月18日, 昨日: what the day of the report makes of it, though its year may be unknown."""
    if day is None or one.span.first or one.span.last or one.partial or not one.span.relative:
        return one
    if day.span.first:
        return replace(one, span=dates.read(one.text, on=day.span))
    if _NEEDS_YEAR.search(one.text) or not _OF_SOME_YEAR.fullmatch(day.partial):
        return one
    month, number = day.partial.removeprefix("--").split("-")
    seen = dates.read(one.text, on=date(_YEAR_UNKNOWN, int(month), int(number)))
    if not (known := seen.first or seen.last):
        return one
    sign = "+1" if known.year > _YEAR_UNKNOWN else "-"
    return replace(one, partial=f"{sign}-{seen.iso()[5:]}")


def _after_others(read: list[dates.FoundDate], text: str) -> list[dates.FoundDate]:
    """The dates together with those that lean on the one before: 次年3月, 当月26日, 12日."""
    made: list[dates.FoundDate] = []
    alone = [m for words in (_DAY_ALONE, _OF_THAT_MONTH) for m in near(_DAY_SIGN, 8, words, text)]
    taken = iter([*sorted(alone, key=lambda m: m.start()), None])
    upcoming = next(taken)
    for one in [*read, None]:
        while upcoming and (one is None or upcoming.start() < one.start):
            inside = made and upcoming.start() < made[-1].end
            leaning = None if inside or (one and upcoming.end() > one.start) else _leaning(upcoming, made)
            made += [leaning] if leaning else []
            upcoming = next(taken)
        if one:
            made.append(_of_that_year(one, made, text))
    return made


def _of_that_year(one: dates.FoundDate, made: list[dates.FoundDate], text: str) -> dates.FoundDate:
    told = _OF_THAT.search(text, max(0, one.start - 4), one.start)
    before = made[-1].span.first if told and made and one.start - made[-1].end < _AS_FAR else None
    if told is None or before is None:
        return one
    span = dates.read(f"{before.year + bool(told['next'])}年{one.text}")
    return replace(one, span=span, partial="")


def _leaning(told: re.Match[str], made: list[dates.FoundDate]) -> dates.FoundDate | None:
    """12日 or 当月26日, of the month named before; None where none is near, or it has no such day."""
    before = made[-1] if made and told.start() - made[-1].end < _AS_FAR else None
    if before is None:
        return None
    words = told.groupdict()
    later = "e" in words and told.group().startswith("次")
    form = before.span.iso()[:7] if before.span.first else f"{_YEAR_UNKNOWN}{before.partial[1:4]}"
    if not re.fullmatch(r"\d{4}-\d\d", form) or (not before.span.first and not before.partial.startswith("--")):
        return None
    year, month = map(int, form.split("-"))
    months = year * 12 + month - 1 + later
    month_text = f"{months // 12}年{months % 12 + 1}月"
    number = words.get("d") or words.get("e")
    try:
        span = dates.read(f"{month_text}{number}日" if number else month_text)
    except dates.UnreadableDate:
        return None
    partial = "" if before.span.first else f"-{span.iso()[4:]}"
    return dates.FoundDate(
        span if not partial else replace(before.span, relative=told.group()), *told.span(), told.group(), partial
    )


def give(page: Page, one: NamedProject, reach: Reach, known: Days) -> frozenset[int]:
    """Give the record the dates of its steps; hand back the places of steps that only a date puts into the future."""
    text, begin = page.text, page.sentence_at(one.start)[0]
    places = [
        p for part in (reach.said, reach.before, reach.own, reach.more, reach.pointed) for p in steps.dated(text, *part)
    ]
    if not places and not _PUT_OFF.search(text, reach.own[0], reach.more[1]):
        return frozenset()
    stated: dict[int, StatedDate] = {}
    on = known.on
    for day in [*known.within(*reach.said), *known.within(begin, reach.more[1]), *known.within(*reach.pointed)]:
        s, e = day.start, day.end
        step = next((p for p in places if p[0] >= e), None)
        moved = _moved(text, s, one, reach)
        if (
            not moved
            and step
            and not _NOT_TAKEN.search(text, max(0, step[0] - 10), step[0])
            and _belongs(text, one, page.sentence_at(s)[0], (s, e), step, reach)
            and not (reach.said[1] <= s < one.start and _is_other_day(day, step, on))
        ):
            # The nearest date before a step is its date: it replaces one that stands further off.
            stated[step[0]] = _stated(text, one, day, (s, e), step, known)
        elif moved:
            step = moved, _ROLES[text[moved : moved + 2]], True
            stated[moved] = _stated(text, one, day, (s, e), step, known)
    for at in sorted(stated):
        same = next((d for d in one.dates if d.role == stated[at].role), None)
        if same is None:
            one.dates.append(stated[at])
        elif not _has_day(same) and _has_day(stated[at]) and same.certainty == stated[at].certainty:
            one.dates[one.dates.index(same)] = stated[at]
    planned = {at for at, _, meant in places if not meant and at in stated and stated[at].certainty == "planned"}
    return frozenset(place for at in planned for place in steps.chain(text, at))


_NOT_TAKEN = pattern(
    "a step that was not taken, and has no day",
    r"(?:没有?|未)能?(?:实质性|正式|如期|按期)*$",
    "土地去年就摘了,到今天还没",
    "没",
    code="E2",
)
_PUT_OFF = re.compile("推迟|推后|延[期后迟]|顺延")
_MOVED = pattern(
    "a day that a step is moved to",
    r"(?P<w>开工|动工|投产|竣工|完工|建成|投用|通车)[^,。;]{0,24}(?:,[^,。;]{0,16}){0,2}(?:推迟|延期|延后|顺延|延迟|推后)(?:到|至|为)(?:了)?$",
    "原计划8月投产,现推迟到",
    "投产,现推迟到",
    code="A9",
)
_ROLES = {
    "开工": "started", "动工": "started", "投产": "produced", "竣工": "completed", "完工": "completed",
    "建成": "completed", "投用": "in-use", "通车": "in-use",
}  # fmt: skip


def _moved(text: str, at: int, one: NamedProject, reach: Reach) -> int | None:
    """Where the step stands that is moved to the day here: 开工时间推迟到5月."""
    told = _MOVED.search(text, max(reach.before[0], at - 60), at) if one.end <= at < reach.more[1] else None
    return told.start("w") if told else None


def _has_day(day: StatedDate) -> bool:
    return day.span.precision == "day" or day.partial.count("-") == 3


def _belongs(
    text: str, one: NamedProject, begin: int, day: tuple[int, int], step: tuple[int, str, bool], reach: Reach
) -> bool:
    """Whether the date at `day` is said of this step of this project."""
    (s, e), place = day, step[0]
    given_up = "截至" in text[max(begin, s - 3) : s] or _GIVEN_UP.search(text, max(begin, s - 8), s)
    if "以来" in text[s : e + 2] or given_up or re.search(r"截至|以来|[。;]", text[e:place]):
        return False
    if s < reach.said[1]:
        return place < reach.said[1] and place - e <= _NEAR
    return place - e <= _NEAR if s >= one.end else s >= one.start or _leads(text, e, one.start, step)


def _is_other_day(day: dates.FoundDate, step: tuple[int, str, bool], on: dates.DateSpan | None) -> bool:
    """6月20日,…项目即将开工: the day that opens a sentence is past, so it is not the day of what is planned."""
    if not step[2] or _after(day.span, on):
        return False
    known = on is not None and on.precision in ("day", "month") and day.span.last is not None
    return known or day.span.precision == "day" or day.partial.count("-") == 3


def _stated(
    text: str,
    one: NamedProject,
    day: dates.FoundDate,
    place: tuple[int, int],
    step: tuple[int, str, bool],
    known: Days,
) -> StatedDate:
    at, role, planned = step
    future = planned or _after(day.span, known.on) or day.partial.startswith("+") or _later(day, known.day)
    part = steps.of_part(text, one.end, at)
    return StatedDate(role, "planned" if future else "actual", day.span, *place, day.partial, part=part)


def _with_years(read: list[dates.FoundDate], text: str) -> list[dates.FoundDate]:
    """明年5月建成、8月投产: the second month is of the same year as the first."""
    made: list[dates.FoundDate] = []
    for one in read:
        before = made[-1] if made else None
        if before and one.start - before.end <= 6 and re.fullmatch(r"\d{1,2}月", one.text) and before.span.first:
            near = text[before.end : one.start]
            if not re.search(r"[。;]|次年|翌年|第二年", near):
                one = replace(one, span=dates.read(f"{before.span.first.year}年{one.text}"), partial="")
        made.append(one)
    return made


def _after(span: dates.DateSpan, on: dates.DateSpan | None) -> bool:
    """Whether a span lies behind the report's date; "8月底前" does where its last day does."""
    day = span.first or span.last
    return bool(day and on and on.last and day > on.last)


def _later(day: dates.FoundDate, report: dates.FoundDate | None) -> bool:
    """今年9月, or 9月 alone, in a report of 17 June of a year that it does not tell."""
    if report is None or not report.partial.startswith("--") or not day.partial.startswith("--"):
        return False
    alone = re.match(r"\d{1,2}月", day.text) and report.partial >= _SPRING
    return day.partial > report.partial and bool(alone or day.text.startswith(("今年", "年内", "年底", "下", "月底")))


_SPRING = "--03"  # before it, 12月 alone may well be that of the year before


def _leads(text: str, end: int, name: int, told: tuple[int, str, bool]) -> bool:
    """Whether a date before the name opens the sentence for it: no other step in between."""
    place, role, _ = told
    between = [s for s in steps.find(text, end, name) if s.asserted and s.start != place and s.role != role]
    return name - end < 60 and all(re.match(r"(?:总投资|[^,。;]{0,4}$|的)", text[step.end : name]) for step in between)
