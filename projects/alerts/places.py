"""Where alerts belong, read for many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from projects.alerts.models import Alert
from projects.models import Project
from zones.models import Zone

_PROJECT: Final = Alert._meta.get_field("project")
_ZONE: Final = Alert._meta.get_field("zone")


def fetch(alerts: Sequence[Alert]) -> None:
    """Read the projects of the alerts with their zones, and the zones of those without a project.

    Django's own prefetching asks SQLite for them with an OR each, of which it takes a thousand.
    """
    apart = [alert for alert in alerts if alert.project_id and not _PROJECT.is_cached(alert)]
    projects = Project.objects.select_related("zone").in_bulk({alert.project_id for alert in apart})
    for alert in apart:
        alert.project = projects[alert.project_id]
    alone = [alert for alert in alerts if alert.zone_id and not _ZONE.is_cached(alert)]
    zones = Zone.objects.in_bulk({alert.zone_id for alert in alone})
    for alert in alone:
        alert.zone = zones[alert.zone_id]
