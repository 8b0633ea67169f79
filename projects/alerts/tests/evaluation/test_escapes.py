"""Whoever tries to make an alert go away by other means than work: it stays open, and the trace bears a name.

What becomes of an alert when the project moves, ends or rests, or the rule is switched off: `tests/episodes`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from projects import facts
from projects.alerts.models import Alert, AlertEvent
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on, project, rules
from projects.models import AnnualPlan, MilestoneChange, Progress, Project
from projects.tests.api.calling import patch, post, url
from projects.tests.screens import act

__all__ = ["project", "rules"]

PLAN = 120_000_000
MARCH, DECEMBER = date(2023, 3, 31), date(2023, 12, 31)
MILDER = {"year": "2023", "reason": "压减规模", "amount": "1", **{f"month_{n}": "" for n in range(1, 13)}}
STARTED = {"done": True, "actual_first": "2023-07-08", "actual_last": "2023-07-08"}
Try = Callable[[Any, Client, Project], Any]


@pytest.fixture
def behind(town: Any, rules: Any, project: Make, settings: Any) -> Project:
    """Nothing invested by June, and not started though it was promised for March: two red alerts since Monday."""
    settings.TRACKER_TODAY = MONDAY
    made = project("甲项目", plan=PLAN, done=0)
    facts.approve(facts.promise(made, "started", MARCH, by=town.chen), by=town.gao)
    facts.assign(made, "liaison", user=town.zhang)
    on()
    settings.TRACKER_TODAY = MONDAY + timedelta(days=1)
    return made


def replan_on_screen(town: Any, client: Client, made: Project) -> Any:
    assert town.sign_in(client, "chen").post(act(made, "plan"), MILDER).status_code == 302
    plan = made.plans.get(edition=2)
    assert town.sign_in(client, "gao").post(f"/admin/projects/annualplan/{plan.pk}/approve/").status_code == 302
    return _names_of_plan(made)


def replan_by_api(town: Any, client: Client, made: Project) -> Any:
    told = {"project": made.pk, "year": 2023, "amount": 0, "reason": "暂缓"}
    plan = post(town.sign_in(client, "chen"), "plans", told).json()["id"]
    etag = town.sign_in(client, "gao").get(url("plans", plan)).headers["ETag"]
    where = f"{url('plans', plan)}approve/"
    assert client.post(where, {}, content_type="application/json", headers={"If-Match": etag}).status_code == 200
    return _names_of_plan(made)


def _names_of_plan(made: Project) -> Any:
    plan = AnnualPlan.objects.binding_on(MONDAY + timedelta(days=1)).get(project=made, edition=2)
    return plan.author.username, plan.approved_by.username


def move_the_deadline_on_screen(town: Any, client: Client, made: Project) -> Any:
    told = {"step": "started|", "label": "", "deadline": DECEMBER.isoformat(), "reason": "征地未完"}
    assert town.sign_in(client, "chen").post(act(made, "promise"), told).status_code == 302
    return _names_of_changes(made)


def move_the_deadline_by_api(town: Any, client: Client, made: Project) -> Any:
    told = {"planned": DECEMBER.isoformat(), "reason": "征地未完"}
    step = made.milestones.get(kind="started")
    assert patch(town.sign_in(client, "chen"), "milestones", step.pk, told).status_code == 200
    return _names_of_changes(made)


def start_and_take_it_back(town: Any, client: Client, made: Project) -> Any:
    step = made.milestones.get(kind="started")
    town.sign_in(client, "zhang")
    for told in (STARTED, {"done": False, "reason": "误报"}):
        assert patch(client, "milestones", step.pk, told).status_code == 200, told
    return _names_of_changes(made)


def _names_of_changes(made: Project) -> Any:
    changes = MilestoneChange.objects.filter(milestone__project=made).order_by("pk")
    return tuple(change.by.username for change in changes if change.what not in ("baseline",))[1:]


def report_all_and_correct_it(town: Any, client: Client, made: Project) -> Any:
    for amount, by in ((PLAN, town.zhang), (0, town.chen)):
        facts.record(made, Progress.Channel.REPORTED, JUNE, amount=amount, by=by)
    return tuple(made.progress.order_by("pk").values_list("recorded_by__username", flat=True)[1:])


def write_on_the_database(town: Any, client: Client, made: Project) -> Any:
    """Past every door; there is no name to be had, and nothing is gained."""
    with connection.cursor() as cursor:
        for statement in (
            "UPDATE projects_milestone SET planned = '2023-12-31' WHERE project_id = %s",
            "UPDATE projects_standing SET light = 'green', severity = 0, plan = 1 WHERE project_id = %s",
            f"UPDATE projects_project SET zone_id = {town.west.pk} WHERE id = %s",
        ):
            cursor.execute(statement, [made.pk])
    return ()


@pytest.mark.parametrize(
    ("attempt", "names"),
    [
        (replan_on_screen, ("chen", "gao")),
        (replan_by_api, ("chen", "gao")),
        (move_the_deadline_on_screen, ("chen",)),
        (move_the_deadline_by_api, ("chen",)),
        (start_and_take_it_back, ("zhang", "zhang")),
        (report_all_and_correct_it, ("zhang", "chen")),
        (write_on_the_database, ()),
    ],
)
def test_the_alerts_stay_open_and_red_and_the_trace_bears_a_name(
    town: Any, client: Client, behind: Project, attempt: Try, names: tuple[str, ...]
) -> None:
    assert attempt(town, client, behind) == names
    for whole in (False, True):
        assert on(MONDAY + timedelta(days=1), whole=whole).closed == 0
        found = Alert.objects.open().filter(project=behind, held="").order_by("rule__code")
        assert list(found.values_list("rule__code", "level")) == [("late-start", "red"), ("progress-gap", "red")]
    assert set(AlertEvent.objects.values_list("kind", flat=True)) == {"opened"}


def test_a_start_that_closed_its_alert_and_is_taken_back_later_brings_another_one_at_once(
    town: Any, client: Client, behind: Project, settings: Any
) -> None:
    step = behind.milestones.get(kind="started")
    patch(town.sign_in(client, "zhang"), "milestones", step.pk, STARTED)
    assert on(MONDAY + timedelta(days=1)).closed == 1
    settings.TRACKER_TODAY = MONDAY + timedelta(days=2)
    patch(client, "milestones", step.pk, {"done": False, "reason": "误报"})
    on(MONDAY + timedelta(days=2))
    assert Alert.objects.open().filter(rule__code="late-start").get().level == "red"
    assert _names_of_changes(behind) == ("zhang", "zhang")
