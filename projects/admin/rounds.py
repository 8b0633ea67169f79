"""Rounds of the activity, and which projects are on their lists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin import acts, columns, deciding, filters
from projects.admin.sourced import SourcedMixin
from projects.models import Entry, Period, Series
from zones.scoped.admin import ReadOnlyAdmin, ScopedAdmin


@admin.register(Series)
class SeriesAdmin(ScopedAdmin):
    list_display = ("name", "code", "zone")
    list_select_related = ("zone",)
    search_fields = ("name", "code")
    autocomplete_fields = ("zone",)
    fields = ("name", "code", "zone")


@admin.register(Period)
class PeriodAdmin(ScopedAdmin):
    list_display = ("named", "series", "held", "venue", "entries_shown")
    list_filter = ("series",)
    list_select_related = ("series",)
    search_fields = ("series__name", "venue", "=number")
    autocomplete_fields = ("series",)
    ordering = ("series", "-year", "-number")
    fields = ("series", "number", "year", "first", "last", "venue")

    def get_queryset(self, request: HttpRequest) -> Any:
        mine = Entry.objects.visible_to(request.user).effective().filter(period=OuterRef("pk"))
        counted = mine.order_by().values("period").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(entries_seen=Subquery(counted, output_field=IntegerField()))

    @display(description="期次", ordering="number")
    def named(self, period: Period) -> str:
        return str(period)

    @display(description="举办时间", ordering="first")
    def held(self, period: Period) -> str:
        return columns.days(period.first, period.last)

    @display(description="入批项目", ordering="entries_seen")
    def entries_shown(self, period: Any) -> SafeString | str:
        if not period.entries_seen:
            return columns.NOTHING
        where = f"{columns.page('entry_changelist')}?period={period.pk}"
        return format_html('<a class="tk-link" href="{}">{}</a>', where, period.entries_seen)


class EntryPeriodFilter(filters.PeriodFilter):
    """By the round of the entry itself."""

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(period=None) if chosen == "none" else rows.filter(period=chosen)


class EntryBatchFilter(filters.BatchFilter):
    """By the batch of the entry itself."""

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(batch=chosen)


@admin.register(Entry)
class EntryAdmin(acts.ActsMixin, SourcedMixin, ReadOnlyAdmin):
    """Entries come from lists that were read, and leave by 调出."""

    acts = deciding.ON_ENTRIES
    list_display = ("project_shown", "batch", "period_shown", "role_text", "entered_on", "source_shown", "left_shown")
    list_display_links = None
    list_filter = (filters.OfProjectPlaceFilter, EntryBatchFilter, EntryPeriodFilter, filters.EffectiveFilter)
    list_select_related = ("project", "period__series")
    search_fields = ("project__name", "project__code", "project__initials")
    ordering = ("-period__year", "-period__number", "batch", "pk")
    fields = (
        "project_shown",
        "batch",
        "period_shown",
        "role_text",
        "entered_on",
        "left_on",
        "left_reason",
        "source_shown",
    )
    readonly_fields = ("project_shown", "period_shown", "source_shown", "left_on", "left_reason")

    @display(description="项目", ordering="project__name")
    def project_shown(self, entry: Entry) -> SafeString | str:
        return columns.project_link(entry.project)

    @display(description="期次", ordering="period__number")
    def period_shown(self, entry: Entry) -> str:
        return str(entry.period or "期次不详")

    @display(description="调出", ordering="left_on")
    def left_shown(self, entry: Entry) -> str:
        return f"{entry.left_on:%Y-%m-%d} {entry.left_reason}" if entry.left_on else columns.NOTHING
