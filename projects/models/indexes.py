"""Orders of lists as indexes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import OrderBy


class KnownFirst(models.Index):
    """An index in the order of a list, unknown values last: `KnownFirst(F("amount").desc(nulls_last=True), "id")`.

    SQLite cannot say where they come in an index, and need not in a falling one: there unknown is the smallest anyway.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        if schema_editor.connection.vendor != "sqlite":
            return super().create_sql(model, schema_editor, using, **kwargs)
        plain = (
            OrderBy(each.expression, each.descending) if isinstance(each, OrderBy) else each
            for each in self.expressions
        )
        index = models.Index(*plain, name=self.name, condition=self.condition)
        return index.create_sql(model, schema_editor, using, **kwargs)
