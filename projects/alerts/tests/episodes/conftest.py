"""A red alert of the east with everybody who has to do with it, and days that pass."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from projects import facts
from projects.alerts import answering
from projects.alerts.models import Alert, AlertAnswer, AlertEvent
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on, project, rules
from projects.notices.models import Notice

__all__ = ["project", "rules"]


@pytest.fixture(autouse=True)
def _monday(settings: Any) -> None:
    settings.TRACKER_TODAY = MONDAY


@pytest.fixture
def red(town: Any, rules: Any, project: Make) -> Alert:
    """Opened on Monday, to be answered within three working days. 张联络 looks after it, 高主任 leads it."""
    made = project("甲项目", plan=100, done=0)
    facts.assign(made, "liaison", user=town.zhang)
    facts.assign(made, "leader", user=town.gao)
    on()
    return Alert.objects.get()


@pytest.fixture
def pass_to(settings: Any) -> Callable[[date], Alert]:
    """Let the nights pass up to and including that of a day, each with its scan."""

    def go(day: date) -> Alert:
        settings.TRACKER_TODAY = day
        on(day)
        return Alert.objects.order_by("pk").first()

    return go


def figure(alert: Alert, amount: int) -> None:
    facts.record(alert.project, "reported", JUNE, amount=amount)


def kinds(alert: Alert) -> list[str]:
    return list(AlertEvent.objects.filter(alert=alert).order_by("step").values_list("kind", flat=True))


def told(kind: str) -> set[str]:
    """User names of those who have a notice of a kind."""
    return set(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


WORDS = {
    "category": "money",
    "cause": "银行放款推迟",
    "measures": "已与银行对接",
    "expected_on": date(2023, 8, 31),
    "responsible": "李总",
}


def say(alert: Alert, by: Any, **words: Any) -> AlertAnswer:
    return answering.answer(alert, by=by, **{**WORDS, **words})
