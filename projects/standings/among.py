"""Which projects a statement is about: some keys, or all between two. Its text does not grow with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL


@dataclass(frozen=True, slots=True)
class Keys:
    """These keys."""

    keys: tuple[int, ...]

    def within(self, field: str) -> Q:
        """The same for a queryset."""
        return Q(**{f"{field}__in": listed(self.keys)})

    @classmethod
    def of(cls, keys: Iterable[int]) -> Keys:
        return cls(tuple(keys))

    def condition(self, column: str) -> tuple[str, list[Any]]:
        """SQL that is true where `column` is one of them, with its parameters."""
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", [list(self.keys)]
        return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(self.keys)]  # noqa: S608  (a column of ours)


@dataclass(frozen=True, slots=True)
class Between:
    """All keys from `first` to `last`."""

    first: int
    last: int

    def within(self, field: str) -> Q:
        """The same for a queryset."""
        return Q(**{f"{field}__gte": self.first, f"{field}__lte": self.last})

    def condition(self, column: str) -> tuple[str, list[Any]]:
        """SQL that is true where `column` lies between them, with its parameters."""
        return f"{column} BETWEEN %s AND %s", [self.first, self.last]


Among = Keys | Between


def listed(keys: Sequence[int] | Sequence[str], kind: str = "bigint") -> RawSQL:
    """Keys of a kind of SQL as one parameter, for the lookup `in` of a queryset: named one by one, some hundred of them
    take longer to write into a statement than to find.
    """
    if connection.vendor == "postgresql":
        return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(keys)])  # noqa: S611  (our own words)
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(keys)])


def exactly(keys: Sequence[int]) -> Among:
    """These keys, which are in their order; as a stretch where no key is missing between the first and the last."""
    if keys and keys[-1] - keys[0] + 1 == len(keys):
        return Between(keys[0], keys[-1])
    return Keys.of(keys)
