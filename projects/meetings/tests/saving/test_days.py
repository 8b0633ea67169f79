"""Days as they are typed in a meeting on Monday 2023-07-10."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from projects.meetings import days

MONDAY = date(2023, 7, 10)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("7-20", "2023-07-20"),
        ("7.20", "2023-07-20"),
        ("７/20前", "2023-07-20"),
        ("0720", "2023-07-20"),
        ("1-5", "2024-01-05"),
        ("6-30", "2023-06-30"),  # a slip, and refused as such: not next year's June
        ("20日", "2023-07-20"),
        ("5号", "2023-08-05"),
        ("周五", "2023-07-14"),
        ("下周五", "2023-07-21"),
        ("下下周一", "2023-07-24"),
        ("+10", "2023-07-20"),
        ("10天内", "2023-07-20"),
        ("月底", "2023-07-31"),
        ("8月", "2023-08-31"),
        ("2023年9月底", "2023-09-30"),
        ("2023-07-20", "2023-07-20"),
    ],
)
def test_a_deadline_is_the_next_such_day(typed, day):
    assert days.deadline(typed, MONDAY) == date.fromisoformat(day)


def test_in_december_june_is_next_years_and_november_a_slip():
    assert days.deadline("6-30", date(2023, 12, 20)) == date(2024, 6, 30)
    assert days.deadline("11-30", date(2023, 12, 20)) == date(2023, 11, 30)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("7-5", "2023-07-05", "2023-07-05"),
        ("12-30", "2022-12-30", "2022-12-30"),
        ("7月", "2023-07-01", "2023-07-10"),
        ("28日", "2023-06-28", "2023-06-28"),
        ("周五", "2023-07-07", "2023-07-07"),
        ("上周五", "2023-07-07", "2023-07-07"),
    ],
)
def test_what_was_done_was_done_by_today(typed, first, last):
    span = days.done(typed, MONDAY)
    assert (span.first, span.last) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("typed", ["13-40", "尽快", "32日", "+99999", "2-30", "9999"])
def test_what_is_no_day_is_answered_with_how_to_write_one(typed):
    with pytest.raises(ValidationError, match="请写成"):
        days.deadline(typed, MONDAY)


def test_a_day_to_come_is_not_done():
    with pytest.raises(ValidationError, match="不能晚于今天"):
        days.done("2023-07-11", MONDAY)
