"""A scan looks only where the last judgement may not hold any more, and finds the same as one that looks everywhere."""

from datetime import date, timedelta
from typing import Any

import pytest

from projects import facts
from projects.alerts import episodes, exempting
from projects.alerts.cases import PROJECT
from projects.alerts.models import Alert, Rule, ScanPart, ScanRun
from projects.alerts.rulebook import Rulebook
from projects.alerts.scan import begin, help_with, parts, scan
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, told
from projects.models import Entry, Milestone, Progress, Project, Standing, StandingMonth

pytestmark = pytest.mark.django_db
Kind = Milestone.Kind
DAY = timedelta(days=1)


def on(day: date, settings: Any, **kwargs: Any) -> Any:
    settings.TRACKER_TODAY = day
    return scan(day, **kwargs)


@pytest.fixture
def three(rules: Any, project: Make) -> list[Project]:
    """Far behind; well ahead, started and entered; and one that is to start in September."""
    fine = project("乙", plan=1_200_000, done=900_000)
    facts.reach(fine, Kind.STARTED, date(2023, 2, 1))
    facts.reach(fine, Kind.STATS_ENTRY, date(2023, 2, 20))
    later = project("丙")
    facts.promise(later, Kind.STARTED, date(2023, 9, 15))
    return [project("甲", plan=1_200_000, done=100_000), fine, later]


def lights() -> dict[str, tuple[Any, ...]]:
    rows = Standing.objects.values_list("project__name", "light", "severity", "since", "unjudged", "look_on", "stale")
    return {name: rest for name, *rest in rows}


def test_a_quiet_day_looks_at_nothing(three: Any, settings: Any) -> None:
    assert on(MONDAY, settings).looked_at == 2  # the one that is fine was told by the set
    before = lights()
    again = on(MONDAY + DAY, settings)
    assert (again.looked_at, again.projects, again.judged, again.unchanged) == (0, 3, 3, 1)
    assert lights() == before
    assert [each.project for each in again.alerts] == ["甲"]


def test_who_was_told_by_the_set_stands_as_if_looked_at_alone(three: list[Project], settings: Any) -> None:
    on(MONDAY, settings)
    by_set = lights()
    Rule.objects.filter(code="progress-gap").update(hysteresis="5")  # such a rule is judged one by one
    assert on(MONDAY, settings).looked_at == 3
    assert lights() == by_set


def test_a_fact_wakes_its_project_alone(three: list[Project], settings: Any) -> None:
    on(MONDAY, settings)
    Progress.objects.filter(project=three[1]).update(amount=1)
    outcome = on(MONDAY, settings)
    assert (outcome.looked_at, outcome.opened) == (1, 1)


def test_the_day_on_which_a_start_becomes_late_is_not_missed(three: Any, settings: Any) -> None:
    on(date(2023, 9, 5), settings)
    assert on(date(2023, 9, 30), settings).opened == 0
    assert on(date(2023, 10, 1), settings).opened == 1
    assert Alert.objects.filter(rule__code="late-start", opened_on=date(2023, 10, 1)).count() == 1


def test_another_month_is_judged_for_all(three: Any, settings: Any) -> None:
    on(MONDAY, settings)
    assert on(date(2023, 7, 31), settings).looked_at >= 2
    assert {row.month for row in Standing.objects.all()} == {date(2023, 7, 31)}


def test_rules_and_return_days_that_change_are_looked_at_everywhere(town: Any, three: Any, settings: Any) -> None:
    on(MONDAY, settings)
    Rule.objects.filter(code="late-start").update(enabled=False)
    on(MONDAY, settings)
    assert ScanRun.objects.latest("pk").whole
    town.east.return_day = 5
    town.east.save()
    on(MONDAY, settings)
    assert ScanRun.objects.latest("pk").whole
    on(MONDAY, settings)
    assert not ScanRun.objects.latest("pk").whole


def test_an_exemption_is_over_on_its_day_without_any_fact(town: Any, three: Any, settings: Any) -> None:
    on(MONDAY, settings)
    alert = Alert.objects.get()
    asked = exempting.ask(alert, by=town.chen, ends=MONDAY + 3 * DAY, reason="等用地批复", evidence="会议纪要")
    exempting.approve(asked, by=town.gao)
    on(MONDAY + DAY, settings)
    assert Alert.objects.get().held == "豁免"
    on(MONDAY + 3 * DAY, settings)
    assert Alert.objects.get().held == "豁免"
    assert on(MONDAY + 4 * DAY, settings).looked_at == 1
    assert Alert.objects.get().held == ""


