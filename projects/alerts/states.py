"""What is to be done about alerts: one definition for the list, its counts, 我的待办, the unit's page and the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q

from projects.alerts.models import AlertQuerySet
from projects.models import Assignment
from zones import clock
from zones.models import Department, User

Select = Callable[[AlertQuerySet, date], AlertQuerySet]

STATES: Final[dict[str, tuple[str, Select]]] = {
    "open": ("未解除", lambda rows, day: rows.open()),
    "unacknowledged": ("未签收", lambda rows, day: rows.unacknowledged()),
    "unanswered": ("待答复", lambda rows, day: rows.unanswered()),
    "late": ("逾期未答复", lambda rows, day: rows.late(day)),
    "rising": ("待上报", lambda rows, day: rows.rising()),
    "climbed": ("已上报", lambda rows, day: rows.climbed()),
    "exempt": ("豁免", lambda rows, day: rows.exempted()),
    "closing": ("申请销号", lambda rows, day: rows.closing_asked()),
    "held": ("暂停判定", lambda rows, day: rows.open().exclude(held="")),
    "closed": ("已解除", lambda rows, day: rows.exclude(closed_on=None)),
}
"""By code: how it is called, and which alerts are in it on a day."""


def in_state(rows: AlertQuerySet, state: str, day: date | None = None) -> AlertQuerySet:
    """The alerts in one of `STATES`."""
    return STATES[state][1](rows, day or clock.today())


def of_person(rows: AlertQuerySet, user: User, roles: Iterable[str] = Assignment.Role.values) -> AlertQuerySet:
    """Alerts that the person or his unit stands for today, in one of `roles` where it is a project's."""
    his = Q(user=user.pk)
    if user.department_id:
        his |= Q(department=user.department_id)
    held = Assignment.objects.in_force(clock.today()).filter(his, role__in=list(roles), project=OuterRef("project"))
    own = Q(department=user.department_id) if user.department_id else Q(pk__in=[])
    return rows.filter(Q(Exists(held)) | own)


def of_nobody(rows: AlertQuerySet) -> AlertQuerySet:
    """Alerts for which neither a person nor a unit stands today."""
    held = Assignment.objects.in_force(clock.today()).filter(project=OuterRef("project"))
    return rows.filter(~Exists(held), department=None)


def of_unit(rows: AlertQuerySet, unit: Department) -> AlertQuerySet:
    """Alerts of the unit itself and of the projects for which it stands today."""
    held = Assignment.objects.in_force(clock.today()).filter(project=OuterRef("project"), department=unit)
    return rows.filter(Q(department=unit) | Q(Exists(held)))


def by_level(rows: AlertQuerySet) -> list[dict[str, Any]]:
    """How many there are of each level, the gravest first: level, label, colour, count. One statement."""
    counted = rows.order_by().values("level", "label", "colour", "severity").annotate(count=Count("pk"))
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(counted, key=lambda row: (-row["severity"], -row["count"])):
        known = found.setdefault(row["level"], {**row, "count": 0})
        known["count"] += row["count"]
    return list(found.values())


def choices(codes: Iterable[str] = STATES) -> list[tuple[str, str]]:
    """States to choose from, by code and name."""
    return [(code, STATES[code][0]) for code in codes]
