"""The bell: a message to the workers that there is something to do. It may be lost; the next tick rings again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from celery import current_app
from django.conf import settings

log = logging.getLogger(__name__)

# Seconds. A broker that does not answer must not hold up the person who pressed a button, or a health check.
PATIENCE: Final = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
WORK: Final = "projects.jobs.tasks.work"
# Seconds after its own limit at which a job that hangs outside of the database is interrupted, and ended.
INTERRUPTED, ENDED = 30, 60

_silent = False


@contextmanager
def connection() -> Iterator[Any]:
    """A connection to the broker that gives up after a second or two, and never tries again by itself."""
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **PATIENCE}
    with current_app.connection_for_write(settings.CELERY_BROKER_URL, transport_options=options) as link:
        yield link


def ring(jobs: Iterable[tuple[int, timedelta]]) -> None:
    """Wake workers for jobs, given by their id and how long each may take. Never raises."""
    global _silent
    try:
        with connection() as link:
            for number, limit in jobs:
                _send(link, number, limit)
    except Exception as trouble:  # whatever a transport may raise: the job is safe in the database
        if not _silent:
            log.warning("the broker cannot be reached, jobs wait for the next tick: %s", trouble)
        _silent = True
    else:
        if _silent:
            log.info("the broker can be reached again")
        _silent = False


def _send(link: Any, number: int, limit: timedelta) -> None:
    seconds = limit.total_seconds()
    limits = {"soft_time_limit": seconds + INTERRUPTED, "time_limit": seconds + ENDED}
    current_app.send_task(WORK, (number,), connection=link, retry=False, **limits)
