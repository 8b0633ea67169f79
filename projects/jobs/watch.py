"""Whether the background lives: when somebody last looked at the timetable, and what should have been done long ago."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from projects.jobs.models import Job, JobQuerySet, Tick

TICKS_MISSED = 3  # that mean more than a hiccup
HICCUP = timedelta(minutes=5)  # that a job may wait while others are done


def tick_age() -> timedelta | None:
    """How long ago somebody looked at the timetable, by the database's clock; None if nobody ever has."""
    found = Tick.objects.filter(pk=Tick.ONLY).annotate(now=Now()).values_list("now", "at").first()
    return max(found[0] - found[1], timedelta()) if found else None


def is_late(age: timedelta | None) -> bool:
    """Whether a tick of that age means that nobody looks any more."""
    return age is None or age > TICKS_MISSED * timedelta(seconds=settings.TICK_SECONDS)


def unresolved(jobs: JobQuerySet) -> JobQuerySet:
    """Of `jobs` those that failed and that no later job of the same kind and place has made good."""
    done = Job.objects.filter(key=OuterRef("key"), state=Job.State.DONE, pk__gt=OuterRef("pk"))
    return jobs.filter(~Exists(done), state=Job.State.FAILED)
