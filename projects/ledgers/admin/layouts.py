"""What is remembered of headings: to look at, and to remove where it was told wrongly."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin import columns, filters
from projects.ledgers.admin import outlets
from projects.ledgers.exporting import examples
from projects.ledgers.meanings import label
from projects.ledgers.models import Layout
from zones.scoped.admin import ReadOnlyAdmin, can_write


@admin.register(Layout)
class LayoutAdmin(ReadOnlyAdmin):
    """Headings that people explained, used when the next file of the zone has the same ones."""

    list_display = ("name", "zone", "purpose", "told", "changed_by", "changed_at")
    list_filter = (filters.PlaceFilter,)
    list_select_related = ("zone", "changed_by")
    search_fields = ("name",)
    fields = readonly_fields = ("name", "zone", "purpose", "told", "heads", "changed_by", "changed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layout]:
        return super().get_queryset(request).order_by("-changed_at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        return [*outlets.addresses(self), *super().get_urls()]

    def delete_model(self, request: HttpRequest, obj: Layout) -> None:
        examples.drop(obj, by=request.user)  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_write(request, obj) if obj else super().has_delete_permission(request, obj)

    @display(description="说明")
    def told(self, layout: Layout) -> SafeString | str:
        meanings = [(key, label(code)) for key, code in layout.answers.get("meanings", {}).items()]
        units = [(key or "没有写单位的金额", unit) for key, unit in layout.answers.get("units", {}).items()]
        return format_html_join("；", "{}：{}", [*meanings, *units]) or columns.NOTHING

    @display(description="表头")
    def heads(self, layout: Layout) -> str:
        return "，".join(filter(None, layout.headings)) or columns.NOTHING