def test_the_scan_of_one_zone_leaves_its_neighbours_to_be_judged(
    town: Any, rules: Any, project: Make, settings: Any
) -> None:
    east, west = project("东一", plan=120, done=60), project("西", plan=120, done=60, zone=town.west)
    both = [east, west, project("东二", plan=120, done=60)]
    on(MONDAY, settings)
    for each in both:
        facts.record(each, Progress.Channel.REPORTED, JUNE, amount=10)
    on(MONDAY, settings, zone=town.east)
    assert on(MONDAY + DAY, settings).looked_at == 1
    assert Alert.objects.filter(project=west).exists()


def test_the_scan_of_one_zone_freezes_no_month_of_its_neighbours(
    town: Any, rules: Any, project: Make, settings: Any
) -> None:
    west = project("西", plan=120, done=55, zone=town.west)
    project("东一", plan=120, done=60), project("西二", plan=120, zone=town.west), project("东二", plan=120, done=60)
    on(MONDAY, settings)
    on(date(2023, 7, 31), settings, zone=town.east)
    on(date(2023, 8, 1), settings)
    assert StandingMonth.objects.get(project=west, month=date(2023, 7, 31)).light == "yellow"


def test_a_day_that_was_left_out_is_judged_later_without_losing_what_came_since(
    rules: Any, project: Make, settings: Any
) -> None:
    made = project(plan=1_200_000, done=600_000)
    facts.promise(made, Kind.STARTED, date(2023, 7, 31))
    on(date(2023, 7, 31), settings)
    settings.TRACKER_TODAY = date(2023, 8, 4)
    facts.reach(made, Kind.STARTED, date(2023, 8, 3))
    assert told(scan(date(2023, 8, 2)))["逾期未开工"] == "yellow"
    assert "逾期未开工" not in told(scan(date(2023, 8, 4)))


def test_a_list_that_begins_by_itself_brings_its_projects_under_its_rule(
    rules: Any, project: Make, settings: Any
) -> None:
    Rule.objects.filter(code="progress-gap").update(scope={"batches": ["start"]})
    made = project(plan=1_200_000, done=100)
    settings.TRACKER_TODAY = MONDAY
    entry, _ = facts.enter(made, "start")
    Entry.objects.filter(pk=entry.pk).update(entered_on=MONDAY + 2 * DAY)
    assert on(MONDAY, settings).opened == 0
    assert on(MONDAY + 2 * DAY, settings).opened == 1


# ---- Parts -------------------------------------------------------------------------------------------
@pytest.fixture
def parts_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(PROJECT), "part", 2)
    monkeypatch.setattr(type(PROJECT), "size", 1)


def test_a_run_that_broke_off_is_ended_by_whoever_helps(rules: Any, project: Make, parts_of_two: None) -> None:
    for number in range(5):
        project(f"项目{number}", plan=100, done=0)
    run = begin(MONDAY)
    assert run is not None
    assert ScanPart.objects.filter(run=run).count() == 3
    outcome = help_with(run)
    assert outcome is not None
    assert (outcome.opened, outcome.projects, outcome.written) == (5, 5, True)
    assert help_with(run) is None  # somebody ended it already
    assert not ScanPart.objects.exists()
    assert ScanRun.objects.get().counts["opened"] == 5


def test_a_scan_after_one_that_broke_off_does_what_is_left(rules: Any, project: Make, parts_of_two: None) -> None:
    for number in range(5):
        project(f"项目{number}", plan=100, done=0)
    run = begin(MONDAY)
    assert run is not None
    assert parts.do_one(run, Rulebook(Rule.objects.select_related("zone")))
    assert Alert.objects.count() == 2
    outcome = scan(MONDAY)
    assert (outcome.opened, outcome.unchanged, Alert.objects.count()) == (3, 2, 5)
    facts.record(Project.objects.first(), "weekly", JUNE, amount=100)
    assert scan(MONDAY).looked_at == 1


def test_a_part_whose_subjects_are_gone_meanwhile_has_no_alerts() -> None:
    assert episodes.open_alerts("problem", []) == []
