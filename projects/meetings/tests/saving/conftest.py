"""A meeting of the east on Monday 2023-07-10 with three projects, one of which the liaison stands for."""

from datetime import date

import pytest

from projects import facts
from projects.meetings.opening import open_meeting
from projects.tests import filling

MONDAY = date(2023, 7, 10)


@pytest.fixture
def meeting(town, settings):
    settings.TRACKER_TODAY = MONDAY
    for _ in range(3):
        filling.project(town.east)
    made = open_meeting(town.east, MONDAY, by=town.chen)[0]
    facts.assign(made.updates.first().project, "liaison", user=town.zhang)
    return made


@pytest.fixture
def row(meeting):
    return meeting.updates.select_related("project").first()
