"""Departments, accounts and appointments of the demonstration. All invented; people are named by post only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password

from tracker.demonstration import files
from zones.models import Appointment, Department, User, Zone
from zones.permissions import Role

APPOINTED = date(2023, 1, 1)


def fill() -> None:
    """Create who is not there yet. What was changed since, a password above all, stays as it is."""
    departments = _departments()
    for person in _people():
        if not User._base_manager.filter(username=person["username"]).exists():
            _appoint(_account(person, departments[person["department"]]), person)


def accounts() -> list[dict[str, str]]:
    """Who can sign in: role, label, username, password and zone, as printed for the visitor."""
    zones = {zone.code: zone for zone in Zone._base_manager.all()}
    return [_shown(person, zones) for person in _people() if "password" in person]


def departments_by_code() -> dict[str, Department]:
    """The departments by the short code that the fixtures use."""
    rows = files.load("demonstration/people.json")["departments"]
    found = {(d.zone.code, d.name): d for d in Department._base_manager.select_related("zone")}
    return {row["code"]: found[row["zone"], row["name"]] for row in rows}


def _people() -> list[dict[str, Any]]:
    return files.load("demonstration/people.json")["people"]


def _departments() -> dict[str, Department]:
    for row in files.load("demonstration/people.json")["departments"]:
        zone = Zone._base_manager.get(code=row["zone"])
        Department._base_manager.get_or_create(
            zone=zone, name=row["name"], defaults={"short_name": row["short_name"]}
        )
    return departments_by_code()


def _account(person: dict[str, Any], department: Department) -> User:
    fields = {name: person[name] for name in ("username", "display_name", "post", "email")}
    user = User(**fields, department=department, is_staff=True, is_demo=True)
    password = person.get("password")
    if password:
        validate_password(password, user)
    # None makes a password that no text matches: the person receives mail and cannot sign in.
    user.password = make_password(password)
    user.save()
    return user


def _appoint(user: User, person: dict[str, Any]) -> None:
    zone = Zone._base_manager.get(code=person["zone"])
    Appointment._base_manager.create(user=user, zone=zone, role=person["role"], starts=APPOINTED)


def _shown(person: dict[str, Any], zones: dict[str, Zone]) -> dict[str, str]:
    zone = zones.get(person["zone"])
    return {
        "role": person["role"],
        "label": Role(person["role"]).label,
        "username": person["username"],
        "password": person["password"],
        "zone": zone.name if zone else person["zone"],
    }
