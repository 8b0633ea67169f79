"""Starts and statistics entries: months are calendar months, and their ends are exact."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import facts
from projects.alerts.months import (
    before,
    halves_hold,
    halves_since,
    judged_from,
    judged_until,
    months_missed,
    show_halves,
)
from projects.alerts.tests.conftest import Make, on, told
from projects.dates import DateSpan
from projects.models import Milestone
from projects.standings import judged_month

Kind = Milestone.Kind


@pytest.mark.parametrize(
    ("deadline", "day", "missed"),
    [
        ("2023-03-31", "2023-03-31", None),
        ("2023-03-31", "2023-04-01", 0),
        ("2023-03-05", "2023-03-31", None),
        ("2023-03-05", "2023-04-01", 0),
        ("2023-03-31", "2023-06-30", 2),
        ("2023-03-31", "2023-07-01", 3),
        ("2022-11-30", "2023-02-28", 2),
        ("2022-11-30", "2023-03-01", 3),
        ("2023-09-30", "2023-07-10", None),
    ],
)
def test_a_planned_month_is_missed_from_the_day_after_it(deadline: str, day: str, missed: int | None) -> None:
    assert months_missed(date.fromisoformat(deadline), date.fromisoformat(day)) == missed


@pytest.mark.parametrize(
    ("start", "day", "halves", "said"),
    [
        ("2023-06-10", "2023-07-10", 2, "满1个月"),
        ("2023-01-31", "2023-02-28", 2, "满1个月"),
        ("2023-01-31", "2023-03-31", 4, "满2个月"),
        ("2024-01-30", "2024-02-29", 2, "满1个月"),
        ("2023-06-10", "2023-06-10", 0, "不满1个月"),
        ("2023-06-10", "2023-07-09", 1, "不满1个月"),
        ("2023-06-10", "2023-07-11", 3, "超过1个月"),
        ("2023-06-10", "2023-08-09", 3, "超过1个月"),
    ],
)
def test_a_month_is_exactly_two_halves_whatever_its_length(start: str, day: str, halves: int, said: str) -> None:
    assert halves_since(date.fromisoformat(start), date.fromisoformat(day)) == halves
    assert show_halves(halves) == said


@given(st.dates(date(2020, 1, 1), date(2024, 12, 31)), st.integers(0, 800))
def test_halves_hold_to_the_day_before_they_change(start: date, days: int) -> None:
    day = start + timedelta(days=days)
    last = halves_hold(start, day)
    assert halves_since(start, last) == halves_since(start, day) < halves_since(start, last + timedelta(days=1))


@given(st.dates(date(2020, 1, 1), date(2024, 12, 31)), st.none() | st.integers(1, 31))
def test_a_month_is_judged_from_its_turn_to_the_day_before_the_next(day: date, return_day: int | None) -> None:
    month = judged_month(return_day, day)
    assert judged_from(month, return_day) <= day <= judged_until(month, return_day)
    assert judged_month(return_day, judged_from(month, return_day) - timedelta(days=1)) == before(month)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "level"),
    [("2023-03-31", None), ("2023-04-01", "yellow"), ("2023-06-30", "yellow"), ("2023-07-01", "red")],
)
def test_a_start_planned_for_march(rules: Any, project: Make, day: str, level: str | None) -> None:
    facts.promise(project(), Kind.STARTED, date(2023, 3, 31))
    assert told(on(date.fromisoformat(day))).get("逾期未开工") == level


@pytest.mark.django_db
def test_a_late_start_is_told_in_one_sentence(rules: Any, project: Make) -> None:
    facts.promise(project("甲项目"), Kind.STARTED, date(2023, 3, 31))
    (found,) = on().alerts
    assert found.sentence == (
        "甲项目：应于2023年3月底前开工（当前计划），至今未开工，已逾期3个整月（红色预警：3个月及以上）。"
    )


@pytest.mark.django_db
def test_moving_the_plan_does_not_move_the_baseline(rules: Any, project: Make) -> None:
    milestone = facts.promise(project(), Kind.STARTED, date(2023, 3, 31))
    facts.approve(milestone)
    facts.replan(milestone, date(2023, 12, 31), reason="等待供地")
    assert told(on()) == {"逾期未开工": "red"}


@pytest.mark.django_db
def test_a_start_without_a_date_and_one_to_come_are_never_late(rules: Any, project: Make) -> None:
    project("没有日期")
    facts.promise(project("尚未到期"), Kind.STARTED, date(2023, 9, 30))
    outcome = on()
    assert not outcome.alerts
    assert outcome.not_judged["no_start_deadline"] == 1
    assert outcome.judged == 1


@pytest.mark.django_db
def test_a_project_that_produces_is_not_asked_for_its_start(rules: Any, project: Make) -> None:
    made = project()
    facts.promise(made, Kind.STARTED, date(2023, 3, 31))
    facts.reach(made, Kind.PRODUCED, date(2023, 5, 1))
    outcome = on()
    assert not outcome.alerts
    assert not outcome.not_judged["no_start_deadline"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "level"),
    [
        (date(2023, 6, 10), None),
        (date(2023, 6, 9), "yellow"),
        (date(2023, 5, 10), "yellow"),
        (date(2023, 5, 9), "red"),
    ],
)
def test_a_started_project_is_to_be_entered_within_a_month(
    rules: Any, project: Make, start: date, level: str | None
) -> None:
    facts.reach(project(), Kind.STARTED, start)
    assert told(on()).get("开工后未入库") == level


@pytest.mark.django_db
def test_a_missing_entry_is_told_in_one_sentence(rules: Any, project: Make) -> None:
    facts.reach(project("乙项目"), Kind.STARTED, date(2023, 4, 20))
    (found,) = on().alerts
    assert found.sentence == ("乙项目：2023年4月20日开工，至今未入库，开工已超过2个月（红色预警：超过2个月）。")


@pytest.mark.django_db
def test_of_a_start_known_by_the_month_its_last_day_counts(rules: Any, project: Make) -> None:
    facts.reach(project(), Kind.STARTED, DateSpan(date(2023, 5, 1), date(2023, 5, 31), "month"))
    assert told(on()) == {"开工后未入库": "yellow"}


@pytest.mark.django_db
def test_an_entered_project_and_one_started_on_an_unknown_day_are_left_alone(rules: Any, project: Make) -> None:
    entered, unknown = project("已入库"), project("日期不详")
    facts.reach(entered, Kind.STARTED, date(2023, 1, 5))
    facts.reach(entered, Kind.STATS_ENTRY, date(2023, 6, 1))
    facts.reach(unknown, Kind.STARTED, known_on=date(2023, 1, 5))
    outcome = on()
    assert not outcome.alerts
    assert outcome.not_judged["start_unknown"] == 1
