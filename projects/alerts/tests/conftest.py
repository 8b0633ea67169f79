"""The 银川 scheme above the town, and the day of the demonstration."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from projects import facts
from projects.alerts import presets
from projects.alerts.models import Rule
from projects.alerts.scan import Outcome, scan
from projects.models import Progress, Project

MONDAY = date(2023, 7, 10)
JUNE = date(2023, 6, 30)


@pytest.fixture(autouse=True)
def _monday(settings: Any) -> None:
    settings.TRACKER_TODAY = MONDAY


def load_rules(zone: Any) -> dict[str, Rule]:
    """The 银川 scheme in a zone, by code."""
    return {rule.code: rule for rule in presets.load_scheme(zone, "yinchuan", None).added}


@pytest.fixture
def rules(town: Any) -> dict[str, Rule]:
    """The preset at the province."""
    return load_rules(town.province)


Make = Callable[..., Project]


@pytest.fixture
def project(town: Any) -> Make:
    """Makes a project of the east, with a plan of 2023 and a figure up to June if they are given."""

    def make(
        name: str = "格力智慧物流中心", *, plan: int | None = None, done: int | None = None, zone: Any = None
    ) -> Project:
        made = facts.create(name=name, zone=zone or town.east)
        if plan is not None:
            plan_for(made, plan)
        if done is not None:
            facts.record(made, Progress.Channel.REPORTED, JUNE, amount=done)
        return made

    return make


def plan_for(project: Project, amount: int, *, targets: list[int] | None = None, reason: str = "", on: Any = None):
    even = [amount * month // 12 for month in range(1, 13)]
    plan = facts.plan_year(project, 2023, amount, targets or even, reason=reason)
    return facts.approve_plan(plan, on=on or date(2023, 1, 10))


def told(outcome: Outcome) -> dict[str, str]:
    """Level by rule, of the alerts that hold."""
    return {each.rule: each.level for each in outcome.alerts}


def on(day: date = MONDAY, **kwargs: Any) -> Outcome:
    return scan(day, **kwargs)
