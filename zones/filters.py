"""Filters that every room's endpoints use: places, people, sets of choices, ranges, yes and no.

A code or a name that the person may not see reads like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.db.models import Model, QuerySet
from django_filters import rest_framework as rest
from rest_framework.exceptions import ValidationError

from zones.models import User, Zone
from zones.scoped.querysets import FEW, visible_rows

NO_ZONE = "没有代号为“{code}”的区域"
MOST_POINTS: Final = 1_000_000
Select = Callable[[Any], QuerySet[Any]]  # from a queryset of whatever model


def path_of_zone(code: str, user: Any, parameter: str = "zone") -> str:
    """The path of a zone that the person may see. Raises ValidationError, which blames `parameter`."""
    path = Zone.objects.visible_to(user).filter(code=code).values_list("path", flat=True).order_by().first()
    if path is None:
        raise ValidationError({parameter: [NO_ZONE.format(code=code)]})
    return path


class WithinZone(rest.CharFilter):
    """Rows of the zone with this code and of all below it."""

    def __init__(self, field_name: str = "zone", **kwargs: Any) -> None:
        super().__init__(field_name, label="区域代号，含下级", **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        user, lookup = self.parent.request.user, self.field_name
        if lookup == "zone":
            return _near(qs, value, user)
        path = path_of_zone(value, user)
        return qs.filter(**{f"{lookup}__path__startswith" if lookup else "path__startswith": path})


def _near(rows: QuerySet[Any], code: str, user: Any) -> QuerySet[Any]:
    """Rows of the zone and of all below it; of a few zones by their keys, as `ScopedQuerySet.listed_for` does."""
    found = Zone.objects.visible_to(user).filter(path__contains=f"/{code}/").order_by("path")
    below = list(found.values_list("pk", "code", "path")[: FEW + 1])
    if not below or below[0][1] != code:
        raise ValidationError({"zone": [NO_ZONE.format(code=code)]})
    if len(below) > FEW:
        return rows.filter(zone__path__startswith=below[0][2])
    return rows.filter(zone__in=[key for key, _, _ in below])


class ByPerson(rest.CharFilter):
    """Rows that a person stands for, by his user name; `select(rows, user)` says which."""

    def __init__(self, select: Callable[[QuerySet[Any], User], QuerySet[Any]], label: str = "人员的用户名") -> None:
        self.select = select
        super().__init__(label=label)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        person = User.objects.visible_to(self.parent.request.user).filter(username=value).first()
        if person is None:
            raise ValidationError({self.field_name: [f"没有用户名为“{value}”的人员"]})
        return self.select(qs, person)


class OneOf(rest.BaseInFilter, rest.ChoiceFilter):
    """One of several choices, separated by commas."""


class Whole(rest.NumberFilter):
    """Exactly this whole number, from 1 on."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"min_value": 1, **kwargs})


class Key(Whole):
    """The id of a related row. One that the person may not see selects nothing, like one that does not exist."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        seen = visible_rows(_model_at(qs.model, self.field_name), self.parent.request.user)
        return qs.filter(**{f"{self.field_name}__in": seen.filter(pk=value).order_by().values("pk")})


class AtLeast(rest.NumberFilter):
    """Whole numbers from this one on; `scale` turns what is asked into what is stored."""

    field_class: type[forms.Field] = forms.IntegerField
    bound = "gte"

    def __init__(self, field_name: str, label: str, scale: int = 1, **kwargs: Any) -> None:
        self.scale = scale
        super().__init__(field_name, self.bound, label=label, **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return super().filter(qs, None if value is None else round(value * self.scale))


class AtMost(AtLeast):
    """Whole numbers up to this one."""

    bound = "lte"


class PointsAtLeast(AtLeast):
    """Percentage points, stored in hundredths, from this many on."""

    field_class = forms.DecimalField

    def __init__(self, field_name: str, label: str, **kwargs: Any) -> None:
        super().__init__(field_name, label, scale=100, min_value=-MOST_POINTS, max_value=MOST_POINTS, **kwargs)


class PointsAtMost(PointsAtLeast):
    """Percentage points up to this many."""

    bound = "lte"


class From(rest.DateFilter):
    """Days from this one on, YYYY-MM-DD."""

    def __init__(self, field_name: str, label: str) -> None:
        super().__init__(field_name, "gte", label=label, input_formats=["%Y-%m-%d"])


class To(rest.DateFilter):
    """Days up to this one, YYYY-MM-DD."""

    def __init__(self, field_name: str, label: str) -> None:
        super().__init__(field_name, "lte", label=label, input_formats=["%Y-%m-%d"])


class Flag(rest.ChoiceFilter):
    """`true` or `false`, and nothing else. `select(rows)` gives the rows of "true", the rest are those of "false"."""

    def __init__(self, select: Select, label: str) -> None:
        self.select = select
        super().__init__(label=label, choices=[("true", "是"), ("false", "否")])

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        chosen = self.select(qs)
        return chosen if value == "true" else qs.exclude(pk__in=chosen.order_by().values("pk"))


def _model_at(model: type[Model], lookup: str) -> Any:
    """The model to which a chain of foreign keys leads."""
    here: Any = model
    for step in lookup.split("__"):
        here = here._meta.get_field(step).related_model
    return here
