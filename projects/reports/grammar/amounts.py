"""What a project costs, and how much of it is spent. Working-copy offsets."""

from __future__ import annotations

import re
from itertools import groupby

from projects import dates, money
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.reach import Reach
from projects.reports.grammar.records import NamedProject, Read, StatedPart
from projects.reports.grammar.words import COUNTED, NUMBER

Stretch = tuple[int, int]

_OWN_TOTAL = re.compile(rf"(?<!第){NUMBER}{COUNTED}(?!一批)[^,。;]{{0,12}}项目|项目{NUMBER}{COUNTED}")
_BESIDE = re.compile(r"元[,、]?(?:另有|另加|另|以及|及|和|与)(?:外资)?$")
_PHASE = re.compile(r"(?P<p>[一二三四五六首]期)[^,。;、]{0,6}$")
_IN_BRACKET = re.compile(r"\([^()]{0,12}$")
_SPENT = re.compile(r"[^,。;:、]{0,8}(?:完成|投入)[^,。;:、]{0,6}")
_REVISED = pattern(
    "revised amount",
    r"(?:调整|变更|修改|增加|提高|追加|扩大|上调|缩减|压减|下调|减少|核减|增|扩|调减|调增|更正|应)(?:为|到|至)(?:了)?“?(?:总?投资)?$",
    "总投资由8亿元增加到",
    "增加到",
    code="A9",
)
_AMOUNTS_TO = pattern(
    "an amount that is told a clause after its kind",
    r"(?:总?投资(?:额|规模|总额)?|体量|盘子)[^,。;:\d]{0,6},(?:高)?达到?(?:了)?$",
    "投资额最大,达到",
    "投资额最大,达到",
    code="A2",
)
_LOOKS_BACK = 80


def give(page: Page, records: list[NamedProject], reaches: list[Reach], on: dates.DateSpan | None) -> None:
    """Give every project the amounts that are said of it alone."""
    taken = {value.start for one in records for value in (one.amount, one.foreign) if value}
    together = _together(page.text, records, reaches)
    for at, (one, reach) in enumerate(zip(records, reaches, strict=True)):
        if one.listed and not one.telling:
            continue
        for stretch in (*together.get(at, (reach.own, reach.more)), reach.pointed):
            _amounts(page, one, stretch, taken, on)
    _distribute(page, records, reaches)
    _of_each(page, records, reaches)
    _in_order(page, records)


_EACH = pattern(
    "an amount that each of those named before has",
    r"[,。;](?:计划|预计)?(?:总?投资|投资额|总额|概算)(?:额)?[均都各](?:为|达到?|是|在)$",
    "A项目、B项目同日开工,投资额均为",
    ",投资额均为",
    code="A12",
)


