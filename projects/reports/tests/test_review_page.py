"""The page of the review, as it asks the server: who may, what is refused as stale, what it costs."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects import claims, facts
from projects.models import Project
from projects.reports import acceptance, rereading
from projects.reports.models import Mention, Report
from projects.reports.tests import texts
from projects.reports.tests.helpers import dump, rounds, stored
from zones.models import Appointment, User

KNOWN = "青禾轴承产业园项目"
PLAIN = {"currency": "CNY", "qualifier": ""}
TEXT = f"“开工一批”共3个项目，分别为总投资12亿元的{KNOWN}、云汀雷达基地项目、总投资3亿元的晨屿低温泵项目。"


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = "2023-07-10"


class Page:
    """The page of a report in one person's window, with what it was last told."""

    def __init__(self, town: Any, who: Any, report: Report) -> None:
        self.client = town.sign_in(Client(), who)
        self.user = (getattr(town, who) if isinstance(who, str) else who).pk
        self.url = f"/admin/projects_reports/report/{report.pk}/review/"
        self.opened = self.client.get(self.url)
        self.data = self.opened.context["data"] if self.opened.context and "data" in self.opened.context else {}

    def row(self, name: str) -> dict[str, Any]:
        return next(row for row in self.data["rows"] if row["name"] == name)

    def accept(self, row: dict[str, Any]) -> Any:
        proposal = row["proposal"]
        expected = {"kind": proposal["kind"], "project": (proposal["project"] or {}).get("id")}
        return self.give("accept", row, expected=expected)

    def give(self, do: str, row: dict[str, Any] | None = None, **told: Any) -> Any:
        about = {"pk": row["pk"], "seen": row["seen"]} if row else {}
        return self.send({"do": do, "user": self.user, **about, **told})

    def send(self, body: Any) -> Any:
        address = f"{self.url}save/?after={self.data.get('at', 0)}&shape={self.data.get('shape', '')}"
        return self.client.post(address, body if isinstance(body, str) else json.dumps(body), "application/json")


@pytest.fixture
def report(town: Any) -> Report:
    rounds(town.province)
    return stored(TEXT, town.east)


def test_a_long_report_costs_no_more_statements_than_a_short_one(town):
    names = [f"{a}{b}产线项目" for a in "青云松衡晨北南东" for b in ("禾轴承", "汀雷达", "麓滤膜", "岳阀芯", "栖电机")]
    facts.create(name=names[0], zone=town.east)
    costs = []
    for some in (names[:8], names):
        one = stored(f"“开工一批”共{len(some)}个项目，分别为{'、'.join(some)}。", town.east)
        with CaptureQueriesContext(connection) as caught:
            page = Page(town, "chen", one)
        assert len(page.data["rows"]) == len(some)
        costs.append(len(caught))
    assert costs[1] <= costs[0]


def test_every_place_that_the_page_marks_holds_what_it_says(town, report):
    page = Page(town, "chen", stored(f"\ufeff{texts.BUREAU}", town.east))
    for row in page.data["rows"]:
        words = {field: page.data["text"][start:end] for start, end, _, field in row["places"]}
        assert row["name"] in words["name"].replace("\n", "")
        assert all(value["printed"] in words[value["field"]].replace("\n", "") for value in row["values"])


@pytest.mark.parametrize("who", ["zhang", "gao", "viewer", "chief"])
def test_who_may_only_read_sees_it_all_and_decides_nothing(town, report, who):
    page = Page(town, who, report)
    before = dump()
    row = page.row(KNOWN)
    assert (page.data["report"]["writes"], row["can"], page.data["certain"]) == (False, [], 0)
    answer = page.accept(row)
    assert answer.status_code == 403
    assert "没有权限" in answer.json()["said"]
    after = dump()
    assert all(after[name] == rows for name, rows in before.items() if name != "zones.User")


@pytest.mark.parametrize("path", ["", "changes/", "search/?text=a", "save/"])
def test_a_report_of_the_neighbours_is_not_there(town, client, report, path):
    foreign, missing = (
        town.sign_in(client, "wang").get(f"/admin/projects_reports/report/{pk}/review/{path}")
        for pk in (report.pk, report.pk + 999)
    )
    assert foreign.status_code == missing.status_code == 404


