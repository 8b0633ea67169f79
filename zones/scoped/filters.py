"""Filter sets that cost what is asked for, and let nothing slip through unread."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as rest


class StrictFilterSet(rest.FilterSet):
    """A filter set that builds only the filters that are asked for. A parameter is one filter, and of one name;
    `zones.scoped.api.parameters` refuses all others.
    """

    base_filters: dict[str, Any]

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        offered: dict[str, Any] = type(self).base_filters
        self.base_filters = {name: each for name, each in offered.items() if name in (data or {})}
        super().__init__(data, *args, **kwargs)
