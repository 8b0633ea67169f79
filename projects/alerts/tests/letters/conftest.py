"""A red alert of the east whose unit and liaison are written to, and the head under which the office writes."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from projects import facts
from projects.alerts.letters import drafting, issuing
from projects.alerts.models import Alert, Letter, Letterhead
from projects.alerts.tests.conftest import MONDAY, Make, on, project, rules
from projects.alerts.tests.episodes.conftest import WORDS, figure, told

__all__ = ["figure", "project", "rules", "told"]

SLIP = {**WORDS, "plan": "7月20日前完成放款，李总"}


@pytest.fixture(autouse=True)
def _monday(settings: Any, tmp_path: Path) -> None:
    settings.TRACKER_TODAY = MONDAY
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def head(town: Any) -> Letterhead:
    return Letterhead.objects.create(
        zone=town.east,
        organ="郑州高新技术产业开发区项目办",
        reminder="郑高新提",
        supervision="郑高新督",
        talk="郑高新约",
        contact="陈项目办",
        phone="0371-67981234",
    )


@pytest.fixture
def red(town: Any, rules: Any, project: Make) -> Alert:
    """张联络 looks after it, his unit stands for it."""
    made = project("甲项目", plan=100_000_000, done=0)
    facts.assign(made, "liaison", user=town.zhang)
    facts.assign(made, "unit", department=town.east_office)
    on()
    return Alert.objects.get()


def draft(red: Alert, town: Any, kind: str = "supervision") -> Letter:
    letter = drafting.draft([red], kind=kind, head=Letterhead.objects.get(), by=town.chen, department=town.east_office)
    if kind == "talk":
        words = {"talk_at": time(15, 30), "talk_place": "三楼会议室", "talker": "高主任", "talked": "张局长"}
        letter = drafting.edit(letter, words, by=town.chen)
    return letter


def sent(red: Alert, town: Any, kind: str = "supervision") -> Letter:
    return issuing.issue(draft(red, town, kind), by=town.gao)


SOON = date(2023, 7, 13)
