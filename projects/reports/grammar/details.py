"""What the report says of each named project: amount, status, dates, company, period. Working-copy offsets."""

from __future__ import annotations

import re

from projects import dates
from projects.reports.grammar import amounts, days, places, plans, steps
from projects.reports.grammar import reach as reach_of
from projects.reports.grammar.batches import PERIOD
from projects.reports.grammar.events import EVENT_STEP, ceremony, event, same_day
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.reach import Reach
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import number

_COMPANY = re.compile(
    r"(?:由|投资方(?:是|为|系)?:?|业主(?:单位)?(?:是|为|:)|建设单位(?:是|为)?:?)(?P<c>[^,。;:]{2,60}?(?:公司|集团|研究院))(?=(?:独资|合资|联合|全额|负责|单独)?(?:投资|建设)|投建|开发|建设|出资|合资|组建|兴建|承建|[\s,。;]|$)"
)
_PARTNER = pattern(
    "who a contract was signed with",
    r"与(?P<c>[㐀-鿿()]{3,24}?(?:公司|集团|研究院))(?:签下|签订|签约|签署|共建)",
    "22日,与南渡轻合金有限公司签下底盘项目",
    "与南渡轻合金有限公司签下",
    code="F1",
)
_PAYER = re.compile(r"(?<=[,。;])(?P<c>[㐀-鿿()]{2,24}(?:公司|集团))出资")
_BEFORE = (
    ("谋划", re.compile(r"谋划|规划建设|拟建")),
    ("新上", re.compile(r"新上")),
    ("在建", re.compile(r"(?:正在|正)(?:建|建设|施工)的")),
    ("在谈", re.compile(r"洽谈(?!会|周)|在谈|(?:力争|争取|拟|意向)签约")),
)
_START_MOVED = pattern(
    "a start that is moved",
    r"(?:开工|动工)(?:时间|日期)?(?:[由从][^,。;]{2,10})?(?:推迟|延期|延后|顺延|延迟|推后)(?:到|至|为)",
    "开工时间推迟到5月",
    "开工时间推迟到",
    code="A9",
)
_WHEN_TO_START = pattern(
    "when something is to be started",
    r"(?:预计|计划|力争|争取|拟|将)?(?:于|在)?(?:今年|明年|20\d\d年|本月|下个?月)?(?:\d{1,2}(?:月|日)[^,。;]{0,8}|下个?月[^,。;]{0,4}|下周|近期|月底前?|年[底内]|[一二三四]季度[末底]?|[上下]半年)(?:将|即可|可|有望|正式|全面|前)*$",
    "电力线路迁改已完成,预计12月中旬",
    "预计12月中旬",
    code="E1",
)
_ONE_OF = re.compile(r"(?P<w>签约|开工|动工|投产)项目之一")
_OF_ROUND = pattern(
    "the round that a project belongs to, before its name",
    r"(?P<r>第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})[期次批])(?:“?三个一批”?)?(?:活动)?(?:集中)?(?:签约|开工|投产)的[^,。;]{0,16}$",
    "第三次活动签约的绛北经开区",
    "第三次活动签约的绛北经开区",
    code="D1",
)
_ROUND_ROLE = re.compile(r"“?三个一批”?(?:(签约|开工|投产)项目|签的约)")


_ON_THE_WAY = ("已签约", "已开工")


