"""Where alerts belong, read for many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from projects.alerts.models import Alert
from projects.models import Project
from projects.standings.among import listed
from zones.models import Zone

_PROJECT: Final = Alert._meta.get_field("project")
_ZONE: Final = Alert._meta.get_field("zone")


def fetch(alerts: Sequence[Alert]) -> None:
    """Read what a list says of the projects of the alerts, their zones, and the zones of those without a project.

    Django's own prefetching asks SQLite for them with an OR each, of which it takes a thousand.
    """
    apart = [alert for alert in alerts if alert.project_id and not _PROJECT.is_cached(alert)]
    ids = sorted({alert.project_id or 0 for alert in apart})
    rows = Project.objects.only("name", "code", "zone").filter(pk__in=listed(ids))
    projects: dict[int | None, Project] = {project.pk: project for project in rows}
    alone = [alert for alert in alerts if alert.zone_id and not _ZONE.is_cached(alert)]
    zones = Zone.objects.in_bulk({place.zone_id for places in (projects.values(), alone) for place in places})
    for project in projects.values():
        project.zone = zones[project.zone_id]
    for alert in apart:
        alert.project = projects[alert.project_id]
    for alert in alone:
        alert.zone = zones[alert.zone_id]
