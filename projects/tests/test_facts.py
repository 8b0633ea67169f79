"""The verbs: what they write, what they refuse, what they leave behind."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from projects import facts
from projects.dates import DateSpan
from projects.models import AnnualPlan, Entry, Milestone, Period, Phase, Progress, Project, Series, Standing
from projects.plans import even_targets

pytestmark = pytest.mark.django_db
YEAR = even_targets(1_200_000)


@pytest.fixture
def rounds(town):
    series = Series.objects.create(code="province", name="全省活动", zone=town.province)
    return [Period.objects.create(series=series, number=number) for number in (1, 2, 3)]


def reread(row):
    return type(row).objects.get(pk=row.pk)


def test_codes_are_readable_and_run_on_in_each_zone(town):
    made = [facts.create(name=f"项目{n}", zone=zone) for n, zone in enumerate((town.east, town.east, town.west))]
    prefix = town.east.code.upper()
    assert [p.code for p in made] == [f"{prefix}-0001", f"{prefix}-0002", f"{town.west.code.upper()}-0001"]


def test_a_project_without_a_name_is_refused_and_nothing_is_written(town):
    with pytest.raises(ValidationError, match="项目名称不能为空"):
        facts.create(name=" 、", zone=town.east)
    assert not Project.objects.exists()


def test_the_phase_is_the_furthest_milestone_that_is_done(project):
    facts.reach(project, Milestone.Kind.PRODUCED, date(2023, 6, 1))
    facts.reach(project, Milestone.Kind.SIGNED, date(2022, 1, 1))
    assert reread(project).phase == Phase.PRODUCED


def test_being_listed_in_a_batch_reaches_nothing(project, rounds):
    facts.enter(project, "start", rounds[0])
    assert reread(project).phase == Phase.RESERVED
    assert not project.milestones.exists()


def test_a_step_can_be_done_on_a_day_nobody_knows(project):
    milestone = facts.reach(project, Milestone.Kind.STARTED)
    assert milestone.done
    assert milestone.actual is None
    assert reread(project).phase == Phase.STARTED


def test_what_was_done_later_had_not_happened_before(project):
    facts.reach(project, Milestone.Kind.STARTED, date(2023, 2, 1))
    facts.reach(project, Milestone.Kind.PRODUCED, known_on=date(2023, 5, 4))
    assert facts.milestones.phase_on(project, date(2022, 12, 31)) == Phase.RESERVED
    assert facts.milestones.phase_on(project, date(2023, 2, 1)) == Phase.STARTED
    assert facts.milestones.phase_on(project, date(2023, 5, 4)) == Phase.PRODUCED


def test_a_vaguer_word_does_not_replace_a_day(project):
    facts.reach(project, Milestone.Kind.STARTED, date(2023, 2, 1))
    facts.reach(project, Milestone.Kind.STARTED, DateSpan(date(2023, 1, 1), date(2023, 3, 31), "quarter"))
    facts.reach(project, Milestone.Kind.STARTED)
    (milestone,) = project.milestones.all()
    assert (milestone.actual_first, milestone.changes.count()) == (date(2023, 2, 1), 1)


def test_another_day_is_a_correction_that_keeps_the_first(project):
    facts.reach(project, Milestone.Kind.STARTED, date(2023, 2, 1))
    milestone = facts.reach(project, Milestone.Kind.STARTED, date(2023, 3, 1), reason="误填")
    assert milestone.actual_last == date(2023, 3, 1)
    assert [c.what for c in milestone.changes.all()] == ["reached", "corrected"]
    assert milestone.changes.last().before["actual_last"] == "2023-02-01"


def test_nothing_is_done_tomorrow(project):
    with pytest.raises(ValidationError, match="不能晚于今天"):
        facts.reach(project, Milestone.Kind.STARTED, date(2023, 7, 11))
    assert not project.milestones.exists()


def test_taking_a_step_back_needs_a_reason_and_moves_the_phase_back(project):
    milestone = facts.reach(project, Milestone.Kind.STARTED, date(2023, 2, 1))
    with pytest.raises(ValidationError, match="原因"):
        facts.undo(milestone, reason=" ")
    facts.undo(milestone, reason="只是平场")
    assert reread(project).phase == Phase.RESERVED


def test_the_baseline_is_set_once_and_survives_every_replan(project):
    milestone = facts.promise(project, Milestone.Kind.STARTED, date(2023, 3, 31))
    assert milestone.baseline is None
    facts.approve(milestone)
    facts.replan(milestone, date(2023, 9, 30), reason="用地未批")
    facts.approve(milestone)
    milestone = reread(milestone)
    assert (milestone.baseline, milestone.planned) == (date(2023, 3, 31), date(2023, 9, 30))
    assert milestone.deadline == date(2023, 3, 31)


def test_the_first_promise_becomes_the_baseline_when_it_is_moved(project):
    milestone = facts.promise(project, Milestone.Kind.STARTED, date(2023, 1, 31))
    assert facts.replan(milestone, date(2024, 12, 31), reason="企业要求").deadline == date(2023, 1, 31)


def test_what_is_known_to_be_done_this_month_was_done_by_the_day_it_was_known(project):
    july = DateSpan(date(2023, 7, 1), date(2023, 7, 31), "month")
    milestone = facts.reach(project, Milestone.Kind.STARTED, july, known_on=date(2023, 7, 5))
    assert (milestone.actual_first, milestone.actual_last) == (date(2023, 7, 1), date(2023, 7, 5))
    assert reread(project).phase == Phase.STARTED
    with pytest.raises(ValidationError, match="不能晚于今天"):
        facts.reach(project, Milestone.Kind.COMPLETED, DateSpan(date(2023, 8, 1), date(2023, 8, 31), "month"))


def test_a_promise_moves_only_with_a_reason(project):
    milestone = facts.promise(project, Milestone.Kind.STARTED, date(2023, 3, 31))
    with pytest.raises(ValidationError, match="调整计划"):
        facts.promise(project, Milestone.Kind.STARTED, date(2023, 9, 30))
    with pytest.raises(ValidationError, match="原因"):
        facts.replan(milestone, date(2023, 9, 30), reason="")
    assert reread(milestone).planned == date(2023, 3, 31)


def test_an_unknown_kind_of_step_is_refused(project):
    with pytest.raises(ValidationError):
        facts.reach(project, "dreamt", date(2023, 2, 1))
    assert not project.milestones.exists()


def test_the_same_entry_is_made_once_with_and_without_a_round(project, rounds):
    assert facts.enter(project, "sign", rounds[0])[1]
    assert not facts.enter(project, "sign", rounds[0])[1]
    assert facts.enter(project, "sign")[1]
    assert not facts.enter(project, "sign")[1]
    assert project.entries.count() == 2


def test_the_database_itself_refuses_a_second_entry_of_unknown_round(project):
    facts.enter(project, "sign")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(project=project, batch="sign")


def test_each_project_counts_once_by_its_latest_entry_that_holds(project, rounds):
    facts.enter(project, "sign", rounds[1])
    first, _ = facts.enter(project, "start", rounds[1])
    later, _ = facts.enter(project, "sign", rounds[2])
    facts.enter(project, "produce")
    assert Entry.objects.one_per_project().get() == later
    facts.leave(later, on=date(2023, 6, 1), reason="年底动态调整")
    assert Entry.objects.one_per_project().get() == first
    assert Entry.objects.one_per_project(date(2023, 5, 31)).get() == later


def test_the_last_round_held_is_the_latest_whatever_its_number(project, town):
    province = Series.objects.create(code="province", name="全省活动", zone=town.province)
    city = Series.objects.create(code="city", name="全市活动", zone=town.city)
    facts.enter(project, "sign", Period.objects.create(series=city, number=1, year=2021, last=date(2021, 5, 1)))
    facts.enter(project, "produce", Period.objects.create(series=province, number=7, last=date(2023, 1, 28)))
    assert Entry.objects.one_per_project().get().batch == "produce"


def test_a_project_is_on_no_list_before_it_entered(project, town):
    series = Series.objects.create(code="province", name="全省活动", zone=town.province)
    day = date(2023, 1, 28)
    facts.enter(project, "produce", Period.objects.create(series=series, number=7, first=day, last=day))
    assert not Entry.objects.effective(date(2022, 12, 31)).exists()
    assert Entry.objects.effective(day).exists()


def test_who_left_can_be_listed_anew_but_not_by_the_old_report(project, rounds, report):
    entry, _ = facts.enter(project, "start", rounds[0], source=report)
    facts.leave(entry, on=date(2023, 6, 1), reason="不再实施")
    assert facts.enter(project, "start", rounds[0], source=report) == (reread(entry), False)
    again, new = facts.enter(project, "start", rounds[0])
    assert new
    assert Entry.objects.effective().get() == again


def test_leaving_needs_a_reason_and_happens_once(project, rounds):
    entry, _ = facts.enter(project, "sign", rounds[0])
    with pytest.raises(ValidationError, match="原因"):
        facts.leave(entry, on=date(2023, 6, 1), reason="")
    facts.leave(entry, on=date(2023, 6, 1), reason="不再实施")
    with pytest.raises(ValidationError, match="已调出"):
        facts.leave(reread(entry), on=date(2023, 6, 2), reason="不再实施")


def test_a_correction_replaces_a_figure_and_keeps_it(project):
    june = date(2023, 6, 30)
    first, _ = facts.record(project, "reported", june, amount=480_000)
    assert facts.record(project, "reported", june, amount=480_000) == (first, False)
    second, changed = facts.record(project, "reported", june, amount=500_000)
    assert changed
    assert second.replaces == first
    assert not reread(first).current
    assert project.progress.get(current=True).amount == 500_000


def test_a_word_on_the_site_takes_no_figure_away(project):
    june = date(2023, 6, 30)
    facts.record(project, "reported", june, amount=480_000)
    row, changed = facts.record(project, "reported", june, words="主体封顶")
    assert changed
    assert (row.amount, row.words) == (480_000, "主体封顶")


def test_the_database_itself_refuses_two_figures_that_both_hold(project):
    facts.record(project, "reported", date(2023, 6, 30), amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Progress.objects.create(project=project, channel="reported", up_to=date(2023, 6, 30), amount=2)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"amount": -1}, "不能小于零"),
        ({"percent": 101}, "0 到 100"),
        ({}, "至少填写一项"),
        ({"amount": 1, "up_to": date(2023, 7, 31)}, "不能晚于今天"),
    ],
)
def test_progress_that_cannot_be_is_refused_in_words(project, told, sentence):
    up_to = told.pop("up_to", date(2023, 6, 30))
    with pytest.raises(ValidationError) as error:
        facts.record(project, "reported", up_to, **told)
    assert sentence in str(error.value)
    assert not Progress.objects.exists()


def test_a_second_edition_of_a_plan_needs_a_reason_and_holds_from_its_day(project):
    facts.approve_plan(facts.plan_year(project, 2023, 1_200_000, YEAR), on=date(2023, 1, 10))
    with pytest.raises(ValidationError, match="原因"):
        facts.plan_year(project, 2023, 600_000, even_targets(600_000))
    second = facts.plan_year(project, 2023, 600_000, even_targets(600_000), reason="分期实施")
    assert Standing.objects.get(project=project).plan == 1_200_000, "a draft holds nothing"
    facts.approve_plan(second, on=date(2023, 5, 1))
    assert Standing.objects.get(project=project).plan == 600_000
    assert AnnualPlan.objects.count() == 2


def test_an_older_edition_cannot_come_back(project):
    first = facts.plan_year(project, 2023, 1_200_000, YEAR)
    facts.approve_plan(facts.plan_year(project, 2023, 600_000, even_targets(600_000), reason="分期"))
    with pytest.raises(ValidationError, match="更新的一版"):
        facts.approve_plan(first)


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [
        (YEAR[:11], "12 个月"),
        ([*YEAR[:5], 0, *YEAR[6:]], "不能减少"),
        ([*YEAR[:11], 1_100_000], "等于年度计划"),
    ],
)
def test_targets_that_do_not_fit_the_plan_are_refused(project, targets, sentence):
    with pytest.raises(ValidationError, match=sentence):
        facts.plan_year(project, 2023, 1_200_000, targets)
    assert not AnnualPlan.objects.exists()


def test_a_project_stands_still_once_at_a_time_and_keeps_its_phase(project):
    facts.reach(project, Milestone.Kind.STARTED, date(2023, 2, 1))
    suspension = facts.suspend(project, starts=date(2023, 5, 8), reason="管线迁改", approver="管委会")
    with pytest.raises(ValidationError, match="已在停缓建中"):
        facts.suspend(project, starts=date(2023, 6, 8), reason="资金", approver="管委会")
    assert reread(project).phase == Phase.STARTED
    facts.resume(suspension, ends=date(2023, 6, 30))
    with pytest.raises(ValidationError, match="已经结束"):
        facts.resume(reread(suspension), ends=date(2023, 7, 1))
    with pytest.raises(ValidationError, match="时间重叠"):
        facts.suspend(project, starts=date(2023, 6, 30), reason="资金", approver="管委会")


def test_nobody_stands_a_project_still_without_an_approver(project):
    with pytest.raises(ValidationError):
        facts.suspend(project, starts=date(2023, 5, 8), reason="管线迁改", approver=" ")
    assert not project.suspensions.exists()


def test_a_project_ends_once_and_not_tomorrow(project, town):
    with pytest.raises(ValidationError, match="不能晚于今天"):
        facts.terminate(project, on=date(2023, 7, 11), reason="企业放弃")
    facts.terminate(project, on=date(2023, 6, 1), reason="企业放弃", by=town.chen)
    with pytest.raises(ValidationError, match="2023-06-01 终止"):
        facts.terminate(project, on=date(2023, 7, 1), reason="又放弃")
    assert (reread(project).terminated_by, reread(project).terminated_reason) == (town.chen, "企业放弃")


def test_a_second_live_project_of_one_name_is_refused_and_another_phase_is_not(project, town):
    with pytest.raises(ValidationError, match=project.code):
        facts.create(name="东部传感器产业园", zone=town.east)
    facts.create(name="东部传感器产业园项目（二期）", zone=town.east)
    facts.create(name="东部传感器产业园项目", zone=town.west)


def test_a_problem_is_closed_with_what_settled_it(project):
    problem = facts.raise_problem(project, title="缺电", category="utilities", raised_on=date(2023, 6, 1))
    assert facts.raise_problem(project, title="缺电", category="utilities", raised_on=date(2023, 6, 1)) == problem
    with pytest.raises(ValidationError, match="如何解决"):
        facts.close_problem(problem, on=date(2023, 6, 9), note="")
    facts.close_problem(problem, on=date(2023, 6, 9), note="已送电")
    assert not type(problem).objects.open_on(date(2023, 6, 9)).exists()
    assert type(problem).objects.open_on(date(2023, 6, 8)).exists()
    again = facts.raise_problem(project, title="缺电", category="utilities", raised_on=date(2023, 6, 1))
    assert again.closed_on is None


def test_every_step_of_a_problem_is_kept(project, town):
    problem = facts.raise_problem(
        project, title="缺电", category="utilities", raised_on=date(2023, 6, 1), deadline=date(2023, 6, 30)
    )
    with pytest.raises(ValidationError, match="原因"):
        facts.move_problem(problem, date(2023, 7, 31), reason="")
    facts.move_problem(problem, date(2023, 7, 31), reason="变压器未到", by=town.chen)
    facts.close_problem(problem, on=date(2023, 7, 3), note="已送电")
    facts.reopen_problem(problem, reason="又跳闸", by=town.zhang)
    assert [(e.what, e.deadline, e.note, e.by) for e in problem.events.all()] == [
        ("raised", date(2023, 6, 30), "", None),
        ("moved", date(2023, 7, 31), "变压器未到", town.chen),
        ("closed", date(2023, 7, 31), "已送电", None),
        ("reopened", date(2023, 7, 31), "又跳闸", town.zhang),
    ]


def test_who_stands_for_a_project_is_written_once(project, town):
    assert facts.assign(project, "liaison", user=town.zhang)[1]
    assert not facts.assign(project, "liaison", user=town.zhang)[1]
    with pytest.raises(ValidationError, match="人员或单位"):
        facts.assign(project, "leader")
