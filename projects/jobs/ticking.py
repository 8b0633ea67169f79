"""The tick: what the timetable asks for becomes jobs, what was left lying waits again, workers are woken.

Any number of schedulers may tick at the same time: a scheduled moment makes one job, because the database has room for
one. Without any scheduler `manage.py run_jobs` does the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from projects.jobs import bell, kinds
from projects.jobs.models import Job, Tick
from projects.jobs.posting import key_of
from projects.jobs.timetable import Entry

LEFT_LYING = "试了 {attempts} 次都没有做完：执行任务的进程中断了"
ROUTINE_KEPT = timedelta(days=7)
FORGET_AT_ONCE = 1000  # rows of one tick
RING_AT_ONCE = 100  # the next tick rings for the rest


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick did, in jobs: added from the timetable, taken back to wait again, given up."""

    added: int
    taken_back: int
    given_up: int


def tick(now: datetime | None = None, *, wake: bool = True) -> Ticked:
    """Look at the timetable as it is at `now` (by the database's clock, if left out), and wake workers for what waits.

    Without `wake` no message is sent, for whoever does the work himself.
    """
    looked = _look()
    added = _add_due(now or looked)
    taken_back, given_up = _take_back()
    _forget_routine()
    if wake and (waiting := _to_ring()):
        bell.ring(waiting)
    return Ticked(added, taken_back, given_up)


def _look() -> datetime:
    """Note that somebody looked, and return when that was."""
    if not Tick.objects.filter(pk=Tick.ONLY).update(at=Now()):
        Tick.objects.bulk_create([Tick()], ignore_conflicts=True)
    return Tick.objects.get(pk=Tick.ONLY).at


def _add_due(now: datetime) -> int:
    timetable: Iterable[Entry] = settings.JOBS_TIMETABLE
    due = [(entry.kind, slot) for entry in timetable if (slot := entry.latest(now)) is not None]
    missing = [(kind, slot) for kind, slot in due if not _taken_care_of(kind, slot)]
    new = [Job(kind=kind, slot=slot, key=key_of(kind)) for kind, slot in missing]
    Job.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _taken_care_of(kind: str, slot: datetime) -> bool:
    """Whether a scheduled job of the kind is still to be done or has begun since: that does the work of this moment.

    So jobs that nobody does do not pile up, and who comes back after a weekend does one.
    """
    scheduled = Job.objects.filter(kind=kind, slot__isnull=False)
    still = Q(state__in=[Job.State.WAITING, Job.State.RUNNING])
    return scheduled.filter(still | Q(started_at__gte=slot) | Q(slot__gte=slot)).exists()


def _take_back() -> tuple[int, int]:
    """Jobs whose worker is gone wait again; after too many attempts they are given up."""
    given_up = 0
    for kind in kinds.registered():
        spent = Job.objects.left_lying().filter(kind=kind.name, attempts__gte=kind.attempts)
        outcome = LEFT_LYING.format(attempts=kind.attempts)
        given_up += spent.update(state=Job.State.FAILED, leased_until=None, finished_at=Now(), outcome=outcome)
    return Job.objects.left_lying().update(state=Job.State.WAITING, leased_until=None), given_up


def _forget_routine() -> None:
    routine = {entry.kind for entry in settings.JOBS_TIMETABLE if entry.routine}
    ended = Job.objects.filter(state__in=[Job.State.DONE, Job.State.FAILED])
    old = ended.filter(kind__in=routine, slot__lt=Now() - ROUTINE_KEPT)
    Job.objects.filter(pk__in=list(old.order_by("slot").values_list("pk", flat=True)[:FORGET_AT_ONCE])).delete()


def _to_ring() -> list[tuple[int, timedelta]]:
    waiting = Job.objects.due().order_by("due_at", "pk").values_list("pk", "kind")[:RING_AT_ONCE]
    found = [(pk, kinds.find(name)) for pk, name in waiting]
    return [(pk, kind.limit if kind else timedelta()) for pk, kind in found]
