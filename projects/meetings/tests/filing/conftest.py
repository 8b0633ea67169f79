"""The week before the meeting of Monday 17 July 2023: two projects of the liaison, one of nobody."""

from datetime import date

import pytest

from projects import facts
from projects.meetings.models import Arrangement

MONDAY, THURSDAY, FRIDAY = date(2023, 7, 17), date(2023, 7, 13), date(2023, 7, 14)


@pytest.fixture(autouse=True)
def _thursday(settings, tmp_path):
    settings.TRACKER_TODAY = THURSDAY
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def arranged(town):
    """The east meets on Mondays and wants to be told by Thursday evening."""
    return Arrangement.objects.create(zone=town.east, weekday=1, file_weekday=4, file_until="18:00")


@pytest.fixture
def mine(town, arranged):
    made = [facts.create(name=name, zone=town.east) for name in ("传感器产业园", "智能装备园")]
    for project in made:
        facts.assign(project, "liaison", user=town.zhang)
        facts.approve_plan(
            facts.plan_year(project, 2023, 120_000_000, [10_000_000 * month for month in range(1, 13)]),
            on=date(2023, 1, 10),
        )
        facts.record(project, "weekly", date(2023, 7, 7), amount=48_000_000)
    return made


@pytest.fixture
def nobodys(town, arranged):
    return facts.create(name="无人项目", zone=town.east)
