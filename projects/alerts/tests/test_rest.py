"""Alerts that cannot be judged for a while: nobody gets rid of one by taking the facts away."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from projects import facts
from projects.alerts.models import Alert, AlertEvent
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on, plan_for
from projects.models import AnnualPlan, Milestone, Progress, Project, Standing, Suspension
from projects.notices.models import Notice

pytestmark = pytest.mark.django_db

JULY_5, JULY_7, JULY_8 = date(2023, 7, 5), date(2023, 7, 7), date(2023, 7, 8)


@pytest.fixture
def red(rules: Any, project: Make) -> Project:
    """A project whose alert was opened on 5 July."""
    made = project("甲项目", plan=1_200_000, done=100_000)
    assert on(JULY_5).opened == 1
    return made


def stop(project: Project, starts: date) -> Suspension:
    return facts.suspend(project, starts=starts, reason="设计变更", approver="区项目办")


def withdraw(project: Project) -> None:
    """The figure is found to be none, and none takes its place."""
    Progress.objects.filter(project=project).update(current=False)


def steps() -> list[str]:
    return list(AlertEvent.objects.order_by("step").values_list("kind", flat=True))


def state() -> list[Any]:
    """All that a scan writes but for the day of the next look, which after a day in the past is the day after it."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Alert, AlertEvent, Standing, Notice)]
    return [[{name: value for name, value in row.items() if name != "look_on"} for row in each] for each in rows]


def test_while_a_project_stands_still_its_alert_rests_and_stays(town: Any, red: Project) -> None:
    told = Notice.objects.count()
    stop(red, date(2023, 7, 1))
    outcome = on(JULY_7)
    alert = Alert.objects.get()
    assert (alert.closed_on, alert.level, alert.held, alert.last_judged_on) == (None, "red", "停缓建", JULY_5)
    assert alert.sentence == (
        "甲项目停缓建期间暂停判定，保留2023年7月5日判定的红色预警：截至2023年6月，年度计划120万元，"
        "应完成50.0%，实际8.3%，落后41.7个百分点（红色预警：落后超过30个百分点）。"
    )
    assert (outcome.rested, outcome.closed, outcome.notices, outcome.unchanged) == (1, 0, 0, 0)
    assert outcome.open == {"red": 1}
    assert Notice.objects.count() == told
    assert (Standing.objects.get().light, Standing.objects.get().since) == ("red", JULY_5)


def test_a_resting_alert_is_left_alone_by_further_scans(red: Project) -> None:
    stop(red, JULY_7)
    on(JULY_7)
    before = state()
    outcome = on(JULY_7)
    assert (outcome.rested, outcome.unchanged) == (0, 1)
    assert state() == before
    on(JULY_8)
    assert state() == before


def test_after_the_standstill_it_is_judged_again_and_only_news_is_told(town: Any, red: Project) -> None:
    suspension = stop(red, JULY_5)
    on(JULY_5)
    facts.resume(suspension, ends=JULY_7)
    told = Notice.objects.count()
    assert on(JULY_7).resumed == 0  # the last day counts
    assert on(JULY_8).resumed == 1
    alert = Alert.objects.get()
    assert (alert.held, alert.last_judged_on, alert.level_since) == ("", JULY_8, JULY_5)
    assert alert.sentence.startswith("甲项目：截至2023年6月")
    assert steps() == ["opened", "rested", "resumed"]
    assert Notice.objects.count() == told


def test_what_eased_in_between_is_one_step_and_told(town: Any, red: Project) -> None:
    suspension = stop(red, JULY_5)
    on(JULY_5)
    facts.resume(suspension, ends=JULY_7)
    facts.record(red, Progress.Channel.REPORTED, JUNE, amount=480_000)
    assert on(JULY_8).notices == 1
    assert steps() == ["opened", "rested", "eased"]


def test_a_project_that_stands_still_gets_no_new_alert(rules: Any, project: Make) -> None:
    made = project(plan=100, done=0)
    stop(made, JULY_5)
    outcome = on()
    assert (outcome.opened, outcome.not_judged) == (0, {"suspended": 1})
    assert Standing.objects.get().light == ""


def test_the_end_of_the_project_ends_its_resting_alert(red: Project) -> None:
    stop(red, JULY_5)
    on(JULY_5)
    facts.terminate(red, on=JULY_7, reason="投资方退出")
    assert on(JULY_7).closed == 1
    assert (Alert.objects.get().closed_reason, Alert.objects.get().held) == ("项目已终止，不再判定", "")


