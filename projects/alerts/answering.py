"""What a person answers to an alert: 签收, "I have seen it and deal with it".

It stops nothing: the level stays, and the next scan judges as before.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from projects.alerts.models import REMARK, Alert, AlertEvent
from projects.facts.locking import locked
from zones import clock
from zones.models import User
from zones.models.versioned import StaleVersion

Kind = AlertEvent.Kind
ACKNOWLEDGEMENT = ("acknowledged", "acknowledged_on", "acknowledged_by", "acknowledged_note")
RAISING = (Kind.OPENED, Kind.WORSENED)
"""Steps after which an acknowledgement is wanted (again)."""


@transaction.atomic
def acknowledge(
    alert: Alert, *, by: User, note: str = "", expected_steps: int | None = None, on: date | None = None
) -> Alert:
    """签收: `by` has seen the alert and deals with it, until it worsens. Gives the alert as it is stored then.

    The same person once more changes nothing, whatever the remark. Others may acknowledge as
    well: the log keeps each, the alert shows the latest. `on` is the day (today if left out).

    Raises:
        StaleVersion: the alert has taken another step than `expected_steps` since it was read.
        ValidationError: it is closed, the remark is too long, or the day is not one on which it was open.
    """
    alert = held(alert)
    if expected_steps is not None and alert.steps != expected_steps:
        raise StaleVersion(alert)
    if alert.closed_on:
        raise ValidationError(f"该预警已于 {alert.closed_on:%Y-%m-%d} 解除，无需签收")
    if has_acknowledged(alert, by):
        return alert
    note, on = note.strip(), on or clock.today()
    _check(alert, note, on)
    _write(alert, by, note, on)
    return alert


def held(alert: Alert) -> Alert:
    """The alert as it is stored now; neither a scan nor another person changes it until this transaction ends.

    The project comes first, as everywhere: a scan locks its projects before it touches their alerts.
    """
    project = locked(alert.project)
    rows = Alert.objects.select_for_update(no_key=True, of=("self",)).select_related("rule")
    found = rows.get(pk=alert.pk)
    found.project = project
    return found


def has_acknowledged(alert: Alert, user: User) -> bool:
    """Whether `user` has acknowledged the alert since it was opened or last worsened. One statement."""
    later = AlertEvent.objects.filter(alert=alert, kind__in=RAISING, step__gt=OuterRef("step"))
    mine = AlertEvent.objects.filter(alert=alert, kind=Kind.ACKNOWLEDGED, by=user)
    return mine.exclude(Exists(later)).exists()


def _check(alert: Alert, note: str, on: date) -> None:
    if len(note) > REMARK:
        raise ValidationError({"note": f"备注不能超过 {REMARK} 字，现有 {len(note)} 字"})
    if not alert.opened_on <= on <= clock.today():
        raise ValidationError({"on": f"签收日期应在 {alert.opened_on:%Y-%m-%d} 至今天之间"})


def _write(alert: Alert, by: User, note: str, on: date) -> None:
    alert.steps += 1
    alert.acknowledged = True
    alert.acknowledged_on, alert.acknowledged_by, alert.acknowledged_note = on, by, note
    alert.save(update_fields=["steps", *ACKNOWLEDGEMENT])
    AlertEvent.objects.create(
        alert=alert,
        step=alert.steps,
        kind=Kind.ACKNOWLEDGED,
        on=on,
        level=alert.level,
        label=alert.label,
        severity=alert.severity,
        sentence=f"{by}签收{alert.label}",
        by=by,
        note=note,
    )
