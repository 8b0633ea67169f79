"""Whether the product is alive, whether it can work, and whether it does. For load balancers and whoever is on duty.

Three questions, because three things are done about them. `/healthz` fails: restart the process. `/readyz` fails: send
nobody here until database, migrations and broker are back. A background that stands still is no reason to turn people
away, who can read and write without it, so there `/readyz` says `degraded` with 200; but nobody is told of a late
project any more, and nobody notices silence. For that there is `/healthz/jobs`, which a monitor outside of this
machine must ask, and `/healthz/alerts` for the messages themselves.

Answers name what fails and nothing that a stranger could use: no addresses, no messages of libraries.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projects.alerts.models import Rule, ScanRun
from projects.jobs import bell, watch
from projects.jobs.models import Job
from projects.models import Project
from projects.notices import watching as notices

log = logging.getLogger(__name__)
SILENCE: Final = timedelta(minutes=30)  # of the background, that somebody must be woken for
SCANNED: Final = timedelta(hours=26)  # since the last scan: every morning has one, and two hours to finish it


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
    """200 if database, migrations and broker work, else 503; with each part's state and how the background does.

    `status` is `degraded` where all of them work and nobody looks what is due, or does it.
    """
    found = {name: _state(name, check) for name, check in CHECKS.items()}
    works = all(state == "ok" for state in found.values())
    told: dict[str, Any] = {"background": None, "last_scan": None}
    if found["database"] == found["migrations"] == "ok":
        told = {"background": _background(), "last_scan": _latest_scan()}
    lives = told["background"] is None or told["background"]["state"] == "ok"
    status = "unavailable" if not works else "ok" if lives else "degraded"
    return JsonResponse({"status": status, "checks": found, **told}, status=200 if works else 503)


@never_cache
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """503 when the background has stood still for half an hour: nobody looked what is due, or what is due is not done.

    Also when it never ran, and when the database does not answer: whoever watches must hear of every silence.
    """
    try:
        age, overdue = watch.tick_age(), Job.objects.overdue(SILENCE).count()
    except Exception:
        log.warning("healthz/jobs: the database failed", exc_info=True)
        return JsonResponse({"status": "failed"}, status=503)
    still = age is None or age > SILENCE or overdue > 0
    answer = {"status": "stalled" if still else "ok", "tick_age_seconds": _seconds(age), "overdue": overdue}
    return JsonResponse(answer, status=503 if still else 200)


@never_cache
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """503 when people are not told of what is late: a message has waited for half an hour, nobody has sent for as long,
    or the morning's scan is missing. With the ages in seconds, by the database's clock.
    """
    found = telling()
    return JsonResponse(found, status=200 if found["status"] == "ok" else 503)


def telling() -> dict[str, Any]:
    """How the telling does: `status` is ok, silent or failed (the database did not answer); `wrong` names what is wrong
    of `oldest_due`, `last_scan`, `last_round`; `failed` and `suspended` are for information.
    """
    try:
        ages = {
            "oldest_due_seconds": _seconds(notices.oldest_due()),
            "last_scan_age_seconds": _seconds(_scan_age()),
            "last_round_age_seconds": _seconds(notices.round_age()),
        }
        expected, suspended, failed = _scans_are_due(), notices.suspended(), notices.failed_lately()
    except Exception:
        log.warning("healthz/alerts: the database failed", exc_info=True)
        return {"status": "failed", "wrong": ["database"]}
    oldest, scanned, sent = ages.values()
    wrong = [
        *(["oldest_due"] if oldest is not None and oldest > SILENCE.total_seconds() else []),
        *(["last_scan"] if expected and (scanned is None or scanned > SCANNED.total_seconds()) else []),
        *(["last_round"] if sent is None or sent > SILENCE.total_seconds() else []),
    ]
    return {"status": "silent" if wrong else "ok", "wrong": wrong, **ages, "failed": failed, "suspended": suspended}


def _scan_age() -> timedelta | None:
    ended = ScanRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").annotate(now=Now())
    found: Any = ended.values_list("now", "finished_at").first()
    return max(found[0] - found[1], timedelta()) if found else None


def _scans_are_due() -> bool:
    # Without a rule or a project a scan has nothing to do, and says so each morning.
    return Rule.objects.filter(enabled=True).exists() and Project.objects.exists()


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
    with bell.connection() as link:
        link.ensure_connection(max_retries=0)


def _background() -> dict[str, Any]:
    """How long ago somebody looked what is due, and how many jobs should have been done by now."""
    age = watch.tick_age()
    overdue = Job.objects.overdue(watch.HICCUP).count()
    state = "late" if watch.is_late(age) else "overdue" if overdue else "ok"
    return {"state": state, "tick_age_seconds": _seconds(age), "overdue": overdue}


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else round(age.total_seconds())


def _latest_scan() -> dict[str, Any] | None:
    """The latest scan that was finished, and how many seconds ago; None if there was none."""
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
