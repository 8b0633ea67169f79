"""The light of each project: its gravest open alert, green if something was judged and nothing is wrong, else none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from projects.alerts.levels import GREEN, GREEN_COLOUR, GREEN_LABEL
from projects.alerts.models import Alert
from projects.models import Standing

FIELDS = ("severity", "light", "light_label", "colour", "since")


@dataclass(frozen=True, slots=True)
class Light:
    """What a standing shows. `since` is None for a green that is to keep the day it began."""

    severity: int = 0
    light: str = ""
    light_label: str = ""
    colour: str = ""
    since: date | None = None


DARK = Light()
ALL_WELL = Light(0, GREEN, GREEN_LABEL, GREEN_COLOUR)


def lights(project_ids: Iterable[int], alerts: Iterable[Alert], judged: set[int]) -> dict[int, Light]:
    """The light of each project of a shard, from its open alerts and the projects that some rule judged."""
    worst: dict[int, Alert] = {}
    for alert in alerts:
        held = worst.get(alert.project_id)
        if held is None or _graver(alert, held):
            worst[alert.project_id] = alert
    return {pk: _light(worst.get(pk), pk in judged) for pk in project_ids}


def write(wanted: dict[int, Light], as_of: date) -> int:
    """Write the light half of the standings that changed; how many did."""
    changed = [
        row for row in Standing.objects.filter(project__in=list(wanted)) if _apply(row, wanted[row.project_id], as_of)
    ]
    if changed:
        Standing.objects.bulk_update(changed, FIELDS)
    return len(changed)


def _graver(alert: Alert, held: Alert) -> bool:
    return (-alert.severity, alert.level_since) < (-held.severity, held.level_since)


def _light(alert: Alert | None, judged: bool) -> Light:
    if alert is None:
        return ALL_WELL if judged else DARK
    return Light(alert.severity, alert.level, alert.label, alert.colour, alert.level_since)


def _apply(row: Standing, light: Light, as_of: date) -> bool:
    since = light.since
    if light.light == GREEN:
        since = row.since if row.light == GREEN and row.since else as_of
    values = {**{name: getattr(light, name) for name in FIELDS}, "since": since}
    changed = any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return changed
