"""Levels of a rule: bounds with inclusive ends, compared exactly and shown without rounding across a bound."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

COLOUR: Final = re.compile(r"^#[0-9a-f]{6}$", re.IGNORECASE)
CODE: Final = re.compile(r"^[a-z][a-z0-9-]{0,19}$")
GREEN: Final = "green"
GREEN_LABEL: Final = "正常"
GREEN_COLOUR: Final = "#16a34a"
MOST_DECIMALS: Final = 4
BOUND_DECIMALS: Final = 6
LONGEST_STREAK: Final = 12
BOUND: Final = re.compile(rf"-?[0-9]{{1,12}}(\.[0-9]{{1,{BOUND_DECIMALS}}})?")


class BadLevels(ValueError):
    """Levels that mean nothing; the message is a Chinese sentence for who wrote them."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a rule. A bound of None is open. The higher `severity`, the graver; 0 is no alert.

    `streak`, if not 0: so many judged months in a row, the present one included, at the next milder level or above it
    are this level as well. A level with a streak may have no bounds; no value alone leads to it.
    """

    severity: int
    code: str
    label: str
    colour: str
    low: Fraction | None
    low_inclusive: bool
    high: Fraction | None
    high_inclusive: bool
    urgent: bool = False
    streak: int = 0

    @property
    def bounded(self) -> bool:
        """Whether a value alone can lead to it."""
        return self.low is not None or self.high is not None

    def holds(self, value: Fraction) -> bool:
        """Whether `value` lies within the bounds, exactly."""
        return self.met_by(value.numerator, value.denominator)

    def met_by(self, numerator: int, denominator: int) -> bool:
        """Whether numerator ÷ denominator lies within the bounds: a comparison of integers."""
        low, high = self.low, self.high
        if low is not None:
            off = numerator * low.denominator - low.numerator * denominator
            if off < 0 or (off == 0 and not self.low_inclusive):
                return False
        if high is not None:
            off = numerator * high.denominator - high.numerator * denominator
            if off > 0 or (off == 0 and not self.high_inclusive):
                return False
        return low is not None or high is not None

    def widened(self, by: Fraction) -> Level:
        """The same level with its bounds so far apart more, on both sides."""
        low = None if self.low is None else self.low - by
        high = None if self.high is None else self.high + by
        return replace(self, low=low, high=high)

    def bounds(self, unit: str) -> str:
        """The bounds in words: 10至30个百分点; 0至不足3个月; 超过1个月、不超过2个月; 超过30个百分点."""
        if self.low is not None and self.high is not None and self.low_inclusive:
            return f"{number(self.low)}至{'' if self.high_inclusive else '不足'}{number(self.high)}{unit}"
        parts = []
        if self.low is not None:
            low = f"{number(self.low)}{unit}"
            parts.append(f"{low}及以上" if self.low_inclusive else f"超过{low}")
        if self.high is not None:
            high = f"{number(self.high)}{unit}"
            parts.append(f"不超过{high}" if self.high_inclusive else f"不足{high}")
        return "、".join(parts)


def read(rows: Any) -> tuple[Level, ...]:
    """Levels from their stored form, from the mildest to the gravest.

    Raises:
        BadLevels: none, a bound that is no number, a double severity or code, ranges that are empty, overlap or lie in
            another order than their severities, a streak that has no level below it.
    """
    if not isinstance(rows, list) or not rows:
        raise BadLevels("请至少填写一个级别")
    levels = sorted((_level(row) for row in rows), key=lambda level: level.severity)
    _check_unlike(levels)
    _check_streaks(levels)
    _check_apart([level for level in levels if level.bounded])
    return tuple(levels)


def readable(rows: Any) -> tuple[Level, ...]:
    """Levels from their stored form; none where they mean nothing."""
    try:
        return read(rows)
    except BadLevels:
        return ()


def gravest(levels: Iterable[Level], value: Fraction) -> Level | None:
    """The gravest level whose bounds `value` meets."""
    return max((level for level in levels if level.holds(value)), key=lambda level: level.severity, default=None)


def rise(levels: Sequence[Level]) -> bool | None:
    """Whether graver levels lie at greater values; None where a single range does not say."""
    bounded = [level for level in levels if level.bounded]
    if len(bounded) > 1:
        return _begins(bounded[0]) < _begins(bounded[-1])
    only = bounded[0] if bounded else None
    if only is None or (only.low is None) == (only.high is None):
        return None
    return only.high is None


def holes(levels: Sequence[Level], grain: Fraction | None = None) -> list[tuple[Level, Level]]:
    """Pairs of neighbouring levels with values between them that belong to neither; values are multiples of `grain`,
    if there is one.
    """
    ordered = sorted((level for level in levels if level.bounded), key=_begins)
    return [pair for pair in pairwise(ordered) if _apart(*pair, grain)]


def marks(levels: Iterable[Level]) -> tuple[Fraction, ...]:
    """Every bound of the levels: values that showing must not round across."""
    return tuple(sorted({mark for level in levels for mark in (level.low, level.high) if mark is not None}))


class Ladder:
    """The levels of a rule, made ready to be asked a million times."""

    __slots__ = ("_bound", "_down", "_graver")

    def __init__(self, levels: Sequence[Level]) -> None:
        self._graver = tuple(level for level in reversed(levels) if level.bounded)
        # Most values are fine: one comparison with the bound at which the mildest level begins says so.
        upward = rise(levels)
        edge = None if upward is None else self._graver[-1].low if upward else self._graver[-1].high
        self._down = upward is False
        self._bound = None if edge is None else (edge.numerator, edge.denominator)

    def of(self, numerator: int, denominator: int) -> Level | None:
        """The gravest level whose bounds numerator ÷ denominator meets."""
        if self._bound is not None:
            off = numerator * self._bound[1] - self._bound[0] * denominator
            if off > 0 if self._down else off < 0:
                return None
        for level in self._graver:
            if level.met_by(numerator, denominator):
                return level
        return None


# ---- Showing -----------------------------------------------------------------------------------------
def decimals_for(value: Fraction, bounds: Iterable[Fraction]) -> int | None:
    """How many decimals, at least one, keep `value` on its own side of every bound; None if four do not."""
    bounds = tuple(bounds)
    for places in range(1, MOST_DECIMALS + 1):
        shown = _scaled(value, places, ROUND_HALF_DOWN), 10**places
        if all(_side(*shown, mark) == _side(value.numerator, value.denominator, mark) for mark in bounds):
            return places
    return None


def show(value: Fraction, bounds: Iterable[Fraction]) -> str:
    """`value` with one decimal, more where one would put it on or across a bound: 30.0, 30.0001, 略超30.0."""
    bounds = tuple(bounds)
    places = decimals_for(value, bounds)
    if places is not None:
        return f"{rounded(value, places, ROUND_HALF_DOWN):f}"
    nearest = min(bounds, key=lambda mark: abs(mark - value))
    return f"{'略超' if value > nearest else '略低于'}{rounded(nearest, 1):f}"


def rounded(value: Fraction, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """`value` with so many decimals; exact until the last step."""
    return Decimal(_scaled(value, places, rounding)).scaleb(-places)


def _scaled(value: Fraction, places: int, rounding: str) -> int:
    """`value` in units of its last decimal; by integers alone, as a scan rounds a hundred thousand times."""
    whole, rest = divmod(value.numerator * 10**places, value.denominator)
    up = 2 * rest > value.denominator or (2 * rest == value.denominator and rounding == ROUND_HALF_UP)
    return whole + up


def number(value: Fraction) -> str:
    """A bound as it was typed: 10, 0.8, 0.00001."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{rounded(value, BOUND_DECIMALS):f}".rstrip("0").rstrip(".")


