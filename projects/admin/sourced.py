"""Lists that name a source. A value of one's own may come from a document that the zone above keeps to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin import columns
from projects.models import Source

if TYPE_CHECKING:  # the mixin stands before a screen
    _Screen: Any = object
else:
    _Screen = object


def seen_sources(user: Any) -> Prefetch[Any, Any, Any]:
    """For `prefetch_related`: the source of each row as far as `user` may read it, ready for `source_of`."""
    return Prefetch("source", Source.objects.visible_to(user), to_attr="source_seen")


def source_of(row: Any, otherwise: str = columns.NOTHING) -> SafeString | str:
    """Where a row's value comes from, one click away; `otherwise` where no source is told. Needs `seen_sources`."""
    return columns.source_link(row.source_seen, columns.UNSEEN_SOURCE) if row.source_id else otherwise


class SourcedMixin(_Screen):
    """A screen or inline whose rows have a source: shows it to whoever may read it, in one more statement."""

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related(seen_sources(request.user))

    @display(description="来源")
    def source_shown(self, row: Any) -> SafeString | str:
        return source_of(row)
