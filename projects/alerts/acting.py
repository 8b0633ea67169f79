"""What all that people do about an alert has in common: one lock order, one refusal of what is stale, one log."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from projects.alerts import cases, lights
from projects.alerts.models import Alert, AlertEvent
from projects.facts.locking import locked
from projects.models import Standing
from zones import clock
from zones.models import User
from zones.models.versioned import StaleVersion

Kind = AlertEvent.Kind


def held(alert: Alert) -> Alert:
    """The alert as it is stored now; neither a scan nor another person changes it until this transaction ends.

    The project comes first, as everywhere: a scan locks its subjects before it touches their alerts.
    """
    project = locked(alert.project) if alert.project else None
    kind = cases.get(alert.subject_kind)
    if kind is not None and kind is not cases.PROJECT:
        kind.take(kind.model._default_manager.filter(pk=int(alert.subject_key.partition(":")[2])))
    rows = Alert.objects.select_for_update(no_key=True, of=("self",)).select_related("rule", "zone")
    found = rows.get(pk=alert.pk)
    if project is not None:
        found.project = project
    return found


def require_steps(alert: Alert, expected: int | None) -> None:
    """Raise StaleVersion if the alert has taken another step than `expected` since it was read."""
    if expected is not None and alert.steps != expected:
        raise StaleVersion(alert)


def require_open(alert: Alert, what: str) -> None:
    """Raise ValidationError if the alert is closed, and so `what` is not wanted any more."""
    if alert.closed_on:
        raise ValidationError(f"该预警已于 {alert.closed_on:%Y-%m-%d} 解除，无需{what}")


def told(text: str, name: str, missing: str, most: int) -> str:
    """What was typed, without blanks around it. Raises ValidationError under `name` if it is empty and `missing` says
    so, or if it is longer than `most` characters.
    """
    text = text.strip()
    if missing and not text:
        raise ValidationError({name: missing})
    if len(text) > most:
        raise ValidationError({name: f"不能超过 {most} 字，现有 {len(text)} 字"})
    return text


def step(alert: Alert, kind: Kind, sentence: str, *, by: User, note: str = "", on: date | None = None) -> AlertEvent:
    """Put a step into the log of an alert that is held; `steps` is for the caller to save."""
    alert.steps += 1
    return AlertEvent.objects.create(
        alert=alert,
        step=alert.steps,
        kind=kind,
        on=on or clock.today(),
        level=alert.level,
        label=alert.label,
        severity=alert.severity,
        sentence=sentence,
        by=by,
        note=note,
    )


def days_to_answer(alert: Alert) -> int | None:
    """Working days that the rule gives at the alert's level."""
    days: Any = alert.rule.days_to_answer
    return days.get(alert.level) if isinstance(days, dict) else None


def relight(alert: Alert, *, judged: bool = True) -> None:
    """Let the light of the alert's project follow at once, as far as its own alerts tell; the next scan looks closer.

    Alerts of its problems do not colour it. Where nothing was judged, as the alert rested, its end makes nothing green.
    """
    if alert.project_id is None or alert.subject_key != f"project:{alert.project_id}":
        return
    standing = Standing.objects.filter(project=alert.project_id).first()
    if standing is None:
        return
    worst = Alert.objects.open().filter(subject_key=alert.subject_key).worst_first().first()
    shown = lights.Light(worst.severity, worst.level, worst.label, worst.colour, worst.level_since) if worst else None
    well = lights.ALL_WELL if judged and standing.light else lights.DARK
    light = (shown or well)._replace(unjudged=standing.unjudged, look_on=standing.look_on)
    lights.write({standing.project_id: light}, clock.today())
