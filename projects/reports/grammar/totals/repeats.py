"""A figure printed in the headline and in the text is one figure."""

from __future__ import annotations

import re
from collections import defaultdict

from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import StatedTotal

_IN_PASSING = pattern(
    "a count in passing, of nothing that is totalled",
    r"^(?:还|已|再|当年|眼下|较|属于|真正|其余|剩|另|只|仍)|确保|【|开幕|季度集中",
    "确保10月底前再",
    "确保",
    code="T5",
)
_NEAR = 40  # characters; 开工5个,总投资26.4亿元,5个项目全部开工
_LACKING = re.compile(r"^(?:尚?未|没有|没)(?:能)?开工")


def once(found: list[StatedTotal]) -> list[StatedTotal]:
    """A figure printed in the headline and in the text is one figure."""
    kept: list[StatedTotal] = []
    by_count: dict[int | None, list[StatedTotal]] = defaultdict(list)
    lacking = {total.not_started.value for total in found if total.not_started}
    for one in found:
        if _IN_PASSING.search(one.filter) and not one.values().keys() - {"count", "batch", "period"}:
            continue
        if _LACKING.search(one.filter) and one.count and one.count.value in lacking and not one.amount:
            continue
        count = one.count.value if one.count else None
        home = next((k for k in by_count[count] if _repeats(k, one)), None) if count else None
        if home is None:
            kept.append(one)
            by_count[count].append(one)
        else:
            _fill(home, one)
    return kept


def _repeats(a: StatedTotal, b: StatedTotal) -> bool:
    def agree(name: str) -> bool:
        x, y = getattr(a, name), getattr(b, name)
        return x is None or y is None or x.value == y.value

    # The cheap questions come first: a long report states many totals of one count.
    counted = a.count and b.count and a.count.value == b.count.value
    if not counted or not all(map(agree, ("amount", "batch", "period", "foreign", "rate"))):
        return False
    sized = any("以上" in x or "亿" in x for x in (a.filter, b.filter))
    same_filter = a.filter == b.filter or (not sized and not (a.filter and b.filter))
    told = {"batch", "period", "count", "started", "not_started", "produced", "at_capacity"}
    bare = any(not (x.values().keys() - told) and not x.filter for x in (a, b))
    beside = 0 <= b.start - a.end < _NEAR and not b.filter
    telling = bool(a.count and a.count.value > 5) or bare or beside
    return telling and same_filter


def _fill(home: StatedTotal, other: StatedTotal) -> None:
    for name, value in other.values().items():
        if getattr(home, name) is None:
            setattr(home, name, value)
