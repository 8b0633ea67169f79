"""The walk through a paragraph: what a number may count, and which total a figure belongs to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from projects import dates, money
from projects.reports.grammar.batches import period_words
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import Read, StatedTotal
from projects.reports.grammar.totals.counting import take_count
from projects.reports.grammar.totals.figures import give_money, give_rate, pair_amounts
from projects.reports.grammar.totals.ledger import Ledger, merged, total_of, walled
from projects.reports.grammar.words import BATCHES, COUNTED, NUMBER, number

MOST = 80  # figures of one sentence; no sentence of a report holds more
_COUNT = re.compile(rf"(?P<n>{NUMBER}){COUNTED}(?!一批|月|百分点|工作日|层面|方面|字)")
_GOES_ON = re.compile(
    r"[●•■◆▪·\-—\s]*(?:总投资|投资|年度|截至|截止|到(?=\d)|目前|其中|现|已|累计|完成|合计|共|计划|全年|当年|上半年|前?[一二三四两三1-4]个?季度|1[-—至]|"
    r"实际|预计|开工率|分|按|从)"
)
_BREAKDOWN = pattern(
    "a total taken apart",
    r"(?:分|按照?|从)[㐀-鿿]{1,8}?(?:看|来看|来分|划分|分类?|分布)(?=[,:]|[㐀-鿿])",
    "分产业看,高端装备96个",
    "分产业看",
    code="G1",
)
_LABEL_ALONE = pattern(
    "a batch that a paragraph opens with",
    r"\s*(?:[(（]?[一二三四五六1-6][)）、.．])?“?(?P<w>签约|开工|投产|竣工)(?:一批”?|项目|方面|情况)(?:项目|方面|情况)*[。:]",
    "(一)签约一批。",
    "(一)签约一批。",
    code="G5",
)
_OTHER_TIME = pattern(
    "a figure of another time",
    r"上[一]?[期季批次年]|去年|往期|历次|前[\d一二三四五六七八九十]",
    "上一期",
    "上一期",
    code="G6",
)
_OWN_RATES = {"签约": ("履约率",), "开工": ("开工率",), "投产": ("投产率", "达效率"), "竣工": ("竣工率", "投产率")}
_RATE_OF = pattern(
    "the rate of a batch that was counted before",
    r"(?P<b>签约|开工|投产|竣工)(?:一批”?(?:项目)?|项目)的?(?P<k>履约率|开工率|投产率|竣工率|达效率)(?:已|均)?(?:为|达到?|是)?$",
    "签约项目履约率达",
    "签约项目履约率达",
    code="G6",
)
_EXCEPT = re.compile(r"除[^,。;]{1,20}外")
_MANY_YEARS = re.compile(r"去年|累计|近年来|以来")
_RATE = re.compile(r"\d+(?:\.\d+)?%")
_AS_OF = re.compile(r"(?:截至|截止)(?:到)?|到(?=\d{4}年)")


def sentence(
    page: Page, start: int, end: int, walls: list[tuple[int, int]], ledger: Ledger, on: dates.DateSpan | None
) -> None:
    text = page.text
    excepted = [m.span() for m in _EXCEPT.finditer(text, start, end)] if text.find("除", start, end) >= 0 else []
    if _MANY_YEARS.search(text, start, end):
        ledger.period, ledger.many_periods = None, True
    before = ledger.period
    for period in period_words(text, start, end):
        ledger.period, ledger.many_periods = period, period is None
    ledger.until, ledger.before = _own_round(text, start, end), before
    if label := _LABEL_ALONE.fullmatch(text, start, end):
        ledger.batch = Read(BATCHES[label["w"]], *label.span("w"))
    tokens: list[tuple[int, int, str, object]] = []
    tokens += [(f.start, f.end, "money", f.amount) for f in page.amounts(start, end)]
    tokens += [(m.start(), m.end(), "count", m) for m in _COUNT.finditer(text, start, end)]
    if text.find("%", start, end) >= 0:
        shared = [m.span() for m in _RATES.finditer(text, start, end)]
        single = [m for m in _RATE.finditer(text, start, end) if not any(s <= m.start() < e for s, e in shared)]
        tokens += [(m.start(), m.end(), "rate", m.group()) for m in single]
    each = _each(page, start, end, ledger.period)
    ledger.made += each
    walls = merged([*_near(walls, start, end), *((one.start, one.end) for one in each)]) if each else walls
    ledger.pending, ledger.size_class = None, ""
    ledger.open = ledger.open and bool(_GOES_ON.match(text[start:end]))
    breaks = _BREAKDOWN.search(text, start, end)
    first = len(ledger.made)
    for s, e, kind, value in sorted(tokens, key=lambda t: (t[0], -t[1]))[:MOST]:
        if walled(walls, s, e) or any(a <= s < b for a, b in excepted):
            continue
        if breaks and s >= breaks.end() and not ledger.broken_down:
            ledger.broken_down, ledger.open = True, True
            ledger.batch = ledger.made[0].batch if ledger.made else _only_batch(ledger.earlier)
        if kind == "count" and isinstance(value, re.Match):
            take_count(page, start, end, value, walls, ledger)
        elif kind == "money":
            give_money(text, start, s, e, value if isinstance(value, money.Amount) else None, ledger)
        elif kind == "rate" and (told := _RATE_OF.search(text, start, s)) and not _OTHER_TIME.search(text, start, s):
            if (
                told["k"] in _OWN_RATES[told["b"]]
                and (home := total_of(ledger, BATCHES[told["b"]]))
                and home.rate is None
            ):
                home.rate, home.rate_kind = Read(text[s : e - 1], s, e), told["k"]
        elif kind == "rate" and ledger.current is not None and ledger.open:
            give_rate(text, start, s, e, ledger.current, ledger)
    _rates(text, start, end, ledger)
    pair_amounts(text, start, end, ledger.made[first:])
    _as_of(text, start, end, ledger, on)


_ROUND_OF_PART = pattern(
    "a part that is of a round",
    r"(?:其中|;|另有|另外)[^,。;:]{0,10}$",
    "全市集中开工项目56个,其中",
    "其中",
    code="D1",
)


def _own_round(text: str, start: int, end: int) -> int:
    """Up to where the counts of a sentence are not of the round that it names: 开工项目56个,其中第九期…8个."""
    told = next(iter(period_words(text, start, end)), None)
    return told.start if told and _ROUND_OF_PART.search(text, start, told.start) else start


def _only_batch(totals: list[StatedTotal]) -> Read[str] | None:
    """The batch of a report that has stated totals of no other."""
    told = [total.batch for total in totals if total.batch]
    return told[-1] if len({batch.value for batch in told}) == 1 and totals[0].batch else None


def _each(page: Page, start: int, end: int, period: Read[int] | None) -> list[StatedTotal]:
    """The totals of batches that are told together."""
    text = page.text
    same = _of_each(page, start, end, period) if text.find("各", start, end) >= 0 else ()
    ordered = _in_order(page, start, end, period) if text.find("分别", start, end) >= 0 else ()
    return [*same, *ordered, *_of_places(page, start, end), *_begun_in(page, start, end)]


_BEGUN_IN = pattern(
    "how many of a place's projects have begun",
    r"(?P<z>[㐀-鿿]{1,6}(?:县|区|市|镇|乡|街道))(?P<n>\d{1,3})个(?:项目)?(?:已|仅|实际|只)*[开动]工(?P<m>\d{1,3})个(?:,开工率(?:为|达)?(?P<r>\d+(?:\.\d+)?)%)?",
    "砚塘县14个已开工13个,开工率92.9%",
    "砚塘县14个已开工13个,开工率92.9%",
    code="G9",
)


def _begun_in(page: Page, start: int, end: int) -> Iterator[StatedTotal]:
    """砚塘县14个已开工13个: a total of the place, and its part."""
    for told in _BEGUN_IN.finditer(page.text, start, end) if page.text.find("工", start, end) >= 0 else ():
        made = StatedTotal(start=told.start(), end=told.end(), filter=told["z"])
        made.count, made.started = Read(int(told["n"]), *told.span("n")), Read(int(told["m"]), *told.span("m"))
        if told["r"]:
            made.rate, made.rate_kind = Read(told["r"], *told.span("r")), "开工率"
        yield made


_RANKED = pattern(
    "a place with its rate in a bracket",
    r"(?P<z>[㐀-鿿]{2,10})\((?P<v>\d+(?:\.\d+)?)%\)",
    "开工率前三名:砚塘镇(95.5%)、苇泊乡(91.7%)",
    "砚塘镇(95.5%)",
    code="G6",
)
_KIND_OF_RATE = re.compile(r"(?:履约|开工|投产|竣工|达效)率")


def _of_places(page: Page, start: int, end: int) -> Iterator[StatedTotal]:
    """开工率前三名:甲镇(95.5%)、乙乡(91.7%): the rate of each place."""
    kind = _KIND_OF_RATE.search(page.text, start, end) if page.text.find("%)", start, end) >= 0 else None
    told = list(_RANKED.finditer(page.text, kind.end(), end)) if kind else []
    for one in told if len(told) > 1 else ():
        made = StatedTotal(start=one.start(), end=one.end(), filter=one["z"], rate_kind=kind.group() if kind else "")
        made.rate = Read(one["v"], *one.span("v"))
        yield made


def _near(walls: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Those that a sentence can run into."""
    first = bisect_left(walls, start, key=lambda wall: wall[1])
    return walls[first : bisect_right(walls, end, key=lambda wall: wall[0])]


