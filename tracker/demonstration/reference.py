"""Reference data: the zones of the reports, the rounds of the activity, published rules. Facts, not inventions;
only the templates of schedules are proposals to be edited, and say so.
"""

from __future__ import annotations

from typing import Any

from projects.alerts import presets
from projects.alerts.models import Rule
from projects.models import Period, ScheduleTemplate, Series, TemplateStep
from tracker.demonstration import files
from zones.models import Zone, ZoneName

RULED = "henan"
"""The zone whose rules the demonstration judges by, and all below it inherit."""
SCHEME = "yinchuan"


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
    zone = Zone._base_manager.get(code=RULED)
    for rule in presets.scheme(SCHEME).rules(zone):
        if not Rule._base_manager.filter(zone=zone, code=rule.code).exists():
            rule.full_clean()
            rule.save()


def fill_schedules() -> None:
    """Create the templates of 倒排工期 that are missing. One that was changed or switched off stays so."""
    told = files.load("reference/schedules.json")
    zone = Zone._base_manager.get(code=told["zone"])
    for row in told["templates"]:
        if not ScheduleTemplate._base_manager.filter(zone=zone, code=row["code"]).exists():
            _template(zone, row)


def _template(zone: Zone, row: dict[str, Any]) -> None:
    fields = {name: row[name] for name in ("code", "name", "project_kind", "anchor", "source")}
    template = ScheduleTemplate(zone=zone, **fields)
    template.full_clean()
    template.save()
    for step in row["steps"]:
        made = TemplateStep(template=template, **step)
        made.full_clean()
        made.save()
