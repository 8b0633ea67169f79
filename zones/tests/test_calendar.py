from datetime import date

import pytest
import time_machine

from zones import clock
from zones.models import WorkdayOverride
from zones.workdays import Calendar

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("moment", "expected"), [("2023-07-09T15:59:59Z", date(2023, 7, 9)), ("2023-07-09T16:00:00Z", date(2023, 7, 10))]
)
def test_the_business_day_begins_at_midnight_in_shanghai(settings, moment, expected):
    settings.TRACKER_TODAY = None
    with time_machine.travel(moment, tick=False):
        assert clock.today() == expected


@pytest.mark.parametrize("fixed", [date(2023, 7, 10), "2023-07-10"])
def test_a_demonstration_fixes_the_day(settings, fixed):
    settings.TRACKER_TODAY = fixed
    assert clock.today() == date(2023, 7, 10)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2023-07-10", True),  # an ordinary Monday
        ("2023-07-08", False),  # an ordinary Saturday
        ("2023-10-02", False),  # national holiday on a Monday
        ("2023-10-07", True),  # a Saturday worked for it
        ("2023-10-09", True),
    ],
)
def test_holidays_rest_and_their_make_up_days_work(day, works):
    assert Calendar().works(date.fromisoformat(day)) is works


def test_an_override_beats_the_published_calendar():
    WorkdayOverride.objects.create(date=date(2023, 7, 10), is_working=False, note="防汛")
    WorkdayOverride.objects.create(date=date(2023, 7, 8), is_working=True)
    assert not Calendar().works(date(2023, 7, 10))
    assert Calendar().works(date(2023, 7, 8))
    assert Calendar().after(date(2023, 7, 7), 1) == date(2023, 7, 8)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2023-07-07", 1, "2023-07-10"),  # Friday to Monday
        ("2023-07-10", 0, "2023-07-10"),
        ("2023-07-10", -1, "2023-07-07"),
        ("2023-09-28", 1, "2023-10-07"),  # over the national holiday to a worked Saturday
        ("2022-12-30", 1, "2023-01-03"),  # over the new year
    ],
)
def test_adding_working_days_steps_over_rest(start, count, expected):
    assert Calendar().after(date.fromisoformat(start), count) == date.fromisoformat(expected)


def test_stepping_back_leads_to_where_one_came_from():
    calendar, first = Calendar(), date(2023, 9, 20)
    for count in range(1, 60):
        assert calendar.after(calendar.after(first, count), -count) == first


def test_many_questions_cost_one_query(django_assert_num_queries):
    calendar = Calendar()
    with django_assert_num_queries(1):
        calendar.after(date(2023, 1, 1), 250)
        calendar.works(date(2024, 1, 1))
