"""What a ceremony says of the projects named at it: its step and its day. Working-copy offsets."""

from __future__ import annotations

import re
from dataclasses import replace

from projects import dates
from projects.reports.grammar.batches import period_words
from projects.reports.grammar.days import Days, done_later
from projects.reports.grammar.intents import planned
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.reach import Reach
from projects.reports.grammar.records import NamedProject, Read, StatedDate

_EVENT = pattern(
    "a ceremony of one step",
    r"(?:集中|现场|会上|仪式上|活动上|活动中|线上|当场|同台|同时|[云网])(?P<w>开工|动工|签约|投产|竣工)|"
    r"(?P<v>开工|动工|奠基|签约|投产|竣工)(?:暨[^,。;]{0,8})?(?:仪式|活动|典礼|大会|会(?!议))|"
    r"(?P<h>签约|开工|投产|竣工)[^,。;]{0,8}举行",
    "9月6日,全县二季度重点项目集中开工",
    "集中开工",
    code="E10",
)
_FAIR = pattern(
    "a fair where projects are signed",
    r"(?:推介|洽谈|招商|对接|恳谈|投资促进|产业链|产业|交易|博览)(?:大)?会|投资周|招商周|招商日|招商成果",
    "5月8日,砚塘县在沿海举办产业推介会,6个项目敲定",
    "推介会",
    code="E10",
)
_SIGNED_THERE = pattern(
    "that something was signed at a fair",
    r"签约(?!率|一批)|签下|签了|签字|签署|落笔|敲定|落定|握手|牵手|达成合作|(?<!没)谈成",
    "6个项目敲定",
    "敲定",
    code="D5",
)
_LABELS = re.compile(r"(签约|开工|投产)(?:一批(?!重|项目建设)|项目\d+个:)")
_OPENING = 5  # sentences, the headline among them
_HELD = re.compile(r"活动|仪式|举行|集中")
_TO_COME = re.compile(r"[^,。;]{0,8}(?:将|拟|计划)(?:[于在]|举)")
EVENT_STEP = {
    "签约": ("sign", "已签约", "signed"),
    "开工": ("start", "已开工", "started"),
    "奠基": ("start", "已开工", "started"),
    "动工": ("start", "已开工", "started"),
    "投产": ("produce", "已投产", "produced"),
    "竣工": ("produce", "已竣工", "completed"),
}


