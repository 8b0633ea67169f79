"""The money and the rates of a total."""

from __future__ import annotations

import re

from projects import money
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import Read, StatedTotal
from projects.reports.grammar.totals.ledger import Ledger
from projects.reports.grammar.words import COUNTED, NUMBER

_SUBJECT = re.compile(r"(?P<s>[^,。;:、\d]{0,10}项目)[^,。;:]{0,8}(?:累计)?完成(?:投资)?$")
_RATE_KIND = re.compile(r"(?P<k>[㐀-鿿]{2,6}?率)(?:分别)?(?:为|达到?|是|约)?$")
_BETWEEN = re.compile(
    r"^(?:[^,。;:、\d]{0,20}项目(?:[^,。;:、\d]{0,4}))?[、,:(]?(?:共|约|合同盘子|总额|投资|(?:签约|合同|协议)(?:总)?(?:金)?额)?$"
)


def give_money(text: str, start: int, s: int, e: int, amount: money.Amount | None, ledger: Ledger) -> None:
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
    elif role == "total" or (amount.currency != "CNY" and _OF_FOREIGN.search(text[start:s])):
        keep_amount(current, value)


_OF_FOREIGN = pattern(
    "foreign money of counted projects",
    r"合同(?:利用)?外资(?:额)?(?:为|达|约)?$",
    "外资项目2个、合同外资",
    "合同外资",
    code="B3",
)


def _uncounted(text: str, start: int, s: int, ledger: Ledger) -> StatedTotal | None:
    """重点项目累计完成1500亿元: a total of money alone."""
    subject = _SUBJECT.search(text[start:s])
    if not subject or re.search(r"该|此|这|其", subject.group("s")):
        return None
    total = StatedTotal(start=start + subject.start(), end=s, filter=subject.group("s"))
    ledger.made.append(total)
    ledger.current, ledger.open = total, True
    return total


def keep_amount(total: StatedTotal, value: Read[money.Amount]) -> None:
    if value.value.currency != "CNY":
        total.foreign = total.foreign or value
    else:
        total.amount = total.amount or value


def _second_rate(text: str, s: int, e: int, ledger: Ledger, total: StatedTotal) -> None:
    """开工率82.6%;截至11月底完成投资49.7亿元,占年度计划的91.3%: what is spent is a figure of its own."""
    if total.completed is None or total.rate is None or total.completed.start < total.rate.end:
        return
    made = StatedTotal(start=total.completed.start, end=e, completed=total.completed, period=total.period)
    made.rate, made.rate_kind = Read(text[s : e - 1], s, e), "年度计划完成率"
    total.completed = None
    ledger.made.append(made)
    ledger.current = made


_OURS = pattern(
    "our part of what was counted elsewhere",
    r"我[省市县区][^,。;]{0,8}占[^,。;]{0,6}$",
    "全省投产项目312个,我市投资额占",
    "我市投资额占",
    code="G6",
)
_OF_SIZE = pattern(
    "a class by size",
    r"[亿万]元?以上",
    "10亿元以上",
    "亿元以上",
    code="B6",
)


def _whole_of(before: str, total: StatedTotal, ledger: Ledger) -> StatedTotal:
    """签约26个,其中10亿元以上5个,…,落地率73%: a rate of carrying out is that of all, not of the largest."""
    if total.batch and re.search(r"年度(?:计划)?(?:投资)?完成率[^,。;]{0,3}$", before):
        return next((t for t in reversed(ledger.made) if t.count and not t.batch), total)
    if not _OF_SIZE.search(total.filter) or not re.search(r"(?:履约|落地|开工|投产|竣工|达效)率[^,。;]{0,3}$", before):
        return total
    return next((t for t in reversed(ledger.made) if t is not total and not _OF_SIZE.search(t.filter)), total)


def give_rate(text: str, start: int, s: int, e: int, total: StatedTotal, ledger: Ledger) -> None:
    before = text[start:s]
    total = _whole_of(before, total, ledger)
    if total.rate is not None and total.completed and re.search(r"计划(?:投资)?的?$", before):
        _second_rate(text, s, e, ledger, total)
        return
    if total.rate is not None or _OURS.search(before) or re.search(r"增长|增速|同比|下降|提高|比重|高于", before[-8:]):
        return
    kind = _RATE_KIND.search(before)
    if re.search(r"计划(?:投资)?(?:\d[\d.]*[万亿]?元)?的?$", before):
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


def pair_amounts(text: str, start: int, end: int, made: list[StatedTotal]) -> None:
    """19个外资和18个内资的总投资分别是8.62亿美元、149.57亿元: amounts in the order of the counts."""
    if text.find("分别", start, end) < 0:
        return
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
                keep_amount(total, Read(found.amount, at + found.start, at + found.end))
