"""The one way in: everything of the demonstration, in the order in which it needs each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from tracker.demonstration import guard, living, people, projects, reference
from tracker.demonstration.reports import read_all


def fill(reports: Path | None = None, say: Callable[[str], Any] | None = None) -> None:
    """Fill an empty database, or add to our own what is missing, all of it or nothing.

    Reads the reports of the folder `reports` in place of our own. `say` is told, line by line, what was done.
    Raises `Refused` where the demonstration must not go, and when no report at all could be read.
    """
    tell = say or _silently
    with transaction.atomic():
        guard.check()
        reference.fill_zones()
        people.fill()
        reference.fill_periods()
        reference.fill_rules()
        reference.fill_schedules()
        read_all(reports, tell)
        projects.fill(tell)
        living.live()


def _silently(line: str) -> None:
    """Nobody listens."""