def _of_each(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """A、B同日开工,投资额均为3.1亿元: the amount is that of each."""
    for one, reach in zip(records, reaches, strict=True):
        for found in page.amounts(*reach.own) if not (one.amount or one.foreign) else ():
            if found.amount and _EACH.search(page.text, reach.own[0], found.start):
                one.keep_total(Read(found.amount, found.start, found.end))


_ORDER = pattern(
    "amounts in the order of the names before them",
    r"[,。;]?(?:计划|预计|协议|概算)?(?:总?投资|投资额|总额|概算)(?:额)?(?:分别|依次)(?:为|是|达)?|[,;](?:分别|依次)(?P<done>(?:已|累计)*完成)投资",
    "投资额分别为8亿元、7.5亿元和1.8亿元",
    "投资额分别为",
    code="A5",
)


def _in_order(page: Page, records: list[NamedProject]) -> None:
    """分别是A、B和C,投资额分别为8亿元、7.5亿元和1.8亿元: of a list, each amount to its name."""
    at = 0
    while at < len(records):
        run = [records[at]]
        while at + len(run) < len(records) and _beside(page.text, run[-1], records[at + len(run)]):
            run.append(records[at + len(run)])
        at += len(run)
        told = _ORDER.match(page.text, run[-1].end) if len(run) > 1 else None
        if told is None or (not told["done"] and any(one.amount or one.foreign for one in run)):
            continue
        stop = next((i for i in range(told.end(), len(page.text)) if page.text[i] in ",。;\n"), len(page.text))
        found = [f for f in page.amounts(told.end(), stop) if f.amount]
        for one, amount in zip(run, found, strict=False):
            if amount.amount and len(found) == len(run):
                value = Read(amount.amount, amount.start, amount.end)
                if told["done"]:
                    one.completed = value
                else:
                    one.keep_total(value)


def _beside(text: str, one: NamedProject, other: NamedProject) -> bool:
    return bool(_BETWEEN.fullmatch(text, one.end, other.start))


_BETWEEN = re.compile(r"(?:、|和|及|与|以及)(?:[㐀-鿿]{2,12}的)?")
_SHARED = pattern(
    "amounts that several names share",
    r"(?:分别|依次)(?:投资|为|是|达|约)*$",
    "投资额分别为",
    "分别为",
    code="A5",
)


def _together(text: str, records: list[NamedProject], reaches: list[Reach]) -> dict[int, tuple[Stretch, ...]]:
    """Where the amounts of projects that are named together stand, by the place of the record.

    What follows a name directly is its own. What follows the last of them is their sum, and nobody's own, unless it
    stands in a bracket, or every one before it has its amount behind it in the same way.
    """
    found: dict[int, tuple[Stretch, ...]] = {}
    for _, run in groupby(range(len(records)), key=lambda at: reaches[at].own):
        group = [at for at in run if not records[at].listed]
        if len(group) < 2 or reaches[group[0]].own[0] < records[group[-1]].end:
            continue
        for at in group[:-1]:
            found[at] = ((records[at].end, records[at + 1].start),)
        last = group[-1]
        found[last] = _of_last(text, records[last], [found[at][0] for at in group[:-1]], reaches[last])
        for at in group:
            _drop_sum(records[at], found[at])
    return found


def _of_last(text: str, one: NamedProject, others: list[Stretch], reach: Reach) -> tuple[Stretch, ...]:
    bracket = re.match(r"\([^()]*\)", text[one.end : reach.own[1]])
    if bracket and money.find(bracket.group()):
        return ((one.end, one.end + bracket.end()),)
    priced = all(
        any(f.amount and not _IN_BRACKET.match(text[s : s + f.start]) for f in money.find(text[s:e])) for s, e in others
    )
    return (reach.own, reach.more) if priced else ()


def _drop_sum(one: NamedProject, stretches: tuple[Stretch, ...]) -> None:
    """An amount taken from behind the name that does not stand where the project's own amounts do."""
    amount = one.amount
    if amount and amount.start >= one.end and not any(s <= amount.start < e for s, e in stretches):
        one.amount = None


def _amounts(page: Page, one: NamedProject, stretch: Stretch, taken: set[int], on: dates.DateSpan | None) -> None:
    text, (start, end) = page.text, stretch
    if counted := _OWN_TOTAL.search(text, start, end):
        end = counted.start()
    for found in page.amounts(start, end):
        s, e = found.start, found.end
        own = any(value is not None and value.start == s for value in (one.amount, one.foreign))
        if found.amount is None or (s in taken and not own):
            continue
        _place(page, one, Read(found.amount, s, e), on)


def _place(page: Page, one: NamedProject, value: Read[money.Amount], on: dates.DateSpan | None) -> None:
    """Keep an amount as what the words before it say it is."""
    before = page.text[max(0, value.start - _LOOKS_BACK) : value.start]
    after_name = page.text[max(one.end, value.start - _LOOKS_BACK) : value.start] if value.start > one.end else before
    if _SHARED.search(before) or page.text.startswith(_THRESHOLD, value.start):
        return
    phase = _PHASE.search(after_name)
    own = (phase["p"] + end for end in ("", ")", "项目", "工程")) if phase else ()
    if phase and not page.text.endswith(tuple(own), one.start, one.end):
        one.parts.append(StatedPart(phase["p"], value.value, value.start, value.end))
        if _only_phase(one, before):
            one.amount = one.amount or value
        return
    role = amount_role(before, _year(on)) or ("total" if _AMOUNTS_TO.search(before) else None)
    role = role or ("total" if re.search(r"(?:^|[,:(—])$", before) else None)
    if role is None and value.value.currency != "CNY" and _BESIDE.search(before):
        role = "total"
    if revised := _REVISED.search(before):
        role = _revised(one, before[: revised.start()])
    if role == "completed":
        _spend(page, one, value, on)
    elif role == "annual":
        one.annual_plan = one.annual_plan or value
    elif role == "total":
        one.keep_total(value)


_THRESHOLD = ("小于", "低于", "大于", "高于", "不低于", "不少于")


def _revised(one: NamedProject, before: str) -> str:
    """Which amount is another one now: 总投资由8亿元增加到, 年度计划投资由6亿元调减为. The old one is forgotten."""
    said = next((role for role in map(_role_of_clause, re.split("[,。;]", before)[::-1]) if role), "total")
    if said == "annual":
        one.annual_plan = None
    elif said == "completed":
        one.completed = None
    else:
        one.amount = one.foreign = None
    return said


def _role_of_clause(clause: str) -> str | None:
    told = list(_ROLE_WORDS.finditer(clause))
    return None if not told else "annual" if told[-1]["a"] else "completed" if told[-1]["c"] else "total"


_ROLE_WORDS = re.compile("(?P<a>年度(?:计划)?投资|年度计划)|(?P<c>(?:累计|已)完成(?:投资)?)|总?投资|概算")


def _spend(page: Page, one: NamedProject, value: Read[money.Amount], on: dates.DateSpan | None) -> None:
    """The first amount completed stands; one that is said to be cumulative (累计) tells more than one that is not."""
    known = one.completed
    if known is None or (_is_cumulative(page, value) and not _is_cumulative(page, known)):
        one.completed, one.completed_until = value, _until(page, value.start, on)


def _is_cumulative(page: Page, value: Read[money.Amount]) -> bool:
    return "累计" in page.text[max(0, value.start - 10) : value.start]


def _only_phase(one: NamedProject, before: str) -> bool:
    """一期总投资4亿元 with nothing said of a whole: the only figure there is."""
    return bool(re.search(r"[一首]期总投资[约为]?$", before)) and one.amount is None


def _year(on: dates.DateSpan | None) -> int | None:
    return on.last.year if on and on.last else None


def _until(page: Page, at: int, on: dates.DateSpan | None) -> Read[dates.DateSpan] | None:
    """The date until which a completed amount holds: 截至2023年6月底,…已完成投资; 1-6月完成投资."""
    begin = page.sentence_at(at)[0]
    for found in reversed(dates.find(page.text[begin:at], on=on)):
        said = found.text.startswith("截") or page.text.endswith("到", begin, begin + found.start)
        beside = _SPENT.fullmatch(page.text, begin + found.end, at)
        if (said or beside) and found.span.last:
            return Read(found.span, begin + found.start, begin + found.end)
    return None


def _distribute(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """A和B分别涉资7亿元和4亿元: amounts in the order of the names."""
    groups: dict[Stretch, list[NamedProject]] = {}
    for one, reach in zip(records, reaches, strict=True):
        if not one.listed and reach.own[1] > reach.own[0]:
            groups.setdefault(reach.own, []).append(one)
    for (start, end), group in groups.items():
        words = max(page.text.find("分别", start, end), page.text.find("依次", start, end))
        if len(group) < 2 or words < 0:
            continue
        found = [f for f in money.find(page.text[words:end]) if f.amount]
        if len(found) < len(group):
            continue
        for one, amount in zip(group, found, strict=False):
            one.amount = one.foreign = None
            if amount.amount and len(found) == len(group):
                one.keep_total(Read(amount.amount, words + amount.start, words + amount.end))
