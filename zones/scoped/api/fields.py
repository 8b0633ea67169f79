"""Fields of what is sent in. A value is of the type that the document says: "true" is no yes, and "5" no number."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from zones.scoped.querysets import visible_rows

MOST: Final = 10**15
EARLIEST: Final = date(1949, 1, 1)
LATEST: Final = date(2099, 12, 31)
ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Words(serializers.CharField):
    """Text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class YesNo(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A whole number."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class Yuan(Whole):
    """An amount in whole yuan."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MOST, "allow_null": True, "required": False, **kwargs})


class Day(serializers.DateField):
    """A day, YYYY-MM-DD. What lies before the republic or after this century is a slip."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not ISO.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        day = super().to_internal_value(value)
        if not EARLIEST <= day <= LATEST:
            raise serializers.ValidationError(f"日期应在 {EARLIEST.year} 年到 {LATEST.year} 年之间，请核对")
        return day


class _Visible(serializers.Field):
    """Read as the row of `model` that it names; one that the writer may not see reads like one that is not there.

    `called` is the Chinese for such a row, `limits` what the row must fulfil besides.
    """

    lookup = "pk"

    def __init__(self, model: type[models.Model], called: str, limits: dict[str, Any] | None = None, **kw: Any) -> None:
        self.model, self.called, self.limits = model, called, limits or {}
        super().__init__(**{"help_text": f"{called}的 id", **kw})

    def to_internal_value(self, data: Any) -> Any:
        rows = visible_rows(self.model, self.context["request"].user).filter(**self.limits)
        row = rows.filter(**{self.lookup: data}).first() if self.is_key(data) else None
        if row is None:
            raise serializers.ValidationError(f"没有这个{self.called}")
        return row

    @staticmethod
    def is_key(data: Any) -> bool:
        return type(data) is int


@extend_schema_field({"type": "integer", "minimum": 1})
class VisibleKey(_Visible):
    """By its id."""


@extend_schema_field({"type": "string", "minLength": 1})
class VisiblePerson(_Visible):
    """By user name."""

    lookup = "username"

    @staticmethod
    def is_key(data: Any) -> bool:
        return isinstance(data, str) and "\0" not in data


class VisibleCode(VisiblePerson):
    """By code."""

    lookup = "code"
