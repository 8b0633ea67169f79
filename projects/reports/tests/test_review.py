"""What a person decides of a report: which project is meant, what is not taken over, how a doubt is settled."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError

from projects import facts
from projects.models import Project
from projects.reports import acceptance, notes, review
from projects.reports.models import Difference, Mention, Report
from projects.reports.tests import texts
from projects.reports.tests.helpers import accepted, dump, rounds, stored
from zones.models import Appointment, User

NAME = "青禾轴承产业园项目"
TEXT = f"总投资12亿元的{NAME}已经动工。"
NOT_OURS = ("zhang", "gao", "viewer", "chief")
STRANGERS = ("li", "wang", "system", "security", "audit")


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = "2023-07-10"


@pytest.fixture
def two(town: Any) -> list[Project]:
    """Two projects of one name: one of the zone, one of its park."""
    return [facts.create(name=NAME, zone=zone) for zone in (town.east, town.east_park)]


@pytest.fixture
def unclear(town: Any, two: list[Project]) -> Mention:
    """A mention that may mean either of them."""
    accepted(TEXT, town.east)
    return Mention.objects.get()


def decide(mention: Mention) -> str:
    return f"/admin/projects_reports/mention/{mention.pk}/decide/"


def settle(difference: Difference) -> str:
    return f"/admin/projects_reports/difference/{difference.pk}/settle/"


def report_page(report: Report) -> str:
    return f"/admin/projects_reports/report/{report.pk}/change/"


def keeper_of(zone: Any) -> User:
    user = User.objects.create(username="park", display_name="园区项目办", is_staff=True)
    Appointment.objects.create(user=user, zone=zone, role="coordinator", starts=date(2020, 1, 1))
    return user


# ---- which project ---------------------------------------------------------------------------------
def test_the_project_office_says_which_of_two_projects_is_meant(town, client, two, unclear):
    page = town.sign_in(client, "chen").get(decide(unclear)).content.decode()
    assert all(project.code in page for project in two)
    answer = client.post(decide(unclear), {"choice": two[1].pk}, follow=True)
    unclear.refresh_from_db()
    assert (unclear.state, unclear.project, unclear.decided_by, unclear.decided_on) == (
        Mention.State.ACCEPTED,
        two[1],
        town.chen,
        date(2023, 7, 10),
    )
    assert two[1].code in answer.content.decode()
    assert two[1].claims.filter(field="amount", recorded_by=town.chen).exists()
    assert not two[0].claims.exists()
    assert LogEntry.objects.filter(user=town.chen, object_id=str(unclear.pk)).exists()


def test_a_mention_can_be_a_new_project_beside_one_of_a_like_name(town, client):
    facts.create(name="青禾智能轴承项目", zone=town.east)
    mention = stored("总投资12亿元的青禾智能轴承制造项目已经动工。", town.east).mentions.get()
    town.sign_in(client, "chen")
    assert "青禾智能轴承项目" in client.get(decide(mention)).content.decode()
    client.post(decide(mention), {"choice": "new"})
    mention.refresh_from_db()
    assert mention.project is not None
    assert mention.project.name == "青禾智能轴承制造项目"
    assert mention.project.created_by == town.chen


def test_a_project_under_quite_another_name_is_found_by_its_code_and_learns_the_name(town, client):
    project = facts.create(name="精密传动研发基地", zone=town.east)
    mention = stored(TEXT, town.east).mentions.get()
    town.sign_in(client, "chen").post(decide(mention), {"choice": "other", "code": project.code.lower()})
    mention.refresh_from_db()
    assert mention.project == project
    assert list(project.aliases.values_list("name", flat=True)) == [NAME]
    assert accepted(f"{NAME}总投资3亿元。", town.east).matched == 1


def test_a_second_project_of_the_same_name_in_the_zone_is_refused_and_the_typed_text_kept(town, client, two, unclear):
    answer = town.sign_in(client, "chen").post(decide(unclear), {"choice": "new", "reason": "想了很久"})
    assert "已有同名项目" in answer.content.decode()
    assert "想了很久" in answer.content.decode()
    assert Project.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "请选择一项"),
        ({"choice": "refuse"}, "不采纳须写明原因"),
        ({"choice": "refuse", "reason": "  "}, "不采纳须写明原因"),
        ({"choice": "other"}, "请填写项目编号"),
        ({"choice": "other", "code": "ZZGX-9999"}, "没有这个编号的项目"),
    ],
)
def test_what_is_left_out_is_told_and_nothing_changes(town, client, unclear, typed, told):
    town.sign_in(client, "chen")
    before = dump()
    assert told in client.post(decide(unclear), typed).content.decode()
    assert dump() == before


def test_a_project_of_the_neighbours_can_be_chosen_by_no_way(town, client, unclear):
    foreign = facts.create(name=NAME, zone=town.west)
    town.sign_in(client, "chen")
    assert foreign.code not in client.get(decide(unclear)).content.decode()
    told = [
        client.post(decide(unclear), typed).content.decode()
        for typed in ({"choice": foreign.pk}, {"choice": "other", "code": foreign.code})
    ]
    assert not any(str(foreign.zone) in page for page in told)
    unclear.refresh_from_db()
    assert unclear.state == Mention.State.UNCLEAR


def test_a_keeper_of_the_park_is_not_offered_what_the_zone_above_keeps(town, client):
    above = facts.create(name=NAME, zone=town.east)
    keeper = keeper_of(town.east_park)
    report = stored(TEXT, town.east_park)
    acceptance.accept(report, by=keeper)
    mention = report.mentions.get()
    page = town.sign_in(client, keeper).get(decide(mention)).content.decode()
    assert above.code not in page
    assert (
        "没有这个编号的项目" in client.post(decide(mention), {"choice": "other", "code": above.code}).content.decode()
    )


# ---- not taken over --------------------------------------------------------------------------------
def test_what_is_refused_keeps_its_reason_and_is_never_taken_by_the_next_acceptance(town, client):
    report = stored(TEXT, town.east)
    mention = report.mentions.get()
    page = town.sign_in(client, "chen").post(decide(mention), {"choice": "refuse", "reason": "外区项目"}, follow=True)
    assert "不采纳原因：外区项目（陈项目办，2023-07-10）" in page.content.decode()
    assert not acceptance.accept(report).created
    assert not Project.objects.exists()


def test_what_was_refused_by_mistake_can_still_be_taken(town, client):
    mention = stored(TEXT, town.east).mentions.get()
    review.refuse(mention, reason="看错了")
    town.sign_in(client, "chen").post(decide(mention), {"choice": "new"})
    mention.refresh_from_db()
    assert (mention.state, mention.reason) == (Mention.State.ACCEPTED, "")


def test_the_second_click_is_told_and_changes_nothing(town, client, two, unclear):
    town.sign_in(client, "chen").post(decide(unclear), {"choice": two[0].pk})
    before = dump()
    again = client.post(decide(unclear), {"choice": two[1].pk}, follow=True)
    assert "已经采纳" in again.content.decode()
    assert dump() == before
    for late in (lambda: review.adopt(unclear, two[1]), lambda: review.refuse(unclear, reason="迟了")):
        with pytest.raises(ValidationError, match="已经采纳"):
            late()


# ---- who -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "answer"), [*((who, 403) for who in NOT_OURS), *((who, 404) for who in STRANGERS)])
def test_who_may_not_write_the_zone_decides_nothing(town, client, two, unclear, who, answer):
    difference = _difference(town)
    town.sign_in(client, who)
    for address, typed in ((decide(unclear), {"choice": two[0].pk}), (settle(difference), {"resolution": "好"})):
        assert client.get(address).status_code == answer
        assert client.post(address, typed).status_code == answer
    if answer == 403:
        assert decide(unclear) not in client.get(report_page(unclear.report)).content.decode()
    unclear.refresh_from_db()
    difference.refresh_from_db()
    assert (unclear.state, difference.open) == (Mention.State.UNCLEAR, True)


@pytest.mark.parametrize("what", ["mention", "difference"])
def test_a_row_that_is_not_there_answers_404(town, client, what):
    act = {"mention": "decide", "difference": "settle"}[what]
    address = f"/admin/projects_reports/{what}/987654/{act}/"
    assert town.sign_in(client, "chen").get(address).status_code == 404
    assert client.post(address).status_code == 404


def test_deciding_wants_the_token_of_the_form(town, two, unclear):
    from django.test import Client

    client = town.sign_in(Client(enforce_csrf_checks=True), "chen")
    assert client.post(decide(unclear), {"choice": two[0].pk}).status_code == 403


# ---- doubts ----------------------------------------------------------------------------------------
def _difference(town: Any) -> Difference:
    rounds(town.province)
    return stored(texts.ZONE, town.east).differences.get(open=True)


def test_a_doubt_is_settled_with_a_word_and_leaves_the_text_as_it_was(town, client):
    difference = _difference(town)
    before = difference.report.text
    town.sign_in(client, "chen")
    assert settle(difference) in client.get(report_page(difference.report)).content.decode()
    page = client.post(settle(difference), {"resolution": "原文漏列1个"}, follow=True).content.decode()
    assert "处理意见：原文漏列1个（陈项目办，2023-07-10）" in page
    difference.refresh_from_db()
    assert (difference.open, difference.resolved_by) == (False, town.chen)
    assert difference.report.text == before
    assert settle(difference) not in page


@pytest.mark.parametrize("typed", [{}, {"resolution": "  "}, {"resolution": "长" * 301}])
def test_a_doubt_is_not_settled_without_a_word(town, client, typed):
    difference = _difference(town)
    assert town.sign_in(client, "chen").post(settle(difference), typed).status_code == 200
    difference.refresh_from_db()
    assert difference.open


def test_settling_twice_keeps_the_first_word(town, client):
    difference = _difference(town)
    town.sign_in(client, "chen").post(settle(difference), {"resolution": "原文漏列1个"})
    again = client.post(settle(difference), {"resolution": "另一个说法"}, follow=True)
    assert "已经处理过" in again.content.decode()
    difference.refresh_from_db()
    assert difference.resolution == "原文漏列1个"
    with pytest.raises(ValidationError, match="已经处理过"):
        review.settle(difference, resolution="再来")


# ---- what is told, and to whom ---------------------------------------------------------------------
def test_names_of_projects_that_one_may_not_see_are_told_neither_at_once_nor_on_the_page(town, client):
    above = facts.create(name="青禾智能轴承项目", zone=town.east)
    keeper = keeper_of(town.east_park)
    report = stored("总投资12亿元的青禾智能轴承制造项目已经动工。", town.east_park)
    done = acceptance.accept(report, by=keeper)
    assert (done.created, done.notes) == (1, [])
    told = "名称相近"
    assert told not in town.sign_in(client, keeper).get(report_page(report)).content.decode()
    assert told in "".join(notes.told_to(town.chen, report.mentions.all()))
    assert above.name in "".join(notes.told_to(None, report.mentions.all()))


def test_more_notes_than_are_told_at_once_are_counted_and_all_found_on_the_page(town, client):
    places = re.findall("..", "青禾澄江南坡北岗东湖西岭海棠远航临溪长丰新桥白沙")
    names = "、".join(f"{place}轴承产业园项目" for place in places)
    report = stored(f"“开工一批”项目12个，分别为{names}（第九期开工项目）。", town.east)
    number = report.mentions.count()
    assert number == 12
    told = town.sign_in(client, "chen").post(f"/admin/projects_reports/report/{report.pk}/accept/", follow=True)
    assert f"另有 {number - 10} 条提醒" in told.content.decode()
    later = client.get(report_page(report))
    assert len(later.context["to_look_at"]) == number
    assert f"需要人工核对 {number} 条" in later.content.decode()


def test_a_name_taken_by_hand_meanwhile_is_told_and_leaves_nothing_half_done(town, client, monkeypatch):
    report = stored(TEXT, town.east)
    find = acceptance.Register.find

    def find_and_be_overtaken(self: Any, *told: Any) -> Any:
        found = find(self, *told)
        facts.create(name=NAME, zone=town.east)
        return found

    monkeypatch.setattr(acceptance.Register, "find", find_and_be_overtaken)
    page = town.sign_in(client, "chen").post(f"/admin/projects_reports/report/{report.pk}/accept/", follow=True)
    assert "已有同名项目" in page.content.decode()
    assert not Project.objects.exists()
    assert report.mentions.get().state == Mention.State.WAITING
