"""Reference data: the zones of the reports, the rounds of the activity, published rules. Facts, not inventions."""

from __future__ import annotations

from typing import Any

from projects.alerts.models import Rule
from projects.models import Period, Series
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


def fill_periods() -> None:
    """Create the series and rounds that are missing."""
    for row in files.load("reference/periods.json")["series"]:
        series = Series._base_manager.filter(code=row["code"]).first() or _series(row)
        known = set(Period._base_manager.filter(series=series, year=None).values_list("number", flat=True))
        Period._base_manager.bulk_create(
            _period(series, period) for period in row["periods"] if period["number"] not in known
        )


def _series(row: dict[str, Any]) -> Series:
    zone = Zone._base_manager.get(code=row["zone"])
    return Series._base_manager.create(code=row["code"], name=row["name"], zone=zone)


def _period(series: Series, row: dict[str, Any]) -> Period:
    first, last = files.day(row["first"]), files.day(row["last"])
    return Period(series=series, number=row["number"], first=first, last=last, venue=row["venue"])


def fill_rules() -> None:
    """Create the published rules that are missing. A rule that was changed or switched off stays so."""
    for scheme in files.load("reference/rules.json")["schemes"]:
        zone = Zone._base_manager.get(code=scheme["zone"])
        for row in scheme["rules"]:
            if not Rule._base_manager.filter(zone=zone, code=row["code"]).exists():
                rule = Rule(zone=zone, source=scheme["source"], **row)
                rule.full_clean()
                rule.save()
