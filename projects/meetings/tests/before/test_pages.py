"""The office's screens before a meeting: opening it, its page, topics, the pack, the arrangement."""

import re
from datetime import date, time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.meetings import opening, topics
from projects.meetings.models import Arrangement, Decision, Meeting, Topic, Update
from projects.models import Progress

from .conftest import MONDAY, light
from .test_attachments import PDF

LIST = "/admin/projects_meetings/meeting/"
NEXT = date(2023, 7, 17)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def meeting(project: Any, town: Any) -> Meeting:
    project("甲项目", lit="red")
    return opening.open_meeting(town.east, MONDAY, by=town.chen)[0]


def text(answer: Any) -> str:
    return re.sub(r"(\s|<[^>]*>)+", " ", answer.content.decode())


def new(**told: Any) -> dict[str, Any]:
    return {"kind": "weekly", "held_on": "2023-07-10", "subject": "", **told}


def test_opening_leads_to_the_meeting_with_its_agenda(project: Any, town: Any, client: Client) -> None:
    project("甲项目", lit="red")
    Arrangement.objects.create(zone=town.east, chair="高主任", place="三楼会议室")
    town.sign_in(client, "chen")
    assert 'value="2023-07-10"' in client.get(f"{LIST}add/").content.decode()
    page = client.post(f"{LIST}add/", new(zone=town.east.pk), follow=True)
    meeting = Meeting.objects.get()
    assert page.redirect_chain[-1][0] == f"{LIST}{meeting.pk}/change/"
    for said in ("高新区2023年第1次周例会", "2023-07-10 周一", "三楼会议室", "红灯项目 1", "开始会议", "打印会议材料"):
        assert said in text(page)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "该区域这一天已有周例会，可以 打开那一次会议 ，或另选日期"),
        ({"held_on": "2043-07-10"}, "会议日期最多提前 92 天"),
        ({"kind": "special"}, "专题会请写明主题"),
        ({"zone": "west"}, "选择一个有效的选项"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(meeting: Meeting, town: Any, client: Client, told: Any, said: str) -> None:
    zone = getattr(town, told.pop("zone", "east"))
    page = town.sign_in(client, "chen").post(f"{LIST}add/", new(zone=zone.pk, **told))
    assert said in text(page)
    assert Meeting.objects.count() == 1


def test_the_office_prepares_moves_starts_and_calls_off(meeting: Meeting, town: Any, client: Client) -> None:
    where = f"{LIST}{meeting.pk}"
    town.sign_in(client, "chen")
    client.post(f"{where}/move/", {"held_on": "2023-07-17"})
    page = client.post(f"{where}/start/", follow=True)
    assert "会议定于 2023-07-17 召开，还没到日子" in text(page)
    client.post(f"{where}/move/", {"held_on": "2023-07-10"})
    client.post(f"{where}/agenda/")
    assert client.post(f"{where}/start/").status_code == 302
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.RUNNING
    client.post(f"{where}/cancel/", {"reason": "领导出差"})
    assert "经过 取消：领导出差" in text(client.get(f"{where}/change/"))


@pytest.mark.parametrize(
    ("who", "page", "start", "propose"),
    [("viewer", 200, 403, 403), ("zhang", 200, 403, 200), ("gao", 200, 403, 200), ("li", 404, 404, 404)],
)
def test_each_does_what_is_his(
    meeting: Meeting, town: Any, client: Client, who: str, page: int, start: int, propose: int
) -> None:
    town.sign_in(client, who)
    where = f"{LIST}{meeting.pk}"
    shown = client.get(f"{where}/change/")
    assert (shown.status_code, client.get(f"{where}/pack/").status_code) == (page, page)
    assert (client.post(f"{where}/start/").status_code, client.get(f"{where}/propose/").status_code) == (start, propose)
    assert b"start-form" not in shown.content
    assert client.get(f"{LIST}add/").status_code == 403
    assert Meeting.objects.get().state == Meeting.State.PREPARING


def test_what_stands_about_the_meeting_is_written_until_it_is_over(meeting: Meeting, town: Any, client: Client) -> None:
    where = f"{LIST}{meeting.pk}/change/"
    town.sign_in(client, "chen")
    told = {"chair": "王书记", "present": "各局", "seen_version": str(meeting.version)}
    assert client.post(where, told).status_code == 302
    Meeting.objects.update(state=Meeting.State.CLOSED)
    assert client.post(where, {**told, "chair": "他人"}).status_code == 403
    assert Meeting.objects.get().chair == "王书记"


def test_a_liaison_proposes_and_the_office_takes_it_up(meeting: Meeting, town: Any, client: Client) -> None:
    town.sign_in(client, "zhang")
    told = {"title": "用地指标", "tried": "专班已协调两次", "text": "请市局调剂 20 亩"}
    wrong = SimpleUploadedFile("请示.docx", PDF)
    page = client.post(f"{LIST}{meeting.pk}/propose/", {**told, "files": wrong})
    assert "请示.docx：文件名以“.docx”结尾，内容却是PDF 文件" in text(page)
    assert "专班已协调两次" in page.content.decode()
    client.post(f"{LIST}{meeting.pk}/propose/", {**told, "files": SimpleUploadedFile("请示.pdf", PDF)})
    topic = Topic.objects.get()
    own = f"/admin/projects_meetings/topic/{topic.pk}"
    better = {**told, "title": "用地指标和规划", "version": topic.version, "dropped": topic.attachments.get().pk}
    assert (
        client.post(f"{own}/revise/", {**better, "files": SimpleUploadedFile("请示2.pdf", PDF + b"2")}).status_code
        == 302
    )
    stale = {**told, "version": topic.version}
    page = client.post(f"{own}/revise/", stale)
    assert "刚被他人修改" in text(page)
    assert 'name="version" value="2"' in page.content.decode()
    assert client.post(f"{own}/approve/").status_code == 403
    town.sign_in(client, "chen")
    client.post(f"{own}/approve/")
    page = client.get(f"{own}/change/")
    assert "列入议程" in text(page)
    assert "请示2.pdf" in text(page)
    assert "请示.pdf" not in text(page)


def test_the_pack_goes_through_the_meeting_in_its_order(project: Any, town: Any, client: Client) -> None:
    red = project("严重滞后项目", lit="red", signed=date(2023, 4, 1))
    plan = facts.plan_year(red, 2023, 120_000_000, [10_000_000 * month for month in range(1, 13)])
    facts.approve_plan(plan, on=date(2023, 1, 10))
    facts.record(red, Progress.Channel.REPORTED, date(2023, 6, 30), amount=30_000_000)
    last, _ = opening.open_meeting(town.east, date(2023, 7, 3))
    Decision.objects.create(
        **{"meeting": last, "number": 1, "matter": "七日内完成搬迁", "lead": town.east_office, "project": red},
        **{"state": "issued", "issued_on": date(2023, 7, 4), "deadline": date(2023, 7, 7)},
    )
    Meeting.objects.filter(pk=last.pk).update(state=Meeting.State.ISSUED)
    project("新来的项目")
    meeting, _ = opening.open_meeting(town.east, MONDAY)
    Update.objects.filter(meeting=meeting, project=red).update(words="桩基完成", help_wanted="临时用电")
    topics.approve(topics.propose(meeting, title="用地指标", by=town.zhang), by=town.chen)
    page = text(town.sign_in(client, "chen").get(f"{LIST}{meeting.pk}/pack/"))
    said = [
        *("前次议定事项落实情况", "已下发（1 项）", "七日内完成搬迁", "高新经发局", "2023-07-07 逾期"),
        *("年度计划投资 1.2亿元", "完成率 25.0%", "时序进度 50.0%", "落后 25.0 个百分点"),
        *("比上次会议（2023-07-03）", "新增项目 1 个：新来的项目"),
        *("红灯项目（1 个）", "严重滞后项目落后时序", "签约未落地 100 天", "桩基完成", "临时用电"),
        *("其他项目（1 个）", "新来的项目", "提请会议研究的议题", "用地指标"),
    ]
    at = -1
    for sentence in said:
        at = page.find(sentence, at + 1)
        assert at >= 0, sentence


def test_pages_cost_no_more_for_more_projects(project: Any, town: Any, client: Client) -> None:
    town.sign_in(client, "chen")

    def counted(number: int) -> list[int]:
        for n in range(number):
            light(project(f"第{number}批{n}号项目"), "red")
        meeting = opening.open_meeting(town.east, date(2023, 7, 10 + number))[0]
        found = []
        for page in ("change/", "pack/"):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"{LIST}{meeting.pk}/{page}").status_code == 200
            found.append(len(asked))
        return found

    counted(1)
    assert counted(2) == counted(7)


