"""Sources and what they state, to look at: where does this figure come from?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import panels
from projects.admin import acts, columns, deciding, filters
from projects.admin.sourced import SourcedMixin
from projects.models import Claim, Source
from zones.scoped.admin import ReadOnlyAdmin, ScopedTabularInline


class ClaimInline(ScopedTabularInline):
    """What the source states."""

    model = Claim
    fields = readonly_fields = ("project_shown", "field", "value", "certainty", "holds_on", "chosen")
    per_page = 50
    tab = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("project").order_by("project_id", "field", "pk")

    @display(description="项目")
    def project_shown(self, claim: Claim) -> SafeString | str:
        return columns.project_link(claim.project)

    @display(description="说法")
    def value(self, claim: Claim) -> str:
        return claim.shown

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    change_form_outer_before_template = "admin/projects/panels.html"
    list_display = ("title_shown", "kind", "publisher", "zone", "dated", "recorded_at")
    list_filter = (filters.PlaceFilter, ("kind", ChoicesDropdownFilter))
    list_select_related = ("zone",)
    search_fields = ("title", "publisher")
    fields = readonly_fields = ("title_shown", "kind", "publisher", "zone", "dated", "recorded_at")
    inlines = (ClaimInline,)

    @display(description="标题", ordering="title")
    def title_shown(self, source: Source) -> SafeString | str:
        return format_html("{} {}", source.title, columns.mark("演示", "demo")) if source.is_demo else source.title

    @display(description="日期", ordering="date_last")
    def dated(self, source: Source) -> str:
        return columns.days(source.date_first, source.date_last)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("obj") is not None:
            context["panels"] = panels.drawn(request, kwargs["obj"], on="source")
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Claim)
class ClaimAdmin(acts.ActsMixin, SourcedMixin, ReadOnlyAdmin):
    acts = deciding.ON_CLAIMS
    list_display = ("project_shown", "field", "value", "certainty", "holds_on", "chosen", "source_shown", "recorded_at")
    list_display_links = ("value",)
    list_filter = (
        filters.OfProjectPlaceFilter,
        ("field", ChoicesDropdownFilter),
        ("certainty", ChoicesDropdownFilter),
        "chosen",
    )
    list_select_related = ("project",)
    search_fields = ("project__name", "project__code", "project__initials", "text")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "project_shown",
        "field",
        "value",
        "certainty",
        "holds_on",
        "source_shown",
        "place",
        "note",
        "chosen",
        "chosen_by",
        "chosen_on",
        "recorded_at",
        "recorded_by",
    )

    @display(description="项目", ordering="project__name")
    def project_shown(self, claim: Claim) -> SafeString | str:
        return columns.project_link(claim.project)

    @display(description="说法")
    def value(self, claim: Claim) -> str:
        return claim.shown or columns.NOTHING

    @display(description="原文位置")
    def place(self, claim: Claim) -> str:
        if claim.place:
            return claim.place
        if claim.start is None or claim.end is None:
            return columns.NOTHING
        return f"第 {claim.start + 1} 至 {claim.end} 字"