def test_a_decision_sent_twice_is_carried_out_once(town, report):
    page = Page(town, "chen", report)
    row = page.row("晨屿低温泵项目")
    first, second = page.accept(row), page.accept(row)
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["code"] == "stale"
    assert second.json()["own"]
    assert Project.objects.count() == 1
    fresh = next(each for each in first.json()["rows"] if each["pk"] == row["pk"])
    assert fresh["state"] == "accepted"
    assert fresh["project"]["name"] == "晨屿低温泵项目"


def test_what_somebody_else_decided_meanwhile_is_told_and_stays(town, report):
    colleague = User.objects.create(username="lin", display_name="林主任", is_staff=True)
    Appointment.objects.create(user=colleague, zone=town.east, role="coordinator", starts=date(2020, 1, 1))
    mine, other = Page(town, "chen", report), Page(town, colleague, report)
    row = mine.row(KNOWN)
    assert other.give("refuse", other.row(KNOWN), reason="不是投资项目").status_code == 200
    answer = mine.accept(row)
    assert answer.status_code == 409
    assert "林主任" in answer.json()["said"]
    assert "没有再改" in answer.json()["said"]
    assert [each["state"] for each in answer.json()["rows"]] == ["refused"]
    assert not Project.objects.exists()


def test_a_proposal_that_has_changed_meanwhile_is_shown_before_it_is_carried_out(town, report):
    page = Page(town, "chen", report)
    row = page.row(KNOWN)
    known = facts.create(name=KNOWN, zone=town.east)
    answer = page.accept(row)
    assert answer.status_code == 409
    assert "的建议刚才变了" in answer.json()["said"]
    assert Mention.objects.get(pk=row["pk"]).state == Mention.State.WAITING
    fresh = Page(town, "chen", report)
    assert fresh.row(KNOWN)["proposal"]["project"]["id"] == known.pk
    assert fresh.accept(fresh.row(KNOWN)).status_code == 200


