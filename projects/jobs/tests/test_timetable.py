"""Which moment was due last."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.conf import settings

from projects.jobs import kinds
from projects.jobs.timetable import Daily, Every

MORNING = Daily("scan", at=time(5, 30))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        (utc(2023, 7, 9, 21, 29, 59), utc(2023, 7, 8, 21, 30)),
        (utc(2023, 7, 9, 21, 30), utc(2023, 7, 9, 21, 30)),
        (utc(2023, 7, 10, 16, 0), utc(2023, 7, 9, 21, 30)),
        (utc(2024, 1, 1, 0, 0), utc(2023, 12, 31, 21, 30)),
    ],
)
def test_an_hour_of_the_day_is_that_of_shanghai(now, latest):
    assert MORNING.latest(now) == latest


def test_a_morning_that_is_too_long_ago_is_not_made_up_for():
    early = Daily("scan", at=time(5, 30), within=timedelta(hours=2))
    assert early.latest(utc(2023, 7, 9, 23, 30)) == utc(2023, 7, 9, 21, 30)
    assert early.latest(utc(2023, 7, 9, 23, 30, 1)) is None


def test_every_scheduler_names_the_same_minute():
    minute = Every("send", timedelta(minutes=1))
    assert minute.latest(utc(2023, 7, 10, 8, 0, 59, 999_999)) == utc(2023, 7, 10, 8, 0)
    assert minute.latest(utc(2023, 7, 10, 8, 1)) == utc(2023, 7, 10, 8, 1)


def test_the_timetable_names_only_kinds_that_a_room_knows():
    assert {entry.kind for entry in settings.JOBS_TIMETABLE} == {"clear_uploads", "scan", "open_meetings", "send"}
    for entry in settings.JOBS_TIMETABLE:
        assert kinds.find(entry.kind).title


def test_a_kind_is_registered_once():
    with pytest.raises(ValueError, match="twice"):
        kinds.register(kinds.find("scan"))
