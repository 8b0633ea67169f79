"""The scan: what it opens, changes, closes and leaves alone."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.alerts.models import Alert, AlertEvent, Rule, ScanRun
from projects.alerts.scan import Overtaken, ScanRefused, scan
from projects.alerts.tasks import SCAN
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on, told
from projects.jobs.posting import post
from projects.jobs.working import work
from projects.models import Milestone, Progress, Project, Source, Standing, StandingMonth
from projects.notices.models import Notice
from zones import bulk

pytestmark = pytest.mark.django_db

Kind = Milestone.Kind


def correct(project: Any, done: int) -> None:
    facts.record(project, Progress.Channel.REPORTED, JUNE, amount=done)


def kinds(alert: Alert) -> list[str]:
    return [event.kind for event in alert.events.order_by("step")]


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Alert, AlertEvent, Standing, StandingMonth, Notice)
    ]


def test_a_second_scan_of_the_day_changes_nothing(rules: Any, project: Make) -> None:
    project("甲", plan=1_200_000, done=480_000)
    project("乙", plan=1_200_000, done=100_000)
    facts.promise(project("丙"), Kind.STARTED, date(2023, 5, 31))
    first = on()
    before = everything()
    second = on()
    assert (first.opened, first.written) == (3, True)
    assert (second.opened, second.worsened, second.eased, second.closed, second.notices) == (0, 0, 0, 0, 0)
    assert second.unchanged == 3
    assert everything() == before


def test_an_alert_eases_worsens_and_closes_with_the_figures(rules: Any, project: Make) -> None:
    made = project(plan=1_200_000, done=100_000)
    assert on().opened == 1
    correct(made, 480_000)
    assert on().eased == 1
    correct(made, 100_000)
    assert on().worsened == 1
    correct(made, 600_000)
    assert on().closed == 1
    alert = Alert.objects.get()
    assert kinds(alert) == ["opened", "eased", "worsened", "closed"]
    assert alert.closed_on == MONDAY
    assert "与应完成进度持平，未达到预警标准" in alert.closed_reason


def test_who_falls_behind_again_gets_a_new_alert(rules: Any, project: Make) -> None:
    made = project(plan=1_200_000, done=100_000)
    on()
    correct(made, 600_000)
    on()
    correct(made, 100_000)
    on()
    assert Alert.objects.count() == 2
    assert Alert.objects.open().count() == 1


def test_a_started_project_closes_its_alert_with_the_day(rules: Any, project: Make) -> None:
    made = project("丙")
    facts.promise(made, Kind.STARTED, date(2023, 5, 31))
    on()
    facts.reach(made, Kind.STARTED, date(2023, 7, 5))
    on()
    assert Alert.objects.get().closed_reason == "已于2023年7月5日开工"
    assert AlertEvent.objects.get(kind="closed").sentence == "丙已于2023年7月5日开工，“逾期未开工”预警解除。"


def test_a_terminated_project_is_not_judged_any_more(rules: Any, project: Make) -> None:
    late, fine, _ = project("甲", plan=100, done=0), project("乙", plan=100, done=50), project("丙")
    assert on().opened == 1
    assert Standing.objects.get(project=fine).light == "green"
    facts.terminate(late, on=MONDAY, reason="投资方退出")
    facts.terminate(fine, on=MONDAY, reason="投资方退出")
    outcome = on()
    assert (outcome.closed, outcome.projects, outcome.judged) == (1, 1, 0)
    assert set(Standing.objects.values_list("light", flat=True)) == {""}
    assert outcome.zones == 1


def test_an_alert_is_closed_even_where_the_light_was_lost(rules: Any, project: Make) -> None:
    made = project(plan=100, done=0)
    on()
    Standing.objects.all().delete()
    facts.terminate(made, on=MONDAY, reason="投资方退出")
    assert on().closed == 1


def test_a_project_that_ends_tomorrow_is_judged_today(rules: Any, project: Make) -> None:
    facts.terminate(project(plan=100, done=0), on=MONDAY, reason="投资方退出")
    assert (on(MONDAY - timedelta(days=1)).projects, Alert.objects.open().count()) == (1, 1)


def test_without_plan_figure_or_dates_nothing_is_judged_and_the_scan_says_why(rules: Any, project: Make) -> None:
    project("甲"), project("乙", plan=100), project("丙", plan=0, done=0)
    outcome = on()
    assert (outcome.projects, outcome.judged, outcome.opened) == (3, 0, 0)
    assert {code: outcome.not_judged[code] for code in ("no_plan", "no_figure", "zero_plan")} == {
        "no_plan": 1,
        "no_figure": 1,
        "zero_plan": 1,
    }
    assert set(Standing.objects.values_list("light", flat=True)) == {""}


def test_the_standing_shows_the_gravest_alert_and_green_only_where_something_was_judged(
    rules: Any, project: Make
) -> None:
    both, fine, dark = project("甲", plan=1_200_000, done=480_000), project("乙", plan=100, done=50), project("丙")
    facts.promise(both, Kind.STARTED, date(2023, 3, 31))
    on()
    lights = {row.project_id: row for row in Standing.objects.all()}
    assert (lights[both.pk].light, lights[both.pk].severity, lights[both.pk].since) == ("red", 2, MONDAY)
    assert (lights[fine.pk].light, lights[fine.pk].light_label) == ("green", "正常")
    assert lights[dark.pk].light == ""


def test_the_month_is_frozen_with_its_light(rules: Any, project: Make) -> None:
    made = project(plan=1_200_000, done=480_000)
    on()
    correct(made, 600_000)
    on()
    frozen = StandingMonth.objects.get()
    assert (frozen.month, frozen.done, frozen.light) == (JUNE, 480_000, "yellow")


def test_a_day_before_2023_knows_nothing_of_2023(rules: Any, project: Make) -> None:
    made = project(plan=1_200_000, done=100_000)
    facts.promise(made, Kind.STARTED, date(2023, 3, 31))
    outcome = on(date(2022, 12, 31))
    assert not outcome.alerts
    assert outcome.judged_months == {date(2022, 12, 31)}


def test_a_day_before_the_latest_scan_is_only_looked_at(rules: Any, project: Make) -> None:
    facts.promise(project(), Kind.STARTED, date(2023, 3, 31))
    on()
    before, runs = everything(), ScanRun.objects.count()
    outcome = on(date(2023, 6, 30))
    assert told(outcome) == {"逾期未开工": "yellow"}
    assert not outcome.written
    assert "只供查看" in outcome.note
    assert (everything(), ScanRun.objects.count()) == (before, runs)


def test_a_dry_run_says_what_would_change_and_changes_nothing(rules: Any, project: Make) -> None:
    project(plan=100, done=0)
    before = everything()
    outcome = on(dry_run=True)
    assert (outcome.opened, outcome.written, len(outcome.alerts)) == (1, False, 1)
    assert everything() == before
    assert not ScanRun.objects.exists()


def test_a_day_to_come_is_refused(rules: Any, project: Make) -> None:
    project()
    with pytest.raises(ScanRefused, match="还没有到"):
        on(MONDAY + timedelta(days=1))


def test_only_the_zone_that_is_asked_for_is_scanned(town: Any, rules: Any, project: Make) -> None:
    project("东", plan=100, done=0)
    project("西", plan=100, done=0, zone=town.west)
    assert [each.project for each in on(zone=town.west).alerts] == ["西"]
    assert Alert.objects.count() == 1


def test_a_later_scan_of_a_zone_above_or_below_makes_this_one_a_look(town: Any, rules: Any, project: Make) -> None:
    project("东", plan=100, done=0)
    project("园", plan=100, done=0, zone=town.east_park)
    project("西", plan=100, done=0, zone=town.west)
    before = MONDAY - timedelta(days=1)
    assert on(zone=town.east).written
    assert not on(before, zone=town.east_park).written  # above was scanned for a later day
    assert not on(before, zone=town.province).written  # below
    assert not on(before).written
    assert on(before, zone=town.west).written  # a neighbour
    assert not on(before - timedelta(days=1), zone=town.west).written  # itself


@pytest.fixture
def overtaken(rules: Any, project: Make) -> Iterator[Project]:
    """Behind; and whenever a scan has begun, another one begins for the day after."""
    made = project(plan=100, done=0)

    def begin(sender: Any, instance: ScanRun, created: bool, **kwargs: Any) -> None:
        post_save.disconnect(begin, sender=ScanRun)
        ScanRun.objects.create(as_of=instance.as_of + timedelta(days=1))

    post_save.connect(begin, sender=ScanRun)
    yield made
    post_save.disconnect(begin, sender=ScanRun)


def test_a_scan_that_is_overtaken_by_a_later_day_writes_nothing(overtaken: Project) -> None:
    before = everything()
    with pytest.raises(Overtaken, match="2023年7月10日的判定已被更晚日期的判定取代"):
        on()
    assert everything() == before


def test_the_job_takes_it_calmly_when_it_is_overtaken(overtaken: Project) -> None:
    post(SCAN)
    (job,) = work()
    assert job.state == "done"
    assert "已被更晚日期的判定取代" in job.outcome
    assert not Alert.objects.exists()


def test_the_alerts_of_a_project_go_with_it_to_another_zone(town: Any, rules: Any, project: Make) -> None:
    made = project(plan=100, done=0)
    on()
    facts.record(made, Progress.Channel.REPORTED, JUNE, amount=60)
    on()
    Project.objects.filter(pk=made.pk).update(zone=town.west)
    for model in (Alert, AlertEvent):
        assert not model.objects.visible_to(town.chen).exists()
        assert model.objects.visible_to(town.li).exists()


def test_an_invented_figure_marks_the_alert(town: Any, rules: Any, project: Make) -> None:
    made = project("甲", plan=100)
    source = Source.objects.create(kind=Source.Kind.DEMO, title="演示", zone=town.east)
    facts.record(made, Progress.Channel.REPORTED, JUNE, amount=0, source=source)
    (found,) = on().alerts
    assert found.sentence.startswith("甲（演示）：截至")
    assert Alert.objects.get().is_demo


# ---- Rules ---------------------------------------------------------------------------------------------
def copy_of(rule: Rule, zone: Any, **changes: Any) -> Rule:
    fields = {name: getattr(rule, name) for name in ("code", "name", "measure", "parameters", "levels", "recipients")}
    made = Rule(zone=zone, **{**fields, **changes})
    made.full_clean()
    made.save()
    return made


def test_a_nearer_rule_takes_the_place_of_the_one_above(town: Any, rules: Any, project: Make) -> None:
    levels = [{**rules["progress-gap"].levels[1], "low": 5}]
    copy_of(rules["progress-gap"], town.east, name="高新区更严", levels=levels, recipients={})
    project("东", plan=100, done=40)
    project("西", plan=100, done=40, zone=town.west)
    assert {each.project: (each.rule, each.level) for each in on().alerts} == {
        "东": ("高新区更严", "red"),
        "西": ("投资进度落后", "yellow"),
    }


def test_a_nearer_rule_that_is_disabled_switches_it_off_and_closes_its_alerts(
    town: Any, rules: Any, project: Make
) -> None:
    project("东", plan=100, done=0)
    project("西", plan=100, done=0, zone=town.west)
    on()
    copy_of(rules["progress-gap"], town.east, enabled=False)
    outcome = on()
    assert outcome.closed == 1
    assert [each.project for each in outcome.alerts] == ["西"]


@pytest.mark.parametrize(
    ("scope", "judged"),
    [
        ({"min_annual_plan": 1_000}, True),
        ({"min_annual_plan": 1_001}, False),
        ({"phases": ["reserved"]}, True),
        ({"phases": ["started"]}, False),
        ({"batches": ["sign"]}, True),
        ({"batches": ["start"]}, False),
    ],
)
def test_a_rule_keeps_to_its_scope(rules: Any, project: Make, scope: dict[str, Any], judged: bool) -> None:
    made = project(plan=1_000, done=0)
    facts.enter(made, "sign")
    rules["progress-gap"].scope = scope
    rules["progress-gap"].full_clean()
    rules["progress-gap"].save()
    assert bool(on().alerts) is judged


def test_a_broken_rule_is_named_and_the_others_still_judge(rules: Any, project: Make) -> None:
    project(plan=100, done=0)
    on()
    Rule.objects.filter(pk=rules["progress-gap"].pk).update(levels=[])
    outcome = on()
    assert len(outcome.bad_rules) == 1
    assert "投资进度落后" in outcome.bad_rules[0]
    assert (outcome.closed, len(outcome.alerts)) == (0, 1)


# ---- Cost ----------------------------------------------------------------------------------------------
def statements(sql: Any) -> int:
    """How many statements; a write that SQLite's limit of variables cuts into chunks is one."""
    heads = [text[:60] if text.startswith(("INSERT", "UPDATE")) else text for text in sql]
    same = sum(a == b for a, b in pairwise(heads) if a.startswith(("INSERT", "UPDATE")))
    return len(heads) - same


def test_fifty_projects_cost_as_many_statements_as_five(
    town: Any, rules: Any, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "FEW", 1000)  # beyond, on PostgreSQL, rows go another way, with a statement more

    def many(zone: Any, count: int) -> None:
        for number in range(count):
            made = project(f"项目{number}", plan=1_200_000, done=100_000 * (number % 5), zone=zone)
            facts.promise(made, Kind.STARTED, date(2023, 3, 31))
            facts.assign(made, "liaison", user=town.zhang)

    def cost(zone: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            scan(MONDAY, zone)
        return statements(each["sql"] for each in queries)

    many(town.west, 5)
    many(town.east, 50)
    assert cost(town.west) == cost(town.east)  # everything is opened
    assert cost(town.west) == cost(town.east)  # everything is kept
    assert cost(town.west) == cost(town.east)  # everything is opened
    assert cost(town.west) == cost(town.east)  # everything is kept
