"""Accepting: what a careful clerk would enter from a report, and what he would leave alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.models import Claim, Entry, Milestone, Phase, Project, ProjectAlias
from projects.reports import acceptance
from projects.reports.models import Mention
from projects.reports.tests import texts
from projects.reports.tests.helpers import accepted, dump, rounds, stored

MOST_STATEMENTS = 36  # for a mention more that is a new project, in one list of a known round
DATED = "临溪高新区 2023年2月讯\n\n"


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = "2023-07-10"


def entries(project: Project) -> list[tuple[str, int | None]]:
    return [(e.batch, e.period.number if e.period else None) for e in project.entries.order_by("pk")]


def the(name: str) -> Project:
    return Project.objects.get(name__contains=name)


def done(project: Project) -> list[str]:
    return sorted(project.milestones.filter(done=True).values_list("kind", flat=True))


# ---- lists -----------------------------------------------------------------------------------------
def test_a_list_makes_a_project_and_an_entry_of_every_item(town):
    rounds(town.province)
    made = accepted(texts.ZONE, town.east)
    assert (made.created, made.matched, made.unclear) == (11, 0, 0)
    assert Entry.objects.filter(batch="start").count() == 6
    assert Entry.objects.filter(batch="produce").count() == 2
    assert entries(the("储能")) == [("sign", None)]
    assert entries(the("东湖")) == [("start", 3)]


def test_signed_and_started_in_one_round_is_two_entries(town):
    rounds(town.province)
    accepted(texts.ZONE, town.east)
    assert entries(the("澄江机械")) == [("sign", 8), ("start", 8)]


def test_an_entry_keeps_the_printed_role_its_source_and_its_place(town):
    rounds(town.province)
    report = stored(texts.ZONE, town.east)
    acceptance.accept(report)
    entry = the("东湖").entries.get()
    assert entry.role_text == "第三期开工项目"
    assert entry.source == report.source
    assert report.text[entry.start : entry.end] == the("东湖").name


def test_being_listed_makes_no_milestone_and_moves_no_phase(town):
    rounds(town.province)
    accepted(texts.ZONE, town.east)
    listed = the("东湖")
    assert listed.phase == Phase.RESERVED
    assert not Milestone.objects.exclude(project=the("北岗检测")).exists()


@pytest.mark.parametrize("head", ["“开工一批”项目2个，分别为", "集中开工项目2个，分别为", "已开工的项目有2个，分别为"])
def test_the_head_of_a_list_starts_nothing(town, head):
    accepted(f"全省第九期“三个一批”活动举行。{head}青禾轴承产业园项目、澄江储能电池项目。", town.east)
    assert Project.objects.count() == 2
    assert not Milestone.objects.exists()


def test_a_round_that_is_not_known_leaves_the_entry_without_one_and_says_so(town):
    rounds(town.province)
    text = "“开工一批”项目2个，分别为青禾轴承产业园项目、澄江储能电池项目（第九十期开工项目）。"
    made = accepted(text, town.east)
    entry = the("青禾").entries.get()
    assert (entry.period, entry.role_text) == (None, "第九十期开工项目")
    assert any("第90期" in note and "青禾" in note for note in made.notes)


def test_a_listing_without_a_round_adds_nothing_to_one_that_has_it(town):
    rounds(town.province)
    project = facts.create(name="青禾轴承产业园项目", zone=town.east)
    facts.enter(project, "start", project.zone and _period(4))
    accepted("“开工一批”项目2个，分别为青禾轴承产业园项目、澄江储能电池项目。", town.east)
    assert entries(project) == [("start", 4)]


def _period(number: int) -> Any:
    from projects.models import Period

    return Period.objects.get(number=number)


def test_a_project_of_two_lists_is_one_project_with_two_entries(town):
    text = (
        "“签约一批”项目2个，分别为青禾轴承产业园项目、南坡光学镜片项目。"
        "“开工一批”项目2个，分别为青禾轴承产业园项目、澄江储能电池项目。"
    )
    made = accepted(text, town.east)
    assert (made.created, made.matched) == (3, 1)
    assert entries(the("青禾")) == [("sign", None), ("start", None)]


def test_a_step_outside_the_activity_is_no_entry(town):
    accepted("其中投资8亿元的青禾轴承产业园项目已经开工建设。", town.east)
    assert not Entry.objects.exists()
    assert done(the("青禾")) == ["started"]


# ---- steps -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "kind", "phase"),
    [
        ("已签约", "signed", Phase.SIGNED),
        ("已经开工", "started", Phase.STARTED),
        ("正在建设", "started", Phase.STARTED),
        ("主体封顶", "topped_out", Phase.STARTED),
        ("已竣工", "completed", Phase.STARTED),
        ("正在试生产", "trial", Phase.STARTED),
        ("已投产", "produced", Phase.PRODUCED),
        ("已达效", "at_capacity", Phase.AT_CAPACITY),
    ],
)
def test_what_the_items_own_words_state_is_done_on_an_unknown_day(town, words, kind, phase):
    accepted(f"{DATED}总投资12亿元的青禾轴承产业园项目{words}。", town.east)
    milestone = the("青禾").milestones.get()
    assert (milestone.kind, milestone.done, milestone.actual) == (kind, True, None)
    assert milestone.known_on == date(2023, 2, 28)
    assert the("青禾").phase == phase


@pytest.mark.parametrize(
    "words", ["尚未开工", "计划3月开工", "即将投产", "力争年内签约", "正在办理前期手续", "目前停工"]
)
def test_what_is_planned_stopped_or_not_yet_done_is_no_step(town, words):
    accepted(f"{DATED}总投资12亿元的青禾轴承产业园项目{words}。", town.east)
    assert the("青禾").phase == Phase.RESERVED
    assert not Milestone.objects.filter(done=True).exists()


def test_a_day_that_the_report_gives_is_the_day(town):
    accepted(f"{DATED}总投资12亿元的青禾轴承产业园项目于2023年1月18日正式开工。", town.east)
    milestone = the("青禾").milestones.get()
    assert (milestone.kind, milestone.actual_first, milestone.actual_last) == (
        "started",
        date(2023, 1, 18),
        date(2023, 1, 18),
    )


def test_one_building_topped_out_only_shows_that_the_project_was_started(town):
    rounds(town.province)
    accepted(texts.ZONE, town.east)
    project = the("北岗检测")
    assert done(project) == ["started"]
    assert project.milestones.get(kind="started").actual is None
    assert project.claims.get(field="topped-out").first == date(2023, 1, 18)


def test_a_known_day_is_not_given_up_for_an_unknown_one(town):
    project = facts.create(name="青禾轴承产业园项目", zone=town.east)
    facts.reach(project, "started", date(2022, 9, 1))
    accepted(f"{DATED}总投资12亿元的青禾轴承产业园项目已经开工。", town.east)
    assert project.milestones.get().actual_last == date(2022, 9, 1)


def test_a_day_told_for_a_step_that_is_done_on_an_unknown_day_is_taken(town):
    accepted("总投资12亿元的青禾轴承产业园项目已经开工。", town.east)
    accepted(f"{DATED}总投资12亿元的青禾轴承产业园项目于2023年1月18日正式开工。", town.east)
    assert the("青禾").milestones.get().actual_last == date(2023, 1, 18)


def test_a_report_dated_after_today_moves_no_milestone(town):
    made = accepted("某区 2023年12月讯\n总投资12亿元的青禾轴承产业园项目已经开工。", town.east)
    assert not Milestone.objects.exists()
    assert any("晚于今天" in note for note in made.notes)


def test_a_report_without_a_date_is_known_since_today(town):
    accepted("总投资12亿元的青禾轴承产业园项目已经开工。", town.east)
    assert the("青禾").milestones.get().known_on == date(2023, 7, 10)


def test_a_step_carries_its_source_and_the_words(town):
    report = stored(f"{DATED}总投资12亿元的青禾轴承产业园项目已经开工。", town.east)
    acceptance.accept(report)
    change = the("青禾").milestones.get().changes.get()
    assert change.source == report.source
    assert "开工" in change.reason


# ---- claims ----------------------------------------------------------------------------------------
def test_every_claim_points_at_the_words_it_was_read_from(town):
    rounds(town.province)
    report = stored(texts.ZONE, town.east)
    acceptance.accept(report)
    claims = Claim.objects.filter(source=report.source)
    assert claims.filter(field="name").count() == 11
    for claim in claims:
        printed = "".join(report.text[claim.start : claim.end].split())
        if claim.field in ("name", "company"):
            assert printed == claim.text
        else:
            assert printed


def test_yuan_and_foreign_money_are_two_claims_and_never_one_sum(town):
    accepted("澄江储能电池项目总投资5亿元，另有3000万美元，已经开工。", town.east)
    project = the("澄江")
    assert (project.investment_high, project.foreign_high, project.foreign_currency) == (
        500_000_000,
        30_000_000,
        "USD",
    )


def test_foreign_money_alone_is_not_yuan(town):
    accepted("总投资8000万美元的澄江储能电池项目已经开工。", town.east)
    project = the("澄江")
    assert (project.investment_high, project.foreign_high) == (None, 80_000_000)


def test_planned_and_actual_days_are_claims_of_their_certainty(town):
    accepted("总投资12亿元的青禾轴承产业园项目已经动工，预计2025年10月竣工。", town.east)
    assert the("青禾").claims.filter(field="completion", certainty="planned").exists()
    assert not the("青禾").claims.filter(field="completed").exists()


def test_a_second_report_that_says_something_else_is_kept_beside_the_first(town):
    accepted("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    accepted("投资15亿元的青禾轴承产业园项目进展顺利。", town.east)
    amounts = the("青禾").claims.filter(field="amount")
    assert [(c.high, c.chosen) for c in amounts.order_by("pk")] == [(1_200_000_000, True), (1_500_000_000, False)]
    assert the("青禾").investment_high == 1_200_000_000


# ---- which project ---------------------------------------------------------------------------------
def test_a_second_report_of_the_same_project_makes_no_second_project(town):
    accepted("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    made = accepted("投资12亿元的青禾·轴承产业园项目进展顺利。", town.east)
    assert (made.created, made.matched) == (0, 1)


def test_other_names_become_aliases_and_are_recognised(town):
    rounds(town.province)
    accepted(texts.ZONE, town.east)
    project = the("北岗检测")
    assert list(project.aliases.values_list("name", flat=True)) == ["北岗检测产业园"]
    made = accepted("北岗检测产业园总投资3亿元。", town.east)
    assert (made.created, made.matched) == (0, 1)


def test_an_alias_never_is_the_name_of_another_project(town):
    rounds(town.province)
    facts.create(name="北岗检测产业园", zone=town.east)
    made = accepted(texts.ZONE, town.east)
    assert made.created == 11
    assert any("北岗检测产业园" in note for note in made.notes)
    assert not ProjectAlias.objects.exists()


def test_a_name_that_two_projects_bear_is_left_for_a_person(town):
    for zone in (town.east, town.east_park):
        facts.create(name="青禾轴承产业园项目", zone=zone)
    made = accepted("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    assert (made.unclear, made.created, made.claims) == (1, 0, 0)
    assert Mention.objects.get().state == Mention.State.UNCLEAR
    assert "不止一个" in made.notes[0]


def test_what_was_unclear_is_taken_once_it_is_clear(town):
    first, second = (facts.create(name="青禾轴承产业园项目", zone=zone) for zone in (town.east, town.east_park))
    report = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    acceptance.accept(report)
    second.name = "青禾电机项目"
    second.save()
    assert acceptance.accept(report).matched == 1
    assert Mention.objects.get().project == first


def test_a_name_that_is_only_alike_is_left_for_a_person_who_is_told_the_other(town):
    facts.create(name="青禾智能轴承项目", zone=town.east)
    made = accepted("总投资12亿元的青禾智能轴承制造项目已经动工。", town.east)
    assert (made.created, made.matched, made.unclear) == (0, 0, 1)
    assert "青禾智能轴承项目" in made.notes[0]


def test_names_that_one_report_prints_apart_are_two_projects_however_alike(town):
    made = accepted("“开工一批”项目2个，分别为豫北粮油精深加工项目、豫南粮油精深加工项目。", town.east)
    assert (made.created, made.unclear) == (2, 0)
    assert "名称相近" in made.notes[0]


def test_a_project_of_the_neighbour_is_not_ours(town):
    facts.create(name="青禾轴承产业园项目", zone=town.west)
    made = accepted("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    assert made.created == 1


def test_a_project_that_a_person_may_not_write_is_left_and_not_doubled(town):
    project = facts.create(name="青禾轴承产业园项目", zone=town.east)
    report = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east_park)
    from zones.models import Appointment, User

    keeper = User.objects.create(username="park", display_name="园区项目办")
    Appointment.objects.create(user=keeper, zone=town.east_park, role="coordinator", starts=date(2020, 1, 1))
    made = acceptance.accept(report, by=keeper)
    assert (made.unclear, made.created) == (1, 0)
    assert not project.claims.exists()


def test_a_project_printed_with_a_park_of_the_zone_belongs_to_the_park(town):
    accepted("电子电器园2个——\n1.青禾轴承产业园项目，总投资2亿元。\n2.澄江储能电池项目，总投资3亿元。\n", town.east)
    assert {p.zone for p in Project.objects.all()} == {town.east_park}


def test_a_mention_more_costs_few_statements(town):
    costs = []
    rounds(town.province)
    for places in ("青禾 澄江", "南坡 北岗 东湖 西岭 海棠 远航"):
        listed = "、".join(f"{place}轴承产业园项目" for place in places.split())
        report = stored(f"“开工一批”项目{len(places.split())}个，分别为{listed}（第三期开工项目）。", town.east)
        with CaptureQueriesContext(connection) as caught:
            assert acceptance.accept(report).entries == len(places.split())
        costs.append(len(caught))
    assert (costs[1] - costs[0]) / 4 <= MOST_STATEMENTS


# ---- again -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", [texts.ZONE, texts.BUREAU, texts.CEREMONY])
def test_accepting_twice_changes_no_row(town, text):
    rounds(town.province)
    first = accepted(text, town.east)
    before = dump()
    again = accepted(text, town.east)
    assert first.created
    assert dump() == before
    assert again.sentence == "此前已采纳，没有变化"


def test_the_same_text_in_another_zone_is_another_report(town):
    one, other = (stored(texts.BUREAU, zone) for zone in (town.east, town.west))
    assert one.pk != other.pk
