"""Filters that refuse what they do not know. By default an unknown parameter would return everything."""

from collections.abc import Iterator
from typing import Any

from django.forms import Form
from django_filters import FilterSet

UNKNOWN = "没有这个筛选项，可用的有：{known}"


class StrictFilterSet(FilterSet):
    """A filter set in which a misspelt parameter is an error that lists the known ones."""

    #: Parameters that belong to paging, ordering and format, not to filtering.
    passing = frozenset({"page", "page_size", "cursor", "limit", "offset", "ordering", "search", "format"})

    @property
    def form(self) -> Form:
        first = not hasattr(self, "_form")
        form = super().form
        if first and self.is_bound:
            self._refuse_unknown(form)
        return form

    def _refuse_unknown(self, form: Form) -> None:
        known = sorted(self._known())
        errors = form.errors
        for name in self.data:
            if name not in known and name not in self.passing:
                errors[name] = form.error_class([UNKNOWN.format(known="、".join(known))])

    def _known(self) -> Iterator[str]:
        for name, field in super().form.fields.items():
            yield from _inputs_of(name, field)


def _inputs_of(name: str, field: Any) -> list[str]:
    suffixes = getattr(field.widget, "suffixes", None)
    return [f"{name}_{suffix}" if suffix else name for suffix in suffixes] if suffixes else [name]
