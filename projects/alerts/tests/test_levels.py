"""Levels: what is refused, and with which words."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.alerts import levels
from projects.alerts.levels import BadLevels


def row(severity: int = 1, code: str = "yellow", label: str = "黄色预警", **bounds: Any) -> dict[str, Any]:
    return {"severity": severity, "code": code, "label": label, "colour": "#ca8a04", **bounds}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "至少填写一个级别"),
        ([row(low="十")], "不是数字"),
        ([row(low=True)], "不是数字"),
        ([row(low=float("nan"))], "不是数字"),
        ([row()], "至少要有一个界限"),
        ([row(low=30, high=10)], "下限不能高于上限"),
        ([row(low=10, high=10)], "下限不能高于上限"),
        ([row(low=10), row(2, "red", "红色预警", low=30)], "范围重叠"),
        ([row(low=1, high=3, high_inclusive=True), row(2, "red", "红色预警", low=3, low_inclusive=True)], "范围重叠"),
        ([row(low=1, high=3), row(2, low=3)], "代号不能相同"),
        ([row(low=1, high=3), row(1, "red", "红色预警", low=3)], "轻重不能相同"),
        ([row(low=1, code="green")], "不能是 green"),
        ([row(low=1) | {"colour": "red"}], "颜色"),
        (
            [row(low=1, high=3), row(2, "red", "红色预警", high=1), row(3, "purple", "紫色", low=3)],
            "轻重与数值的顺序",
        ),
        ([row(low=1, high=3), row(2, "red", "红色预警")], "至少要有一个界限或连续月数"),
        ([row(low=1, streak=2)], "没有更轻的级别可以连续"),
        ([row(low=1), row(2, "red", "红色预警", streak=1)], "连续月数应是 2 到 12"),
        ([row(low=1), row(2, "red", "红色预警", streak=True)], "连续月数应是 2 到 12"),
    ],
)
def test_levels_that_mean_nothing_are_refused_in_words(rows: list[Any], words: str) -> None:
    with pytest.raises(BadLevels, match=words):
        levels.read(rows)


def test_neighbours_that_share_a_bound_once_do_not_overlap() -> None:
    found = levels.read(
        [row(low=10, low_inclusive=True, high=30, high_inclusive=True), row(2, "red", "红色预警", low=30)]
    )
    assert [levels.gravest(found, Fraction(value)) for value in (9, 10, 30)] == [None, found[0], found[0]]
    assert levels.gravest(found, 30 + Fraction(1, 10**12)) == found[1]


def test_a_level_may_have_no_bounds_but_a_streak() -> None:
    yellow, red = levels.read([row(low=1), row(2, "red", "红色预警", streak=2)])
    assert levels.gravest((yellow, red), Fraction(10**9)) == yellow
    assert (red.bounded, red.streak) == (False, 2)


def test_which_way_levels_rise_is_read_from_their_bounds() -> None:
    up = [row(low=10, high=30), row(2, "red", "红色预警", low=30, low_inclusive=True)]
    down = [row(low=60, high=80), row(2, "red", "红色预警", high=60)]
    assert [levels.rise(levels.read(rows)) for rows in (up, down)] == [True, False]
    assert [levels.rise(levels.read([row(**bounds)])) for bounds in ({"low": 1}, {"high": 1})] == [True, False]
    assert levels.rise(levels.read([row(low=1, high=2)])) is None


def test_values_between_two_levels_are_found() -> None:
    apart = levels.read([row(low=10, high=30), row(2, "red", "红色预警", low=31)])
    at_a_point = levels.read([row(low=10, high=30), row(2, "red", "红色预警", low=30)])
    joined = levels.read([row(low=10, high=30, high_inclusive=True), row(2, "red", "红色预警", low=30)])
    assert [len(levels.holes(each)) for each in (apart, at_a_point, joined)] == [1, 1, 0]
    # Of whole values 30 and 31 lie between the first two, and 30 between the second.
    assert [len(levels.holes(each, Fraction(1))) for each in (apart, at_a_point, joined)] == [1, 1, 0]
    one = row(low=1, low_inclusive=True, high=1, high_inclusive=True)
    ones = levels.read([one, row(2, "red", "红色预警", low=2, low_inclusive=True)])
    assert [len(levels.holes(ones, grain)) for grain in (None, Fraction(1), Fraction(1, 2))] == [1, 0, 1]


BOUNDS = st.sampled_from([Fraction(n, 2) for n in range(-4, 9)])


@given(st.lists(BOUNDS, min_size=1, max_size=3, unique=True), st.booleans(), st.integers(-30, 60), st.integers(1, 12))
def test_a_ladder_answers_like_its_levels(ends: list[Fraction], upward: bool, numerator: int, denominator: int) -> None:
    rows = []
    for number, (low, high) in enumerate(zip(sorted(ends), [*sorted(ends)[1:], None], strict=True), start=1):
        bounds = {"low": str(low.numerator / low.denominator), "low_inclusive": True}
        bounds |= {} if high is None else {"high": str(high.numerator / high.denominator)}
        severity = number if upward else 10 - number
        rows.append(row(severity, f"l{number}", f"第{number}级", **bounds))
    found = levels.read(rows)
    value = Fraction(numerator, denominator)
    assert levels.Ladder(found).of(numerator, denominator) == levels.gravest(found, value)


def test_a_decimal_bound_is_what_was_written() -> None:
    (level,) = levels.read([row(high=0.8)])
    assert level.holds(Fraction(8, 10)) is False
    assert level.high == Fraction(4, 5)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [(1e-05, "0.00001"), ("0.00001", "0.00001"), (5.5, "5.5"), ("123456789012.123456", "123456789012.123456")],
)
def test_a_bound_is_read_and_shown_to_its_last_decimal(stored: Any, shown: str) -> None:
    assert levels.number(levels.bound(stored) or Fraction(0)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(30), "30.0"),
        (Fraction(2004, 100), "20.0"),
        (30 + Fraction(1, 12000), "30.0001"),
        (30 - Fraction(1, 100), "29.99"),
        (30 + Fraction(1, 10**9), "略超30.0"),
        (10 - Fraction(1, 10**9), "略低于10.0"),
    ],
)
def test_showing_never_crosses_a_bound(value: Fraction, shown: str) -> None:
    assert levels.show(value, (Fraction(10), Fraction(30))) == shown