def exactly(value: Fraction) -> str:
    """A value in the arithmetic: 20, 19.5; ≈19.9999 where four decimals do not say it."""
    text = f"{rounded(value, MOST_DECIMALS):f}".rstrip("0").rstrip(".")
    return f"≈{text}" if 10**MOST_DECIMALS % value.denominator else text


def _side(numerator: int, denominator: int, mark: Fraction) -> int:
    """On which side of a mark numerator ÷ denominator lies: -1, 0 or 1."""
    off = numerator * mark.denominator - mark.numerator * denominator
    return (off > 0) - (off < 0)


# ---- Reading -----------------------------------------------------------------------------------------
def bound(value: Any) -> Fraction | None:
    """A bound as an exact number; raises BadLevels for what is none. 0.8 is eight tenths, not its binary neighbour."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadLevels(f"界限“{value}”不是数字")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadLevels(f"界限“{value}”不是数字")
    # As text a small float reads 1e-05, which is what nobody typed.
    text = f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)
    if not BOUND.fullmatch(text):
        raise BadLevels(f"界限“{value}”不是数字：请填写整数或最多六位小数，整数部分最多十二位")
    return Fraction(text)


def _level(row: Any) -> Level:
    if not isinstance(row, Mapping):
        raise BadLevels("级别的写法不对")
    label = str(row.get("label") or "").strip()
    _check_row(row, label)
    return Level(
        severity=row["severity"],
        code=row["code"],
        label=label,
        colour=row["colour"],
        low=bound(row.get("low")),
        low_inclusive=bool(row.get("low_inclusive")),
        high=bound(row.get("high")),
        high_inclusive=bool(row.get("high_inclusive")),
        urgent=bool(row.get("urgent")),
        streak=row.get("streak") or 0,
    )


def _check_row(row: Mapping[str, Any], label: str) -> None:
    if not label or len(label) > 40:
        raise BadLevels("每个级别都要有名称，不超过 40 个字")
    if not isinstance(row.get("severity"), int) or isinstance(row["severity"], bool) or not 1 <= row["severity"] <= 99:
        raise BadLevels(f"“{label}”的轻重应是 1 到 99 的整数，数字越大越重")
    streak = row.get("streak") or 0
    if not isinstance(streak, int) or isinstance(streak, bool) or not (streak == 0 or 2 <= streak <= LONGEST_STREAK):
        raise BadLevels(f"“{label}”的连续月数应是 2 到 {LONGEST_STREAK} 的整数")
    if not CODE.match(str(row.get("code") or "")) or row["code"] == GREEN:
        raise BadLevels(f"“{label}”的代号只能用小写字母、数字和短横线，不能是 {GREEN}")
    if not COLOUR.match(str(row.get("colour") or "")):
        raise BadLevels(f"“{label}”的颜色应写成 #dc2626 这样的形式")


def _check_unlike(levels: list[Level]) -> None:
    for name, words in (("severity", "轻重"), ("code", "代号"), ("label", "名称")):
        values = [getattr(level, name) for level in levels]
        if len(set(values)) != len(values):
            raise BadLevels(f"各级别的{words}不能相同")


def _check_streaks(levels: list[Level]) -> None:
    for level in levels:
        if not level.bounded and not level.streak:
            raise BadLevels(f"“{level.label}”至少要有一个界限或连续月数")
    if levels[0].streak:
        raise BadLevels(f"“{levels[0].label}”是最轻的一级，没有更轻的级别可以连续，请去掉连续月数")


def _check_apart(levels: list[Level]) -> None:
    for level in levels:
        if _is_empty(level):
            raise BadLevels(f"“{level.label}”的下限不能高于上限")
    ordered = sorted(levels, key=_begins)
    for lower, upper in pairwise(ordered):
        if _overlap(lower, upper):
            raise BadLevels(f"“{lower.label}”与“{upper.label}”的范围重叠")
    if ordered not in (levels, levels[::-1]):
        raise BadLevels("级别的轻重与数值的顺序不一致：请由轻到重填写，数值依次变大或依次变小")


def _begins(level: Level) -> tuple[bool, Fraction, bool]:
    return level.low is not None, level.low or Fraction(0), not level.low_inclusive


def _is_empty(level: Level) -> bool:
    if level.low is None or level.high is None or level.low < level.high:
        return False
    return level.low > level.high or not (level.low_inclusive and level.high_inclusive)


def _overlap(lower: Level, upper: Level) -> bool:
    """Whether two ranges share a value; `lower` does not begin after `upper`."""
    if lower.high is None or upper.low is None or upper.low < lower.high:
        return True
    return upper.low == lower.high and upper.low_inclusive and lower.high_inclusive


def _apart(lower: Level, upper: Level, grain: Fraction | None) -> bool:
    """Whether a value lies between two ranges that do not overlap."""
    if lower.high is None or upper.low is None:
        return False
    if grain is None:
        return lower.high < upper.low or not (lower.high_inclusive or upper.low_inclusive)
    first = lower.high // grain + 1 if lower.high_inclusive else -(-lower.high // grain)
    last = -(-upper.low // grain) - 1 if upper.low_inclusive else upper.low // grain
    return first <= last
