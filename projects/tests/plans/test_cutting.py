"""Cutting a plan down by month: no yuan is lost, nothing falls, and the year ends at the plan."""

from fractions import Fraction
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from projects.plans import cutting

amounts = st.one_of(st.integers(0, 10**12), st.integers(0, 10**7).map(lambda wan: wan * 10_000))
first_months = st.integers(1, 12)
steps = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 100)), min_size=1, max_size=8)
figures = st.dictionaries(st.integers(1, 12), st.integers(0, 10**11), min_size=1)


@st.composite
def weighed(draw):
    """Weights by one of the methods, with the first month they were asked for."""
    first = draw(first_months)
    ways = [
        st.just(cutting.even(first)),
        st.just(cutting.s_curve(first)),
        st.sampled_from(sorted(cutting.SEASONS)).map(cutting.by_season),
        steps.map(lambda told: cutting.by_steps(told, first)),
        figures.map(cutting.like),
    ]
    return draw(st.one_of(ways)), first


@given(amount=amounts, told=weighed())
def test_targets_end_at_the_plan_never_fall_and_are_zero_before_the_first_month(amount, told):
    weights, first = told
    if not any(weights[first - 1 :]):
        return
    targets = cutting.cut(amount, weights, first)
    assert len(targets) == 12
    assert targets[-1] == amount
    assert all(type(target) is int for target in targets)
    assert targets[: first - 1] == [0] * (first - 1)
    assert cutting.faults(amount, targets, first) == {}
    whole = sum(weights[first - 1 :])
    exact = [amount * Fraction(sum(weights[first - 1 : month])) / whole for month in range(first, 13)]
    unit = cutting.grain(amount)
    assert all(0 <= due - target < unit for due, target in zip(exact, targets[first - 1 :], strict=True))


@given(first=first_months)
def test_the_s_curve_is_symmetric_and_steepest_in_the_middle(first):
    weights = list(cutting.s_curve(first))[first - 1 :]
    assert weights == weights[::-1]
    assert all(later > earlier for earlier, later in pairwise(weights[: (len(weights) + 1) // 2]))


def test_the_curve_is_the_cubic_of_its_source():
    targets = cutting.cut(172_800, cutting.s_curve())
    assert targets == [round(172_800 * (3 * x * x - 2 * x**3)) for x in (month / 12 for month in range(1, 13))]


def test_a_round_plan_is_cut_into_round_targets():
    assert cutting.even_targets(10_000_000)[:3] == [830_000, 1_660_000, 2_500_000]
    assert cutting.even_targets(10_000_001)[:2] == [833_333, 1_666_666]


def test_a_step_takes_its_share_in_the_months_after_the_one_before():
    weights = cutting.by_steps([(3, 30), (9, 60), (9, 10)])
    assert cutting.cut(1200, weights) == [120, 240, 360, 500, 640, 780, 920, 1060, 1200, 1200, 1200, 1200]
    later = cutting.by_steps([(3, 30), (6, 50), (12, 50)], 5)
    assert cutting.cut(1200, later, 5) == [0, 0, 0, 0, 300, 600, 700, 800, 900, 1000, 1100, 1200]


def test_last_years_shape_spreads_what_was_told_for_several_months_at_once():
    assert cutting.cut(1200, cutting.like({3: 300, 4: 200, 6: 600, 12: 1200})) == [
        *(100, 200, 300, 300, 450, 600),
        *(700, 800, 900, 1000, 1100, 1200),
    ]


def test_a_season_counts_the_months_that_can_be_worked():
    targets = cutting.cut(1600, cutting.by_season("north_winter"))  # sixteen workable half months
    assert targets == [0, 0, 100, 300, 500, 700, 900, 1100, 1300, 1500, 1600, 1600]
    with pytest.raises(ValidationError, match="换一种分解方法"):
        cutting.cut(1200, cutting.by_season("north_winter"), 12)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_shares_are_whole_and_add_up_to_a_hundred(weights):
    shares = cutting.hundred(weights)
    assert sum(shares) == (100 if sum(weights) else 0)
    off = [abs(share * sum(weights) - 100 * weight) for share, weight in zip(shares, weights, strict=True)]
    assert max(off) < max(1, sum(weights))


EVEN = cutting.even_targets(1200)


@pytest.mark.parametrize(
    ("targets", "first", "months", "words"),
    [
        ([*EVEN[:4], 300, *EVEN[5:]], 1, [5], "5月累计目标 300元，少于4月的 400元"),
        ([*EVEN[:11], 1100], 1, [12], "差 100元"),
        ([*EVEN[:7], 1300, *[1300] * 4], 1, [8, 9, 10, 11, 12], "8月累计目标 1300元，超过年度计划 1200元"),
        ([-1, *EVEN[1:]], 1, [1], "1月的累计目标不能小于零"),
        (EVEN, 3, [1, 2], "计划从3月开始，1月应填 0"),
    ],
)
def test_what_is_wrong_is_said_of_its_month(targets, first, months, words):
    found = cutting.faults(1200, targets, first)
    assert sorted(found) == months
    assert words in found[months[0]]