def _as_of(text: str, start: int, end: int, ledger: Ledger, on: dates.DateSpan | None) -> None:
    total = ledger.current
    if (
        total is None
        or not (words := _AS_OF.search(text, start, end))
        or (words.start() < total.start and not ledger.made)
    ):
        return
    found = next(iter(dates.find(text[words.start() : end], on=on)), None)
    if found and found.start <= 4 and total.as_of is None and found.span.last:
        total.as_of = Read(found.span, words.start() + found.start, words.start() + found.end)


_EACH_BATCH = pattern(
    "as many of each batch",
    r"(?P<w>(?:签约|开工|投产|竣工)(?:(?:、|和|及|与)(?:签约|开工|投产|竣工))+)(?:项目)?各(?:有)?(?P<n>\d{1,4}|[一二三四五六七八九十]{1,3})个",
    "签约、开工、投产各4个",
    "签约、开工、投产各4个",
    code="G5",
)


_RATES = pattern(
    "rates of the batches in order",
    r"(?P<k>(?:履约|开工|投产|竣工|达效)率(?:(?:、|和|及|与)(?:履约|开工|投产|竣工|达效)率)+)分别(?:为|达到?|是)?(?P<v>\d[\d.]*%(?:(?:、|和|及|与)\d[\d.]*%)+)",
    "履约率、开工率、投产率分别为100%、95.7%、94.1%",
    "履约率、开工率、投产率分别为100%、95.7%、94.1%",
    code="G6",
)
_BATCH_OF_RATE = {"履约率": "sign", "开工率": "start", "投产率": "produce", "竣工率": "produce", "达效率": "produce"}


