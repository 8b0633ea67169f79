"""Asking for a job."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction

from projects.jobs import bell, kinds
from projects.jobs.models import Job
from zones.models import User, Zone


def post(kind: str, *, by: User | None = None, zone: Zone | None = None, parameters: Any = None) -> Job:
    """Leave a job of `kind` for `zone` and all below it (None: all zones), and wake a worker once this is committed.

    An equal one that waits already is given back instead of a second one. Whether `by` may ask is for the caller to
    check. Works without a broker: the next tick finds the job.

    Raises:
        ValueError: no room knows the kind, or a person asks for one that is not made by hand.
    """
    known = kinds.find(kind)
    if known is None:
        raise ValueError(f"no room registered the job kind {kind!r}")
    if by is not None and not known.by_hand:
        raise ValueError(f"jobs of kind {kind!r} are not asked for by people")
    job = _waiting_or_new(kind, by, zone, parameters or {})
    number = job.pk
    # A lambda and not a partial: Django names the callback when it fails, and a partial has no name.
    transaction.on_commit(lambda: bell.ring([(number, known.limit)]))
    return job


def key_of(kind: str, zone: Zone | None = None, parameters: Any = None) -> str:
    """Equal for jobs that do the same."""
    told = json.dumps([kind, zone.pk if zone else None, parameters or {}], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def _waiting_or_new(kind: str, by: User | None, zone: Zone | None, parameters: Any) -> Job:
    key = key_of(kind, zone, parameters)
    equal = Job.objects.filter(key=key, state=Job.State.WAITING).order_by("pk")
    new = Job(kind=kind, key=key, asked_by=by, zone=zone, parameters=parameters)
    while True:
        # In one transaction, so that no worker takes the new one before it is read back.
        with transaction.atomic():
            if waiting := equal.first():
                return waiting
            # If another writes the same at this moment, the database keeps his.
            Job.objects.bulk_create([new], ignore_conflicts=True)
            if waiting := equal.first():
                return waiting