def describe(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> days.Days:
    """Fill in what the words around each record say of it; hand back the dates of the report."""
    reaches = reach_of.find(page, records)
    amounts.give(page, records, reaches, on)
    known = days.find(page, on)
    for one, reach in zip(records, reaches, strict=True):
        if not one.listed or one.telling:
            _period(page, one, reach)
            ahead = days.give(page, one, reach, known)
            if plans.holds(page, one.start):
                ahead |= plans.ahead(page, reach.before, reach.own, reach.more)
            _status(page, one, reach, ahead)
            _batch_told(page.text, one, reach)
        if not one.company:
            _company(page, one, reach)
    same_day(page, records, reaches)
    event(page, records, known)
    ceremony(page, records, known)
    places.give(page, records)
    return known


_WITHIN_ROUND = quick(r"第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})[期次批][^,。;]{0,14}(?:中|里|内),?$")


def _period(page: Page, one: NamedProject, reach: Reach) -> None:
    """作为第五期“三个一批”开工项目: a period said of the project itself."""
    if one.period:
        return
    sentence = page.sentence_at(one.start)[0]
    within = _WITHIN_ROUND.search(page.text, sentence, one.start)
    if within and (value := number(within.group("n"))):
        one.period = Read(value, within.start(), within.end("n") + 1)
        labels = steps.find(page.text, within.start(), one.start)
        if labels and one.batch is None:
            one.batch = Read(labels[-1].batch, labels[-1].start, labels[-1].end)
        return
    of_round = _OF_ROUND.search(page.text, sentence, one.start)
    if of_round and (value := number(of_round["n"])):
        one.period = Read(value, of_round.start(), of_round.end("r"))
        return
    for start, end in (reach.own, reach.before):
        for m in PERIOD.finditer(page.text, start, end):
            role = _ROUND_ROLE.match(page.text, m.end())
            if role and (value := number(m.group("n"))):
                word, place = role[1] or "签约", role.span(1) if role[1] else role.span()
                one.period, one.period_role = Read(value, m.start(), m.end()), word
                one.batch = one.batch or Read(EVENT_STEP[word][0], *place)
                return


_IS_OF_BATCH = pattern(
    "the batch or the ceremony that a project is of",
    r"(?:是|系|为|属于?)[^,。;]{0,20}?(?:“(?P<w>签约|开工|投产|竣工)一批”?|(?:[期批次]的?|集中)(?P<v>签约|开工|投产|竣工))项目(?=[,。;])",
    "该项目是去年四季度全市“开工一批”项目,计划投资15亿元",
    "是去年四季度全市“开工一批”项目",
    code="D5",
)


def _batch_told(text: str, one: NamedProject, reach: Reach) -> None:
    """该项目是第十一期的签约项目: on a list, whatever became of it."""
    for stretch in (reach.own, reach.more) if one.batch is None else ():
        if told := _IS_OF_BATCH.search(text, *stretch):
            group = "w" if told["w"] else "v"
            one.batch = Read(EVENT_STEP[told[group]][0], *told.span(group))
            of_round = PERIOD.search(text, told.start(), told.end())
            if of_round and one.period is None and (value := number(of_round["n"])):
                one.period, one.period_role = Read(value, *of_round.span()), told[group]
            return


def _status(page: Page, one: NamedProject, reach: Reach, ahead: frozenset[int]) -> None:
    text = page.text
    if m := _ONE_OF.search(text, *reach.own):
        batch, status, _ = EVENT_STEP[m.group("w")]
        one.batch, one.status = Read(batch, m.start("w"), m.end("w")), Read(status, m.start("w"), m.end("w"))
        one.status_own = False
        return
    found = steps.state(text, *reach.pointed, ahead) or steps.state(text, *reach.own, ahead)
    later = steps.state(text, *reach.more, ahead) if found is None or found[0] in _ON_THE_WAY else None
    if later and (found is None or later[0] in steps.BUILT):
        found = later
    found = found or steps.state(text, *reach.said, ahead)
    stopped = one.status is not None and one.status.value in steps.ENDED
    if found and (one.status is None or (one.telling and not (stopped and found[0] == "前期手续"))):
        one.status, one.status_part = Read(*found), steps.of_part(text, one.end, found[1])
        one.status_own = True
    if one.status is None:
        one.status = _status_before(text, reach, ahead)
    if one.status is None or one.status.value == "调整":
        meant = _to_start(text, reach, ahead)
        one.status, one.status_own = meant or one.status, meant is None
    elif one.status.value in ("已签约", "前期手续"):
        # What is told last holds: 开工时间推迟到8月,目前正在做财政评审.
        moved = _START_MOVED.search(text, *reach.own)
        if moved and moved.start() > one.status.start:
            one.status, one.status_own = Read("未开工", *moved.span()), True
    if one.status and one.status.value == "未开工":
        one.dates = [day for day in one.dates if day.role != "started" or day.certainty == "planned"]
    _batch_of_steps(text, one, reach, ahead)


def _to_start(text: str, reach: Reach, ahead: frozenset[int]) -> Read[str] | None:
    """预计12月中旬开工, 本月28日将开工: what is still to be started has not been started."""
    meant = [s for s in steps.find(text, *reach.own, ahead) if s.planned and not (s.passing or s.label or s.counted)]
    if meant and all(step.batch == "sign" for step in meant):
        return Read("在谈", meant[0].start, meant[0].end)
    if moved := _START_MOVED.search(text, *reach.own):
        return Read("未开工", *moved.span())
    for step in meant:
        dated = _WHEN_TO_START.search(text, max(reach.own[0], step.start - 24), step.start)
        if dated and step.batch == "start":
            return Read("未开工", dated.start(), step.end)
    newly = [s for s in steps.find(text, *reach.before, ahead) if s.batch == "start" and s.start in ahead]
    return Read("未开工", newly[-1].start, newly[-1].end) if newly else None


_INTENDED = pattern(
    "something that somebody intends to put up",
    r"(?:计划|准备|打算)[^。;:\n]{0,36}(?:上马|引进|新上)[^,。;]{0,18}$",
    "明年春天,企业还准备再征50亩地,上马",
    "准备再征50亩地,上马",
    code="E1",
)


def _status_before(text: str, reach: Reach, ahead: frozenset[int]) -> Read[str] | None:
    for status, words in _BEFORE:
        if m := words.search(text, *reach.before):
            return Read(status, m.start(), m.end())
    if m := _INTENDED.search(text, max(0, reach.before[1] - 60), reach.before[1]):
        return Read("谋划", *m.span())
    asserted = [s for s in steps.find(text, *reach.before, ahead) if s.asserted]
    if asserted:
        return Read(asserted[-1].status, asserted[-1].start, asserted[-1].end)
    return None


def _batch_of_steps(text: str, one: NamedProject, reach: Reach, ahead: frozenset[int]) -> None:
    """The last step the words assert; a project that is only being built, planned or stopped is in no batch."""
    said = [
        s
        for part in (reach.said, reach.before, reach.own, reach.more, reach.pointed)
        for s in steps.find(text, *part, ahead)
    ]
    begun = one.status is None or one.status.value != "未开工"
    if found := [s for s in said if s.asserted and (begun or s.batch == "sign")]:
        last = max(found, key=lambda step: (steps.ORDER[step.batch], step.start))
        # What was signed in its round and has begun since stands further on than its list.
        if one.batch and steps.ORDER[one.batch.value] >= steps.ORDER[last.batch]:
            return
        one.batch = Read(last.batch, last.start, last.end)


def _company(page: Page, one: NamedProject, reach: Reach) -> None:
    stretches = (reach.before,) if one.listed and not one.telling else (reach.before, reach.own, reach.more)
    for start, end in stretches:
        if (
            m := _COMPANY.search(page.text, start, end)
            or _PAYER.search(page.text, start, end)
            or _PARTNER.search(page.text, start, end)
        ):
            one.company = Read(page.printed(m.start("c"), m.end("c")), m.start("c"), m.end("c"))
            return
