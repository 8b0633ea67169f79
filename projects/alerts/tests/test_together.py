"""Scans at the same time: each alert is opened once, each person is told once.

SQLite keeps its test database in memory, where threads do not wait for each other as they do for a file. There
separate processes scan a copy in a file, as several workers would.
"""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from projects.alerts.models import Alert, AlertEvent
from projects.alerts.scan import scan
from projects.alerts.tests.conftest import MONDAY, Make
from projects.notices.models import Notice

SCANS, PROJECTS = 3, 20
pytestmark = pytest.mark.django_db(transaction=True)


def counted(path: Path) -> tuple[int, ...]:
    file = sqlite3.connect(path)
    tables = (Alert, AlertEvent, Notice)
    found = tuple(file.execute(f"select count(*) from {each._meta.db_table}").fetchone()[0] for each in tables)
    file.close()
    return found


def scan_in_processes(path: Path) -> list[subprocess.CompletedProcess[str]]:
    own = {"DATABASE_URL": f"sqlite:///{path}", "TRACKER_TODAY": f"{MONDAY}", "SECRET_KEY": "x" * 50}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "scan_alerts"]
    running = [
        subprocess.Popen(command, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(SCANS)
    ]
    ended = [(process, *process.communicate(timeout=120)) for process in running]
    return [subprocess.CompletedProcess(command, process.returncode, out, err) for process, out, err in ended]


def scan_in_threads() -> list[BaseException]:
    failures: list[BaseException] = []
    ready = threading.Barrier(SCANS)

    def work() -> None:
        try:
            ready.wait(timeout=20)
            scan(MONDAY)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(SCANS)]
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
        assert scan_in_threads() == []
        found = tuple(model.objects.count() for model in (Alert, AlertEvent, Notice))
        assert found == (PROJECTS, PROJECTS, PROJECTS)
