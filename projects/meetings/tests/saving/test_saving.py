"""Writing in a meeting: rows field by field, by several people, once, and back again. Today is Monday 2023-07-10."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from projects import facts
from projects.meetings import saving
from projects.meetings.models import Decision, Meeting, Saved
from projects.meetings.tests.saving.conftest import MONDAY
from projects.models import Progress


def fill(row, by, base=None, **told):
    return saving.fill(row, uuid4(), told, base or {}, by)


def weekly(row):
    return Progress.objects.filter(project=row.project, channel="weekly")


def test_what_is_typed_becomes_one_progress_of_the_meeting_and_is_rewritten_in_place(town, meeting, row):
    fill(row, town.chen, words="主体封顶", amount=50_000_000)
    answer = fill(row, town.zhang, {"words": "主体封顶"}, words="主体封顶，开始砌筑", percent=60)
    (told,) = weekly(row)
    assert (told.words, told.amount, told.percent) == ("主体封顶，开始砌筑", 50_000_000, 60)
    assert (told.source, told.up_to, told.recorded_by) == (meeting.source, MONDAY, town.zhang)
    assert answer.update.progress == told
    assert answer.written == ("words", "percent")


def test_a_plan_for_next_week_alone_tells_nothing_of_the_facts(town, row):
    fill(row, town.chen, next_step="完成二层浇筑", help_wanted="请资规局协调用地")
    assert not weekly(row).exists()


def test_the_same_key_is_written_once_even_after_another_wrote(town, row):
    key = uuid4()
    saving.fill(row, key, {"words": "第一次"}, {}, town.chen)
    fill(row, town.zhang, {"words": "第一次"}, words="第二次")
    again = saving.fill(row, key, {"words": "第一次"}, {}, town.chen)
    assert (again.written, again.conflicts) == ((), {})
    assert again.values["words"] == "第二次"
    assert Saved.objects.count() == 2


def test_two_in_one_field_are_told_of_each_other_and_two_in_two_fields_are_not(town, row):
    fill(row, town.zhang, words="张写的")
    answer = fill(row, town.chen, words="陈写的", next_step="陈的计划")
    told = answer.conflicts["words"]
    assert (told.mine, told.theirs, told.by) == ("陈写的", "张写的", "张联络")
    assert answer.written == ("next_step",)
    knowingly = fill(row, town.chen, {"words": "张写的"}, words="陈写的")
    assert knowingly.is_complete
    assert knowingly.values["words"] == "陈写的"


def test_a_field_that_was_not_touched_gives_way_to_the_other(town, row):
    fill(row, town.zhang, words="新的")
    answer = fill(row, town.chen, {"words": ""}, words="", amount=60_000_000)
    assert answer.is_complete
    assert answer.values["words"] == "新的"


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"amount": 40_000_000}, "amount", "还少"),
        ({"amount": 9_000_000_000}, "amount", "倍以上"),
        ({"amount": 60_000_000, "total": 50_000_000}, "total", "小于年内累计"),
    ],
)
def test_what_looks_like_a_slip_is_said_and_written_only_when_sure(town, row, told, field, words):
    answer = fill(row, town.chen, words="开始安装", **told)
    assert words in answer.doubts[field]
    assert answer.values[field] is None
    assert answer.values["words"] == "开始安装"
    sure = saving.fill(row, uuid4(), told, {}, town.chen, sure=True)
    assert sure.values[field] == told[field]


def test_what_was_filed_on_thursday_is_not_held_against_itself_on_monday(town, row, settings):
    settings.TRACKER_TODAY = date(2023, 7, 6)
    fill(row, town.zhang, amount=55_000_000)
    settings.TRACKER_TODAY = MONDAY
    answer = fill(row, town.chen, {"amount": 55_000_000}, amount=54_000_000)
    assert answer.doubts == {}
    assert [(told.up_to, told.amount) for told in weekly(row).filter(current=True)] == [(MONDAY, 54_000_000)]


def test_a_figure_that_goes_on_to_monday_leaves_thursday_what_it_had(town, row, settings):
    thursday = date(2023, 7, 6)
    settings.TRACKER_TODAY = thursday
    before, _ = facts.record(row.project, "weekly", thursday, amount=50_000_000)
    fill(row, town.zhang, {"amount": 50_000_000}, amount=55_000_000)
    settings.TRACKER_TODAY = MONDAY
    fill(row, town.chen, {"amount": 55_000_000}, amount=56_000_000)
    told = weekly(row).filter(current=True).order_by("up_to").values_list("pk", "up_to", "amount")
    row.refresh_from_db()
    assert list(told) == [(before.pk, thursday, 50_000_000), (row.progress_id, MONDAY, 56_000_000)]


def test_what_was_filed_in_december_does_not_become_januarys_figure(town, row, settings):
    meeting, december, january = row.meeting, date(2023, 12, 28), date(2024, 1, 2)
    settings.TRACKER_TODAY = december
    meeting.held_on = january
    meeting.save()
    fill(row, town.zhang, amount=55_000_000, words="封顶")
    settings.TRACKER_TODAY = january
    fill(row, town.chen, {"words": "封顶"}, words="封顶，已验收")
    (told,) = weekly(row).filter(current=True)
    assert (told.up_to, told.amount, told.words) == (december, 55_000_000, "封顶，已验收")


def test_a_text_that_is_too_long_is_refused_and_nothing_of_it_is_written(town, row):
    values, refused = saving.read({"words": "表\t格\r\n" * 5000, "amount": "5363.47"})
    assert "不能超过 2000 字" in refused["words"]
    assert values == {"amount": 53_634_700}
    with pytest.raises(ValidationError):
        fill(row, town.chen, words="长" * 2001, next_step="计划")
    row.refresh_from_db()
    assert row.next_step == ""


@pytest.mark.parametrize("typed", ["12.5.3", "约5000", "3000万美元", "-3"])
def test_an_amount_that_is_none_is_answered_with_a_sentence(typed):
    values, refused = saving.read({"amount": typed})
    assert values == {}
    assert refused["amount"]


def test_a_figure_is_shown_as_it_was_typed_and_read_back_exactly():
    values, _ = saving.read({"amount": "5363.4712", "total": "1.2亿元", "percent": "60%", "words": " 好 "})
    assert values == {"amount": 53_634_712, "total": 120_000_000, "percent": 60, "words": "好"}
    assert saving.read(saving.shown(values))[0] == values


def test_a_meeting_that_is_over_takes_nothing_more(town, meeting, row):
    Meeting.objects.filter(pk=meeting.pk).update(state="closed")
    for write in (
        lambda: fill(row, town.chen, words="晚了"),
        lambda: saving.reach(row, uuid4(), "started", None, town.chen),
        lambda: saving.raise_problem(row, uuid4(), title="晚了", category="land", by=town.chen),
        lambda: saving.decide(meeting, uuid4(), "晚了", town.chen, update=row),
        lambda: saving.undo(meeting, uuid4(), town.chen),
    ):
        with pytest.raises(ValidationError, match="已结束"):
            write()
    assert not Saved.objects.exists()


# ---- Steps, problems, decisions --------------------------------------------------------------------------
def test_a_step_a_problem_and_a_decision_carry_the_meeting_and_come_once(town, meeting, row):
    keys = [uuid4() for _ in range(3)]
    for _ in range(2):
        step = saving.reach(row, keys[0], "started", None, town.chen)
        problem = saving.raise_problem(row, keys[1], title="电力未接入", category="utilities", by=town.chen)
        decision = saving.decide(meeting, keys[2], "供电公司7月底前接入", town.chen, update=row, lead=town.east_office)
    assert (step.done, step.actual, step.changes.get().source) == (True, None, meeting.source)
    assert (problem.source, problem.raised_on) == (meeting.source, MONDAY)
    assert (decision.number, decision.project, decision.state) == (1, row.project, "draft")
    assert Saved.objects.count() == 3


# ---- Undoing ---------------------------------------------------------------------------------------------
def test_undoing_goes_back_step_by_step_and_leaves_no_figure_behind(town, meeting, row):
    fill(row, town.chen, words="打错行了", amount=50_000_000)
    fill(row, town.chen, next_step="也错了")
    for _ in range(2):
        saving.undo(meeting, uuid4(), town.chen)
    row.refresh_from_db()
    assert saving.values_of(row) == dict.fromkeys(saving.TEXTS, "") | dict.fromkeys(saving.FIGURES)
    assert not weekly(row).filter(current=True).exists()
    with pytest.raises(ValidationError, match="没有可以撤销的操作"):
        saving.undo(meeting, uuid4(), town.chen)


def test_what_another_has_written_over_is_not_undone(town, meeting, row):
    fill(row, town.chen, next_step="更早的一步")
    fill(row, town.chen, words="陈写的")
    fill(row, town.zhang, {"words": "陈写的"}, words="张改的")
    assert "已被改写" in saving.undo(meeting, uuid4(), town.chen).told[saving.REFUSED]
    saving.undo(meeting, uuid4(), town.chen)
    stands = saving.values_of(row.__class__.objects.get(pk=row.pk))
    assert (stands["words"], stands["next_step"]) == ("张改的", "")


def test_steps_problems_and_decisions_are_undone_too(town, meeting, row):
    saving.reach(row, uuid4(), "topped_out", date(2023, 7, 8), town.chen)
    saving.raise_problem(row, uuid4(), title="误录的问题", category="land", by=town.chen)
    decision = saving.decide(meeting, uuid4(), "原来的事项", town.chen, update=row, helpers=[town.east_office])
    saving.revise(decision, uuid4(), town.chen, matter="改过的事项")
    saving.drop(decision, uuid4(), town.chen)
    key = uuid4()
    for _ in range(2):
        saving.undo(meeting, key, town.chen)
    assert Decision.objects.get().matter == "改过的事项"
    assert list(Decision.objects.get().helpers.all()) == [town.east_office]


def test_each_kind_of_step_is_taken_back(town, meeting, row):
    saving.reach(row, uuid4(), "topped_out", date(2023, 7, 8), town.chen)
    saving.raise_problem(row, uuid4(), title="误录的问题", category="land", by=town.chen)
    decision = saving.decide(meeting, uuid4(), "原来的事项", town.chen, update=row)
    saving.revise(decision, uuid4(), town.chen, matter="改过的事项")
    saving.undo(meeting, uuid4(), town.chen)
    assert Decision.objects.get().matter == "原来的事项"
    for _ in range(3):
        saving.undo(meeting, uuid4(), town.chen)
    assert not Decision.objects.exists()
    assert row.project.problems.get(title="误录的问题").closed_on == MONDAY
    assert not row.project.milestones.get(kind="topped_out").done


def test_another_tells_the_same_day_by_another_page_and_the_row_follows(town, row):
    fill(row, town.chen, amount=50_000_000)
    facts.record(row.project, "weekly", MONDAY, amount=52_000_000, by=town.zhang)
    row.refresh_from_db()
    assert saving.values_of(row)["amount"] == 52_000_000
    answer = fill(row, town.chen, {"amount": 52_000_000}, percent=55)
    (held,) = weekly(row).filter(current=True)
    assert (held.amount, held.percent, answer.update.progress) == (52_000_000, 55, held)
