"""Streaks, steps and coming back: folds over months, the same however one arrives at a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.alerts.tests.measures.memory import Facts, found_by, level, rules_of, step

PLAN = 1200
ENDS = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30}


def behind(*points: float) -> Facts:
    """So many percentage points behind the calendar in each month of 2023, from January on."""
    done = {
        f"2023-{month:02}-{ENDS[month]}": int(PLAN * 10**6 * (month / 12 - point / 100))
        for month, point in enumerate(points, start=1)
    }
    return Facts(plan=PLAN * 10**6, done=done, return_day=10)


def on(facts: Facts, month: int, rules: Any) -> str:
    """The level on a day on which a month is judged."""
    return level(rules, facts.on(date(2023, month + 1, 15)), "progress-gap")


def yinchuan(**changes: Any) -> Any:
    return rules_of("yinchuan", **changes)[:1]


def with_streak(months: int = 2) -> Any:
    (rule,) = yinchuan()
    rule.levels = [rule.levels[0], {**rule.levels[1], "streak": months}]
    return [rule]


def test_without_folds_a_level_is_what_the_day_says() -> None:
    facts = behind(5, 12, 5, 31, 12)
    assert [on(facts, month, yinchuan()) for month in range(1, 6)] == ["", "yellow", "", "red", "yellow"]


def test_so_many_months_in_a_row_are_the_next_level() -> None:
    facts = behind(5, 12, 12, 5, 12, 12, 12)
    assert [on(facts, month, with_streak()) for month in range(1, 8)] == [
        "",
        "yellow",
        "red",
        "",
        "yellow",
        "red",
        "red",
    ]
    assert [on(facts, month, with_streak(3)) for month in range(5, 8)] == ["yellow", "yellow", "red"]
    finding = found_by(with_streak(), facts.on(date(2023, 4, 15)))["progress-gap"]
    assert finding.sentence.endswith("落后12.0个百分点（红色预警：连续2个月达到黄色预警）。")
    assert finding.evidence["lines"][-1] == "2023年2月：黄色预警；2023年3月：黄色预警"


def test_a_graver_month_counts_in_a_row_of_milder_ones() -> None:
    assert on(behind(5, 5, 31, 12), 4, with_streak()) == "red"


def test_a_month_of_which_nothing_is_known_is_left_out_of_the_row() -> None:
    facts = behind(5, 12, 12)
    resting = Facts(plan=facts.plan, done={"2023-02-28": 0, "2023-04-30": 0}, return_day=10)
    assert on(resting, 4, with_streak()) == "red"
    del facts.done["2023-03-31"]
    assert on(facts, 2, with_streak()) == "yellow"


def test_one_step_a_month_and_no_more() -> None:
    facts, rules = behind(5, 12, 31, 5, 5, 5), yinchuan(step_down="one_step")
    assert [on(facts, month, rules) for month in range(1, 7)] == ["", "yellow", "red", "yellow", "", ""]
    finding = found_by(rules, facts.on(date(2023, 5, 15)))["progress-gap"]
    assert finding.sentence.endswith("（黄色预警：每月最多降一级，上月为红色预警）。")


def test_a_level_falls_only_when_the_value_has_come_back_far_enough() -> None:
    facts, rules = behind(5, 12, 9.5, 9.5, 8.5, 9.5), yinchuan(hysteresis="1")
    assert [on(facts, month, rules) for month in range(1, 7)] == ["", "yellow", "yellow", "yellow", "", ""]
    assert (
        "上月为黄色预警，回到界限以内1个百分点才减轻"
        in found_by(rules, facts.on(date(2023, 4, 15)))["progress-gap"].sentence
    )
    assert [on(behind(5, 5, 35, 29.5, 28), month, rules) for month in (3, 4, 5)] == ["red", "red", "yellow"]


def test_what_is_settled_falls_at_once() -> None:
    rules = rules_of("yinchuan", step_down="one_step")
    facts = Facts(steps=(step("started", baseline="2023-01-31", done="2023-07-05"),))
    assert [level(rules, facts.on(date(2023, 7, day)), "late-start") for day in (4, 5)] == ["red", ""]


@pytest.mark.parametrize("rules", [with_streak(), yinchuan(step_down="one_step"), yinchuan(hysteresis="0.5")])
@settings(max_examples=25, deadline=None)
@given(points=st.lists(st.sampled_from([5, 9.8, 12, 29.8, 31]), min_size=1, max_size=10), day=st.integers(0, 320))
def test_what_is_known_later_changes_nothing_of_an_earlier_day(rules: Any, points: list[float], day: int) -> None:
    """A day by itself is judged as in a replay: months after it have no part in it."""
    whole, when = behind(*points), date(2023, 1, 10) + timedelta(days=day)
    until = {told: amount for told, amount in whole.done.items() if date.fromisoformat(told) < when}
    assert level(rules, whole.on(when), "progress-gap") == level(
        rules, Facts(plan=whole.plan, done=until, return_day=10).on(when), "progress-gap"
    )
