"""Meetings open by themselves on the working day before, and by command."""

import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from projects.jobs.posting import post
from projects.jobs.working import work
from projects.meetings import opening, tasks
from projects.meetings.models import Arrangement, Meeting

from .conftest import MONDAY

FRIDAY = date(2023, 7, 7)


def run(*arguments: str) -> Any:
    out = io.StringIO()
    call_command("open_meeting", *arguments, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


def by_itself() -> str:
    job = post(tasks.OPEN)
    work(job.pk)
    job.refresh_from_db()
    return job.outcome


def test_a_meeting_is_opened_by_command_and_then_only_shown(project: Any, town: Any) -> None:
    project("甲项目", lit="red"), project("乙项目")
    first, again = (run("--zone", "高新区", "--date", "2023-07-10") for _ in range(2))
    assert (first["new"], again["new"]) == (True, False)
    assert {**first, "new": False} == again
    assert (first["name"], first["projects"]) == ("高新区2023年第1次周例会", 2)
    assert first["sections"] == {"red": 1, "yellow": 0, "unlanded": 0, "problem": 0, "due": 0, "rest": 1}
    out = io.StringIO()
    call_command("open_meeting", "--zone", "zzgx", "--date", "2023-07-10", stdout=out)
    assert "此前已建立：高新区2023年第1次周例会" in out.getvalue()
    assert "红灯项目 1 个，其他项目 1 个" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--zone", "无此区", "--date", "2023-07-10"], "unknown_zone", "没有“无此区”这个区域"),
        (["--zone", "zzgx", "--date", "7月10日"], "bad_date", "请写成 2023-07-10 这样的形式"),
        (["--zone", "zzjk", "--date", "2023-07-10"], "refused", "经开区还没有在推进的项目"),
        (["--zone", "zzgx", "--date", "2033-07-10"], "refused", "最多提前 92 天"),
        (["--zone", "zzgx", "--date", "2023-07-10", "--kind", "special"], "refused", "专题会请写明主题"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_sentence(
    project: Any, town: Any, arguments: list[str], code: str, said: str
) -> None:
    project("甲项目")
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("open_meeting", *arguments, "--format", "json", stdout=out)
    error = json.loads(out.getvalue())["error"]
    assert error["code"] == code
    assert said in error["message"]
    assert not Meeting.objects.exists()


def test_agendas_are_made_on_the_working_day_before(project: Any, town: Any, settings: Any) -> None:
    project("甲项目"), project("乙项目", zone=town.west)
    Arrangement.objects.create(zone=town.east)
    Arrangement.objects.create(zone=town.west, weekday=3)
    Arrangement.objects.create(zone=town.east_park, enabled=False)
    settings.TRACKER_TODAY = date(2023, 7, 6)
    assert by_itself() == "新建会议0次，更新议程0次"
    settings.TRACKER_TODAY = FRIDAY
    assert by_itself() == "新建会议1次，更新议程0次"
    meeting = Meeting.objects.get()
    assert (meeting.zone, meeting.held_on, meeting.created_by) == (town.east, MONDAY, None)
    assert by_itself() == "新建会议0次，更新议程0次"


def test_one_that_was_opened_earlier_gets_the_news_of_friday(project: Any, town: Any, settings: Any) -> None:
    project("甲项目")
    Arrangement.objects.create(zone=town.east)
    settings.TRACKER_TODAY = FRIDAY
    meeting, _ = opening.open_meeting(town.east, MONDAY)
    Meeting.objects.update(agenda_made_at="2023-07-05T08:00:00+08:00")
    project("乙项目", lit="red")
    assert by_itself() == "新建会议0次，更新议程1次"
    assert [row.project.name for row in meeting.updates.order_by("place")] == ["乙项目", "甲项目"]


def test_one_that_was_moved_or_called_off_is_not_opened_again(project: Any, town: Any, settings: Any) -> None:
    project("甲项目")
    Arrangement.objects.create(zone=town.east)
    settings.TRACKER_TODAY = FRIDAY
    meeting, _ = opening.open_meeting(town.east, MONDAY)
    opening.move(meeting, date(2023, 7, 11), by=None)
    assert by_itself() == "新建会议0次，更新议程0次"
    opening.move(meeting, MONDAY, by=None)
    opening.cancel(meeting, "放假", by=None)
    assert by_itself() == "新建会议0次，更新议程0次"
    settings.TRACKER_TODAY = date(2023, 7, 14)
    assert by_itself() == "新建会议1次，更新议程0次"


def test_a_zone_that_cannot_meet_does_not_keep_others_from_it(project: Any, town: Any, settings: Any) -> None:
    settings.TRACKER_TODAY = FRIDAY
    project("甲项目")
    for zone in (town.west, town.east):
        Arrangement.objects.create(zone=zone)
    assert by_itself() == "新建会议1次，更新议程0次；经开区：经开区还没有在推进的项目，请先登记项目再开会"
