"""Progress as told, to look through; it is told on the project's page."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import money
from projects.admin import columns, filters
from projects.admin.sourced import SourcedMixin, source_of
from projects.models import Progress
from zones.scoped.admin import ReadOnlyAdmin


@admin.register(Progress)
class ProgressAdmin(SourcedMixin, ReadOnlyAdmin):
    list_display = ("project_shown", "until", "channel", "amount_shown", "words_shown", "teller", "recorded_at")
    list_display_links = ("until",)
    list_filter = (filters.OfProjectPlaceFilter, ("channel", ChoicesDropdownFilter), filters.CurrentFilter)
    list_select_related = ("project", "recorded_by")
    search_fields = ("project__name", "project__code", "project__initials", "words")
    date_hierarchy = "up_to"
    ordering = ("-up_to", "-pk")
    fields = readonly_fields = (
        "project_shown",
        "until",
        "channel",
        "amount_exact",
        "total_exact",
        "percent",
        "words",
        "teller",
        "recorded_at",
        "state",
    )

    @display(description="项目", ordering="project__name")
    def project_shown(self, row: Progress) -> SafeString | str:
        return columns.project_link(row.project)

    @display(description="截至", ordering="up_to")
    def until(self, row: Progress) -> str:
        return f"{row.up_to:%Y-%m-%d}"

    @display(description="年内累计完成", ordering="amount")
    def amount_shown(self, row: Progress) -> str:
        return columns.brief(row.amount)

    @display(description="年内累计完成投资")
    def amount_exact(self, row: Progress) -> str:
        return columns.NOTHING if row.amount is None else money.show(row.amount)

    @display(description="自开工累计完成投资")
    def total_exact(self, row: Progress) -> str:
        return columns.NOTHING if row.total is None else money.show(row.total)

    @display(description="形象进度")
    def words_shown(self, row: Progress) -> str:
        words = f"{row.percent}% " if row.percent is not None else ""
        words += row.words
        return words[:60] + "…" if len(words) > 60 else words or columns.NOTHING

    @display(description="来源 / 填报人")
    def teller(self, row: Progress) -> SafeString | str:
        return source_of(row, str(row.recorded_by or columns.NOTHING))

    @display(description="版本")
    def state(self, row: Progress) -> str:
        return "有效" if row.current else "已被更正"
