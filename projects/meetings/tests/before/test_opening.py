"""A meeting is opened once with its number and agenda; moved, called off, started."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.meetings import opening, topics
from projects.meetings.models import Arrangement, Meeting, MeetingEvent, Update
from projects.models import Problem, Source

from .conftest import MONDAY

SUNDAY = date(2023, 7, 9)
NEXT = date(2023, 7, 17)
Section = Update.Section


def on_agenda(meeting: Meeting) -> list[tuple[str, str]]:
    return [(row.section, row.project.name) for row in meeting.updates.select_related("project").order_by("place")]


@pytest.fixture
def everything(project: Any, town: Any) -> dict[str, Any]:
    """A project for each section of the agenda, in no helpful order."""
    found = {
        "rest": project("一切正常项目"),
        "due": project("月底开工项目", due=date(2023, 7, 24)),
        "later": project("八月开工项目", due=date(2023, 7, 25)),
        "problem": project("征迁受阻项目"),
        "unlanded": project("签约已久项目", signed=date(2023, 4, 1), zone=town.east_park),
        "yellow": project("略慢项目", lit="yellow"),
        "red": project("严重滞后项目", lit="red", signed=date(2023, 3, 1)),
        "strange": project("邻区项目", zone=town.west, lit="red"),
    }
    facts.raise_problem(
        found["problem"], title="三户未搬", category=Problem.Category.CLEARANCE, raised_on=MONDAY, major=True
    )
    ended = project("已终止项目", lit="red")
    facts.terminate(ended, on=SUNDAY, reason="撤资")
    return found


def test_agenda_goes_from_the_gravest_to_the_quiet_and_says_why(everything: Any, town: Any) -> None:
    meeting, new = opening.open_meeting(town.east, MONDAY, by=town.chen)
    assert new
    assert on_agenda(meeting) == [
        (Section.RED, "严重滞后项目"),
        (Section.YELLOW, "略慢项目"),
        (Section.UNLANDED, "签约已久项目"),
        (Section.PROBLEM, "征迁受阻项目"),
        (Section.DUE, "月底开工项目"),
        (Section.REST, "一切正常项目"),
        (Section.REST, "八月开工项目"),
    ]
    why = {row.project.name: row.why for row in meeting.updates.select_related("project")}
    assert why["严重滞后项目"].splitlines() == [
        "严重滞后项目落后时序，红色预警。",
        "签约未落地 131 天（2023-03-01 签约）",
    ]
    assert why["征迁受阻项目"] == "问题：三户未搬（征迁，重大问题）"
    assert why["月底开工项目"] == "开工 2023-07-24 到期，还有 14 天"
    assert why["一切正常项目"] == ""


def test_what_is_near_is_for_the_zone_to_arrange(everything: Any, town: Any) -> None:
    Arrangement.objects.create(zone=town.east, due_within=15, place="三楼会议室", chair="高主任", present="各局")
    meeting, _ = opening.open_meeting(town.east, MONDAY)
    assert (Section.DUE, "八月开工项目") in on_agenda(meeting)
    assert (meeting.place, meeting.chair, meeting.present) == ("三楼会议室", "高主任", "各局")


def test_opened_twice_it_is_the_same_meeting(project: Any, town: Any) -> None:
    project("甲项目")
    first, _ = opening.open_meeting(town.east, MONDAY)
    again, new = opening.open_meeting(town.east, MONDAY)
    assert (again.pk, new) == (first.pk, False)
    assert (Meeting.objects.count(), Source.objects.filter(kind=Source.Kind.MEETING).count()) == (1, 1)


def test_numbers_count_within_zone_kind_and_year(project: Any, town: Any) -> None:
    project("甲项目"), project("乙项目", zone=town.west)
    opened = [
        opening.open_meeting(town.east, date(2022, 12, 26))[0],
        opening.open_meeting(town.east, date(2023, 7, 3))[0],
        opening.open_meeting(town.east, MONDAY)[0],
        opening.open_meeting(town.east, MONDAY, kind=Meeting.Kind.SPECIAL, subject="用地保障")[0],
        opening.open_meeting(town.west, MONDAY)[0],
    ]
    assert [meeting.number for meeting in opened] == [1, 1, 2, 1, 1]
    assert [str(meeting.source.title) for meeting in opened[2:4]] == [
        "高新区2023年第2次周例会",
        "高新区2023年第1次专题会（用地保障）",
    ]
    opening.cancel(opened[2], "领导出差", by=town.chen)
    assert opening.open_meeting(town.east, NEXT)[0].number == 2


@pytest.mark.parametrize(
    ("how", "field", "said"),
    [
        ({"held_on": date(2032, 7, 10)}, "held_on", "最多提前 92 天"),
        ({"held_on": date(202, 7, 10)}, "held_on", "过早"),
        ({"zone": "west"}, "zone", "经开区还没有在推进的项目，请先登记项目再开会"),
        ({"kind": Meeting.Kind.JOINT, "subject": " "}, "subject", "联审联批会请写明主题"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_at_its_field(project: Any, town: Any, how: Any, field: Any, said: Any):
    project("甲项目")
    how = {"held_on": MONDAY, **how}
    with pytest.raises(ValidationError) as refusal:
        opening.open_meeting(getattr(town, how.pop("zone", "east")), how.pop("held_on"), **how)
    assert said in refusal.value.message_dict[field][0]
    assert not Meeting.objects.exists()
    assert not Source.objects.exists()


def test_made_anew_the_agenda_keeps_what_was_typed(project: Any, town: Any) -> None:
    told, silent, late = project("甲项目"), project("乙项目"), project("丙项目", lit="yellow")
    meeting, _ = opening.open_meeting(town.east, NEXT)
    Update.objects.filter(project=told).update(words="主体已封顶")
    for ended in (told, silent):
        facts.terminate(ended, on=SUNDAY, reason="撤资")
    project("丁项目", lit="red")
    opening.make_agenda(meeting, by=town.chen)
    rows = list(meeting.updates.select_related("project").order_by("place"))
    assert [(row.project.name, row.section, row.words) for row in rows] == [
        ("丁项目", Section.RED, ""),
        (late.name, Section.YELLOW, ""),
        (told.name, Section.REST, "主体已封顶"),
    ]
    assert {row.version for row in rows} == {1}


def test_a_special_meeting_takes_up_only_what_was_chosen(project: Any, town: Any) -> None:
    chosen, proposed, _ = project("甲项目"), project("乙项目", lit="red"), project("丙项目", lit="red")
    meeting, _ = opening.open_meeting(town.east, MONDAY, kind=Meeting.Kind.SPECIAL, subject="用地保障")
    meeting.updates.create(project=chosen, place=1)
    topics.approve(topics.propose(meeting, title="指标不足", project=proposed, by=town.zhang), by=town.chen)
    opening.make_agenda(meeting, by=None)
    assert on_agenda(meeting) == [(Section.REST, "甲项目"), (Section.RED, "乙项目")]


def test_statements_do_not_grow_with_projects(project: Any, town: Any) -> None:
    def counted(day: date) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            opening.open_meeting(town.east, day)
        return len(asked)

    project("一号项目", lit="red", signed=MONDAY, due=MONDAY)
    few = counted(MONDAY)
    for n in range(6):
        project(f"又一个{n}号项目", lit="red", signed=MONDAY, due=MONDAY)
    assert counted(date(2023, 7, 11)) == few


def test_it_starts_on_its_day_and_then_its_agenda_stands(project: Any, town: Any) -> None:
    project("甲项目")
    meeting, _ = opening.open_meeting(town.east, NEXT)
    with pytest.raises(ValidationError, match="还没到日子"):
        opening.start(meeting, by=town.chen)
    opening.move(meeting, MONDAY, by=town.chen)
    opening.start(meeting, by=town.chen)
    for late in (lambda: opening.make_agenda(meeting, by=None), lambda: opening.move(meeting, NEXT, by=None)):
        with pytest.raises(ValidationError, match="会议已经开始"):
            late()
    assert [event.what for event in meeting.events.all()] == ["opened", "agenda", "moved", "agenda", "started"]
    assert meeting.events.get(what=MeetingEvent.What.MOVED).note == "由 2023-07-17 改为 2023-07-10"


def test_moved_into_another_year_it_gets_a_number_of_that_year(project: Any, town: Any, settings: Any) -> None:
    settings.TRACKER_TODAY = date(2023, 12, 28)
    project("甲项目")
    opening.open_meeting(town.east, date(2023, 12, 25))
    meeting, _ = opening.open_meeting(town.east, date(2023, 12, 29))
    moved = opening.move(meeting, date(2024, 1, 2), by=None)
    assert (moved.year, moved.number) == (2024, 1)
    moved.source.refresh_from_db()
    assert (moved.source.title, moved.source.date_last) == ("高新区2024年第1次周例会", date(2024, 1, 2))


def test_moved_onto_the_day_of_another_it_is_refused(project: Any, town: Any) -> None:
    project("甲项目")
    opening.open_meeting(town.east, MONDAY)
    meeting, _ = opening.open_meeting(town.east, NEXT)
    with pytest.raises(ValidationError, match="2023-07-10已有一次周例会"):
        opening.move(meeting, MONDAY, by=None)


def test_a_meeting_that_decided_something_is_not_called_off(project: Any, town: Any) -> None:
    project("甲项目")
    meeting, _ = opening.open_meeting(town.east, MONDAY)
    with pytest.raises(ValidationError, match="须写明原因"):
        opening.cancel(meeting, " ", by=town.chen)
    meeting.decisions.create(number=1, matter="限期搬迁")
    with pytest.raises(ValidationError, match="已记录议定事项"):
        opening.cancel(meeting, "领导出差", by=town.chen)


def test_only_what_nobody_has_in_hand_waits_for_the_meeting(project: Any, town: Any) -> None:
    kind, office = Problem.Category.LAND, {"department": town.east_office}
    for name, told in {
        "逾期": {**office, "deadline": SUNDAY},
        "无人": {"deadline": date(2023, 12, 1)},
        "无期": office,
        "在办": {**office, "deadline": date(2023, 12, 1)},
        "将到": {**office, "deadline": NEXT},
    }.items():
        facts.raise_problem(project(f"{name}项目"), title=name, category=kind, raised_on=date(2023, 6, 1), **told)
    meeting, _ = opening.open_meeting(town.east, MONDAY)
    assert [(row.project.name, row.section, row.why) for row in meeting.updates.order_by("place")] == [
        ("逾期项目", Section.PROBLEM, "问题：逾期（用地，逾期 1 天）"),
        ("无人项目", Section.PROBLEM, "问题：无人（用地，未定责任单位）"),
        ("无期项目", Section.PROBLEM, "问题：无期（用地，未定时限）"),
        ("将到项目", Section.DUE, "问题“将到” 2023-07-17 到期，还有 7 天"),
        ("在办项目", Section.REST, ""),
    ]


def test_an_overdue_step_is_told_once(project: Any, town: Any) -> None:
    project("有预警项目", lit="red", due=SUNDAY), project("无预警项目", due=SUNDAY)
    meeting, _ = opening.open_meeting(town.east, MONDAY)
    assert [row.why for row in meeting.updates.order_by("place")] == [
        "有预警项目落后时序，红色预警。",
        "开工 2023-07-09 到期，已逾期 1 天",
    ]
