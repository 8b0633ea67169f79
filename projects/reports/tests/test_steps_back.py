"""Correcting, joining and taking back: what is written in the core follows, and nothing is lost or doubled."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from projects import claims, facts
from projects.models import Claim, Company, Entry, Milestone, MilestoneChange, Project, ProjectAlias
from projects.notices import inbox
from projects.reports import acceptance, provenance, review
from projects.reports.models import Mention, MentionEvent
from projects.reports.tests import texts
from projects.reports.tests.helpers import rounds, stored

State = Mention.State
NAME = "青禾轴承产业园项目"
TEXT = f"临溪高新区 2023年2月讯\n\n第三期“三个一批”开工项目{NAME}，总投资12亿元，由青禾轴承有限公司投资，已经动工。"
YI = 100_000_000


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = "2023-07-10"


@pytest.fixture
def mention(town: Any) -> Mention:
    rounds(town.province)
    return stored(TEXT, town.east).mentions.get()


def now(row: Any) -> Any:
    return type(row)._base_manager.get(pk=row.pk)


# ---- proposals -----------------------------------------------------------------------------------------
def test_what_is_proposed_says_why_and_whether_it_is_certain(town, mention):
    def proposed() -> tuple[str, bool, list[str]]:
        found = review.proposal(mention, review.register_for(mention.report, town.chen))
        return found.kind, found.certain, [one.why for one in found.candidates]

    assert proposed() == ("new", True, [])
    facts.create(name="青禾轴承产业园二区项目", zone=town.east)
    kind, certain, (why,) = proposed()
    assert (kind, certain) == ("same", False)
    assert why.startswith("相似")
    facts.create(name="青禾轴承产业园建设工程", zone=town.east)
    assert proposed()[:2] == ("same", True)
    mention.confidence = 60
    assert proposed()[:2] == ("same", False)


def test_one_press_takes_what_is_certain_and_one_undo_takes_all_of_it_back(town):
    rounds(town.province)
    known = facts.create(name="东湖总部基地及大数据中心二项目", zone=town.east)
    report = stored(texts.ZONE, town.east)
    report.mentions.update(confidence=95)
    report.mentions.filter(name__contains="泉口").update(confidence=50)
    done = review.accept_certain(report, by=town.chen)
    assert (done.created, done.matched) == (9, 0)
    assert sorted(report.mentions.filter(state=State.WAITING).values_list("confidence", flat=True)) == [50, 95]
    review.undo(report, by=town.chen)
    assert list(Project.objects.visible_to(town.chen)) == [known]
    assert not report.mentions.exclude(state=State.WAITING).exists()
    assert not Claim.objects.exists()
    assert not Entry.objects.exists()


# ---- undo ----------------------------------------------------------------------------------------------
def test_an_undone_project_is_gone_from_sight_and_its_code_is_not_given_again(town, mention):
    made, _ = review.adopt_as_new(mention, by=town.chen)
    assert (made.claims.count(), made.entries.count(), made.milestones.filter(done=True).count()) == (4, 1, 1)
    assert "撤销" in review.undo(mention.report, by=town.chen)
    assert now(mention).state == State.WAITING
    gone = now(made)
    assert (gone.withdrawn_by, gone.phase, gone.terminated_on) == (town.chen, "reserved", date(2023, 7, 10))
    for model in (Project, Claim, Entry, Milestone, MilestoneChange, ProjectAlias):
        assert not model.objects.visible_to(town.chen).exists(), model
    assert not Project.objects.open_on(date(2023, 7, 1)).exists()
    assert not Entry.objects.effective(date(2023, 7, 1)).exists()
    assert Claim._base_manager.filter(project=made).count() == 4, "nothing is deleted"
    again, done = review.adopt_as_new(mention, by=town.chen)
    assert (done.claims, done.entries, done.reached) == (4, 1, 1)
    assert again.code != made.code
    assert again.investment_high == 12 * YI


def test_what_a_known_project_was_before_it_is_again(town, mention):
    project = facts.create(name=NAME, zone=town.east)
    facts.reach(project, "started", None, known_on=date(2023, 1, 1))
    other = stored(f"总投资15亿元的{NAME}进展顺利，于2022年9月1日开工。", town.east)
    acceptance.accept(other, by=town.chen)
    review.accept(mention, by=town.chen)
    assert project.claims.filter(field="amount").count() == 2
    review.undo(other, by=town.chen)
    assert now(project).investment_high == 12 * YI, "the other report's word holds now"
    assert project.milestones.get().actual is None
    review.undo(mention.report, by=town.chen)
    assert (now(project).investment_high, now(project).company, now(project).withdrawn_at) == (None, None, None)
    assert project.milestones.get().done, "what was known before stays"


def test_what_another_report_says_as_well_stays_by_its_word(town, mention):
    project = facts.create(name=NAME, zone=town.east)
    review.accept(mention, by=town.chen)
    again = stored(f"{TEXT}\n以上为转载。", town.east)
    acceptance.accept(again, by=town.chen)
    assert project.entries.count() == 1
    review.undo(mention.report, by=town.chen)
    assert project.entries.get().source == again.source
    assert project.milestones.get().done
    review.undo(again, by=town.chen)
    assert not project.entries.exists()
    assert not project.milestones.exists()


@pytest.mark.parametrize("what", ["figure", "milestone", "choice", "file", "left"])
def test_nothing_is_taken_back_from_under_what_somebody_built_on_it(town, mention, what):
    project, _ = review.adopt_as_new(mention, by=town.chen)
    if what == "figure":
        facts.record(project, "reported", date(2023, 6, 30), amount=YI, by=town.zhang)
    elif what == "milestone":
        facts.reach(project, "started", date(2022, 9, 1), by=town.zhang)
    elif what == "choice":
        claims.choose(project.claims.get(field="amount"), by=town.zhang)
    elif what == "left":
        facts.leave(project.entries.get(), on=date(2023, 7, 1), reason="调整", by=town.zhang)
    else:
        Project.objects.filter(pk=project.pk).update(content="新建厂房")
    with pytest.raises(ValidationError, match="不能撤销") as refused:
        review.undo(mention.report, by=town.chen)
    assert what == "file" or str(town.zhang) in refused.value.messages[0]
    assert now(mention).state == State.ACCEPTED


def test_what_a_scan_told_people_of_a_project_keeps_nobody_from_taking_it_back(town, mention):
    project, _ = review.adopt_as_new(mention, by=town.chen)
    inbox.leave([inbox.Draft(town.chen.pk, "k", "red", "应开工未开工。", "/admin/", project.pk, town.east.pk)])
    assert inbox.unread_count(town.chen) == 1
    review.undo(mention.report, by=town.chen)
    assert now(project).withdrawn_by == town.chen
    assert inbox.unread_count(town.chen) == 0


def test_a_project_is_found_by_another_name_once_and_as_long_as_the_name_holds(town, mention):
    def found() -> list[Project]:
        return list(client.get("/admin/projects/project/", {"q": "青禾轴承"}).context["cl"].result_list)

    known, client = facts.create(name="东湖总部基地项目", zone=town.east), town.sign_in(Client(), "chen")
    review.adopt(mention, known, by=town.chen)
    other = claims.also_called(known, "青禾轴承二号地块")
    assert found() == [known]
    claims.not_called([other])
    review.undo(mention.report, by=town.chen)
    assert found() == []


def test_only_ones_own_last_step_is_taken_back(town, mention):
    review.refuse(mention, reason="外区", by=town.chen)
    with pytest.raises(ValidationError, match="没有可以撤销"):
        review.undo(mention.report, by=town.zhang)
    review.adopt_as_new(mention, by=None)
    with pytest.raises(ValidationError, match=r"此后有人对.*采纳"):
        review.undo(mention.report, by=town.chen)
    review.undo(mention.report, by=None)
    review.undo(mention.report, by=town.chen)
    assert (now(mention).state, now(mention).reason) == (State.WAITING, "")
    assert [step.what for step in MentionEvent.objects.order_by("pk")] == ["refused", "accepted", "undone", "undone"]


def test_what_another_did_is_taken_back_whole_or_in_part_by_whoever_is_told_of_it(town):
    rounds(town.province)
    report = stored(TWICE, town.east)
    acceptance.accept(report)
    first, second = MentionEvent.objects.order_by("pk")
    assert review.undo(report, by=town.chen, step=second) == f"已撤销系统对“{second.mention.name}”的“采纳”"
    assert [now(each).state for each in report.mentions.order_by("start")] == [State.ACCEPTED, State.WAITING]
    assert review.undo(report, by=town.chen, step=first, whole=True) == f"已撤销系统对“{first.mention.name}”的“采纳”"
    assert not Project.objects.visible_to(town.chen).exists()
    with pytest.raises(ValidationError, match="这一步已经撤销"):
        review.undo(report, by=town.chen, step=first)
    acceptance.accept(report)
    assert "共2条" in review.undo(report, by=town.chen, step=MentionEvent.objects.latest("pk"), whole=True)
    assert not report.mentions.exclude(state=State.WAITING).exists()


def test_what_was_written_on_a_project_of_the_office_above_is_taken_back_by_that_office(town, mention):
    above = facts.create(name=NAME, zone=town.city)
    review.adopt(mention, above)
    step = MentionEvent.objects.get()
    with pytest.raises(ValidationError, match="不归您维护"):
        review.undo(mention.report, by=town.chen, step=step)
    review.undo(mention.report, by=town.root, step=step)
    assert now(mention).state == State.WAITING


def test_a_merge_by_another_is_taken_back_while_nobody_built_on_it(town):
    report = stored(TWICE, town.east)
    into, other = report.mentions.order_by("start")
    review.join(other, into, by=None)
    step = MentionEvent.objects.get()
    review.adopt_as_new(now(into), by=town.chen)
    with pytest.raises(ValidationError, match="请先撤销那次采纳"):
        review.undo(report, by=town.chen, step=step)
    review.undo(report, by=town.chen)
    review.undo(report, by=town.chen, step=step)
    assert [now(each).state for each in (into, other)] == [State.WAITING, State.WAITING]


# ---- what only the step made ---------------------------------------------------------------------------
def test_a_company_and_a_milestone_that_only_the_step_made_go_with_it(town, mention):
    project = facts.create(name=NAME, zone=town.east)
    review.accept(mention, by=town.chen)
    assert (Company.objects.get().name, project.milestones.get().done) == ("青禾轴承有限公司", True)
    review.undo(mention.report, by=town.chen)
    assert not Company.objects.exists()
    assert not project.milestones.exists()
    review.accept(now(mention), by=town.chen)
    assert (now(project).company.name, project.milestones.get().done) == ("青禾轴承有限公司", True)


@pytest.mark.parametrize("used", ["before", "edited", "by another project", "by another report"])
def test_a_company_that_somebody_else_made_or_uses_stays(town, mention, used):
    if used == "before":
        Company.objects.create(name="青禾轴承有限公司", zone=town.east)
    project, _ = review.adopt_as_new(mention, by=town.chen)
    if used == "edited":
        now(project).company.save()
    elif used == "by another project":
        other = facts.create(name="北岗铸件项目", zone=town.east)
        Project.objects.filter(pk=other.pk).update(company=now(project).company)
    elif used == "by another report":
        text = "由青禾轴承有限公司投资的澄江储能电池项目已经动工，总投资3亿元。"
        acceptance.accept(stored(text, town.east), by=town.chen)
    review.undo(mention.report, by=town.chen)
    assert Company.objects.get().name == "青禾轴承有限公司"


def test_a_company_that_a_correction_or_another_reports_word_made_is_not_left_empty(town, mention):
    project = facts.create(name=NAME, zone=town.east)
    review.accept(mention, by=town.chen)
    other = stored(f"由北岗铸件有限公司投资的{NAME}，总投资15亿元，进展顺利。", town.east)
    acceptance.accept(other, by=town.chen)
    review.undo(mention.report, by=town.chen)
    assert now(project).company.name == "北岗铸件有限公司", "its word holds now"
    review.undo(other, by=town.chen)
    assert (now(project).company, Company.objects.count()) == (None, 0)


def test_two_mentions_that_tell_of_one_step_are_taken_back_together(town):
    text = f"{NAME}总投资12亿元，已经开工。\n\n澄江智能轴承基地项目于2022年9月1日开工，总投资3亿元。"
    report = stored(text, town.east)
    into, other = report.mentions.order_by("start")
    project = facts.create(name=NAME, zone=town.east)
    review.join(other, into, by=town.chen)
    review.adopt(now(into), project, by=town.chen)
    assert project.milestones.get().changes.count() == 2
    review.undo(report, by=town.chen)
    assert not project.milestones.exists()


# ---- corrections ---------------------------------------------------------------------------------------
def test_a_corrected_value_is_what_is_accepted_and_says_what_was_printed_and_who_changed_it(town, mention):
    told = {"amount": "1.2亿元", "status": "已投产", "company": "", "period": "第四期", "started": "2023年1月"}
    review.correct(mention, told, by=town.chen)
    project, _ = review.adopt_as_new(now(mention), by=town.chen)
    claim = project.claims.get(field="amount")
    assert (claim.high, project.investment_high) == (12 * YI // 10, 12 * YI // 10)
    assert claim.note == f"原文“12亿元”，由{town.chen}于2023-07-10更正为1.2亿元"
    assert mention.report.said(claim.start, claim.end) == "12亿元"
    assert project.entries.get().period.number == 4
    assert not project.claims.filter(field="company").exists()
    assert sorted(project.milestones.filter(done=True).values_list("kind", flat=True)) == ["produced", "started"]
    assert now(mention).stated["amount"]["value"]["high"] == 12 * YI, "what was read stays"
    review.undo(mention.report, by=town.chen)
    review.undo(mention.report, by=town.chen)
    assert (now(mention).corrected, now(mention).period, now(mention).status) == ({}, 3, "已开工")


def test_what_is_typed_wrong_is_told_by_field_and_nothing_is_kept(town, mention):
    told = {"amount": "十二", "started": "下雨天", "period": "零", "name": " ", "status": "好", "foreign": "3亿元"}
    with pytest.raises(ValidationError) as refused:
        review.correct(mention, {**told, "company": "别的有限公司"}, by=town.chen)
    assert set(refused.value.message_dict) == set(told)
    assert (now(mention).corrected, MentionEvent.objects.count()) == ({}, 0)


def test_the_same_as_read_takes_a_correction_back(town, mention):
    review.correct(mention, {"amount": "1.2亿元", "name": "青禾轴承二期项目"}, by=town.chen)
    assert (now(mention).name, now(mention).told["amount"]["value"]["high"]) == ("青禾轴承二期项目", 12 * YI // 10)
    review.correct(mention, {"amount": "12亿元", "name": NAME}, by=town.chen)
    assert (now(mention).corrected, now(mention).name) == ({}, NAME)


# ---- two that are one ----------------------------------------------------------------------------------
TWICE = f"总投资12亿元的{NAME}已经动工。\n\n总投资3亿元的澄江智能轴承基地项目年度计划投资1亿元，正在建设。"


@pytest.mark.parametrize("accepted_first", [True, False])
def test_what_two_mentions_say_is_said_of_one_project_until_they_are_parted(town, accepted_first):
    report = stored(TWICE, town.east)
    into, other = report.mentions.order_by("start")
    steps = [lambda: review.adopt_as_new(into, by=town.chen), lambda: review.join(now(other), now(into), by=town.chen)]
    for step in steps if accepted_first else reversed(steps):
        step()
    project = Project.objects.get()
    assert project.claims.get(field="annual_plan").start > into.end
    if accepted_first:
        MentionEvent.objects.filter(what="joined").update(by=town.zhang)
        with pytest.raises(ValidationError, match="并入"):
            review.undo(report, by=town.chen)
        MentionEvent.objects.filter(what="joined").update(by=town.chen)
    assert list(project.aliases.values_list("name", flat=True)) == [other.name]
    assert (now(other).state, now(other).project) == (State.JOINED, project)
    review.undo(report, by=town.chen)
    assert not Claim.objects.filter(field="annual_plan").exists()
    review.undo(report, by=town.chen)
    assert [now(each).state for each in (into, other)] == [State.WAITING, State.WAITING]
    assert not ProjectAlias.objects.exists()
    assert now(other).joined_to is None


def test_a_mention_is_joined_only_where_it_makes_sense(town, mention):
    other = stored(TWICE, town.east).mentions.first()
    for wrong in (mention, other):
        with pytest.raises(ValidationError, match="同一篇报道"):
            review.join(mention, wrong, by=town.chen)


# ---- where a value comes from --------------------------------------------------------------------------
def test_the_page_of_a_project_shows_the_words_of_every_value_and_who_put_another_in_their_place(
    town, client, mention, django_assert_max_num_queries
):
    review.correct(mention, {"amount": "1.2亿元"}, by=town.chen)
    project, _ = review.adopt_as_new(now(mention), by=town.chen)
    acceptance.accept(stored(f"总投资15亿元的{NAME}进展顺利。", town.east), by=town.chen)
    with django_assert_max_num_queries(8):
        found = provenance.words_of(project, town.chen)
    amount, other = (one for one in found if one.what == "总投资")
    assert (amount.value, amount.said, amount.chosen) == ("1.2亿元", "12亿元", True)
    assert amount.before.endswith("总投资")
    assert amount.after.startswith("，由青禾")
    assert amount.url.endswith(f"/review/#m{mention.pk}.amount")
    assert {one.url.rpartition(".")[2] for one in found} == {"amount", "name", "status", "company"}
    assert (other.value, other.chosen) == ("15亿元", False)
    page = town.sign_in(client, "chen").get(f"/admin/projects/project/{project.pk}/change/").content.decode()
    assert "<mark>12亿元</mark>" in page
    assert f"由{town.chen}于2023-07-10更正为1.2亿元" in page
    assert "最先登记，未另行选用" in page
    assert provenance.words_of(project, town.li) == []