def test_an_undo_that_is_sent_twice_takes_back_one_step(town, report):
    page = Page(town, "chen", report)
    for name in (KNOWN, "云汀雷达基地项目"):
        last = page.accept(page.row(name)).json()["last"]
    answers = [page.give("undo", event=last["event"]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert sorted(report.mentions.values_list("state", flat=True)) == ["accepted", "waiting", "waiting"]


def test_what_the_system_accepted_is_offered_to_be_taken_back_and_a_reader_is_offered_nothing(town, report):
    acceptance.accept(report)
    page = Page(town, "chen", report)
    last = page.data["last"]
    assert (last["own"], last["by"], last["with"], last["can"]) == (False, "系统", 3, ["undo"])
    step = page.row(KNOWN)["events"][-1]
    told = page.give("undo", event=step["event"], alone=True).json()
    assert told["said"] == f"已撤销系统对“{KNOWN}”的“采纳”"
    assert [row["state"] for row in told["rows"]] == ["waiting"]
    assert page.give("undo", event=step["event"], alone=True).json()["own"]
    assert page.give("undo", event=last["event"]).status_code == 200
    assert not Project.objects.visible_to(town.chen).exists()
    reader = Page(town, "viewer", report)
    assert reader.data["last"] is None
    assert not any(each["can"] for each in reader.data["events"])
    assert reader.give("undo", event=last["event"]).status_code == 403


def test_a_step_on_another_report_is_not_taken_back_from_here(town, report):
    other = stored(f"总投资5亿元的{KNOWN}已经动工。", town.west)
    acceptance.accept(other)
    step = other.mentions.get().events.get()
    assert Page(town, "chen", report).give("undo", event=step.pk).status_code == 409
    assert other.mentions.get().state == "accepted"


def test_a_correction_is_refused_at_its_field_and_writes_nothing(town, report):
    page = Page(town, "chen", report)
    row = page.row(KNOWN)
    answer = page.give("correct", row, told={"amount": "很多钱", "period": "9"})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["amount"]
    assert Mention.objects.get(pk=row["pk"]).corrected == {}
    fresh = page.give("correct", row, told={"amount": "15亿元"}).json()["rows"][0]
    value = next(value for value in fresh["values"] if value["field"] == "amount")
    assert (value["words"], fresh["fields"]["amount"]) == ("15亿元", "15亿元")
    assert "原文“12亿元”" in value["corrected"]


def test_all_certain_ones_are_accepted_at_once_and_one_undo_takes_them_back(town, report):
    page = Page(town, "chen", report)
    told = page.give("certain").json()
    assert (len(told["rows"]), told["counts"], told["certain"]) == (3, {"done": 3, "all": 3}, 0)
    assert "没有剩下的" in told["said"]
    assert page.give("undo", event=told["last"]["event"]).status_code == 200
    assert set(report.mentions.values_list("state", flat=True)) == {"waiting"}


def test_what_is_read_otherwise_now_is_proposed_for_what_was_decided_and_can_be_taken(town, report):
    page = Page(town, "chen", report)
    page.accept(page.row(KNOWN))
    accepted = Mention.objects.get(name=KNOWN)
    older = accepted.stated | {"amount": {**accepted.stated["amount"], "value": {**PLAIN, "low": 10, "high": 10}}}
    Mention.objects.filter(pk=accepted.pk).update(stated=older)
    rereading.reread(report)
    row = Page(town, "chen", report).row(KNOWN)
    assert (row["can"], row["again"]["takes"]) == (["reread"], True)
    assert "→ 12亿元" in "；".join(row["again"]["lines"])
    fresh = page.give("take", Page(town, "chen", report).row(KNOWN)).json()["rows"]
    assert next(each for each in fresh if each["name"] == KNOWN)["again"] is None


def test_a_total_is_answered_on_the_page_and_without_scripts(town, client, report):
    page = Page(town, "chen", report)
    (total,) = page.data["totals"]
    assert (total["open"], total["table"][0]["cells"][:2]) == (True, ["3个", "3个"])
    answered = page.give("answer", total, text="名单还没有录入").json()
    assert [(each["open"], each["answer"]) for each in answered["totals"]] == [(False, "名单还没有录入")]
    plain = f"/admin/projects_reports/figure/{total['pk']}/answer/"
    assert "名单还没有录入" in page.client.get(plain).content.decode()
    told = page.client.post(plain, {"text": "已经补录"}, follow=True).content.decode()
    assert "核对说明：已经补录" in told
    assert town.sign_in(client, "viewer").get(plain).status_code == 403
    assert town.sign_in(client, "wang").get(plain).status_code == 404


def test_who_answers_a_total_that_another_answered_meanwhile_is_told_and_overwrites_nothing(town, report):
    mine, other = Page(town, "chen", report), Page(town, "root", report)
    other.give("answer", other.data["totals"][0], text="名单还没有录入")
    refused = mine.give("answer", mine.data["totals"][0], text="漏列1个")
    assert (refused.status_code, refused.json()["code"], refused.json()["own"]) == (409, "stale", False)
    (total,) = refused.json()["totals"]
    assert total["answer"] == "名单还没有录入"
    assert mine.give("answer", total, text="漏列1个").status_code == 200
    other.data |= refused.json()
    seen = other.client.get(f"{other.url}changes/", {"after": other.data["at"], "shape": other.data["shape"]}).json()
    assert [each["answer"] for each in seen["totals"]] == ["漏列1个"]


def test_projects_are_found_by_name_code_initials_and_other_names_among_those_one_may_write(town, report):
    known = facts.create(name=KNOWN, zone=town.east)
    claims.also_called(known, "青禾园")
    facts.create(name="青禾轴承西岭项目", zone=town.west)
    page = Page(town, "chen", report)
    for text in ("轴承", known.code.lower(), "qhzc", "青禾园"):
        found = page.client.get(f"{page.url}search/", {"text": text}).json()["projects"]
        assert [each["id"] for each in found] == [known.pk], text


@pytest.mark.parametrize("body", ["[]", "{", "null", '{"do": "accept"}', '{"do": [], "user": 1}', "[" * 9000])
def test_what_is_no_command_is_refused_in_a_sentence(town, report, body):
    answer = Page(town, "chen", report).send(body)
    assert answer.status_code in (400, 409)
    assert answer.json()["said"]
    assert not Project.objects.exists()
