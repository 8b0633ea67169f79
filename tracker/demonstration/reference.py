"""Reference data: the zones of the reports. Facts, not inventions."""

from __future__ import annotations

from typing import Any

from tracker.demonstration import files
from zones.models import Zone, ZoneName


def fill_zones() -> None:
    """Create the zones that are missing, from the province down, with the names they bore before."""
    for row in files.load("reference/zones.json")["zones"]:
        if not Zone._base_manager.filter(code=row["code"]).exists():
            _name_before(_zone(row), row)


def _zone(row: dict[str, Any]) -> Zone:
    parent = Zone._base_manager.get(code=row["parent"]) if row["parent"] else None
    fields = {name: row[name] for name in ("code", "kind", "name", "short_name", "national_code")}
    zone = Zone(**fields, parent=parent)
    zone.full_clean(exclude=["path"])
    zone.save()
    return zone


def _name_before(zone: Zone, row: dict[str, Any]) -> None:
    for former in row.get("former_names", []):
        until = files.day(former["valid_to"])
        ZoneName.objects.filter(zone=zone, valid_from=None).update(valid_from=until)
        ZoneName.objects.create(
            zone=zone, name=former["name"], short_name=former["short_name"], valid_from=None, valid_to=until
        )
