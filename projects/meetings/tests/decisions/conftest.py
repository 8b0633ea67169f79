"""A meeting of the east that is going on, and decisions of it that were issued."""

from datetime import date

import pytest

from projects import facts
from projects.meetings import deciding
from projects.meetings.models import Decision, DecisionEvent, Meeting
from projects.models import Source

MONDAY = date(2023, 7, 10)


@pytest.fixture(autouse=True)
def _monday(settings):
    settings.TRACKER_TODAY = MONDAY


@pytest.fixture
def today(settings):
    """Sets the day."""

    def set_day(day):
        settings.TRACKER_TODAY = date.fromisoformat(day)

    return set_day


@pytest.fixture
def meet(town):
    """Makes a meeting that has begun; the east's weekly one of Monday, unless said otherwise."""

    def make(held_on=MONDAY, zone=None, number=28, **fields):
        zone = zone or town.east
        source = Source.objects.create(kind=Source.Kind.MEETING, title=f"{zone}{held_on}", zone=zone)
        told = {"state": Meeting.State.RUNNING, "year": held_on.year, "number": number, **fields}
        return Meeting.objects.create(zone=zone, held_on=held_on, source=source, **told)

    return make


@pytest.fixture
def meeting(meet):
    return meet()


@pytest.fixture
def project(town):
    return facts.create(name="东部传感器产业园项目", zone=town.east)


@pytest.fixture
def decided(town, meeting, project):
    """A decision of the project, led by the east's office, answered for by its liaison, due on Friday; issued."""

    def make(matter="协调供水管线迁改", *, of=None, draft=False, **about):
        told = {"project": project, "lead": town.east_office, "person": town.zhang, "deadline": date(2023, 7, 14)}
        decision = deciding.decide(of or meeting, matter, by=town.chen, **(told | about))
        return decision if draft else issue(decision)

    return make


def issue(decision, on=MONDAY):
    """As the minutes that carry it are issued."""
    decision.state, decision.issued_on, decision.promised = Decision.State.ISSUED, on, decision.deadline
    decision.save()
    DecisionEvent.objects.create(
        decision=decision, what=DecisionEvent.What.ISSUED, on=on, deadline=decision.deadline, by=None
    )
    return decision
