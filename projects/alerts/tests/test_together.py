"""Scans at the same time: each alert is opened once, each person is told once. A scan and people who acknowledge: none
loses a step of the other.

SQLite keeps its test database in memory, where threads do not wait for each other as they do for a file. There
separate processes scan a copy in a file, as several workers would.
"""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from projects import facts
from projects.alerts import episodes
from projects.alerts.answering import acknowledge
from projects.alerts.models import Alert, AlertEvent
from projects.alerts.scan import scan
from projects.alerts.tests.conftest import JUNE, MONDAY, Make
from projects.models import Progress
from projects.notices.models import Notice
from zones.models.versioned import StaleVersion

SCANS, PROJECTS = 3, 20
pytestmark = pytest.mark.django_db(transaction=True)


def counted(path: Path) -> tuple[int, ...]:
    file = sqlite3.connect(path)
    tables = (Alert, AlertEvent, Notice)
    found = tuple(file.execute(f"select count(*) from {each._meta.db_table}").fetchone()[0] for each in tables)
    file.close()
    return found


def scan_in_processes(path: Path) -> list[subprocess.CompletedProcess[str]]:
    own = {"DATABASE_URL": f"sqlite:///{path}", "TRACKER_TODAY": f"{MONDAY}"}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "scan_alerts"]
    running = [
        subprocess.Popen(command, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(SCANS)
    ]
    ended = [(process, *process.communicate(timeout=120)) for process in running]
    return [subprocess.CompletedProcess(command, process.returncode, out, err) for process, out, err in ended]


def at_once(*acts: Callable[[], Any]) -> list[BaseException]:
    """Run the acts in threads that start together; what they raised."""
    failures: list[BaseException] = []
    ready = threading.Barrier(len(acts))

    def work(act: Callable[[], Any]) -> None:
        try:
            ready.wait(timeout=20)
            act()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return failures


def test_scans_at_once_open_each_alert_once(rules: Any, project: Make, tmp_path: Path) -> None:
    for number in range(PROJECTS):
        project(f"项目{number}", plan=100, done=0)
    if connection.vendor == "sqlite":
        path = tmp_path / "copy.sqlite3"
        connection.ensure_connection()
        with sqlite3.connect(path) as copy:
            connection.connection.backup(copy)
        copy.close()
        assert [done.stderr for done in scan_in_processes(path) if done.returncode] == []
        assert counted(path) == (PROJECTS, PROJECTS, PROJECTS)
    else:
        assert at_once(*[lambda: scan(MONDAY)] * SCANS) == []
        found = tuple(model.objects.count() for model in (Alert, AlertEvent, Notice))
        assert found == (PROJECTS, PROJECTS, PROJECTS)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: nobody can meet")
def test_a_scan_and_acknowledgements_at_once_lose_no_step(town: Any, rules: Any, project: Make) -> None:
    made = [project(f"项目{number}", plan=100, done=30) for number in range(PROJECTS)]
    scan(MONDAY)
    alerts = list(Alert.objects.select_related("project").order_by("-pk"))

    def sign(who: Any) -> None:
        for alert in alerts:
            acknowledge(alert, by=who)

    for round_, amount in enumerate((0, 30, 0), start=1):
        for each in made:
            facts.record(each, "reported", JUNE, amount=amount)
        assert at_once(lambda: scan(MONDAY), lambda: sign(town.chen), lambda: sign(town.gao)) == []
        for alert in Alert.objects.all():
            events = list(AlertEvent.objects.filter(alert=alert).order_by("step"))
            assert [event.step for event in events] == list(range(1, alert.steps + 1))
            assert sum(event.kind in ("worsened", "eased") for event in events) == round_
            last = max(event.step for event in events if event.kind in ("opened", "worsened"))
            signed = any(event.kind == "acknowledged" and event.step > last for event in events)
            assert alert.acknowledged == signed


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: nobody can meet")
def test_one_version_acknowledged_at_once_by_many_is_taken_once(town: Any, rules: Any, project: Make) -> None:
    project(plan=100, done=30)
    scan(MONDAY)
    alert = Alert.objects.get()
    failures = at_once(*[lambda: acknowledge(alert, by=town.gao, expected_steps=1)] * 8)
    assert [type(failure) for failure in failures] == [StaleVersion] * 7
    assert Alert.objects.get().steps == 2


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: nobody can meet")
def test_a_fact_that_comes_in_the_middle_of_a_scan_is_judged_by_the_next(
    town: Any, rules: Any, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a door that locks no project: one whose mark the scan is taking away, and one that it does not look at."""
    made = [project(f"项目{number}", plan=100, done=50) for number in range(3)]
    scan(MONDAY)
    facts.record(made[0], "reported", JUNE, amount=49)
    facts.record(made[2], "reported", JUNE, amount=49)
    write = episodes.write
    fell_behind = iter((made[0], made[1]))

    def at_the_worst_moment(found: episodes.Plan) -> None:
        late = next(fell_behind).pk
        thread = threading.Thread(target=lambda: by_hand(late))
        thread.start()
        thread.join(timeout=1)  # it may have to wait for the scan
        waiting.append(thread)
        write(found)

    waiting: list[threading.Thread] = []
    monkeypatch.setattr(episodes, "write", at_the_worst_moment)
    scan(MONDAY)
    facts.record(made[2], "reported", JUNE, amount=48)
    scan(MONDAY)
    for thread in waiting:
        thread.join(timeout=20)
    monkeypatch.setattr(episodes, "write", write)
    scan(MONDAY)
    assert set(Alert.objects.values_list("project", flat=True)) == {made[0].pk, made[1].pk}


def by_hand(project_id: int) -> None:
    Progress.objects.filter(project=project_id, current=True).update(amount=0)
    connections.close_all()
