"""manage.py scan_alerts."""

import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class

from projects import facts
from projects.alerts.models import Alert, Rule, ScanRun
from projects.alerts.tasks import SCAN
from projects.alerts.tests.conftest import Make
from projects.jobs.posting import post
from projects.jobs.working import work
from projects.models import Milestone

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> Any:
    out = io.StringIO()
    call_command("scan_alerts", *arguments, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


def refusal(*arguments: str) -> dict[str, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("scan_alerts", *arguments, "--format", "json", stdout=out)
    assert stopped.value.code == 1
    return json.loads(out.getvalue())["error"]


def test_twice_gives_counts_and_then_zero_changes(rules: Any, project: Make) -> None:
    project("甲", plan=1_200_000, done=240_000)
    facts.promise(project("乙"), Milestone.Kind.STARTED, date(2023, 3, 31))
    first, second = run("--as-of", "2023-07-10"), run("--as-of", "2023-07-10")
    assert (first["as_of"], first["judged_month"], first["zones"], first["projects"]) == ("2023-07-10", "2023-06", 1, 2)
    assert first["open"] == second["open"] == {"red": 1, "yellow": 1}
    assert (first["opened"], first["written"]) == (2, True)
    assert [second[name] for name in ("opened", "worsened", "eased", "closed", "notices")] == [0] * 5
    assert second["unchanged"] == 2
    assert [each["project"] for each in second["alerts"]] == ["乙", "甲"]
    assert set(second["alerts"][0]) >= {"project", "code", "rule", "level", "label", "sentence", "opened_on"}


def test_the_last_day_of_2022_ignores_2023(rules: Any, project: Make) -> None:
    project(plan=100, done=0)
    run()
    found = run("--as-of", "2022-12-31")
    assert (found["alerts"], found["written"], found["judged_month"]) == ([], False, "2022-12")


def test_a_zone_is_found_by_code_or_name(rules: Any, project: Make) -> None:
    project(plan=100, done=0)
    assert run("--zone", "高新区", "--dry-run")["projects"] == run("--zone", "zzgx", "--dry-run")["projects"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--as-of", "2023-13-01"], "bad_date", "2023-07-10 这样的形式"),
        (["--as-of", "0001-01-01"], "bad_date", "过早"),
        (["--as-of", "2023-07-11"], "future", "还没有到"),
        (["--zone", "无此区"], "unknown_zone", "没有“无此区”这个区域"),
        (["--zone", "zzjk"], "no_projects", "还没有项目"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    rules: Any, project: Make, arguments: list[str], code: str, words: str
) -> None:
    project()
    error = refusal(*arguments)
    assert error["code"] == code
    assert words in error["message"]
    with pytest.raises(CommandError, match=words):
        call_command("scan_alerts", *arguments)
    assert not ScanRun.objects.exists()


def test_without_rules_there_is_nothing_to_judge_by(rules: Any, project: Make) -> None:
    project()
    Rule.objects.update(enabled=False)
    assert refusal()["code"] == "no_rules"


def test_the_text_says_why_projects_were_not_judged(rules: Any, project: Make) -> None:
    project()
    out = io.StringIO()
    call_command("scan_alerts", stdout=out)
    assert "1个项目，其中0个作了判定" in out.getvalue()
    assert "未判定：没有已批准的年度计划，请项目办编制、领导批准后再判定投资进度（1个项目）" in out.getvalue()


def test_the_help_is_for_officials() -> None:
    shown = create_parser().format_help()
    for words in ("判定各项目的预警", "判定哪一天", "及其下级", "不写入", "输出格式"):
        assert words in shown


def create_parser() -> Any:
    return load_command_class("projects.alerts", "scan_alerts").create_parser("manage.py", "scan_alerts")


def outcome(zone: Any = None) -> str:
    post(SCAN, zone=zone)
    (job,) = work()
    assert job.state == "done"
    return job.outcome


def test_the_job_scans_today_and_can_be_repeated(rules: Any, project: Make) -> None:
    assert "还没有项目" in outcome()
    project(plan=100, done=0)
    assert "1个项目，其中1个作了判定；新发1条" in outcome()
    assert "新发0条" in outcome()
    assert Alert.objects.count() == 1


def test_the_job_of_a_zone_judges_that_zone(town: Any, rules: Any, project: Make) -> None:
    project("东", plan=100, done=0)
    project("西", plan=100, done=0, zone=town.west)
    assert "1个项目" in outcome(town.west)
    assert [alert.project.name for alert in Alert.objects.all()] == ["西"]
