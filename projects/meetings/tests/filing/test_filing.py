"""Which meeting a week is told for, who has not told it, and who is asked to."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import person
from projects import facts
from projects.meetings import closing, filing, opening
from projects.meetings.models import Meeting
from projects.meetings.tests.filing.conftest import FRIDAY, MONDAY, THURSDAY
from projects.notices.models import Notice


def week(project, today=THURSDAY):
    return filing.weeks_of([project], today).get(project.pk)


def opened(zone, day=MONDAY, **more):
    return opening.open_meeting(zone, day, **more)[0]


# ---- For which meeting -----------------------------------------------------------------------------
def test_a_week_is_told_for_the_next_meeting_that_is_arranged_and_by_thursday_evening(mine):
    found = week(mine[0])
    assert (found.meeting, found.held_on, found.until) == (None, MONDAY, THURSDAY)
    assert found.limit == "7月13日 18:00"


def test_a_meeting_that_was_moved_takes_the_week_with_it(town, mine):
    meeting = opening.move(opened(town.east), date(2023, 7, 18), by=None)
    assert week(mine[0]).meeting == meeting
    assert week(mine[0]).held_on == date(2023, 7, 18)


def test_after_a_meeting_is_over_or_called_off_the_week_is_told_for_the_one_after(town, mine, settings):
    meeting = opened(town.east)
    settings.TRACKER_TODAY = MONDAY
    closing.close(opening.start(meeting, by=town.chen), by=town.chen)
    assert week(mine[0], MONDAY).held_on == date(2023, 7, 24)
    opening.cancel(opened(town.east, date(2023, 7, 24)), "防汛", by=town.chen)
    assert week(mine[0], MONDAY).held_on == date(2023, 7, 31)


def test_a_day_that_a_meeting_was_moved_from_is_not_opened_again_once_that_meeting_is_over(town, mine, settings):
    meeting = opening.move(opened(town.east), FRIDAY, by=None)
    settings.TRACKER_TODAY = FRIDAY
    closing.close(opening.start(meeting, by=town.chen), by=town.chen)
    assert week(mine[0], FRIDAY).held_on == date(2023, 7, 24)


def test_who_meets_on_mondays_meets_after_a_holiday_on_the_first_working_day(mine):
    assert week(mine[0], date(2023, 9, 28)).held_on == date(2023, 10, 7)  # a Saturday on which offices work
    assert week(mine[0], date(2023, 10, 8)).held_on == date(2023, 10, 9)


def test_a_special_meeting_asks_nobody_for_his_week(town, mine, arranged):
    arranged.enabled = False
    arranged.save()
    opened(town.east, kind=Meeting.Kind.SPECIAL, subject="用地")
    assert week(mine[0]) is None


def test_a_park_tells_the_zone_that_meets_and_its_own_meeting_once_it_has_one(town, mine):
    in_park = facts.create(name="园中园项目", zone=town.east_park)
    assert week(in_park).zone == town.east
    own = opened(town.east_park, date(2023, 7, 19))
    assert week(in_park).meeting == own
    assert week(mine[0]).zone == town.east


def test_who_tells_first_opens_the_meeting_and_a_new_project_becomes_its_last_row(town, mine):
    row = filing.row_of(week(mine[0]), mine[0])
    assert (row.meeting.held_on, row.meeting.state, row.meeting.created_by) == (MONDAY, "preparing", None)
    assert filing.row_of(week(mine[1]), mine[1]).meeting == row.meeting
    late = facts.create(name="新签约项目", zone=town.east)
    assert filing.row_of(week(late), late).place == 3


# ---- Who has not -----------------------------------------------------------------------------------
def test_who_has_not_told_is_listed_with_what_is_missing_and_what_nobody_can_tell_comes_last(town, mine, nobodys):
    meeting = opened(town.east)
    silent = filing.missing(meeting)
    assert [(each.person, len(each.updates)) for each in silent] == [(town.zhang, 2), (None, 1)]
    filing.filed(meeting.updates.get(project=mine[0]), by=town.zhang)
    meeting.updates.filter(project=nobodys).update(words="会上填写")
    silent = filing.missing(meeting)
    assert [(each.person, each.asked, each.updates[0].project) for each in silent] == [(town.zhang, 2, mine[1])]


def test_the_liaison_is_asked_before_the_responsible_and_a_units_people_where_nobody_is_named(town, mine, nobodys):
    other = person("zhao", "赵科长", "liaison", town.east, department=town.west_office)
    facts.assign(mine[0], "responsible", user=other)
    facts.assign(nobodys, "unit", department=town.west_office)
    people = filing.tellers([*mine, nobodys], THURSDAY)
    assert people == {mine[0].pk: [town.zhang], mine[1].pk: [town.zhang], nobodys.pk: [other]}
    facts.assign(nobodys, "liaison", user=town.li)  # of another zone: he could not write it
    assert filing.tellers([nobodys], THURSDAY) == {nobodys.pk: [other]}


def test_only_who_is_missing_is_asked_and_once_a_day(town, mine, nobodys, settings):
    meeting = opened(town.east)
    assert (filing.urge(meeting, by=town.chen), filing.urge(meeting, by=town.chen)) == (1, 0)
    notice = Notice.objects.get(kind="meeting")
    assert notice.user == town.zhang
    assert notice.sentence.endswith("还缺 2 个项目的本周进展：传感器产业园、智能装备园，请于 7月13日 18:00 前填报")
    assert notice.path == "/admin/projects_meetings/update/week/"
    settings.TRACKER_TODAY = THURSDAY + timedelta(days=1)
    assert filing.urge(meeting, by=town.chen) == 1
    assert Notice.objects.filter(user=town.zhang).latest("pk").sentence.endswith("请尽快填报")


def test_nobody_is_asked_for_a_meeting_that_is_over(town, mine):
    meeting = opening.cancel(opened(town.east), "防汛", by=town.chen)
    with pytest.raises(ValidationError):
        filing.urge(meeting, by=town.chen)
    assert not Notice.objects.filter(kind="meeting").exists()


def test_weeks_and_missing_cost_the_same_for_any_number_of_projects(town, mine):
    meeting = opened(town.east)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            filing.weeks_of(mine, THURSDAY)
            filing.missing(meeting)
        counts.append(len(asked))
        for at in range(5):
            added = facts.create(name=f"新项目{number}{at}", zone=town.east_park)
            facts.assign(added, "liaison", user=town.zhang)
            filing.row_of(week(mine[0]), added)
    assert counts[0] == counts[1]
