"""The demonstration on a real web server, for the tests of one module: what a visitor of `bin/demo` finds."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import checking
import demo
import pytest
import services
from common import ROOT

from tracker.tests.reading import WORD

# Names and codes in the data that may hold Latin letters; they are not words of a page.
NAMES = {
    "projects_project": ("name",),
    "projects_reports_mention": ("name",),
    "projects_company": ("name",),
    "projects_series": ("code",),
    "projects_alerts_rule": ("code",),
    "projects_scheduletemplate": ("code",),
    "zones_zone": ("code",),
    "zones_user": ("username",),
}

ACCOUNTS = "accounts.json"
DATABASE = "demo.sqlite3"  # as bin/demo names it
TABLES = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
settings.MIGRATION_MODULES = dict.fromkeys((each.label for each in django.apps.apps.get_app_configs()))
call_command("migrate", run_syncdb=True, verbosity=0)
settings.MIGRATION_MODULES = {}
call_command("migrate", fake=True, verbosity=0)
"""
"""A program that makes the tables as the models are now and says that it was migrated, which takes a fraction of that:
`bin/demo --check` and `bin/image` make them by the migrations.
"""
FILL = f"""
import io
{TABLES}
for command in ("demo", "scan_alerts", "send_notices"):
    call_command(command, stdout=io.StringIO())
call_command("demo", "--summary", "--format", "json")
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the demonstration runs, who can sign in, and what in its data looks like English."""

    address: str
    accounts: dict[str, dict[str, str]]
    names: tuple[str, ...]
    database: Path
    environment: dict[str, str]

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database, past the web server."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def work(self) -> None:
        """Do what waits in the background, as the worker does."""
        command = [sys.executable, "-X", "utf8", "manage.py", "run_jobs"]
        subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, check=True)

    def reader(self, username: str) -> checking.Browser:
        """Someone signed in who follows links without drawing them."""
        reader = checking.Browser(self.address)
        reader.sign_in(username, self.accounts[username]["password"])
        return reader


@contextmanager
def running(temporary: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a demonstration in a folder of its own until the end."""
    folder = temporary.mktemp("site")
    shutil.copytree(filled(temporary), folder, dirs_exist_ok=True)
    with services.listen(0) as server:
        environment = _settings(folder, server)
        accounts = json.loads((folder / ACCOUNTS).read_text(encoding="utf-8"))
        web = services.start_web(environment, server, folder / "log")
    try:
        web.wait_until("网站启动", lambda: checking.healthy(environment["SITE_URL"]))
        database = folder / DATABASE
        by_name = {account["username"]: account for account in accounts}
        yield Site(environment["SITE_URL"], by_name, _names(database), database, environment)
    finally:
        web.ask_to_stop()
        web.stop()


def _settings(folder: Path, server: socket.socket) -> dict[str, str]:
    return demo.settings(folder, server) | {"LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "tracker.settings"}


def filled(temporary: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration, filled by whichever process of the run asks first; the others wait for it."""
    own = temporary.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = run / "demonstration"
    with (run / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ACCOUNTS).exists():
            with services.listen(0) as server:
                accounts = _fill(_settings(folder, server))
            (folder / ACCOUNTS).write_text(accounts, encoding="utf-8")
    return folder


def _fill(environment: dict[str, str]) -> str:
    """What `bin/demo` does before it starts, in one process; the accounts that can sign in, as JSON."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", FILL],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.dumps(json.loads(done.stdout)["accounts"])


def _names(database: Path) -> tuple[str, ...]:
    """The longest first, so that none is cut by another that it holds."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = [
            name
            for table, columns in NAMES.items()
            for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table}")
            for name in row
        ]
    return tuple(sorted({name for name in found if WORD.search(name)}, key=len, reverse=True))
