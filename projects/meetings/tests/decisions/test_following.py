"""From 已下发 to 已销号: who may take which step, who is told, what is refused."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from projects.files import reading
from projects.meetings import following, selecting
from projects.meetings.models import Attachment, Decision, DecisionEvent
from projects.notices import inbox
from projects.notices.models import Notice
from zones.models import Appointment
from zones.models.versioned import StaleVersion

pytestmark = pytest.mark.django_db
State = Decision.State
FRIDAY = date(2023, 7, 14)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def told():
    """Who was told what."""
    return {(notice.user.username, notice.sentence.partition("：")[2]) for notice in Notice.objects.all()}


def steps(decision):
    return list(decision.events.order_by("pk").values_list("what", flat=True))


def refusal(call, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return "；".join(error.value.messages)


def test_a_matter_goes_from_receipt_to_closing_with_its_evidence(town, decided):
    decision = decided()
    following.receive(decision, by=town.zhang)
    following.report(decision, "已与供水公司现场踏勘", by=town.zhang, files=[("踏勘.pdf", b"%PDF-1.4\n%%EOF")])
    asked = following.ask_closing(decision, "管线已迁改，供水公司已验收", by=town.zhang)
    assert (asked.state, told()) == (
        State.CLOSING_ASKED,
        {("chen", f"{town.zhang}申请销号，管线已迁改，供水公司已验收")},
    )
    done = following.agree(decision, by=town.chen, note="现场核实无误")
    assert (done.state, done.done_on, done.result) == (State.DONE, date(2023, 7, 10), "管线已迁改，供水公司已验收")
    assert steps(decision) == ["issued", "received", "reported", "closing", "closed"]
    assert Attachment.objects.get().step.what == "reported"
    assert ("zhang", f"{town.chen}同意销号，现场核实无误") in told()


def test_an_agreed_extension_moves_the_deadline_and_leaves_the_first_promise(town, decided):
    decision = decided()
    later = date(2023, 7, 28)
    asked = following.ask_extension(decision, later, reason="等待停水批复", by=town.zhang)
    assert (asked.state, asked.deadline, asked.asked_deadline) == (State.EXTENSION_ASKED, FRIDAY, later)
    assert told() == {("gao", f"{town.zhang}申请延期至2023-07-28，等待停水批复")}
    moved = following.agree(decision, by=town.gao)
    assert (moved.state, moved.deadline, moved.promised, moved.asked_deadline) == (State.WORKING, later, FRIDAY, None)
    back = following.refuse(
        following.ask_extension(decision, date(2023, 8, 28), reason="还要等", by=town.zhang),
        reason="不能再拖",
        by=town.gao,
    )
    assert (back.state, back.deadline, back.asked_deadline) == (State.WORKING, later, None)


def test_what_is_done_may_be_asked_to_be_closed_while_more_time_is_asked_for(town, decided):
    decision = decided()
    following.ask_extension(decision, date(2023, 7, 28), reason="等待批复", by=town.zhang)
    asked = following.ask_closing(decision, "批复提前下达，已完成", by=town.zhang)
    assert (asked.state, asked.asked_deadline) == (State.CLOSING_ASKED, None)
    assert following.agree(decision, by=town.chen).deadline == FRIDAY


def test_nobody_agrees_to_his_own_and_only_leaders_to_more_time(town, decided):
    decision = following.ask_extension(decided(), date(2023, 7, 28), reason="等待批复", by=town.chen)
    may = {
        name: following.may_agree(getattr(town, name), decision) for name in ("zhang", "chen", "gao", "viewer", "wang")
    }
    assert may == {"zhang": False, "chen": False, "gao": True, "viewer": False, "wang": False}
    assert "不能审批本人的申请" in refusal(following.agree, decision, by=town.chen)
    following.refuse(decision, reason="先办", by=town.gao)
    closing = following.ask_closing(decision, "已完成", by=town.chen)
    assert not following.may_agree(town.chen, closing)
    assert following.may_agree(town.gao, closing)
    rows = Decision.objects.visible_to(town.gao)
    assert list(selecting.to_agree(rows, town.gao)) == [closing]
    assert not selecting.to_agree(rows, town.chen).exists()


def test_it_is_for_the_person_and_the_leading_unit_to_do(town, decided):
    decision = decided(person=None)
    cast = ("zhang", "chen", "gao", "viewer", "li")
    assert [name for name in cast if following.stands_for(getattr(town, name), decision)] == ["zhang"]
    assert [name for name in cast if following.may_answer(getattr(town, name), decision)] == ["zhang", "chen"]
    alone = decided("查清产权", lead=None, person=town.gao)
    assert [following.stands_for(each, alone) for each in (town.gao, town.zhang)] == [True, False]
    assert [following.may_answer(each, alone) for each in (town.gao, town.chen, town.zhang)] == [True, True, False]
    Appointment.objects.filter(user=town.gao).update(ends=date(2023, 7, 9))
    gone = type(town.gao).objects.get(pk=town.gao.pk)
    assert not following.stands_for(gone, alone)


def test_the_same_step_twice_is_one(town, decided):
    decision = decided()
    for _ in range(2):
        following.receive(decision, by=town.zhang)
    for _ in range(2):
        following.report(decision, "已踏勘", by=town.zhang, files=[("踏勘.pdf", b"%PDF-1.4\n%%EOF")])
    for _ in range(2):
        following.urge(decision, by=town.chen)
    assert steps(decision) == ["issued", "received", "reported", "urged"]
    assert "今天已催办" in refusal(following.urge, decision, by=town.gao)
    for _ in range(2):
        following.ask_extension(decision, date(2023, 7, 28), reason="等待批复", by=town.zhang)
    assert steps(decision)[-1:] == ["extension"]
    assert Notice.objects.filter(user=town.gao).count() == 1


def test_urging_tells_those_who_have_to_do_it_how_late_they_are(town, decided, today):
    decision = decided()
    today("2023-07-17")
    following.urge(decision, by=town.chen, note="本周必须完成")
    assert ("zhang", f"{town.chen}催办，完成时限2023-07-14，已逾期3天，本周必须完成") in told()
    assert "chen" not in {name for name, _ in told()}


def test_what_is_reassigned_is_to_be_received_anew_and_both_are_told(town, decided):
    decision = decided(lead=None)
    following.receive(decision, by=town.zhang)
    other = town.chief
    moved = following.reassign(decision, lead=None, helpers=[], person=other, reason="职责调整", by=town.chen)
    assert (moved.state, moved.person, moved.deadline) == (State.ISSUED, other, FRIDAY)
    assert {name for name, _ in told()} == {"zhang", "chief"}
    assert decision.events.last().note == f"{town.zhang}改为{other}：职责调整"
    assert "请指定牵头单位或责任人" in refusal(
        following.reassign, decision, lead=None, helpers=[], person=None, reason="不清楚", by=town.chen
    )


def test_done_can_be_taken_back_and_revoked_counts_no_more(town, decided):
    decision = decided()
    following.ask_closing(decision, "已完成", by=town.zhang)
    following.agree(decision, by=town.chen)
    again = following.reopen(decision, reason="复查发现未接通", by=town.chen)
    assert (again.state, again.done_on, again.result) == (State.WORKING, None, "")
    revoked = following.revoke(decision, reason="项目调整", by=town.gao)
    assert revoked.state == State.REVOKED
    assert not Decision.objects.binding().exists()
    assert "已撤销，不能反馈" in refusal(following.report, decision, "还在办", by=town.zhang)
    assert not following.may_revoke(town.chen, decision)


def test_what_cannot_be_is_refused_and_nothing_is_written(town, decided):
    draft, decision = decided(draft=True), decided("二")
    undated = decided("三", deadline=None)
    before = DecisionEvent.objects.count()
    late = {"reason": "等待批复", "by": town.zhang}
    for call, sentence in [
        (lambda: following.receive(draft, by=town.zhang), "会议纪要还没有签发，签发下发后才能签收"),
        (lambda: following.report(decision, " ", by=town.zhang), "请写明办到哪一步、下一步做什么"),
        (lambda: following.report(decision, "字" * 1001, by=town.zhang), "不能超过 1000 字，现有 1001 字"),
        (lambda: following.ask_extension(decision, FRIDAY, **late), "应晚于现在的完成时限 2023-07-14"),
        (
            lambda: following.ask_extension(decision, date(2025, 1, 1), **late),
            "不能晚于 2024-07-10，请填写一年以内的日期",
        ),
        (lambda: following.ask_extension(undated, FRIDAY, **late), "该事项没有完成时限，不必申请延期"),
        (lambda: following.agree(decision, by=town.gao), "没有待审批的申请"),
        (lambda: following.reopen(decision, reason="未完成", by=town.chen), "该事项已下发，不能撤销销号"),
        (lambda: following.report(decision, "附件", by=town.zhang, files=[("a.pdf", b"MZ")]), reading.UNKNOWN),
    ]:
        assert refusal(call) == sentence
    with pytest.raises(StaleVersion):
        following.report(decision, "进展", by=town.zhang, expected_version=decision.version - 1)
    assert DecisionEvent.objects.count() == before


def test_the_day_that_was_asked_for_has_passed_when_a_leader_looks(town, decided, today):
    decision = following.ask_extension(decided(), date(2023, 7, 17), reason="等待批复", by=town.zhang)
    today("2023-07-18")
    assert "申请延至的日期已过" in refusal(following.agree, decision, by=town.gao)


def test_a_matter_waits_in_the_inbox_of_whoever_is_to_answer_it(town, decided):
    def waiting():
        for user in (town.zhang, town.chen):
            inbox.settle(user)
        return set(Notice.objects.unfinished().values_list("user__username", flat=True))

    decision = decided()
    following.urge(decision, by=town.chen)
    assert waiting() == {"zhang"}
    following.report(decision, "已踏勘", by=town.zhang)
    assert waiting() == set()
    following.ask_closing(decision, "已验收", by=town.zhang)
    assert waiting() == {"chen"}
    following.agree(decision, by=town.chen)
    assert waiting() == set()


def test_what_a_leader_is_asked_for_waits_for_him_although_the_work_is_reported_on(town, decided):
    def waits():
        inbox.settle(town.gao)
        return Notice.objects.unfinished().filter(user=town.gao).exists()

    decision = following.ask_extension(decided(), date(2023, 7, 28), reason="等待批复", by=town.zhang)
    following.report(decision, "已踏勘", by=town.zhang)
    assert waits()
    following.refuse(decision, reason="不同意", by=town.gao)
    assert not waits()
