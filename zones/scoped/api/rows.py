"""Serializers that read columns and never objects.

A list is one statement, however many rows it has and whatever they point at: there is no object to walk from, so
there is nothing to ask for row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, When
from rest_framework import serializers

from zones.permissions import EVERYWHERE, Action, paths
from zones.scoped.querysets import seen_through, visible_rows

Row = dict[Any, Any]


class RowSerializer(serializers.ModelSerializer):
    """Rows of a queryset as dicts, read with `values_list`.

    Fields are declared as in any model serializer, so the OpenAPI document follows from them. A `source` may lead
    through foreign keys and name an annotation; a field may not compute, except by `from_column`. A nested list
    (`many=True`) of another RowSerializer, whose `Meta.hangs_on` names its foreign key, costs one more statement for
    the whole page.
    """

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        kind, options = super().build_standard_field(field_name, model_field)
        if model_field.choices and model_field.blank:
            options["allow_blank"] = True  # which DRF takes from the model only where it may be written
        return kind, options

    @classmethod
    def read(cls, rows: models.QuerySet[Any], user: Any, *more: Any) -> list[Row]:
        """The rows as `user` may see them, in one statement and one for each nested list.

        `more` are further expressions; their values stand under the keys 0, 1, … of each row.
        """
        plan = _plan(cls)
        columns = [_seen(rows.model, *each, user) if isinstance(each, tuple) else each for each in plan.columns]
        names = [*plan.names, *range(len(more))]
        found: list[Row] = [dict(zip(names, values, strict=True)) for values in rows.values_list(*columns, *more)]
        for name, convert in plan.conversions:
            for row in found:
                row[name] = convert(row[name])
        for name, child in plan.nested:
            _hang(found, name, child, user)
        return found

    @classmethod
    def read_one(cls, rows: models.QuerySet[Any], user: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(cls.read(rows[:1], user)), None)


class Hundredths(serializers.FloatField):
    """Percentage points, stored as hundredths of a point."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"read_only": True, "allow_null": True, **kwargs})

    @staticmethod
    def from_column(value: int | None) -> float | None:
        return None if value is None else value / 100


class SeenMixin:
    """A column of the row behind `relation`, null for who may not see that row."""

    def __init__(self, relation: str, **kwargs: Any) -> None:
        self.relation = relation
        super().__init__(**{"read_only": True, "allow_null": True, **kwargs})


class SeenIntegerField(SeenMixin, serializers.IntegerField):
    """A number, such as the key."""


class SeenCharField(SeenMixin, serializers.CharField):
    """Words, such as the title."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a serializer reads, worked out once. A guarded column is a pair of relation and column."""

    names: list[Any]
    columns: list[str | tuple[str, str]]
    conversions: list[tuple[str, Callable[[Any], Any]]]
    nested: list[tuple[str, type[RowSerializer]]]


@cache
def _plan(cls: type[RowSerializer]) -> _Plan:
    plan = _Plan([], [], [], [])
    for name, field in cls().fields.items():
        if isinstance(field, serializers.ListSerializer):
            plan.nested.append((name, cast(type[RowSerializer], type(field.child))))
            continue
        lookup = (field.source or name).replace(".", "__")
        plan.names.append(name)
        plan.columns.append((field.relation, lookup) if isinstance(field, SeenMixin) else lookup)
        if hasattr(field, "from_column"):
            plan.conversions.append((name, field.from_column))
    return plan


def _seen(model: type[models.Model], relation: str, lookup: str, user: Any) -> Any:
    if EVERYWHERE in paths(user, Action.READ):
        return F(lookup)
    condition: Any = seen_through(model, relation, user)
    if condition is None:
        related: Any = model._meta.get_field(relation).related_model
        condition = Exists(visible_rows(related, user).filter(pk=OuterRef(f"{relation}_id")).order_by())
    return Case(When(condition, then=F(lookup)))


def _hang(found: Iterable[Row], name: str, child: type[RowSerializer], user: Any) -> None:
    meta: Any = child.Meta
    on = meta.hangs_on
    rows = meta.model._default_manager.filter(**{f"{on}__in": [row["id"] for row in found]})
    by_key: dict[Any, list[Row]] = defaultdict(list)
    for row in child.read(rows, user, F(f"{on}_id")):
        by_key[row.pop(0)].append(row)
    for row in found:
        row[name] = by_key[row["id"]]
