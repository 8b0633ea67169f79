"""Entering and leaving a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from projects.facts.locking import locked
from projects.models import Entry, Period, Project, Source
from projects.standings.among import listed
from zones import bulk, clock
from zones.models import User


@transaction.atomic
def enter(
    project: Project,
    batch: str,
    period: Period | None = None,
    *,
    role: str = "",
    on: date | None = None,
    source: Source | None = None,
    span: tuple[int, int] | None = None,
    by: User | None = None,
) -> tuple[Entry, bool]:
    """List the project in a batch of a round (None: which round is not known); the row, and whether it is new.

    Being listed is a promise: no milestone follows from it.
    """
    locked(project)
    ((entry, new),) = enter_many([Listing(project, batch, period, role, on, span)], source=source, by=by)
    return entry, new


@dataclass(frozen=True, slots=True)
class Listing:
    """A project listed in a batch, as `enter` takes it."""

    project: Project
    batch: str
    period: Period | None = None
    role: str = ""
    on: date | None = None
    span: tuple[int, int] | None = None


@transaction.atomic
def enter_many(
    listings: Sequence[Listing], *, source: Source | None = None, by: User | None = None
) -> list[tuple[Entry, bool]]:
    """The same of many projects, which the caller holds locked, each once. A constant number of statements."""
    held: dict[tuple[int, str, int | None], Entry] = {}
    rows = Entry.objects.filter(project__in=listed([each.project.pk for each in listings])).order_by("-pk")
    # What was taken out stays out when its old source is read again; another source can list the project anew.
    for row in [*rows.filter(left_on__isnull=False, source=source or -1), *rows.filter(left_on=None)]:
        held[row.project_id, row.batch, row.period_id] = row
    told: list[tuple[Entry, bool]] = []
    for each in listings:
        at = (each.project.pk, each.batch, each.period.pk if each.period else None)
        if known := held.get(at):
            told.append((known, False))
            continue
        period = each.period
        entry = held[at] = Entry(project=each.project, batch=each.batch, period=period, role_text=each.role)
        entry.entered_on = each.on or (period.last if period and period.first == period.last else None)
        entry.source, entry.recorded_by, (entry.start, entry.end) = source, by, each.span or (None, None)
        # What it points at was given by rows, and a second entry was looked for: only what is typed is left to check.
        entry.clean_fields(exclude=["project", "period", "source", "recorded_by"])
        told.append((entry, True))
    bulk.insert([entry for entry, new in told if new])
    return told


@transaction.atomic
def leave(entry: Entry, *, on: date, reason: str, by: User | None = None) -> Entry:
    """Take the project out of the batch (调出). The row stays, with the day and the reason.

    Raises ValidationError without a reason, or when it was taken out before.
    """
    locked(entry.project)
    entry.refresh_from_db()
    if not reason.strip():
        raise ValidationError({"reason": "调出须写明原因"})
    if entry.left_on:
        raise ValidationError("该项目此前已调出")
    if on > clock.today():
        raise ValidationError({"on": "调出日期不能晚于今天"})
    entry.left_on, entry.left_reason, entry.left_by = on, reason.strip(), by
    entry.save(update_fields=["left_on", "left_reason", "left_by"])
    return entry


@transaction.atomic
def withdraw_entry(entry: Entry, *, reason: str, by: User | None = None) -> None:
    """The project was listed by mistake, and was never on the list: no count of any day sees the entry any more.

    Raises ValidationError when it was taken out of the batch meanwhile.
    """
    locked(entry.project)
    entry.refresh_from_db()
    if entry.left_on:
        raise ValidationError(f"“{entry}”此后已调出，不能撤回")
    entry.left_on, entry.left_reason, entry.left_by = clock.today(), reason.strip(), by
    entry.withdrawn_at, entry.withdrawn_by = timezone.now(), by
    entry.save(update_fields=["left_on", "left_reason", "left_by", "withdrawn_at", "withdrawn_by"])
