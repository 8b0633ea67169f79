"""Entering and leaving a batch."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from projects.facts.locking import locked
from projects.models import Entry, Period, Project, Source
from zones import clock
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
    same = Entry.objects.filter(project=project, batch=batch, period=period)
    # What was taken out stays out when its old source is read again; another source can list the project anew.
    found = same.filter(left_on=None).first() or (same.filter(source=source).first() if source else None)
    if found:
        return found, False
    start, end = span or (None, None)
    entry = Entry(
        project=project,
        batch=batch,
        period=period,
        role_text=role,
        entered_on=on or (period.last if period and period.first == period.last else None),
        source=source,
        start=start,
        end=end,
        recorded_by=by,
    )
    # What it points at was given by rows, and a second entry was looked for: only what is typed is left to check.
    entry.clean_fields(exclude=["project", "period", "source", "recorded_by"])
    entry.save()
    return entry, True


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
