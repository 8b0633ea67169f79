"""Bounds are met exactly, and the sentence says the numbers that were compared."""

from datetime import date
from typing import Any

import pytest

from projects import facts
from projects.alerts.models import Alert
from projects.alerts.tests.conftest import JUNE, Make, on, plan_for, told
from projects.models import Progress

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("done", "level", "said"),
    [
        (480_000, "yellow", "应完成50.0%，实际40.0%，落后10.0个百分点（黄色预警：落后10至30个百分点）"),
        (480_001, None, ""),
        (240_000, "yellow", "应完成50.0%，实际20.0%，落后30.0个百分点（黄色预警"),
        (239_999, "red", "应完成50.0%，实际19.9999%，落后30.0001个百分点（红色预警：落后超过30个百分点）"),
        (0, "red", "应完成50.0%，实际0.0%，落后50.0个百分点（红色预警"),
        (1_500_000, None, ""),
    ],
)
def test_the_published_thresholds_of_june(rules: Any, project: Make, done: int, level: str | None, said: str) -> None:
    project(plan=1_200_000, done=done)
    outcome = on()
    assert told(outcome).get("投资进度落后") == level
    assert all(said in each.sentence for each in outcome.alerts)


def test_the_sentence_quotes_project_figures_level_and_bounds(rules: Any, project: Make) -> None:
    project(plan=240_000_000, done=75_000_000)
    (found,) = on().alerts
    assert found.sentence == (
        "格力智慧物流中心：截至2023年6月，年度计划2.40亿元，应完成50.0%，实际31.3%，"
        "落后18.7个百分点（黄色预警：落后10至30个百分点）。"
    )


def test_a_gap_too_small_to_show_is_said_in_words(rules: Any, project: Make) -> None:
    project(plan=12_000_000_000, done=2_399_999_999)
    (found,) = on().alerts
    assert found.level == "red"
    assert "落后略超30.0个百分点（红色预警：落后超过30个百分点）" in found.sentence


def test_december_is_judged_by_the_whole_plan(rules: Any, project: Make, settings: Any) -> None:
    settings.TRACKER_TODAY = date(2023, 12, 31)
    made = project(plan=1_200_000)
    facts.record(made, Progress.Channel.REPORTED, date(2023, 12, 31), amount=1_080_000)
    (found,) = on(date(2023, 12, 31)).alerts
    assert found.level == "yellow"
    assert "截至2023年12月，年度计划120万元，应完成100.0%，实际90.0%，落后10.0个" in found.sentence


def test_an_old_figure_is_said_to_be_old(rules: Any, project: Make) -> None:
    made = project(plan=1_200_000)
    facts.record(made, Progress.Channel.REPORTED, date(2023, 4, 30), amount=300_000)
    (found,) = on().alerts
    assert "截至2023年6月（按截至4月30日的最近数据），年度计划120万元" in found.sentence


def test_a_draft_plan_does_not_count(rules: Any, project: Make) -> None:
    made = project(done=100)
    facts.plan_year(made, 2023, 1_200_000, [100_000 * month for month in range(1, 13)])
    outcome = on()
    assert not outcome.alerts
    assert outcome.not_judged["no_plan"] == 1


def test_a_rule_can_judge_by_the_projects_own_targets_and_by_statistics(rules: Any, project: Make) -> None:
    rule = rules["progress-gap"]
    rule.parameters = {"baseline": "planned", "channel": "statistics"}
    rule.full_clean()
    rule.save()
    made = project(done=0)
    plan_for(
        made, 1_200_000, targets=[0, 0, 0, 0, 0, 240_000, 400_000, 600_000, 800_000, 900_000, 1_000_000, 1_200_000]
    )
    entered, _ = facts.record(made, Progress.Channel.STATISTICS, JUNE, amount=120_000)
    (found,) = on().alerts
    assert Alert.objects.get().evidence["progress_id"] == entered.pk
    assert "按逐月计划应完成20.0%，实际入统10.0%，落后10.0个百分点" in found.sentence


def test_an_alert_keeps_rule_inputs_and_arithmetic(rules: Any, project: Make) -> None:
    project(plan=1_200_000, done=240_000)
    on()
    alert = Alert.objects.get()
    assert alert.evidence["value"] == "30/1"
    assert (alert.evidence["plan"], alert.evidence["done"]) == (1_200_000, 240_000)
    assert alert.evidence["lines"] == [
        "完成进度：24万元÷120万元=20%",
        "时序进度：6个月÷12个月=50%",
        "差距：时序进度−完成进度=30个百分点",
    ]
    assert [(each["bounds"], each["met"]) for each in alert.evidence["levels"]] == [
        ("落后10至30个百分点", True),
        ("落后超过30个百分点", False),
    ]
