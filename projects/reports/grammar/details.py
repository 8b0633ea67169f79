"""What the report says of each named project: amount, status, dates, company, period. Working-copy offsets."""

from __future__ import annotations

import re
from dataclasses import replace

from projects import dates
from projects.reports.grammar import amounts, days, sections, steps
from projects.reports.grammar import reach as reach_of
from projects.reports.grammar.batches import PERIOD, period_words
from projects.reports.grammar.intents import planned
from projects.reports.grammar.page import Page
from projects.reports.grammar.reach import Reach
from projects.reports.grammar.records import NamedProject, Read, StatedDate, StatedTotal
from projects.reports.grammar.words import number

_COMPANY = re.compile(
    r"(?:由|投资方(?:是|为|系)?:?|业主(?:单位)?(?:是|为|:)|建设单位(?:是|为)?:?)(?P<c>[^,。;:]{2,60}?(?:公司|集团|研究院))(?=投资|开发|建设|出资|合资|组建|兴建|承建|[,。;]|$)"
)
_PAYER = re.compile(r"(?<=[,。;])(?P<c>[㐀-鿿()]{2,24}(?:公司|集团))出资")
_BEFORE = (
    ("谋划", re.compile(r"谋划|规划建设|拟建")),
    ("新上", re.compile(r"新上")),
    ("在谈", re.compile(r"洽谈|在谈|(?:力争|争取|拟|意向)签约")),
)
_EXAMPLE = re.compile(
    r"(?:有|包括|其中|以|为)(?:总?投资[^,。;]{1,14}的)?(?:[^,。;]{0,60}(?:、|和|及|与)(?:总?投资[^,。;]{1,14}的)?)?$"
)
_SUBJECT = re.compile(r"(?:(?:计划)?总?投资[^的]{1,14}的|由[^的]{4,40}的)?$")
_ONE_OF = re.compile(r"(?P<w>签约|开工|动工|投产)项目之一")
_ZONE_HEAD = re.compile(
    r"(?:[㐀-鿿]{2,10}?(?:开发区|高新区|示范区|经开区|集聚区)|[㐀-鿿]{2,3}?[县市区](?!域))(?=[㐀-鿿\dA-Za-z“]{4})"
)
_EVENT = re.compile(r"集中(?P<w>开工|动工|签约|投产|竣工)")
_TO_COME = re.compile(r"[^,。;]{0,8}(?:将|拟|计划)(?:[于在]|举)")
_EVENT_STEP = {
    "签约": ("sign", "已签约", "signed"),
    "开工": ("start", "已开工", "started"),
    "动工": ("start", "已开工", "started"),
    "投产": ("produce", "已投产", "produced"),
    "竣工": ("produce", "已竣工", "completed"),
}


