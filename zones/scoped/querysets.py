"""Rows that a person may see and rows that he may change.

A model says where its zone is, and nothing else:

    class Milestone(ScopedModel):
        zone_lookup = "project__zone"                      # or several: ("zone", "projects__zone")
        assigned_lookup = "project__assignments__user"     # what a liaison may write; may be several, too

Optional: `read_actions`, `write_actions` (which actions of `zones.permissions` open the row), `inherited = True`
(rows of the zones above, or of no zone, can be read as well: series, rules), `everywhere = True` (no zone at all),
`withdrawable = True` (a row with `withdrawn_at` is shown to nobody, nor what hangs on it by its lookup).
A model that declares nothing shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from zones import clock
from zones.permissions import EVERYWHERE, Action, paths

NOTHING = Q(pk__in=[])
FEW = 50  # zones


class ScopedQuerySet(models.QuerySet):
    """A queryset that knows whose rows it may show."""

    def visible_to(self, user: Any) -> Self:
        """Rows that `user` may read. What is not in here does not exist for him (404, never 403)."""
        reach = _reach(user, _read_actions(self.model))
        if not reach or not _declared(self.model):
            return self.none()
        if EVERYWHERE in reach or getattr(self.model, "everywhere", False):
            return self.filter(_not_withdrawn(self.model))
        seen = _in_zones(self.model, reach)
        if getattr(self.model, "inherited", False):
            seen |= _above(self.model, reach)
        return self._only(seen, _lookups(self.model)).filter(_not_withdrawn(self.model))

    def listed_for(self, user: Any) -> Self:
        """The rows of `visible_to`, by the keys of his zones where these are few and stand in the row itself: then an
        index gives the rows of a small zone in order, among millions of others. One statement more.
        """
        model, reach = self.model, _reach(user, _read_actions(self.model))
        own = type(self).visible_to is not ScopedQuerySet.visible_to
        if (
            own
            or _lookups(model) != ("zone",)
            or getattr(model, "inherited", False)
            or not reach
            or EVERYWHERE in reach
        ):
            return self.visible_to(user)
        zones: Any = model._meta.get_field("zone").related_model
        keys = list(zones._base_manager.filter(under("", reach)).values_list("pk", flat=True)[: FEW + 1])
        few = self.filter(_not_withdrawn(model), zone__in=keys)
        return few if len(keys) <= FEW else self.visible_to(user)

    def writable_by(self, user: Any) -> Self:
        """Rows that `user` may change: all of his zones, or as a liaison those assigned to him today."""
        reach = _reach(user, _write_actions(self.model))
        if not _declared(self.model):
            return self.none()
        if EVERYWHERE in reach or (reach and getattr(self.model, "everywhere", False)):
            return self.filter(_not_withdrawn(self.model))
        assigned = _assigned(self.model, user)
        if not reach and assigned is None:
            return self.none()
        mine = _in_zones(self.model, reach)
        both = (*_lookups(self.model), *_assigned_lookups(self.model))
        rows = self._only(mine | assigned if assigned is not None else mine, both)
        return rows.filter(_not_withdrawn(self.model))

    def _only(self, condition: Q, lookups: Iterable[str]) -> Self:
        # A subquery where the way leads through many rows: a join would repeat the row, DISTINCT would sort the table.
        if _leads_through_many(self.model, lookups):
            return self.filter(pk__in=self.model._base_manager.filter(condition).values("pk"))
        return self.filter(condition)


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):
    """The default manager of whatever belongs to a zone."""


class ScopedModel(models.Model):
    """Base of every model whose rows belong to a zone."""

    zone_lookup: ClassVar[str | tuple[str, ...] | None] = None
    assigned_lookup: ClassVar[str | tuple[str, ...] | None] = None
    read_actions: ClassVar[tuple[str, ...]] = (Action.READ,)
    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE,)
    inherited: ClassVar[bool] = False
    everywhere: ClassVar[bool] = False
    withdrawable: ClassVar[bool] = False

    objects = ScopedManager()

    class Meta:
        abstract = True


def under(lookup: str, reach: Iterable[str]) -> Q:
    """Condition: the zone at `lookup` ("" for the row itself) lies in one of the paths of `reach`."""
    prefix = f"{lookup}__" if lookup else ""
    found = NOTHING
    for path in reach:
        found |= Q(**{f"{prefix}path__startswith": path})
    return found


def seen_through(model: type[models.Model], relation: str, user: Any) -> Q | None:
    """Condition on rows of `model`: the row behind `relation` may be shown to `user`. None where only that row's own
    queryset can tell.
    """
    related: Any = model._meta.get_field(relation).related_model
    own = type(related._default_manager.get_queryset()).visible_to is not ScopedQuerySet.visible_to
    if own or related.inherited or related.everywhere or _leads_through_many(related, [*_lookups(related)]):
        return None
    reach, seen = _reach(user, _read_actions(related)), NOTHING
    for lookup in _lookups(related):
        seen |= under(f"{relation}__{lookup}" if lookup else relation, reach)
    return seen & _not_withdrawn(related, f"{relation}__")


def is_scoped(model: type[models.Model]) -> bool:
    """Whether rows of `model` are reached through `visible_to`."""
    return isinstance(model._default_manager.get_queryset(), ScopedQuerySet)


def visible_rows(model: type[models.Model], user: Any) -> models.QuerySet[Any]:
    """Rows of `model` that may be offered to `user`; all of a model that belongs to nobody."""
    rows = model._default_manager.get_queryset()
    return rows.visible_to(user) if isinstance(rows, ScopedQuerySet) else rows


def may_write_somewhere(model: type[models.Model], user: Any) -> bool:
    """Whether there can be a row of `model` that `user` may change."""
    if _reach(user, _write_actions(model)):
        return True
    return bool(_assigned_lookups(model)) and bool(paths(user, Action.WRITE_ASSIGNED))


def may_read_somewhere(model: type[models.Model], user: Any) -> bool:
    """Whether there can be a row of `model` that `user` may read."""
    return bool(_reach(user, _read_actions(model)))


def _reach(user: Any, actions: Iterable[str]) -> list[str]:
    return sorted({path for action in actions for path in paths(user, action)})


def _read_actions(model: type[models.Model]) -> tuple[str, ...]:
    return getattr(model, "read_actions", (Action.READ,))


def _write_actions(model: type[models.Model]) -> tuple[str, ...]:
    return getattr(model, "write_actions", (Action.WRITE,))


def _several(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _lookups(model: type[models.Model]) -> tuple[str, ...]:
    return _several(getattr(model, "zone_lookup", None))


def _assigned_lookups(model: type[models.Model]) -> tuple[str, ...]:
    return _several(getattr(model, "assigned_lookup", None))


def _declared(model: type[models.Model]) -> bool:
    return bool(_lookups(model)) or getattr(model, "everywhere", False)


def _not_withdrawn(model: type[models.Model], prefix: str = "") -> Q:
    """Condition: neither the row was withdrawn nor one by which it belongs to its zone."""
    found = Q(**{f"{prefix}withdrawn_at": None}) if getattr(model, "withdrawable", False) else Q()
    for lookup in _lookups(model):
        if _leads_through_many(model, [lookup]):
            continue
        steps = lookup.split("__") if lookup else []
        for at, met in enumerate(_walk(model, steps[:-1]), start=0):
            if at and getattr(met, "withdrawable", False):
                found &= Q(**{f"{prefix}{'__'.join(steps[:at])}__withdrawn_at": None})
    return found


def _in_zones(model: type[models.Model], reach: list[str]) -> Q:
    found = NOTHING
    for lookup in _lookups(model):
        found |= under(lookup, reach)
    return found


def _above(model: type[models.Model], reach: list[str]) -> Q:
    from zones.models.zone import ancestors_of

    above = {a for path in reach for a in ancestors_of(path)}
    found = NOTHING
    for lookup in _lookups(model):
        found |= Q(**{f"{lookup}__path__in": above}) | Q(**{f"{lookup}__isnull": True}) if lookup else Q(path__in=above)
    return found


def _assigned(model: type[models.Model], user: Any) -> Q | None:
    """Condition: in a zone where he is liaison, and assigned to him or to his unit today. None if there is none."""
    reach = paths(user, Action.WRITE_ASSIGNED)
    lookups = _assigned_lookups(model)
    if not reach or not lookups:
        return None
    assigned = NOTHING
    for lookup in lookups:
        assigned |= _assigned_by(model, lookup, user)
    return _in_zones(model, reach) & assigned


def _assigned_by(model: type[models.Model], lookup: str, user: Any) -> Q:
    *way, last = lookup.split("__")
    holder = _walk(model, way)[-1] if way else model
    target: Any = holder._meta.get_field(last).related_model
    value = user.pk if target._meta.label == "zones.User" else user.department_id
    if value is None:
        return NOTHING
    return Q(**{lookup: value}) & _holds_today(holder, way)


def _holds_today(holder: type[models.Model], way: list[str]) -> Q:
    names = {f.name for f in holder._meta.get_fields()}
    day = clock.today()
    condition = Q()
    if way and "starts" in names:
        starts = "__".join([*way, "starts"])
        condition &= Q(**{f"{starts}__isnull": True}) | Q(**{f"{starts}__lte": day})
    if way and "ends" in names:
        ends = "__".join([*way, "ends"])
        condition &= Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gte": day})
    return condition


def _walk(model: type[models.Model], steps: list[str]) -> list[type[models.Model]]:
    met: list[Any] = [model]
    for step in steps:
        met.append(met[-1]._meta.get_field(step).related_model)
    return met


def _leads_through_many(model: type[models.Model], lookups: Iterable[str]) -> bool:
    for lookup in filter(None, lookups):
        here = model
        for step in lookup.split("__"):
            field = here._meta.get_field(step)
            if field.many_to_many or field.one_to_many:
                return True
            if field.related_model is None:
                break
            here = field.related_model
    return False
