"""Who may do what: one table of roles and actions, and the zones in which a person holds a role.

The table is shown to officials on a page of the admin and spelled out a second time in the tests.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models


class Role(models.TextChoices):
    """What a person can be appointed as."""

    VIEWER = "viewer", "查看"
    LIAISON = "liaison", "联络员"
    COORDINATOR = "coordinator", "项目办"
    LEADER = "leader", "领导"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDIT = "audit", "审计管理员"


class Action(models.TextChoices):
    """What can be done to rows of a zone."""

    READ = "read", "查看业务数据"
    WRITE_ASSIGNED = "write_assigned", "填报本人负责的项目"
    WRITE = "write", "维护全部业务数据"
    REVIEW = "review", "审核填报"
    APPROVE = "approve", "审批"
    RUN_MEETING = "run_meeting", "组织周例会"
    ADMINISTER_ACCOUNTS = "administer_accounts", "管理区域、单位和账号"
    ADMINISTER_PERMISSIONS = "administer_permissions", "管理任职和权限"
    READ_AUDIT = "read_audit", "查看审计记录"


TABLE: dict[Role, frozenset[Action]] = {
    Role.VIEWER: frozenset({Action.READ}),
    Role.LIAISON: frozenset({Action.READ, Action.WRITE_ASSIGNED}),
    Role.COORDINATOR: frozenset({Action.READ, Action.WRITE_ASSIGNED, Action.WRITE, Action.REVIEW, Action.RUN_MEETING}),
    Role.LEADER: frozenset({Action.READ, Action.APPROVE}),
    # The three administrators keep each other in check and see no business data.
    Role.SYSTEM: frozenset({Action.ADMINISTER_ACCOUNTS}),
    Role.SECURITY: frozenset({Action.ADMINISTER_PERMISSIONS}),
    Role.AUDIT: frozenset({Action.READ_AUDIT}),
}
BUSINESS_ROLES = frozenset(role for role, actions in TABLE.items() if Action.READ in actions)
EVERYWHERE = "/"  # every zone's path begins with it

_CACHE = "_roles_by_day"


def roles_of(user: Any, on: date | None = None) -> set[tuple[str, str]]:
    """Pairs of role and zone path that `user` holds on `on` (today if left out). Read once per user object and day."""
    if not _counts(user):
        return set()
    from zones import clock
    from zones.models import Appointment

    day = on or clock.today()
    cache = user.__dict__.setdefault(_CACHE, {}) if hasattr(user, "__dict__") else {}
    if day not in cache:
        held = Appointment.objects.filter(user_id=user.pk).in_force(day)
        cache[day] = set(held.values_list("role", "zone__path"))
    return cache[day]


def remember(user: Any, day: date, held: set[tuple[str, str]]) -> None:
    """Spare `roles_of` its statement: these are the pairs of role and zone path that `user` holds on `day`."""
    user.__dict__.setdefault(_CACHE, {})[day] = held


def forget(user: Any) -> None:
    """Drop what `roles_of` remembers on this object, after an appointment changed."""
    user.__dict__.pop(_CACHE, None)


def paths(user: Any, action: str, on: date | None = None) -> list[str]:
    """Zone paths in which, and below which, `user` may do `action`; for a superuser the root of all."""
    action = Action(action)
    if not _counts(user):
        return []
    if user.is_superuser:
        return [EVERYWHERE]
    return _topmost({path for role, path in roles_of(user, on) if action in TABLE[Role(role)]})


def may(user: Any, action: str, where: Any = None) -> bool:
    """Whether `user` may do `action` in `where` (a zone, or a row that belongs to one); anywhere, if left out."""
    reach = paths(user, action)
    if where is None or not reach:
        return bool(reach)
    if EVERYWHERE in reach:
        return True
    path = zone_path_of(where)
    return path is not None and any(path.startswith(p) for p in reach)


def zone_path_of(obj: Any) -> str | None:
    """Path of the zone that `obj` is, or belongs to by its `zone_lookup`; None if it belongs to none."""
    if isinstance(getattr(obj, "path", None), str):
        return obj.path
    lookups = getattr(type(obj), "zone_lookup", None) or ()
    found = (_path_at(obj, lookup) for lookup in ((lookups,) if isinstance(lookups, str) else lookups))
    return next(filter(None, found), None)


def _path_at(obj: Any, lookup: str) -> str | None:
    for step in lookup.split("__"):
        obj = getattr(obj, step, None)
    path = getattr(obj, "path", None)
    return path if isinstance(path, str) else None


def _counts(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated and user.is_active)


def _topmost(found: set[str]) -> list[str]:
    """Leave out what lies below another path: the shorter condition says the same."""
    return sorted(p for p in found if not any(p != q and p.startswith(q) for q in found))
