"""Projects that come onto an agenda for every reason there is."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from projects import facts
from projects.alerts.models import Alert, Rule
from projects.models import Milestone, Project

MONDAY = date(2023, 7, 10)
LABELS = {"yellow": (1, "黄色预警"), "red": (2, "红色预警")}


@pytest.fixture(autouse=True)
def _monday(settings: Any) -> None:
    settings.TRACKER_TODAY = MONDAY


@pytest.fixture
def project(town: Any) -> Callable[..., Project]:
    """Makes a project of the east: `lit` by an alert of that level, `signed` or with a start `due` on a day."""

    def make(name: str, *, zone: Any = None, lit: str = "", signed: Any = None, due: Any = None) -> Project:
        made = facts.create(name=name, zone=zone or town.east)
        if lit:
            light(made, lit)
        if signed:
            facts.reach(made, Milestone.Kind.SIGNED, signed)
        if due:
            facts.promise(made, Milestone.Kind.STARTED, due)
        return Project.objects.get(pk=made.pk)

    return make


def light(project: Project, level: str) -> Alert:
    """An open alert of the project, as a scan would leave it."""
    rule, _ = Rule.objects.get_or_create(zone=project.zone, code="gap", defaults={"name": "差距"})
    severity, label = LABELS[level]
    return Alert.objects.create(
        **{"subject_key": f"project:{project.pk}", "project": project, "rule": rule, "severity": severity},
        **{"level": level, "label": label, "sentence": f"{project}落后时序，{label}。"},
        **dict.fromkeys(("opened_on", "level_since", "last_judged_on"), MONDAY),
    )
