"""Holding a job while it is done: a lease on the database's clock, renewed from beside, and a guard.

Who was stopped for longer than his lease (a suspended machine, a frozen process) has lost the job, and must not go on
as if nothing had happened: before each statement the guard looks whether the job is still his.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.models.functions import Now

from projects.jobs.kinds import Stopping
from projects.jobs.models import Job, JobQuerySet

log = logging.getLogger(__name__)
RENEWALS = 4  # in the length of a lease, so that one or two may go wrong


class LeaseLost(Exception):
    """The job may be another's by now."""


class TookTooLong(Exception):
    """The attempt is not finished within the limit of its kind."""


def lease() -> timedelta:
    """How long a worker may be silent before its job is given to another."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def held(job: Job) -> JobQuerySet:
    """The job's row, as long as nobody has taken it since this claim."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)


class Hold:
    """Keeps a claimed job while the body runs; `since` is a reading of time.monotonic() from before the claim.

    Statements of the body raise LeaseLost when the job is lost, and TookTooLong after `limit`.
    """

    def __init__(self, job: Job, since: float, limit: timedelta, stopping: Stopping) -> None:
        self.job = job
        self._lease = lease().total_seconds()
        self._good_until = since + self._lease
        self._ends = since + limit.total_seconds()
        self._asked = stopping
        self._lost = False
        self._renewing = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease of job {job.pk}", daemon=True)
        self._wrapper = connection.execute_wrapper(self._guard)

    def __enter__(self) -> Self:
        _let_go_when_frozen(self._lease)
        self._thread.start()
        self._wrapper.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wrapper.__exit__(kind, error, trace)
        self._over.set()
        self._thread.join()

    def stopping(self) -> bool:
        """Whether the body should come to an end by itself."""
        return self._lost or time.monotonic() > self._ends or self._asked()

    # ---- Renewing, from beside -------------------------------------------------------------------
    def _keep(self) -> None:
        try:
            while not self._over.wait(self._lease / RENEWALS) and not self._lost:
                if time.monotonic() > self._ends:
                    return
                self._try_to_renew()
        finally:
            connection.close()  # this thread's own

    def _try_to_renew(self) -> None:
        try:
            self._renew()
        except AnyDatabaseError as trouble:
            log.warning("the lease of job %s could not be renewed: %s", self.job.pk, trouble)
            connection.close()

    def _renew(self) -> None:
        asked = time.monotonic()
        if held(self.job).update(leased_until=Now() + lease()):
            self._good_until = asked + self._lease
        else:
            self._lost = True

    # ---- The guard, between the body and its database ----------------------------------------------
    def _guard(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not self._renewing:
            self._confirm(in_transaction=context["connection"].in_atomic_block)
        return execute(sql, params, many, context)

    def _confirm(self, in_transaction: bool) -> None:
        # Within a transaction its locks keep others away; asking there would lock the job's row until the commit.
        if time.monotonic() > self._good_until and not in_transaction:
            self._renewing = True
            try:
                self._renew()
            finally:
                self._renewing = False
        if self._lost:
            raise LeaseLost
        if time.monotonic() > self._ends:
            raise TookTooLong


def _let_go_when_frozen(seconds: float) -> None:
    """Locks of a frozen process would keep everybody waiting: PostgreSQL ends its transaction after a lease."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [f"{seconds * 1000:.0f}"]
            )
