"""Levels: what is refused, and with which words."""

from fractions import Fraction
from typing import Any

import pytest

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
