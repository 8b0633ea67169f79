"""Ways in which an alert might be shaken off without work, and that none of them leads anywhere."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.test import Client

from projects import facts
from projects.alerts import acting, closing, presets
from projects.alerts.models import Alert, AlertEvent, Rule
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on, plan_for
from projects.alerts.tests.episodes.conftest import kinds, say
from projects.dates import DateSpan
from projects.models import AnnualPlan, Assignment, Problem, ProblemEvent, Standing
from projects.returns import lateness
from projects.tests.api.calling import patch

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PROOF = "已补齐手续，由项目办核实"


def stuck(project: Any, **more: Any) -> Problem:
    return facts.raise_problem(project, title="管线未迁改", category="land", raised_on=date(2023, 7, 1), **more)


# ---- Problems ------------------------------------------------------------------------------------------
def test_a_problem_is_judged_by_its_first_deadline_and_the_sentence_says_both(town: Any, project: Make) -> None:
    presets.load_scheme(town.east, "duban", None)
    made = stuck(project(), deadline=date(2023, 7, 7))
    (before,) = on().alerts
    facts.move_problem(made, date(2023, 12, 31), reason="雨季", by=town.chen)
    outcome = on()
    (after,) = outcome.alerts
    assert (before.level, after.level, outcome.closed) == ("red", "red", 0)
    assert "首次时限2023年7月7日，现时限2023年12月31日，至今未销号，按首次时限已超过时限3天" in after.sentence


def test_a_problem_first_given_a_deadline_later_is_judged_by_that(town: Any, project: Make) -> None:
    presets.load_scheme(town.east, "duban", None)
    made = stuck(project())
    assert on().alerts == []
    facts.move_problem(made, date(2023, 7, 12), reason="定下时限", by=town.chen)
    (found,) = on().alerts
    assert "应于2023年7月12日前销号" in found.sentence


def test_a_problem_is_major_by_an_act_of_the_office_with_a_reason_alone(
    town: Any, project: Make, client: Client
) -> None:
    made = project()
    facts.assign(made, "liaison", user=town.zhang)
    problem = stuck(made, major=True)
    page = f"/admin/projects/problem/{problem.pk}/"
    town.sign_in(client, "zhang")
    assert client.post(f"{page}minor/", {"reason": "小事"}).status_code == 403
    assert patch(client, "problems", problem.pk, {"major": False, "reason": "小事"}).status_code == 403
    town.sign_in(client, "chen")
    assert 'name="major"' not in client.get(f"{page}change/").content.decode()
    assert patch(client, "problems", problem.pk, {"major": False}).status_code == 400
    assert patch(client, "problems", problem.pk, {"major": False, "reason": "已绕行"}).status_code == 200
    assert client.post(f"{page}major/", {"reason": "绕行不通"}).status_code == 302
    steps = ProblemEvent.objects.exclude(what="raised").order_by("pk").values_list("what", "note", "by__username")
    assert list(steps) == [("minor", "已绕行", "chen"), ("major", "绕行不通", "chen")]
    assert Problem.objects.get().major


# ---- Rules and plans -----------------------------------------------------------------------------------
def nearer(rule: Rule, zone: Any, **more: Any) -> Rule:
    columns = ("code", "name", "measure", "parameters", "levels", "days_to_answer")
    return Rule.objects.create(zone=zone, **{name: getattr(rule, name) for name in columns}, **more)


def test_a_nearer_rule_with_the_same_code_takes_the_same_alert_over(town: Any, red: Alert) -> None:
    say(red, town.zhang)
    own = nearer(red.rule, town.east)
    outcome = on()
    red.refresh_from_db()
    assert (outcome.opened, outcome.closed, Alert.objects.count()) == (0, 0, 1)
    assert (red.rule, red.answered, red.acknowledged, red.opened_on) == (own, True, True, MONDAY)
    assert kinds(red) == ["opened", "answered", "taken_over"]


def test_a_nearer_rule_that_is_disabled_closes_with_the_name_of_who_changed_that_one(town: Any, red: Alert) -> None:
    own = nearer(red.rule, town.east, enabled=False)
    LogEntry.objects.log_actions(town.chen.pk, Rule.objects.filter(pk=own.pk), CHANGE, "停用", single_object=True)
    assert on().closed == 1
    assert AlertEvent.objects.get(kind="closed").by == town.chen


def test_an_edition_that_was_withdrawn_closes_with_the_name_and_the_reason(town: Any, red: Alert) -> None:
    first = red.project.plans.get()
    AnnualPlan.objects.update(author=town.chen)
    plan_for(red.project, 0, reason="暂缓", on=MONDAY)
    assert on().closed == 0
    facts.withdraw_plan(first, reason="单位写错", by=town.gao)
    facts.plan_year(red.project, 2023, 10, [0] * 11 + [10], reason="重拟")
    facts.record(red.project, "reported", JUNE, amount=10)
    facts.approve_plan(red.project.plans.get(edition=3), on=MONDAY)
    assert on().closed == 1
    event = AlertEvent.objects.get(kind="closed")
    assert (event.by, event.note) == (town.gao, "单位写错")


# ---- Light ---------------------------------------------------------------------------------------------
def test_the_end_of_an_alert_of_a_problem_or_of_one_that_rests_makes_nothing_green(
    town: Any, rules: Any, project: Make
) -> None:
    presets.load_scheme(town.east, "duban", None)
    made = project("无计划项目")
    stuck(made, deadline=date(2023, 7, 7))
    on()
    alert = Alert.objects.get(subject_key__startswith="problem:")
    assert Standing.objects.get(project=made).light == ""
    acting.relight(alert)
    assert Standing.objects.get(project=made).light == "", "a problem colours no project"
    closing.ask(alert, by=town.li, evidence=PROOF)
    closing.approve(alert, by=town.chen)
    assert Standing.objects.get(project=made).light == ""


def test_the_closing_of_an_alert_that_rests_leaves_the_project_dark(town: Any, red: Alert) -> None:
    facts.suspend(red.project, starts=MONDAY, reason="资金", approver="高主任")
    on()
    closing.ask(red, by=town.li, evidence=PROOF)
    closing.approve(red, by=town.chen)
    assert Standing.objects.get().light == ""


# ---- Answers -------------------------------------------------------------------------------------------
def test_a_recovery_is_promised_for_a_year_ahead_at_most(town: Any, red: Alert) -> None:
    with pytest.raises(ValidationError, match="预计恢复日期不能晚于 2024-07-10"):
        say(red, town.zhang, expected_on=date(2024, 7, 11))
    assert say(red, town.zhang, expected_on=date(2024, 7, 10))


def test_an_answer_that_did_not_come_true_is_wanted_again_with_a_new_term(town: Any, red: Alert, pass_to: Any) -> None:
    by = MONDAY + 4 * DAY
    say(red, town.zhang, expected_on=by)
    alert = pass_to(by)
    assert (alert.answered, alert.look_on) == (True, by + DAY)
    alert = pass_to(by + DAY)
    assert (alert.answered, kinds(alert)) == (False, ["opened", "answered", "broken"])
    assert alert.answer_by is not None
    assert alert.answer_by > by
    assert "逾期未兑现，须重新答复" in AlertEvent.objects.get(kind="broken").sentence
    pass_to(by + DAY)
    assert AlertEvent.objects.filter(kind="broken").count() == 1
    say(alert, town.zhang)
    assert Alert.objects.get().answered


def test_a_milder_alert_is_not_held_to_the_answer_to_a_graver_one(town: Any, red: Alert, pass_to: Any) -> None:
    say(red, town.zhang, expected_on=MONDAY + DAY)
    facts.record(red.project, "reported", JUNE, amount=30)
    alert = pass_to(MONDAY + 2 * DAY)
    assert (alert.level, alert.answered, kinds(alert)) == ("yellow", True, ["opened", "answered", "eased"])


def test_a_closing_whose_month_is_over_is_not_looked_at_every_day_while_nothing_can_be_judged(
    town: Any, red: Alert, pass_to: Any
) -> None:
    closing.ask(red, by=town.li, evidence=PROOF)
    closing.approve(red, by=town.chen)
    red.refresh_from_db()
    facts.suspend(red.project, starts=MONDAY, reason="资金", approver="高主任")
    day = red.look_on
    alert = pass_to(day)
    assert alert.closed_on == MONDAY
    assert alert.look_on > day


# ---- Returns -------------------------------------------------------------------------------------------
def test_a_return_that_was_sent_back_is_owed_until_it_is_submitted_again(
    town: Any, project: Make, settings: Any
) -> None:
    made = project(plan=1_200_000)
    facts.assign(made, "liaison", user=town.zhang)
    row, _ = facts.fill_return(made, JUNE, {"year_to_date": 10, "this_month": 10}, by=town.zhang)
    row = facts.submit_return(row, by=town.zhang, on=JUNE)
    facts.send_back_return(row, reason="乱填", by=town.chen)
    assert lateness.returns_due([made.pk], JUNE)[made.pk].submitted_on == JUNE
    assert lateness.returns_due([made.pk], MONDAY)[made.pk].submitted_on is None
    row.refresh_from_db()
    facts.submit_return(row, by=town.zhang, on=MONDAY)
    assert lateness.returns_due([made.pk], MONDAY)[made.pk].submitted_on == MONDAY
    assert lateness.submitted_by([made.pk], [JUNE], MONDAY) == {(made.pk, JUNE): JUNE}, "its lateness stays"


def test_what_is_owed_of_a_month_is_told_by_the_facts_of_that_month(town: Any, project: Make) -> None:
    planned_later, produced_later = project("七月批计划"), project("七月投产")
    plan_for(planned_later, 100, on=MONDAY)
    for kind, day in (("started", date(2023, 3, 1)), ("produced", date(2023, 7, 5))):
        facts.reach(produced_later, kind, DateSpan(day, day, "day"))
    owed = {pk: due.owed for pk, due in lateness.returns_due([planned_later.pk, produced_later.pk], MONDAY).items()}
    assert owed == {planned_later.pk: False, produced_later.pk: True}


# ---- Units ---------------------------------------------------------------------------------------------
def test_a_unit_escapes_its_quota_neither_by_a_milder_plan_nor_by_none(town: Any, project: Make) -> None:
    presets.load_scheme(town.east, "sanya-unit", None)
    made = project(plan=1_200_000)
    facts.assign(made, Assignment.Role.UNIT, department=town.east_office, starts=date(2023, 1, 1))
    facts.record(made, "reported", date(2023, 5, 31), amount=500_000)
    facts.record(made, "reported", JUNE, amount=510_000)
    assert [each.level for each in on().alerts] == ["yellow"]
    plan_for(made, 12_000, targets=[0] * 6 + [12_000] * 6, reason="压减", on=MONDAY)
    outcome = on()
    assert (outcome.closed, "6月任务10万元" in outcome.alerts[0].sentence) == (0, True)
    facts.withdraw_plan(made.plans.get(edition=1), reason="写错", by=town.gao)
    outcome = on()
    assert (outcome.closed, outcome.rested, [each.held for each in outcome.alerts]) == (0, 1, ["缺数据"])


def test_an_alert_of_a_unit_with_an_invented_project_is_marked_as_invented(town: Any, project: Make) -> None:
    presets.load_scheme(town.east, "sanya-unit", None)
    made = project(plan=1_200_000)
    type(made).objects.filter(pk=made.pk).update(is_demo=True)
    facts.assign(made, Assignment.Role.UNIT, department=town.east_office, starts=date(2023, 1, 1))
    on()
    alert = Alert.objects.get()
    assert alert.is_demo
    assert "（演示）" in alert.sentence
