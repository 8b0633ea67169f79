"""The demonstration lives through days of the past: what is done on a day says that day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings


@contextmanager
def on(day: date) -> Iterator[None]:
    """Let `zones.clock.today()` be `day`. For a command that runs alone in its process, never for the web."""
    before = settings.TRACKER_TODAY
    settings.TRACKER_TODAY = day
    try:
        yield
    finally:
        settings.TRACKER_TODAY = before