def test_the_arrangement_is_the_offices_own(town: Any, client: Client) -> None:
    where = "/admin/projects_meetings/arrangement/add/"
    told = {"weekday": 1, "file_weekday": 4, "file_until": "18:00", "due_within": 14, "starts_at": "09:00"}
    town.sign_in(client, "chen")
    assert "选择一个有效的选项" in text(client.post(where, {**told, "zone": town.west.pk}))
    assert "小于或等于90" in text(client.post(where, {**told, "zone": town.east.pk, "due_within": 900}))
    assert client.post(where, {**told, "zone": town.east.pk}).status_code == 302
    assert Arrangement.objects.get().starts_at == time(9)
    town.sign_in(client, "zhang")
    assert client.get(where).status_code == 403


def test_the_next_meeting_stands_on_the_first_page(meeting: Meeting, town: Any, client: Client) -> None:
    opening.open_meeting(town.east, NEXT)
    Update.objects.update(words="开挖基坑")
    page = text(town.sign_in(client, "zhang").get("/admin/"))
    assert page.index("高新区2023年第1次周例会") < page.index("高新区2023年第2次周例会")
    assert "已填报 1 / 1 个项目" in page
    assert "我的周报" in page
    assert "第1次周例会" not in text(town.sign_in(client, "li").get("/admin/"))