def describe(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> None:
    """Fill in what the words around each record say of it."""
    reaches = reach_of.find(page, records)
    amounts.give(page, records, reaches, on)
    for one, reach in zip(records, reaches, strict=True):
        if not one.listed or one.telling:
            _period(page, one, reach)
            ahead = days.give(page, one, reach, on)
            _status(page, one, reach, ahead)
        if not one.company:
            _company(page, one, reach)
    _same_day(page, records, reaches)
    _event(page, records, on)
    _ceremony(page, records, on)
    for one in records:
        _zone(page, one)


def _period(page: Page, one: NamedProject, reach: Reach) -> None:
    """作为第五期“三个一批”开工项目: a period said of the project itself."""
    if one.period:
        return
    sentence = page.sentence_at(one.start)[0]
    within = re.search(
        r"第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})[期次批][^,。;]{0,14}(?:中|里|内),?$",
        page.text[sentence : one.start],
    )
    if within and (value := number(within.group("n"))):
        one.period = Read(value, sentence + within.start(), sentence + within.end("n") + 1)
        labels = steps.find(page.text, sentence + within.start(), one.start)
        if labels and one.batch is None:
            one.batch = Read(labels[-1].batch, labels[-1].start, labels[-1].end)
        return
    for start, end in (reach.own, reach.before):
        for m in PERIOD.finditer(page.text, start, end):
            role = re.match(r"“?三个一批”?(签约|开工|投产)项目", page.text[m.end() :])
            if role and (value := number(m.group("n"))):
                one.period, one.period_role = Read(value, m.start(), m.end()), role.group(1)
                one.batch = one.batch or Read(
                    _EVENT_STEP[role.group(1)][0], m.end() + role.start(1), m.end() + role.end(1)
                )
                return


def _status(page: Page, one: NamedProject, reach: Reach, ahead: frozenset[int]) -> None:
    text = page.text
    if m := _ONE_OF.search(text, *reach.own):
        batch, status, _ = _EVENT_STEP[m.group("w")]
        one.batch, one.status = Read(batch, m.start("w"), m.end("w")), Read(status, m.start("w"), m.end("w"))
        one.status_own = False
        return
    found = steps.state(text, *reach.own, ahead) or steps.state(text, *reach.more, ahead)
    if found and (one.status is None or one.telling):
        one.status, one.status_part = Read(*found), steps.of_part(text, one.end, found[1])
        one.status_own = True
    if one.status is None:
        one.status = _status_before(text, reach, ahead)
    _batch_of_steps(text, one, reach, ahead)


def _status_before(text: str, reach: Reach, ahead: frozenset[int]) -> Read[str] | None:
    for status, words in _BEFORE:
        if m := words.search(text, *reach.before):
            return Read(status, m.start(), m.end())
    asserted = [s for s in steps.find(text, *reach.before, ahead) if s.asserted]
    if asserted:
        return Read(asserted[-1].status, asserted[-1].start, asserted[-1].end)
    return None


def _batch_of_steps(text: str, one: NamedProject, reach: Reach, ahead: frozenset[int]) -> None:
    """The last step the words assert; a project that is only being built, planned or stopped is in no batch."""
    if one.batch:
        return
    said = (*steps.find(text, *reach.before, ahead), *steps.find(text, *reach.own, ahead))
    found = [s for s in said if s.asserted]
    if found and one.status and one.status.value in {s.status for s in found}:
        last = next(s for s in reversed(found) if s.status == one.status.value)
        one.batch = Read(last.batch, last.start, last.end)


def _same_day(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """A投产…;B同日开工: the day of the one is the day of the other."""
    for at, (one, reach) in enumerate(zip(records, reaches, strict=True)):
        if not at or not one.batch or "同日" not in page.text[slice(*reach.own)]:
            continue
        day = next((d for d in records[at - 1].dates if d.certainty == "actual"), None)
        role = {"sign": "signed", "start": "started", "produce": "produced"}[one.batch.value]
        if day and not any(d.role == role for d in one.dates):
            one.dates.append(replace(day, role=role))


def _zone(page: Page, one: NamedProject) -> None:
    """A zone printed at the head of the name."""
    head = _ZONE_HEAD.match(page.text[one.start : one.end])
    if head and one.zone is None:
        end = one.start + head.end()
        one.zone = Read(page.printed(one.start, end), one.start, end)


def _company(page: Page, one: NamedProject, reach: Reach) -> None:
    stretches = (reach.before,) if one.listed and not one.telling else (reach.before, reach.own, reach.more)
    for start, end in stretches:
        if m := _COMPANY.search(page.text, start, end) or _PAYER.search(page.text, start, end):
            one.company = Read(page.printed(m.start("c"), m.end("c")), m.start("c"), m.end("c"))
            return


def _event(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> None:
    """A report of one ceremony (集中开工): its step and its day belong to every project named after it."""
    text = page.text
    opening = page.sentences[:2]
    found = next((m for s, e in opening if (m := _EVENT.search(text, s, e))), None)
    if (
        not found
        or planned(text, found.start())
        or _TO_COME.match(text, found.end())
        or re.search(r"(?:签约|开工|投产)一批|三个一批", text)
    ):
        return
    batch, status, role = _EVENT_STEP[found.group("w")]
    begin = page.sentence_at(found.start())[0]
    held = [
        d for d in days.found(text[begin : found.start() + 8], on) if "日" in d.text and begin + d.end <= found.start()
    ]
    for one in records:
        if one.start < found.start() or one.batch:
            continue
        if one.status and one.status.value not in ("在建", status):
            continue
        one.batch = Read(batch, *found.span("w"))
        if not one.status or one.status.value != status:
            one.status, one.status_own = Read(status, *found.span("w")), False
        if held and not any(d.role == role for d in one.dates):
            day = held[-1]
            place = (begin + day.start, begin + day.end)
            one.dates.append(StatedDate(role, "actual", day.span, *place, day.partial, own=False))


def _ceremony(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> None:
    """上台签约的14个项目是…: the day of the activity that the report opens with is the day of what was done there."""
    for start, end in page.sentences[:2]:
        held = re.search(r"活动|仪式|举行|集中", page.text[start:end])
        day = next((d for d in days.found(page.text[start:end], on) if "日" in d.text), None)
        if not held or not day:
            continue
        for one in records:
            together = one.listed or (one.status and page.text[: one.status.start].endswith("集中"))
            done = together and one.batch and one.status and one.status.start > start and not one.dates
            if done and one.batch and one.status and one.status.value in ("已签约", "已开工", "已投产"):
                role = {"sign": "signed", "start": "started", "produce": "produced"}[one.batch.value]
                place = (start + day.start, start + day.end)
                one.dates.append(StatedDate(role, "actual", day.span, *place, day.partial, own=False))
        return


def inherit(page: Page, records: list[NamedProject], figures: list[StatedTotal]) -> None:
    """What stands in the head of a section, or in the total that a project is an example of, holds for it."""
    rows = sections.lines_of_rows(page, records)
    for one in records:
        head = sections.head(page, one, rows) if one.row or (one.listed and not one.batch) else None
        if head:
            _take_head(page, one, head)
        if one.batch or (one.status and one.status.value in steps.ENDED):
            continue
        paragraph, sentence = page.paragraph_at(one.start)[0], page.sentence_at(one.start)[0]
        if not _is_example(page.text, sentence, one):
            continue
        if not one.status and (new := re.search("新上", page.text[sentence : one.start])):
            one.status = Read("新上", sentence + new.start(), sentence + new.end())
            continue
        before = [t for t in figures if paragraph <= t.start < one.start and t.batch]
        # What a project does by itself says more than being counted, unless a round of the activity counts it.
        if before and (one.status is None or before[-1].period):
            one.batch, one.period = before[-1].batch, one.period or before[-1].period


def _take_head(page: Page, one: NamedProject, head: tuple[int, int]) -> None:
    """A row takes what the head of its section says; a step of its own says more."""
    if one.status is None and (found := steps.state(page.text, *head)):
        one.status, one.status_own = Read(*found), False
    named = [s for s in steps.find(page.text, *head) if s.told]
    if one.row and one.batch is None and one.status is None and named:
        one.batch = Read(named[-1].batch, named[-1].start, named[-1].end)
        if one.period is None and (periods := period_words(page.text, *head)):
            one.period = periods[-1]


def _is_example(text: str, sentence: int, one: NamedProject) -> bool:
    """Whether the words before a name make it one of those that a total counts: 其中,总投资8亿元的A…;B…."""
    lead = text[sentence : one.start]
    if _EXAMPLE.search(lead[-60:]):
        return True
    among = re.search(r"其中[,:]?(?P<rest>(?:(?!其中).)*)$", lead)
    return bool(
        among
        and _SUBJECT.match(re.split(r"[;、,:]", among["rest"])[-1])
        and not steps.find(lead, among.start("rest"), len(lead))
    )
