"""The page of a meeting and what it asks: who may see and write what, what is refused and how it is said."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.meetings import saving
from projects.meetings.models import Decision, Meeting, Saved
from projects.meetings.opening import make_agenda, open_meeting
from projects.models import Progress
from projects.tests import filling
from zones.models import Appointment, Department


def at(meeting, name="run"):
    return f"/admin/projects_meetings/meeting/{meeting.pk}/{name}/"


@pytest.fixture
def send(client, town, meeting):
    def sent(do, who="chen", key=None, **more):
        town.sign_in(client, who)
        body = {"do": do, "key": str(key or uuid4()), "user": getattr(town, who).pk, **more}
        return client.post(f"{at(meeting, 'run/save')}?after=0", json.dumps(body), content_type="application/json")

    return sent


def whole(page):
    return page.context["data"]


# ---- Who sees what ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["run", "run/changes", "run/choices"])
def test_a_meeting_of_another_zone_is_not_there(client, town, meeting, name):
    town.sign_in(client, "wang")
    assert client.get(at(meeting, name)).status_code == 404


def test_another_zones_save_is_not_there_either(send, row):
    assert send("fill", "wang", update=row.pk, told={"words": "别区的人"}).status_code == 404
    assert not Saved.objects.exists()


def test_a_leader_reads_everything_and_can_write_nothing(client, town, meeting, row, send):
    told = whole(town.sign_in(client, "gao").get(at(meeting)))
    assert len(told["rows"]) == 3
    assert not any(each["writable"] for each in told["rows"])
    assert send("fill", "gao", update=row.pk, told={"words": "领导写的"}).status_code == 403
    assert send("decide", "gao", told={"matter": "领导定的"}).status_code == 403


def test_a_liaison_writes_his_own_row_and_neither_another_nor_decisions(client, town, meeting, row, send):
    told = whole(town.sign_in(client, "zhang").get(at(meeting)))
    assert [each["id"] for each in told["rows"] if each["writable"]] == [row.pk]
    assert send("fill", "zhang", update=row.pk, told={"words": "主体封顶"}, base={}).status_code == 200
    other = meeting.updates.exclude(pk=row.pk).first()
    refused = send("fill", "zhang", update=other.pk, told={"words": "不是我的"})
    assert (refused.status_code, refused.json()["said"]) == (403, "这个项目不是您填报的，没有保存")
    assert send("close", "zhang").status_code == 403
    assert send("note", "zhang", told={"remarks": "讲话"}).status_code == 403


def test_what_is_not_issued_is_shown_only_to_those_who_work_on_it(client, town, meeting, send):
    send("decide", told={"matter": "供地"})
    send("note", told={"remarks": "抓紧供地", "place": "三楼会议室"}, base={"remarks": "", "place": ""})
    for who, works in (("chen", True), ("gao", True), ("zhang", False)):
        notes = whole(town.sign_in(client, who).get(at(meeting)))["meeting"]["notes"]
        assert (notes["remarks"], notes["place"]) == ("抓紧供地" if works else "", "三楼会议室")
    send("close")
    for who, works in (("chen", True), ("gao", True), ("zhang", False)):
        told = whole(town.sign_in(client, who).get(at(meeting)))
        assert bool(told["decisions"]) is works
        assert bool(told["meeting"]["minutes"]) is works
    assert not send("undo", "zhang").json()["decisions"]


def test_who_may_not_write_a_row_any_more_does_not_take_back_what_he_wrote_in_it(town, send, row):
    send("fill", "zhang", update=row.pk, told={"words": "主体封顶"}, base={})
    row.project.assignments.update(ends=date(2023, 7, 9))
    refused = send("undo", "zhang")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    row.refresh_from_db()
    assert row.words == "主体封顶"


def test_who_runs_the_meeting_no_more_does_not_take_back_what_it_decided(town, send):
    send("decide", told={"matter": "供地"})
    Appointment.objects.filter(user=town.chen).update(role="liaison")
    assert send("undo").status_code == 403
    assert Decision.objects.exists()


def test_the_page_costs_the_same_however_many_projects_there_are(client, town, meeting):
    town.sign_in(client, "chen")
    client.get(at(meeting))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(at(meeting))
    for _ in range(5):
        filling.full(town.east, user=town.zhang)
    make_agenda(meeting, by=town.chen)
    with CaptureQueriesContext(connection) as many:
        page = client.get(at(meeting))
    assert len(whole(page)["rows"]) == 8
    assert len(many) == len(few)


# ---- What a row shows ------------------------------------------------------------------------------------
def test_a_row_shows_what_was_promised_what_blocks_it_and_where_it_stands(client, town, meeting):
    made = filling.full(town.east, user=town.zhang)
    make_agenda(meeting, by=town.chen)
    (row,) = (
        each for each in whole(town.sign_in(client, "chen").get(at(meeting)))["rows"] if each["project"] == made.pk
    )
    assert row["money"]["plan"] == 120_000_000
    assert row["money"]["done"][4:6] == [40_000_000, 48_000_000]
    assert row["money"]["due"] == 60_000_000 + 10_000_000 * 10 // 31
    assert row["problems"][0]["title"] == "用地手续未办结0"
    assert row["problems"][0]["late"]
    assert [step["name"] for step in row["steps"]["done"]] == ["签约"]
    assert row["initials"].startswith("znzb")


# ---- Saving ----------------------------------------------------------------------------------------------
def test_a_good_field_is_kept_beside_a_bad_one(send, row):
    told = send("fill", update=row.pk, told={"words": "开始安装", "amount": "五千多"}, base={}).json()
    assert told["written"] == ["words"]
    assert "不是" in told["errors"]["amount"]
    assert told["row"]["values"]["words"] == "开始安装"
    assert not Progress.objects.filter(channel="weekly", amount__isnull=False).exists()


def test_what_is_pasted_too_long_is_answered_at_the_field(send, row):
    told = send("fill", update=row.pk, told={"words": "甲\t乙\r\n" * 5000, "next_step": "计划"}, base={}).json()
    assert told["errors"] == {
        "words": "本周进展不能超过 2000 字，现有 19999 字，没有保存。请删减后再保存，长材料请作为附件上传"
    }
    assert told["written"] == ["next_step"]


def test_a_decision_is_put_down_once_changed_and_dropped(send, town, row):
    key = uuid4()
    told = {"matter": "供地", "lead": town.east_office.pk, "helpers": [], "person": town.zhang.pk, "deadline": "7-20"}
    for _ in range(2):
        answer = send("decide", update=row.pk, key=key, told=told).json()
    (kept,) = answer["decisions"]
    assert (kept["number"], kept["lead"]["id"], kept["deadline"], kept["project"]) == (
        *(1, town.east_office.pk, "2023-07-20", row.project_id),
    )
    changed = send("revise", decision=kept["id"], version=kept["version"], told={**told, "matter": "月底前供地"})
    assert changed.json()["decisions"][0]["matter"] == "月底前供地"
    stale = send("revise", decision=kept["id"], version=kept["version"], told={**told, "matter": "又改"})
    assert (stale.status_code, stale.json()["code"]) == (422, "stale")
    assert send("drop", decision=kept["id"]).json()["decisions"] == []
    assert send("undo").json()["decisions"][0]["matter"] == "月底前供地"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"matter": " "}, "matter"),
        ({"matter": "供地", "deadline": "6-30"}, "deadline"),
        ({"matter": "供地", "deadline": "尽快"}, "deadline"),
    ],
)
def test_a_decision_that_cannot_be_says_why_at_its_field(send, told, field):
    answer = send("decide", told=told)
    assert answer.status_code == 422
    assert answer.json()["errors"][field]
    assert not Decision.objects.exists()


def test_a_unit_of_another_zone_cannot_be_named(send, town):
    far = Department.objects.get(pk=town.west_office.pk)
    answer = send("decide", told={"matter": "供地", "lead": far.pk})
    assert answer.json()["errors"] == {"lead": "没有这个牵头单位，请从列表中选一个"}


def test_the_meeting_is_started_written_in_and_ended_from_the_page(send, meeting, row):
    assert send("start").json()["state"] == "running"
    noted = send("note", told={"remarks": "抓紧落实"}, base={"remarks": ""}).json()
    assert noted["meeting"]["notes"]["remarks"] == "抓紧落实"
    conflict = send("note", told={"remarks": "另一稿"}, base={"remarks": ""}).json()["conflicts"]["remarks"]
    assert (conflict["theirs"], conflict["by"]) == ("抓紧落实", "陈项目办")
    ended = send("close").json()
    assert "抓紧落实" in ended["meeting"]["minutes"]["remarks"]
    assert not ended["meeting"]["going"]


def test_a_meeting_that_is_over_says_so_and_keeps_nothing(send, meeting, row):
    Meeting.objects.filter(pk=meeting.pk).update(state="closed")
    answer = send("fill", update=row.pk, told={"words": "晚了"}, base={})
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (422, "over", "closed")
    row.refresh_from_db()
    assert row.words == ""


def test_what_one_typed_is_not_signed_with_anothers_name(send, town, row):
    answer = send("fill", update=row.pk, told={"words": "陈写的"}, user=town.zhang.pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "other_user")
    assert not Saved.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", '{"do":"fill"}', "[" * 5000, '{"do":"x","key":"1","user":"\\ud800"}'])
def test_what_cannot_be_read_is_refused(client, town, meeting, body):
    town.sign_in(client, "chen")
    assert client.post(at(meeting, "run/save"), body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("do", ["undo", "drop"])
def test_a_number_that_is_of_another_save_does_nothing(send, town, meeting, row, do):
    decision = saving.decide(meeting, uuid4(), "供地", town.chen)
    other = open_meeting(town.east, meeting.held_on + timedelta(days=7), by=town.chen)[0]
    here, elsewhere = uuid4(), uuid4()
    for each, key in ((row, here), (other.updates.first(), elsewhere)):
        saving.fill(each, key, {"words": "封顶"}, {}, town.chen)
    for key in (here, elsewhere):
        answer = send(do, key=key, decision=decision.pk)
        assert (answer.status_code, answer.json()["said"]) == (422, "这次保存的编号已用于别处，请刷新页面后重试")
    assert Decision.objects.filter(pk=decision.pk).exists()
    row.refresh_from_db()
    assert row.words == "封顶"


def test_of_a_project_that_ended_meanwhile_only_decisions_are_taken(town, meeting, send, row):
    facts.terminate(row.project, on=meeting.held_on, reason="企业破产", by=town.chen)
    told = {"words": "封顶", "title": "缺电", "category": "utilities", "step": "started:"}
    for do in ("fill", "problem", "step"):
        answer = send(do, update=row.pk, told=told, base={})
        assert (answer.status_code, answer.json()["said"]) == (422, "该项目已终止，不能再填报，没有保存")
    assert not Saved.objects.exists()
    assert send("decide", update=row.pk, told={"matter": "收回土地"}).status_code == 200


# ---- What others wrote -----------------------------------------------------------------------------------
def test_changes_tell_the_rows_that_were_saved_since_and_nothing_else(client, town, meeting, row, send):
    start = whole(town.sign_in(client, "chen").get(at(meeting)))["at"]
    send("fill", "zhang", update=row.pk, told={"words": "张写的"}, base={})
    town.sign_in(client, "chen")
    told = client.get(at(meeting, "run/changes"), {"after": start, "state": "preparing"}).json()
    assert [(each["id"], each["values"]["words"], each["touched"]["by"]) for each in told["rows"]] == [
        (row.pk, "张写的", "张联络")
    ]
    later = client.get(at(meeting, "run/changes"), {"after": told["at"], "state": "preparing"}).json()
    assert "rows" not in later
    assert "decisions" not in later


def test_units_and_people_are_found_by_initials_of_long_and_short_names(client, town, meeting):
    told = town.sign_in(client, "chen").get(at(meeting, "run/choices")).json()
    (unit,) = told["units"]
    assert (unit["name"], unit["initials"]) == ("高新区经济发展局", "gxqjjfzj gxjfj")
    assert {"李联络"}.isdisjoint({each["short"] for each in told["people"]})
