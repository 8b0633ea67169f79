"""Re-planning eases nothing while a project is behind, and is taken over when it is not."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.alerts import editions, judging
from projects.alerts.cases import PROJECT, Shard
from projects.alerts.models import Rule
from projects.alerts.rulebook import Rulebook
from projects.alerts.tests.conftest import Make, plan_for
from projects.models import Progress

pytestmark = pytest.mark.django_db

PLAN = 1_200_000


def levels_on(project: Any, *days: date, code: str = "progress-gap") -> list[str]:
    """The level by a rule on each of the days."""
    book = Rulebook(Rule.objects.select_related("zone"))
    found = []
    for day in days:
        findings = judging.judge(Shard(PROJECT, [project.pk], day).cases.values(), book)
        level = next(finding.level for finding in findings if finding.applied.rule.code == code)
        found.append(level.code if level else "")
    return found


def told(project: Any, **figures: int) -> None:
    """Cumulative figures by the last day of a month: june=480_000."""
    ends = {"may": (5, 31), "june": (6, 30), "july": (7, 31), "august": (8, 31)}
    for month, amount in figures.items():
        facts.record(project, Progress.Channel.REPORTED, date(2023, *ends[month]), amount=amount)


JULY_10, AUGUST_10, SEPTEMBER_10 = date(2023, 7, 10), date(2023, 8, 10), date(2023, 9, 10)


@pytest.fixture
def _autumn(settings: Any) -> None:
    settings.TRACKER_TODAY = date(2023, 10, 1)


@pytest.mark.usefixtures("rules", "_autumn")
class TestReplanning:
    def test_a_milder_plan_does_not_ease_what_was_behind_on_its_day(self, project: Make) -> None:
        made = project(plan=PLAN)
        told(made, may=300_000, june=300_000)
        plan_for(made, 600_000, reason="压减规模", on=date(2023, 7, 5))
        assert levels_on(made, date(2023, 7, 4), JULY_10) == ["yellow", "yellow"]

    def test_the_sentence_says_which_edition_binds_and_since_when_the_other_stands(self, project: Make) -> None:
        made = project(plan=PLAN)
        told(made, june=300_000)
        plan_for(made, 600_000, reason="压减规模", on=date(2023, 7, 5))
        book = Rulebook(Rule.objects.select_related("zone"))
        found = next(judging.judge(Shard(PROJECT, [made.pk], JULY_10).cases.values(), book))
        assert found.sentence == (
            "格力智慧物流中心：截至2023年6月，年度计划120万元，应完成50.0%，实际25.0%，落后25.0个百分点，"
            "按第1版计划（第2版2023年7月5日起生效）（黄色预警：落后10至30个百分点）。"
        )
        assert found.evidence["binding_plan_id"] == made.plans.get(edition=1).pk

    def test_the_milder_plan_takes_over_when_the_project_has_caught_up_by_the_old_one(self, project: Make) -> None:
        made = project(plan=PLAN)
        told(made, june=300_000, july=700_000, august=700_000)
        plan_for(made, 900_000, reason="压减规模", on=date(2023, 7, 5))
        # By August 66.7 % are due: 58.3 % of the old plan and 77.8 % of the new one are done.
        assert levels_on(made, JULY_10, AUGUST_10, SEPTEMBER_10) == ["yellow", "", ""]

    def test_whoever_was_not_behind_is_judged_by_the_milder_plan_at_once(self, project: Make) -> None:
        made = project(plan=PLAN)
        told(made, june=500_000, july=500_000)
        plan_for(made, 900_000, reason="压减规模", on=date(2023, 7, 5))
        # By July 58.3 % are due: 41.7 % of the old plan would be yellow, 55.6 % of the new one are done.
        assert levels_on(made, JULY_10, AUGUST_10) == ["", ""]

    def test_a_stricter_plan_binds_at_once(self, project: Make) -> None:
        made = project(plan=PLAN)
        told(made, june=500_000)
        plan_for(made, 2_400_000, reason="扩大规模", on=date(2023, 7, 5))
        assert levels_on(made, date(2023, 7, 4), date(2023, 7, 5)) == ["", "yellow"]

    def test_a_stricter_plan_for_the_moment_is_no_way_around_the_old_one(self, project: Make) -> None:
        rule = Rule.objects.get(code="progress-gap")
        rule.parameters = {"baseline": "planned", "channel": "reported"}
        rule.save()
        made = project()
        plan_for(made, PLAN)
        told(made, june=300_000, july=300_000)
        cunning = [0, 0, 0, 0, 0, 600_001, *([600_001] * 5), PLAN]
        plan_for(made, PLAN, targets=cunning, reason="调整节奏", on=date(2023, 7, 5))
        assert levels_on(made, JULY_10, AUGUST_10) == ["yellow", "red"]

    def test_a_plan_cut_below_the_scope_of_a_rule_is_no_way_out(self, project: Make) -> None:
        Rule.objects.update(scope={"min_annual_plan": PLAN})
        made = project(plan=PLAN)
        told(made, june=300_000)
        facts.promise(made, "started", date(2023, 3, 31))
        plan_for(made, PLAN - 1, reason="微调", on=date(2023, 7, 5))
        assert levels_on(made, JULY_10) == ["yellow"]
        assert levels_on(made, JULY_10, code="late-start") == ["red"]

    def test_a_plan_of_nothing_is_no_way_out(self, project: Make) -> None:
        made = project(plan=PLAN)
        told(made, june=0)
        plan_for(made, 0, targets=[0] * 12, reason="暂缓", on=date(2023, 7, 5))
        assert levels_on(made, JULY_10) == ["red"]

    def test_what_was_planned_anew_before_the_year_was_judged_counts_from_the_start(self, project: Make) -> None:
        made = project(plan=PLAN)
        plan_for(made, 600_000, reason="压减规模", on=date(2023, 1, 20))
        told(made, june=300_000)
        assert levels_on(made, JULY_10) == [""]


@pytest.mark.usefixtures("rules")
def test_projects_with_one_plan_pay_one_statement_for_all_of_them(project: Make) -> None:
    made = [project(f"项目{number}", plan=100, done=50) for number in range(3)]
    with CaptureQueriesContext(connection) as queries:
        assert editions.replanned([each.pk for each in made], JULY_10) == {}
    assert len(queries) == 1