def same_day(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """A投产…;B同日开工: the day of the one is the day of the other."""
    for at, (one, reach) in enumerate(zip(records, reaches, strict=True)):
        if not at or not one.batch or "同日" not in page.text[slice(*reach.own)]:
            continue
        day = next((d for d in records[at - 1].dates if d.certainty == "actual"), None)
        role = {"sign": "signed", "start": "started", "produce": "produced"}[one.batch.value]
        if day and not any(d.role == role for d in one.dates):
            one.dates.append(replace(day, role=role))


def event(page: Page, records: list[NamedProject], known: Days) -> None:
    """A report of one ceremony (集中开工): its step and its day belong to every project named after it."""
    text = page.text
    told = _told(page, known)
    if told is None:
        return
    (start, end), word, held = told
    batch, status, role = EVENT_STEP[word]
    if {EVENT_STEP[label[1]][0] for label in _LABELS.finditer(text)} - {batch}:
        return
    for one in records:
        own = one.batch and one.batch.value == batch and (one.status is None or one.status.value == status)
        if one.start < page.sentence_at(start)[0] or (one.batch and not own):
            continue
        meant = one.status and one.status.value == "未开工" and not one.status_own
        if one.status and one.status.value not in ("在建", status) and not (meant and batch == "sign"):
            continue
        if any(day.role == role and day.certainty == "planned" for day in one.dates):
            continue
        one.batch = one.batch or Read(batch, start, end)
        if not one.status or one.status.value != status:
            one.status, one.status_own = Read(status, start, end), False
        if held and not any(d.role == role for d in one.dates):
            one.dates.append(replace(held, role=role))


def _told(page: Page, known: Days) -> tuple[tuple[int, int], str, StatedDate | None] | None:
    """Where the opening tells of a ceremony, its step, and its day; one with a day goes before one without."""
    text = page.text
    found: list[tuple[tuple[int, int], str, StatedDate | None]] = []
    for start, end in page.sentences[:_OPENING]:
        for match in _EVENT.finditer(text, start, end):
            if not planned(text, match.start()) and not _TO_COME.match(text, match.end()):
                word = next(name for name in ("w", "v", "h") if match[name])
                found.append((match.span(word), match[word], _held(page, start, match.start(), known)))
                break
    if not found:
        found = _fair(page, known)
    return next((one for one in found if one[2]), found[0]) if found else None


def _fair(page: Page, known: Days) -> list[tuple[tuple[int, int], str, StatedDate | None]]:
    """A fair that the report opens with is where what it names was signed, if anything was."""
    opening = page.sentences[:_OPENING]
    for start, end in opening:
        fair = _FAIR.search(page.text, start, end)
        signed = _SIGNED_THERE.search(page.text, fair.end(), opening[-1][1]) if fair else None
        if fair and (day := _held(page, start, end, known)) and not _TO_COME.match(page.text, fair.end()):
            signed = signed or _SIGNED_THERE.search(page.text, end)
            if signed and not planned(page.text, signed.start()):
                return [(signed.span(), "签约", day)]
    return []


def _held(page: Page, start: int, end: int, known: Days) -> StatedDate | None:
    """The last day named in a stretch, as a day of a step that is still to be told."""
    told = [day for day in known.within(start, end) if _has_day(day)]
    if not told:
        return None
    day = told[-1]
    return StatedDate("", "actual", day.span, day.start, day.end, day.partial, own=False)


def _has_day(day: dates.FoundDate) -> bool:
    return day.span.precision == "day" or day.partial.count("-") == 3


_ROUND_HELD = pattern(
    "a round of the activity that is held",
    r"三个一批”?[^,。;]{0,24}?(?:活动|仪式|大会|现场会)(?!方案|要求|精神|以来|成果|后|前)|集中(?:签约|开工|投产|竣工)|(?:签约|开工|投产|竣工)(?:仪式|活动)",
    "5月18日,第九期“三个一批”项目建设活动在云岭县举行",
    "三个一批”项目建设活动",
    code="E10",
)
_STEPS = re.compile("签约|开工|动工|投产|竣工")
_MET = pattern(
    "a meeting about the projects, and no ceremony",
    r"推进会|调度会|座谈会|专题会|部署会|讲评会|会议|培训|督[导查]|观摩|调研|截[至止]",
    "“三个一批”项目推进会召开",
    "推进会",
    code="T4",
)
_EARLIER = pattern(
    "a step taken before the ceremony",
    r"(?:已|此前|去年|前期|早在|今年|\d[年月])[^,。;]*$",
    "去年3月",
    "去年3月",
    code="E10",
)
_ROLE_OF = {"sign": "signed", "start": "started", "produce": "produced"}


def of_round(page: Page, records: list[NamedProject], known: Days) -> None:
    """第九期“三个一批”活动举行: its day is the day of what the report lists as signed, started or produced at it."""
    text = page.text
    if "三个一批" not in text:
        return
    for start, end in page.sentences[:_OPENING]:
        held = _ROUND_HELD.search(text, start, end)
        day = _held(page, start, end, known) if held else None
        if held is None or day is None or _MET.search(text, start, end):
            continue
        if planned(text, held.start()) or _TO_COME.match(text, held.end()):
            continue
        told = [period for period in period_words(text, start, end) if period]
        rounds = [period.value for period in told]
        mixed = sum(bool(one.period and one.period.value not in rounds) for one in records) > 1
        only = {EVENT_STEP[word][0] for word in _STEPS.findall(held.group())}
        here = done_later(text, known.found, day)
        for one in records:
            if (mixed and one.period is None) or (here and page.paragraph_at(one.start) != page.paragraph_at(start)):
                continue
            if len(only) == 1 and one.batch and one.batch.value not in only:
                continue
            if one.start > start and _at_round(page, one, rounds):
                role = _ROLE_OF[one.batch.value] if one.batch else ""
                one.dates += [] if any(d.role == role for d in one.dates) else [replace(day, role=role)]
                one.period = one.period or (told[0] if len(set(rounds)) == 1 else None)
        return


def _at_round(page: Page, one: NamedProject, rounds: list[int]) -> bool:
    """Whether a record is on a list of this round, and of no other, and is not told of by itself."""
    if one.batch is None or (one.status and one.status.value not in _DONE):
        return False
    if one.status and one.status_own and _EARLIER.search(page.text, max(0, one.status.start - 16), one.status.start):
        return False
    return one.period is None or not rounds or one.period.value in rounds


_DONE = {status for _, status, _ in EVENT_STEP.values()}


def ceremony(page: Page, records: list[NamedProject], known: Days) -> None:
    """上台签约的14个项目是…: the day of the activity that the report opens with is the day of what was done there."""
    for start, end in page.sentences[:2]:
        if not _HELD.search(page.text, start, end):
            continue
        day = next(filter(_has_day, known.within(start, end)), None)
        if not day:
            continue
        for one in records:
            together = one.listed or (one.status and page.text.endswith("集中", 0, one.status.start))
            done = together and one.batch and one.status and one.status.start > start and not one.dates
            if done and one.batch and one.status and one.status.value in ("已签约", "已开工", "已投产"):
                role = {"sign": "signed", "start": "started", "produce": "produced"}[one.batch.value]
                one.dates.append(StatedDate(role, "actual", day.span, day.start, day.end, day.partial, own=False))
        return
