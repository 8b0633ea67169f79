"""Departments, accounts and appointments of the demonstration. All invented; people are named by post only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password

from tracker.demonstration import files
from zones.models import Appointment, Department, User, Zone
from zones.permissions import Role

APPOINTED = date(2023, 1, 1)
CHANGED = "（已修改）"


def fill() -> None:
    """Create who is not there yet. What was changed since, a password above all, stays as it is."""
    if not User._base_manager.filter(is_demo=True).exists():
        _create_departments()
    departments = departments_by_code()
    for person in _people():
        if not User._base_manager.filter(username=person["username"]).exists():
            _appoint(_account(person, departments.get(person["department"])), person)


def accounts() -> list[dict[str, str]]:
    """Who of ours can sign in: role, label, username, password and zone, as printed for the visitor."""
    zones = {zone.code: zone for zone in Zone._base_manager.all()}
    users = {user.username: user for user in User._base_manager.filter(is_demo=True, is_active=True)}
    able = [person for person in _people() if "password" in person and person["username"] in users]
    return [_shown(person, users[person["username"]], zones) for person in able]


def departments_by_code() -> dict[str, Department]:
    """The departments by the short code that the fixtures use; one that was renamed since is not guessed at."""
    found = {(d.zone.code, d.name): d for d in Department._base_manager.select_related("zone")}
    places = {row["code"]: (row["zone"], row["name"]) for row in _units()}
    return {code: found[place] for code, place in places.items() if place in found}


def _people() -> list[dict[str, Any]]:
    return files.load("demonstration/people.json")["people"]


def _units() -> list[dict[str, Any]]:
    return files.load("demonstration/people.json")["departments"]


def _create_departments() -> None:
    for row in _units():
        zone = Zone._base_manager.get(code=row["zone"])
        Department._base_manager.create(zone=zone, name=row["name"], short_name=row["short_name"])


def _account(person: dict[str, Any], department: Department | None) -> User:
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


def _shown(person: dict[str, Any], user: User, zones: dict[str, Zone]) -> dict[str, str]:
    zone = zones.get(person["zone"])
    return {
        "role": person["role"],
        "label": Role(person["role"]).label,
        "username": person["username"],
        "password": person["password"] if check_password(person["password"], user.password) else CHANGED,
        "zone": zone.name if zone else person["zone"],
    }