def _rates(text: str, start: int, end: int, ledger: Ledger) -> None:
    """Each rate to the total of its batch that the report has stated."""
    for told in _RATES.finditer(text, start, end):
        kinds, values = re.findall("..率", told["k"]), list(re.finditer(r"\d[\d.]*", told["v"]))
        for kind, value in zip(kinds, values, strict=False):
            home = total_of(ledger, _BATCH_OF_RATE[kind]) if len(kinds) == len(values) else None
            if home and home.rate is None:
                at = told.start("v")
                home.rate, home.rate_kind = Read(value.group(), at + value.start(), at + value.end()), kind


_EACH_COUNT = pattern(
    "batches, then their counts in order",
    r"(?P<w>新?(?:签约|开工|动工|投产|竣工)(?:(?:、|和|及|与)新?(?:签约|开工|动工|投产|竣工))+)(?:项目)?分别(?:为|有|达)?"
    r"(?P<n>\d{1,4}个(?:(?:、|和|及|,)\d{1,4}个)+)",
    "新签约、新动工、新竣工项目分别为4个、3个、2个",
    "新签约、新动工、新竣工项目分别为4个、3个、2个",
    code="G5",
)


def _in_order(page: Page, start: int, end: int, period: Read[int] | None) -> Iterator[StatedTotal]:
    """新签约、新动工、新竣工项目分别为4个、3个、2个: a total of each, in order."""
    for told in _EACH_COUNT.finditer(page.text, start, end):
        words = list(re.finditer("签约|开工|动工|投产|竣工", told["w"]))
        counts = list(re.finditer(r"\d+", told["n"]))
        if len(words) != len(counts):
            continue
        for word, count in zip(words, counts, strict=True):
            at, to = told.start("w"), told.start("n")
            one = StatedTotal(start=to + count.start(), end=to + count.end(), period=period)
            one.batch = Read(BATCHES[word.group()], at + word.start(), at + word.end())
            one.count = Read(int(count.group()), to + count.start(), to + count.end())
            yield one


def _of_each(page: Page, start: int, end: int, period: Read[int] | None) -> Iterator[StatedTotal]:
    """签约、开工、投产各4个: a total of each batch."""
    for told in _EACH_BATCH.finditer(page.text, start, end):
        value = number(told["n"])
        for word in re.finditer(r"签约|开工|投产|竣工", told["w"]):
            place = told.start("w") + word.start(), told.start("w") + word.end()
            one = StatedTotal(start=place[0], end=told.end(), period=period)
            one.batch = Read(BATCHES[word.group()], *place)
            one.count = Read(value, told.start("n"), told.end("n")) if value else None
            yield one
