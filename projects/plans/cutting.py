"""The year's plan cut down by month: yuan in, twelve cumulative targets in whole yuan out.

Every way of cutting is a way of weighing the twelve months. The targets are the running sums of the weights' shares,
each rounded down, so they never fall, no yuan is lost or added, and the last one is the plan. They are rounded to the
yuan, and to 万元 where the plan itself is a round number of them and large enough: nobody plans thirds of a fen.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.core.exceptions import ValidationError

from projects import money

MONTHS: Final = range(1, 13)
WAN: Final = 10_000  # yuan
ROUND_FROM: Final = 100 * WAN
Weights = Sequence[Fraction | int]


@dataclass(frozen=True, slots=True)
class Season:
    """A climate of building: how much of each month, January first, can be worked."""

    label: str
    weights: tuple[int, ...]


SEASONS: Final[Mapping[str, Season]] = {
    "north_winter": Season("北方冬季停工（11月中旬至3月中旬）", (0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 1, 0)),
    "heating": Season("采暖季错峰施工（11月中旬至3月中旬减半）", (2, 2, 3, 4, 4, 4, 4, 4, 4, 4, 3, 2)),
    "spring_festival": Season("春节前后放缓（1月、2月减半）", (1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)),
    "flood": Season("主汛期放缓（6月至8月减半）", (2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2)),
}
"""Presets, as data. The weights count the workable parts of a month by the dates in the label (half months in the
first, quarters in the second); they are conventions of ours and no published figures.
"""


# ---- Ways of weighing ------------------------------------------------------------------------------
def even(first_month: int = 1) -> Weights:
    """Every month from `first_month` on weighs the same."""
    return [int(month >= first_month) for month in MONTHS]


def by_season(code: str) -> Weights:
    """The weights of a preset of `SEASONS`."""
    return SEASONS[code].weights


def s_curve(first_month: int = 1) -> Weights:
    """Slow at both ends and quick in the middle: y = 3x² − 2x³ of the plan after x of the time.

    It is Hudson's formula for building expenditure, y = x + Cx² − Cx − (6x³ − 9x² + 3x)/K, with C = 0 and K = 3:
    symmetric, and level at both ends (K. W. Hudson, "DHSS expenditure forecasting method", Chartered Surveyor:
    Building and Quantity Surveying Quarterly 5, 1978).
    """
    length = 13 - first_month
    risen = [3 * k * k * length - 2 * k**3 for k in range(length + 1)]
    return [0] * (first_month - 1) + [later - earlier for earlier, later in itertools.pairwise(risen)]


def by_steps(steps: Sequence[tuple[int, int]], first_month: int = 1) -> Weights:
    """Pairs of month and share: a step's share is spent evenly in the months after the step before it, up to and
    with its own; steps of one month go together. Steps before `first_month` are past and count for nothing.
    """
    by_month: dict[int, int] = defaultdict(int)
    for month, share in steps:
        by_month[month] += share
    weights = [Fraction(0)] * 12
    before = first_month - 1
    for month in sorted(month for month in by_month if month >= first_month):
        for each in range(before + 1, month + 1):
            weights[each - 1] = Fraction(by_month[month], month - before)
        before = month
    return weights


def like(figures: Mapping[int, int]) -> Weights:
    """The shape of a year told in cumulative yuan by month. What was told for several months at once is spread over
    them; where a figure fell below an earlier one, nothing is counted until it is passed.
    """
    weights = [Fraction(0)] * 12
    before, told = 0, 0
    for month, amount in sorted(figures.items()):
        for each in range(before + 1, month + 1):
            weights[each - 1] = Fraction(max(0, amount - told), month - before)
        before, told = month, max(told, amount)
    return weights


# ---- Cutting ---------------------------------------------------------------------------------------
def cut(amount: int, weights: Weights, first_month: int = 1) -> list[int]:
    """Twelve cumulative targets in yuan that end at `amount`; zero before `first_month`.

    Raises ValidationError when none of the remaining months has any weight.
    """
    counted = [weight if month >= first_month else 0 for month, weight in zip(MONTHS, weights, strict=True)]
    total = sum(counted)
    if not total and amount:
        raise ValidationError(f"从{first_month}月起各月都没有工作量，分不下去：请换一种分解方法或提前起始月份")
    unit = grain(amount)
    return [int(amount // unit * sofar // total) * unit if total else 0 for sofar in itertools.accumulate(counted)]


def grain(amount: int) -> int:
    """The yuan to which targets of a plan are rounded."""
    return WAN if amount >= ROUND_FROM and amount % WAN == 0 else 1


def even_targets(amount: int) -> list[int]:
    """Twelve cumulative targets in equal steps, in yuan, that end at `amount`."""
    return cut(amount, even())


def hundred(weights: Sequence[int]) -> list[int]:
    """Whole per cents in the proportion of the weights that add up to 100: the largest remainders are rounded up."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    shares = [100 * weight // total for weight in weights]
    left = 100 - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(100 * weights[at] % total), at))
    for at in by_remainder[:left]:
        shares[at] += 1
    return shares


# ---- Checking --------------------------------------------------------------------------------------
def faults(amount: int, targets: Sequence[int], first_month: int = 1) -> dict[int, str]:
    """What is wrong with cumulative targets, a sentence by month; nothing where they never fall and end at the plan."""
    found: dict[int, str] = {}
    for month, (earlier, target) in enumerate(itertools.pairwise([0, *targets]), start=1):
        if target < 0:
            found[month] = f"{month}月的累计目标不能小于零"
        elif target < earlier:
            fell = f"{money.show(target)}，少于{month - 1}月的 {money.show(earlier)}"
            found[month] = f"{month}月累计目标 {fell}：累计目标不能减少"
        elif target > amount:
            found[month] = f"{month}月累计目标 {money.show(target)}，超过年度计划 {money.show(amount)}"
        elif target and month < first_month:
            found[month] = f"计划从{first_month}月开始，{month}月应填 0"
    if 12 not in found and targets[-1] != amount:
        off = f"现为 {money.show(targets[-1])}，差 {money.show(amount - targets[-1])}"
        found[12] = f"12 月的累计目标应等于年度计划 {money.show(amount)}，{off}"
    return found


def check(amount: int, targets: Sequence[int]) -> None:
    """Raise ValidationError, naming the months, unless twelve cumulative targets never fall and end at the plan."""
    if len(targets) != 12:
        raise ValidationError({"targets": f"逐月分解须有 12 个月，现有 {len(targets)} 个"})
    if found := faults(amount, targets):
        raise ValidationError({"targets": list(found.values())})
