"""What the report says of each named project: amount, status, dates, company, period. Working-copy offsets."""

from __future__ import annotations

import re

from projects import dates
from projects.reports.grammar import amounts, days, places, steps
from projects.reports.grammar import reach as reach_of
from projects.reports.grammar.batches import PERIOD
from projects.reports.grammar.events import EVENT_STEP, ceremony, event, same_day
from projects.reports.grammar.page import Page
from projects.reports.grammar.reach import Reach
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import number

_COMPANY = re.compile(
    r"(?:由|投资方(?:是|为|系)?:?|业主(?:单位)?(?:是|为|:)|建设单位(?:是|为)?:?)(?P<c>[^,。;:]{2,60}?(?:公司|集团|研究院))(?=投资|投建|开发|建设|出资|合资|组建|兴建|承建|[\s,。;]|$)"
)
_PAYER = re.compile(r"(?<=[,。;])(?P<c>[㐀-鿿()]{2,24}(?:公司|集团))出资")
_BEFORE = (
    ("谋划", re.compile(r"谋划|规划建设|拟建")),
    ("新上", re.compile(r"新上")),
    ("在谈", re.compile(r"洽谈(?!会|周)|在谈|(?:力争|争取|拟|意向)签约")),
)
_ONE_OF = re.compile(r"(?P<w>签约|开工|动工|投产)项目之一")
_ROUND_ROLE = re.compile(r"“?三个一批”?(签约|开工|投产)项目")


def describe(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> None:
    """Fill in what the words around each record say of it."""
    reaches = reach_of.find(page, records)
    amounts.give(page, records, reaches, on)
    known = days.found(page.text, on)
    for one, reach in zip(records, reaches, strict=True):
        if not one.listed or one.telling:
            _period(page, one, reach)
            ahead = days.give(page, one, reach, known, on)
            _status(page, one, reach, ahead)
        if not one.company:
            _company(page, one, reach)
    same_day(page, records, reaches)
    event(page, records, on)
    ceremony(page, records, on)
    places.give(page, records)


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
            role = _ROUND_ROLE.match(page.text, m.end())
            if role and (value := number(m.group("n"))):
                one.period, one.period_role = Read(value, m.start(), m.end()), role.group(1)
                one.batch = one.batch or Read(EVENT_STEP[role.group(1)][0], *role.span(1))
                return


def _status(page: Page, one: NamedProject, reach: Reach, ahead: frozenset[int]) -> None:
    text = page.text
    if m := _ONE_OF.search(text, *reach.own):
        batch, status, _ = EVENT_STEP[m.group("w")]
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
    said = [s for part in (reach.before, reach.own, reach.more) for s in steps.find(text, *part, ahead)]
    found = [s for s in said if s.asserted]
    if found and one.status and one.status.value in {s.status for s in found}:
        last = next(s for s in reversed(found) if s.status == one.status.value)
        one.batch = Read(last.batch, last.start, last.end)


def _company(page: Page, one: NamedProject, reach: Reach) -> None:
    stretches = (reach.before,) if one.listed and not one.telling else (reach.before, reach.own, reach.more)
    for start, end in stretches:
        if m := _COMPANY.search(page.text, start, end) or _PAYER.search(page.text, start, end):
            one.company = Read(page.printed(m.start("c"), m.end("c")), m.start("c"), m.end("c"))
            return