def test_taking_the_figure_away_closes_nothing(town: Any, red: Project) -> None:
    told = Notice.objects.count()
    withdraw(red)
    outcome = on()
    alert = Alert.objects.get()
    assert (alert.closed_on, alert.level, alert.held) == (None, "red", "缺数据")
    assert alert.sentence.startswith(
        "甲项目目前没有本年度的完成投资数据，请责任单位填报后再判定投资进度，保留2023年7月5日判定的红色预警：截至2023年6月"
    )
    assert (outcome.closed, outcome.notices) == (0, 0)
    assert Notice.objects.count() == told
    assert Standing.objects.get().light == "red"


def test_words_alone_change_nothing_of_the_judgement(red: Project) -> None:
    facts.record(red, Progress.Channel.REPORTED, JUNE, words="正在施工")
    outcome = on()
    assert (outcome.unchanged, outcome.rested) == (1, 0)


def test_a_figure_that_comes_back_is_judged(red: Project) -> None:
    withdraw(red)
    on(JULY_7)
    facts.record(red, Progress.Channel.REPORTED, JUNE, amount=600_000)
    assert on().closed == 1
    assert steps() == ["opened", "rested", "closed"]


def test_a_standstill_without_figures_is_said_anew_and_told_to_nobody(red: Project) -> None:
    withdraw(red)
    on(JULY_7)
    stop(red, JULY_8)
    assert on(JULY_8).rested == 1
    assert Alert.objects.get().sentence.count("判定的红色预警") == 1
    assert steps() == ["opened", "rested", "rested"]


def test_no_alert_ends_because_the_plan_is_gone(red: Project) -> None:
    AnnualPlan.objects.update(status=AnnualPlan.Status.DRAFT)
    outcome = on()
    assert (outcome.closed, outcome.rested) == (0, 1)
    assert Alert.objects.get().held == "缺数据"


def test_no_alert_ends_because_the_plan_is_cut_to_nothing(red: Project) -> None:
    plan_for(red, 0, reason="今年不再投资", on=JULY_7)
    assert on().closed == 0
    assert (Alert.objects.get().level, Alert.objects.get().closed_on) == ("red", None)


def test_a_rule_for_big_plans_does_not_let_go_of_who_has_none(rules: Any, red: Project) -> None:
    rules["progress-gap"].scope = {"min_annual_plan": 1_000_000}
    rules["progress-gap"].save()
    AnnualPlan.objects.update(status=AnnualPlan.Status.DRAFT)
    outcome = on()
    assert (outcome.closed, outcome.rested) == (0, 1)
    assert outcome.not_judged["scope_unknown"] == 1


def test_a_late_start_without_a_deadline_any_more_stays(rules: Any, project: Make) -> None:
    facts.promise(project("丙"), Milestone.Kind.STARTED, date(2023, 3, 31))
    on(JULY_5)
    Milestone.objects.update(planned=None)
    assert on().rested == 1
    assert Alert.objects.get().sentence.startswith(
        "丙目前没有计划开工时间，请责任单位填报后再判定开工，保留2023年7月5日"
    )


def test_the_alert_of_a_year_ends_with_the_year_and_says_so(red: Project, settings: Any) -> None:
    settings.TRACKER_TODAY = date(2024, 1, 31)
    assert on(date(2024, 1, 30)).closed == 0  # December is still judged
    assert on(date(2024, 1, 31)).closed == 1
    alert = Alert.objects.get()
    assert alert.closed_reason == "2023年度已结束，没有已批准的年度计划，请项目办编制、领导批准后再判定投资进度"
    assert AlertEvent.objects.get(kind="closed").sentence == f"甲项目{alert.closed_reason}，“投资进度落后”预警解除。"


def test_over_the_year_a_standstill_keeps_the_alert(red: Project, settings: Any) -> None:
    settings.TRACKER_TODAY = date(2024, 1, 31)
    stop(red, JULY_7)
    assert on(date(2024, 1, 31)).closed == 0
    assert Alert.objects.get().held == "停缓建"


def test_the_past_knows_no_alert_that_was_opened_later(rules: Any, project: Make) -> None:
    made = project("丙")
    facts.promise(made, Milestone.Kind.STARTED, date(2023, 3, 31))
    on(MONDAY)
    facts.resume(stop(made, date(2023, 6, 1)), ends=JUNE)
    assert on(JUNE).alerts == []
    assert len(on(MONDAY, dry_run=True).alerts) == 1


def test_list_and_page_mark_an_alert_that_rests(town: Any, red: Project, client: Client) -> None:
    stop(red, JULY_7)
    on()
    town.sign_in(client, "gao")
    listed = "/admin/projects_alerts/alert/"
    assert "停缓建</span>" in client.get(listed).content.decode()
    assert "甲项目" in client.get(listed, {"state": "held"}).content.decode()
    page = client.get(f"{listed}{Alert.objects.get().pk}/change/").content.decode()
    assert "目前停缓建，暂停判定：级别和下面的演算是 2023-07-05 的判定。" in page
    assert "10万元÷120万元" in page
