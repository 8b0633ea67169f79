"""The light of each project: its gravest open alert, green if something was judged and nothing is wrong, else none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from projects import standings
from projects.alerts.levels import GREEN, GREEN_COLOUR, GREEN_LABEL
from projects.alerts.models import Alert, AlertEvent
from projects.models import Project, Standing, StandingMonth

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


def by_light_on(projects: QuerySet[Project], day: date) -> Counter[str]:
    """How many projects showed each light on a day before today; "" is none.

    As it was kept if `day` is the end of a month that was closed, else the light of the gravest alert that was open
    then; who had none may have been green or not judged. A constant number of statements for every shard.
    """
    counts: Counter[str] = Counter()
    for ids in standings.shards(projects):
        kept = dict(StandingMonth.objects.filter(project__in=ids, month=day).values_list("project", "light"))
        worst = _worst_on(ids, day)
        counts.update(kept.get(pk, worst.get(pk, (0, ""))[1]) for pk in ids)
    return counts


def _worst_on(ids: list[int], day: date) -> dict[int, tuple[int, str]]:
    """Severity and level of the gravest alert of each project on a day, by the steps up to then."""
    open_then = Q(alert__closed_on=None) | Q(alert__closed_on__gt=day)
    steps = AlertEvent.objects.filter(open_then, alert__project__in=ids, on__lte=day).order_by("alert", "step")
    last = {alert: rest for alert, *rest in steps.values_list("alert", "alert__project", "severity", "level")}
    worst: dict[int, tuple[int, str]] = {}
    for project, severity, level in last.values():
        worst[project] = max(worst.get(project, (0, "")), (severity, level))
    return worst


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
