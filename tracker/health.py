"""Whether the product is alive, and whether it can work. For load balancers and for whoever is on duty.

Answers name what fails and nothing that a stranger could use: no addresses, no messages of libraries.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)
PATIENCE: Final = 2  # seconds for a broker to answer


class NotReady(Exception):
    """A part does not work; the message is the word that the answer shows."""


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all. Asks nobody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 if database, migrations and broker work, else 503; with each part's state and the latest scan."""
    found = {name: _state(name, check) for name, check in CHECKS.items()}
    works = all(state == "ok" for state in found.values())
    scan = _latest_scan() if found["database"] == found["migrations"] == "ok" else None
    answer = {"status": "ok" if works else "unavailable", "checks": found, "last_scan": scan}
    return JsonResponse(answer, status=200 if works else 503)


def _state(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except Exception:
        log.warning("readyz: %s failed", name, exc_info=True)
        return "failed"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("pending")


def _broker() -> None:
    if settings.CELERY_BROKER_URL.startswith("filesystem://"):
        folders: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        if not all(os.access(Path(folders[name]), os.W_OK) for name in ("data_folder_in", "data_folder_out")):
            raise NotReady("not writable")
        return
    _ping_broker()


def _ping_broker() -> None:
    from tracker.celery import app

    with app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, timeout=PATIENCE, interval_start=0, interval_step=0)


def _latest_scan() -> dict[str, Any] | None:
    """The latest scan that was finished, and how many seconds ago; None if there was none."""
    from projects.alerts.models import ScanRun

    last = ScanRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()
    if last is None or last.finished_at is None:
        return None
    age = (timezone.now() - last.finished_at).total_seconds()
    return {"as_of": last.as_of.isoformat(), "age_seconds": max(0, round(age))}


CHECKS: Final[dict[str, Callable[[], None]]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
}
