"""Totals stated in a report: how many projects, of how much money, how far. Working-copy offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from projects import dates, money
from projects.reports.grammar import steps
from projects.reports.grammar.batches import BatchList, period_words
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import NamedProject, Read, StatedTotal
from projects.reports.grammar.words import COUNTED, NUMBER, number

_COUNT = re.compile(rf"(?P<n>{NUMBER}){COUNTED}(?!一批|月|百分点|工作日|层面|方面|字)")
_THEN_PROJECT = re.compile(r"^[^,。;:、\d()]{0,24}?项目(?!部|办|组|管理|单位)")
_AFTER_PROJECT = re.compile(r"项目”?(?:共计?|有|达到?|只有|总数|数)?$")
_AFTER_STEP = re.compile(r"(?:签约|开工|动工|投产|竣工|建成|签下|奠基)(?:了|项目)?(?:的)?$")
_PART = re.compile(
    r"^(?:[,。;、:()]|$|\d|总?投资|共|的|外资|内资|里|当中|已|均已|未|没|尚|——|完成|年度|合计|要|将|停工|占)"
)
# A part of the total before it, told by the words left ("未开工的9个") or right ("9个未开工") of the number.
_SUB = tuple(
    (name, re.compile(rf"{left}的?(?:项目)?$"), re.compile(rf"^(?:项目)?{right}"))
    for name, left, right in (
        ("not_started", r"(?:尚?未|没有|没)(?:能)?开工(?:建设)?", r"(?:尚|还)?(?:未|没有|没)(?:能)?开工"),
        ("started", r"已(?:经)?开工(?:建设)?", r"(?:均)?已(?:经)?开工"),
        ("produced", r"已(?:经)?(?:建成)?投产", r"(?:均)?已(?:经)?(?:建成)?投产"),
        ("at_capacity", r"(?:已)?(?:达效|达产)", r"(?:均)?已(?:经)?达[效产]"),
    )
)
_BACK = re.compile(r"(?:项目)?(?:尚?未开工的?|已开工的?)?(?:里|当中|之中)")
_GOES_ON = re.compile(r"(?:总投资|投资|年度|截至|截止|到(?=\d)|目前|其中|现|已|累计|完成|合计|共|计划)")
_SUBJECT = re.compile(r"(?P<s>[^,。;:、\d]{0,10}项目)[^,。;:]{0,8}(?:累计)?完成(?:投资)?$")
_BARE_STARTED = re.compile(r"开工(?:建设)?$")
_EXCEPT = re.compile(r"除[^,。;]{1,20}外")
_RATE = re.compile(r"\d+(?:\.\d+)?%")
_RATE_KIND = re.compile(r"(?P<k>[㐀-鿿]{2,6}?率)(?:分别)?(?:为|达到?|是|约)?$")
_BETWEEN = re.compile(r"^(?:[^,。;:、\d]{0,20}项目(?:[^,。;:、\d]{0,4}))?[、,:(]?(?:共|约|合同盘子|总额|投资)?$")
_AS_OF = re.compile(r"(?:截至|截止)(?:到)?|到(?=\d{4}年)")
_STEP_ONLY = re.compile(
    r"[的了有“”:,、(\s]|共计|共|项目|个|(?:集中|分批|上台|协调|申报|新)?(?:签约|开工|动工|投产|竣工|建成|签下|奠基)(?:一批)?"
)


@dataclass
class _Ledger:
    """What the walk through a paragraph knows so far."""

    made: list[StatedTotal] = field(default_factory=list)
    current: StatedTotal | None = None
    batch: Read[str] | None = None
    period: Read[int] | None = None
    many_periods: bool = False
    pending: Read[money.Amount] | None = None
    size_class: str = ""
    open: bool = False
    waiting: bool = False


def find(
    page: Page, batches: list[BatchList], records: list[NamedProject], document_period: Read[int] | None,
    on: dates.DateSpan | None,
) -> list[StatedTotal]:  # fmt: skip
    """Every total, each once; figures that belong to a named project are left out."""
    walls = _walls(batches, records)
    found: list[StatedTotal] = []
    for _, sentences in groupby(page.sentences, key=lambda sentence: page.paragraph_at(sentence[0])):
        ledger = _Ledger()
        for start, end in sentences:
            _sentence(page, start, end, walls, ledger, on)
        for total in ledger.made:
            if total.period is None and not ledger.many_periods:
                total.period = document_period
        found += ledger.made
    return _once(found)


def _walls(batches: list[BatchList], records: list[NamedProject]) -> list[tuple[int, int]]:
    spans = [(b.start, b.end) for b in batches]
    for one in records:
        spans.append((one.start, one.end))
        spans += [(v.start, v.end) for v in (one.amount, one.foreign, one.annual_plan, one.completed, *one.parts) if v]
    return spans


def _walled(walls: list[tuple[int, int]], start: int, end: int) -> bool:
    return any(s < end and start < e for s, e in walls)


def _sentence(
    page: Page, start: int, end: int, walls: list[tuple[int, int]], ledger: _Ledger, on: dates.DateSpan | None
) -> None:
    text = page.text
    excepted = [m.span() for m in _EXCEPT.finditer(text, start, end)]
    if re.search(r"去年|累计|近年来|以来", text[start:end]):
        ledger.period, ledger.many_periods = None, True
    for period in period_words(text, start, end):
        ledger.period, ledger.many_periods = period, period is None
    tokens: list[tuple[int, int, str, object]] = []
    for f in money.find(text[start:end]):
        tokens.append((start + f.start, start + f.end, "money", f.amount))
    tokens += [(m.start(), m.end(), "count", m) for m in _COUNT.finditer(text, start, end)]
    tokens += [(m.start(), m.end(), "rate", m.group()) for m in _RATE.finditer(text, start, end)]
    ledger.pending, ledger.size_class = None, ""
    ledger.open = ledger.open and bool(_GOES_ON.match(text[start:end]))
    first = len(ledger.made)
    for s, e, kind, value in sorted(tokens, key=lambda t: (t[0], -t[1])):
        if _walled(walls, s, e) or any(a <= s < b for a, b in excepted):
            continue
        if kind == "count" and isinstance(value, re.Match):
            _count(page, start, end, value, ledger)
        elif kind == "money":
            _money(text, start, s, e, value if isinstance(value, money.Amount) else None, ledger)
        elif kind == "rate" and ledger.current is not None and ledger.open:
            _rate(text, start, s, e, ledger.current)
    _pair(text, start, end, ledger.made[first:])
    _as_of(text, start, end, ledger, on)


def _count(page: Page, start: int, end: int, match: re.Match[str], ledger: _Ledger) -> None:
    text = page.text
    value = number(match.group("n"))
    before, after = text[start : match.start()], text[match.end() : end]
    if (
        value is None
        or match.group("n") == "一"
        or before.endswith(("第", "前", "."))
        or not _counts(before, after, ledger)
    ):
        return
    place = Read(value, match.start(), match.start() + len(match.group("n")))
    if back := _BACK.match(after):
        ledger.waiting = "未开工" in back.group()
        ledger.batch = _batch(text, start, match, end, ledger)
        ledger.open = False
        return
    if _sub_count(before, after, place, ledger):
        return
    total = StatedTotal(start=match.start(), end=match.end(), count=place)
    total.filter = _filter(text, start, match.start(), after) or ledger.size_class
    total.batch = _batch(text, start, match, end, ledger)
    total.period = ledger.period
    if ledger.pending:
        _keep_amount(total, ledger.pending)
    if ledger.waiting:
        total.not_started, total.batch = place, None
    ledger.pending, ledger.size_class = None, ""
    ledger.current, ledger.batch, ledger.open = total, total.batch, True
    ledger.made.append(total)


def _counts(before: str, after: str, ledger: _Ledger) -> bool:
    """Whether this number counts projects."""
    then = _THEN_PROJECT.match(after)
    if then and not re.search(
        r"企业|公司|单位|指标|问题|会场|方面|人|家|^月|行动|体系|环节|阶段|领域|部门", then.group()
    ):
        return True
    if _AFTER_PROJECT.search(before):
        return True
    if "三个一批" in before and re.match(r"[、,]\d[\d.]*[亿万]元", after) and ledger.current is None:
        return True
    if _BACK.match(after) and re.search(r"开工|签约|投产", before[-6:] + after[:6]):
        return True
    fits = bool(_PART.match(after)) and not re.search(
        r"(?:事项|工作|问题|企业|公司|政策|岗位|会议|平台)(?:[共达有])?$", before
    )
    return fits and (
        ledger.current is not None or ledger.waiting or bool(_AFTER_STEP.search(before)) or bool(ledger.size_class)
    )


def _sub_count(before: str, after: str, place: Read[int], ledger: _Ledger) -> bool:
    """已开工14个, 77个未开工: a part of the total before, not a total of its own."""
    current = ledger.current
    if current is None:
        return False
    if re.match(r"(?:项目)?的", after):
        return False
    for name, left, right in _SUB:
        if (left.search(before) or right.match(after)) and getattr(current, name) is None:
            setattr(current, name, place)
            return True
    whole = current.batch is None and current.count is not None and current.count.value >= place.value
    rated = re.match(r"^[,、(]?\d+(?:\.\d+)?%", after)
    if _BARE_STARTED.search(before) and whole and rated and current.started is None:
        current.started = place
        return True
    return False


def _filter(text: str, start: int, at: int, after: str) -> str:
    clause = re.split(r"[,。;:、()\n]", text[start:at])[-1]
    clause = re.sub(r"^.*?投资[^的]{1,14}元(?:人民币)?的", "", clause)
    clause = re.sub(r"^.*三个一批”?|(?:此次|全[省市县区])", "", clause)
    words = _STEP_ONLY.sub("", clause)
    words = re.sub(
        r"^(?:按[^,]{1,4}|其中|有|共|以及|和|及|与|另有|另外|还有|今年|以来|下半年|全省这一期|该[区县市]|本次活动|涉及|纳入|"
        r"组织|谋划|实施|拿出|推出|安排|[㐀-鿿]{2,8}(?:开发区|高新区|经开区|示范区|集聚区))+",
        "",
        words,
    )
    kind = re.match(r"(?:个|项)?(?P<k>外资|内资)", after)
    if kind:
        return kind.group("k")
    if then := re.match(r"([^,。;:、\d()]{2,16}?)项目", after):
        words = words or then.group(1)
    return "" if words.endswith("等") else words[:24]


def _batch(text: str, start: int, match: re.Match[str], end: int, ledger: _Ledger) -> Read[str] | None:
    """The step named beside the count; else that of the total it is a part of."""
    near = [s for s in steps.find(text, start, match.start()) if s.told]
    clause = max(start, *(text.rfind(mark, 0, match.start()) + 1 for mark in ",。;:、"))
    own = [s for s in near if s.start >= clause]
    if own:
        return _read(own[-1])
    stop = next((i for i in range(match.end(), end) if text[i] in ",。;:、"), end)
    later = [s for s in steps.find(text, match.end(), stop) if s.told or s.label]
    if later:
        return _read(later[0])
    if steps.find(text, match.end(), stop):
        return None
    since = ledger.current.start if ledger.current else start
    between = [s for s in near if s.start >= since and not s.counted]
    if between:
        return _read(between[-1])
    return ledger.batch


def _read(step: steps.Step) -> Read[str]:
    return Read(step.batch, step.start, step.end)


def _money(text: str, start: int, s: int, e: int, amount: money.Amount | None, ledger: _Ledger) -> None:
    after = text[e : e + 16]
    if re.match(rf"(?:以上|及以上)?(?:的)?(?:项目)?(?:的)?(?:只有|有|共)?{NUMBER}\s*{COUNTED}", after):
        sized = "以上" in text[s:e] + after[:3] or re.search(r"[-—至]|过|超", text[max(s - 2, start) : e])
        if sized:
            ledger.size_class = text[s:e] + ("以上" if after.startswith("以上") else "")
            return
    if amount is None:
        return
    value = Read(amount, s, e)
    role = amount_role(text[start:s])
    if re.match(r"(?:人民币)?的", after) and role in ("total", None):
        ledger.pending = value if role == "total" else None
        return
    current = ledger.current
    if (current is None or not ledger.open) and role == "completed":
        current = _uncounted(text, start, s, ledger)
    if current is None or not ledger.open:
        return
    if role is None:
        ends = [current.end, *(x.end for x in current.values().values())]
        last = max(end for end in ends if end <= s)
        role = "total" if _BETWEEN.match(text[last:s]) else None
    if role == "annual":
        current.annual_plan = current.annual_plan or value
    elif role == "completed" and amount.currency == "CNY":
        current.completed = current.completed or value
    elif role == "total":
        _keep_amount(current, value)


def _uncounted(text: str, start: int, s: int, ledger: _Ledger) -> StatedTotal | None:
    """重点项目累计完成1500亿元: a total of money alone."""
    subject = _SUBJECT.search(text[start:s])
    if not subject or re.search(r"该|此|这|其", subject.group("s")):
        return None
    total = StatedTotal(start=start + subject.start(), end=s, filter=subject.group("s"))
    ledger.made.append(total)
    ledger.current, ledger.open = total, True
    return total


def _keep_amount(total: StatedTotal, value: Read[money.Amount]) -> None:
    if value.value.currency != "CNY":
        total.foreign = total.foreign or value
    else:
        total.amount = total.amount or value


def _rate(text: str, start: int, s: int, e: int, total: StatedTotal) -> None:
    before = text[start:s]
    if total.rate is not None or re.search(r"增长|增速|同比|下降|提高|比重|高于", before[-8:]):
        return
    kind = _RATE_KIND.search(before)
    if re.search(r"计划的?$", before):
        total.rate_kind = "年度计划完成率"
    elif kind:
        total.rate_kind = kind.group("k")
    elif re.search(r"占[^,。;]{0,6}$", before):
        total.rate_kind = "占比"
    elif total.started is not None:
        total.rate_kind = "开工率"
    elif re.search(r"[,(、]$", before):
        total.rate_kind = "占比"
    else:
        return
    total.rate = Read(text[s : e - 1], s, e)


def _pair(text: str, start: int, end: int, made: list[StatedTotal]) -> None:
    """19个外资和18个内资的总投资分别是8.62亿美元、149.57亿元: amounts in the order of the counts."""
    for words in re.finditer(r"分别[为是]", text[start:end]):
        at = start + words.end()
        stop = next((i for i in range(at, end) if text[i] in ",。;"), end)
        amounts = [f for f in money.find(text[at:stop]) if f.amount]
        earlier = [t for t in made if t.end <= at][-len(amounts) :] if amounts else []
        if len(amounts) < 2 or len(earlier) != len(amounts):
            continue
        for total, found in zip(earlier, amounts, strict=True):
            total.amount = total.foreign = None
            if found.amount:
                _keep_amount(total, Read(found.amount, at + found.start, at + found.end))


def _as_of(text: str, start: int, end: int, ledger: _Ledger, on: dates.DateSpan | None) -> None:
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


def _once(found: list[StatedTotal]) -> list[StatedTotal]:
    """A figure printed in the headline and in the text is one figure."""
    kept: list[StatedTotal] = []
    for one in found:
        home = next((k for k in kept if _repeats(k, one)), None)
        if home is None:
            kept.append(one)
        else:
            _fill(home, one)
    return kept


def _repeats(a: StatedTotal, b: StatedTotal) -> bool:
    def agree(name: str) -> bool:
        x, y = getattr(a, name), getattr(b, name)
        return x is None or y is None or x.value == y.value

    sized = any("以上" in x or "亿" in x for x in (a.filter, b.filter))
    same_filter = a.filter == b.filter or (not sized and not (a.filter and b.filter))
    counted = a.count and b.count and a.count.value == b.count.value
    same_amount = (a.amount is None or b.amount is None) or a.amount.value == b.amount.value
    telling = bool(a.count and a.count.value > 5)
    return bool(
        counted and telling and same_filter and same_amount and all(map(agree, ("batch", "period", "foreign", "rate")))
    )


def _fill(home: StatedTotal, other: StatedTotal) -> None:
    for name, value in other.values().items():
        if getattr(home, name) is None:
            setattr(home, name, value)


def named_scope(zone: str, total: StatedTotal) -> str:
    """Words for what the total speaks of."""
    words = {"sign": "签约一批", "start": "开工一批", "produce": "投产一批"}
    period = f"第{total.period.value}期" if total.period else ""
    batch = words[total.batch.value] if total.batch else "项目"
    return " ".join(filter(None, (zone, period, batch, total.filter)))


def parts(found: list[StatedTotal]) -> Iterator[StatedTotal]:
    """Totals of a batch as a whole, without a filter."""
    yield from (t for t in found if t.batch and t.count)
