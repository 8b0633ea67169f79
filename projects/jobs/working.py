"""Doing jobs: claimed by one conditional UPDATE, done outside of any transaction, finished once.

A worker that dies leaves its claim to run out; the next tick gives the job to another. So a job is done at least once
and finished exactly once; what it does must bear being begun again.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import Error as AnyDatabaseError
from django.db import close_old_connections, transaction
from django.db.models import F
from django.db.models.functions import Now

from projects.jobs import kinds
from projects.jobs.holding import Hold, LeaseLost, TookTooLong, held, lease
from projects.jobs.kinds import Kind, Stopping
from projects.jobs.models import WORDS, Job
from zones import tracing

log = logging.getLogger(__name__)
PAUSE = timedelta(seconds=30)  # after the first failed attempt; twice as much after the second, and so on
UNKNOWN = "系统里没有这种任务，可能来自另一个版本"
SEE_LOG = "程序出错，详情见日志（任务编号 {number}）"


def work(job_id: int | None = None, stopping: Stopping = lambda: False) -> list[Job]:
    """Do the job of that id if it is still to be done, or else everything that is due; must not run in a transaction.

    Returns the jobs that were taken, as they are now. `stopping` is asked before each, and handed to what it does.
    """
    taken: list[Job] = []
    while not stopping():
        since = time.monotonic()
        job = claim(job_id)
        if job is None:
            break
        with tracing.working_on(job.pk):
            _do(job, since, stopping)
        taken.append(Job.objects.select_related("zone").get(pk=job.pk))
    return taken


def claim(job_id: int | None = None) -> Job | None:
    """Take the job, or the next one that is due, for the length of a lease; None if there is none.

    One conditional UPDATE decides between two workers, on whatever database.
    """
    due = Job.objects.due().filter(pk=job_id) if job_id is not None else Job.objects.due()
    while True:
        found = due.order_by("due_at", "pk").values_list("pk", "attempts").first()
        if found is None:
            return None
        pk, attempts = found
        values: dict[str, Any] = {"state": Job.State.RUNNING, "attempts": F("attempts") + 1, "outcome": ""}
        values |= {"leased_until": Now() + lease(), "started_at": Now(), "finished_at": None}
        with transaction.atomic(durable=True):
            taken = due.filter(pk=pk, attempts=attempts).update(**values)
        if taken:
            job = Job.objects.select_related("zone", "asked_by").get(pk=pk)
            job.attempts = attempts + 1
            return job


def _do(job: Job, since: float, stopping: Stopping) -> None:
    """One attempt, and what became of it. The database may fail at any moment: then the lease runs out."""
    kind = kinds.find(job.kind)
    try:
        if kind is None:
            _finish(job, Job.State.FAILED, UNKNOWN)
        else:
            _attempt(job, kind, since, stopping)
    except AnyDatabaseError:
        log.exception("job %s (%s): cannot be written down, its lease will run out", job.pk, job.kind)


def _attempt(job: Job, kind: Kind, since: float, stopping: Stopping) -> None:
    try:
        with Hold(job, since, kind.limit, stopping) as hold:
            outcome = kind.run(job, hold.stopping)
    except LeaseLost:
        log.warning("job %s (%s): attempt %s was taken for dead, another goes on", job.pk, job.kind, job.attempts)
    except (TookTooLong, SoftTimeLimitExceeded):
        _fail(job, kind, f"超过 {_minutes(kind.limit)} 分钟没有做完")
    except Exception:
        log.exception("job %s (%s): attempt %s failed", job.pk, job.kind, job.attempts)
        close_old_connections()  # where it was the connection that failed, the next words need another
        _fail(job, kind, SEE_LOG.format(number=job.pk))
    except BaseException:
        # The process is to end at once: whoever comes next need not wait for the lease.
        held(job).update(state=Job.State.WAITING, leased_until=None, due_at=Now())
        raise
    else:
        _finish(job, Job.State.DONE, outcome)


def _fail(job: Job, kind: Kind, reason: str) -> None:
    if job.attempts >= kind.attempts:
        _finish(job, Job.State.FAILED, f"试了 {job.attempts} 次都没有做完：{reason}")
        return
    pause = PAUSE * job.attempts
    held(job).update(state=Job.State.WAITING, leased_until=None, due_at=Now() + pause, outcome=reason[:WORDS])


def _finish(job: Job, state: str, outcome: str) -> None:
    ended = held(job).update(state=state, leased_until=None, finished_at=Now(), outcome=outcome[:WORDS])
    if not ended:
        log.warning("job %s (%s): ended by another, attempt %s counts for nothing", job.pk, job.kind, job.attempts)
        return
    level = logging.ERROR if state == Job.State.FAILED else logging.INFO
    log.log(level, "job %s (%s): %s, attempt %s: %s", job.pk, job.kind, state, job.attempts, outcome)


def _minutes(limit: timedelta) -> int:
    return max(1, round(limit.total_seconds() / 60))
