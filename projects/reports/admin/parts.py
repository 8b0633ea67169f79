"""Lists of their own over what was read, to search across reports."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from unfold.decorators import display

from projects.reports import acts
from projects.reports import display as shown
from projects.reports.models import Difference, Figure, Mention
from zones.scoped.admin import ReadOnlyAdmin

State = Mention.State
STATE_COLOURS = {
    State.WAITING.label: "warning",
    State.ACCEPTED.label: "success",
    State.UNCLEAR.label: "danger",
    State.REFUSED.label: "info",
    State.JOINED.label: "info",
}


class PartAdmin(ReadOnlyAdmin):
    """Rows of all reports together; their texts stay where they are."""

    list_select_related = ("report",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("report__text")


@admin.register(Mention)
class MentionAdmin(PartAdmin):
    """Every mention of every report."""

    # No column for the project: it may be kept by a zone above, which not everybody here may read.
    list_display = ("name", "report", "listed", "status", "shown_state")
    list_filter = ("state", "batch", "report__zone")
    search_fields = ("name", "report__title")
    fields = ("name", "report", "batch", "period", "status", "state", "reason")

    def get_urls(self) -> list[URLPattern]:
        return [acts.address(self, acts.DECIDE), *super().get_urls()]

    @display(description="入批", ordering="batch")
    def listed(self, mention: Mention) -> str:
        return shown.batch_words(mention)

    @display(description="审核", ordering="state", label=STATE_COLOURS)
    def shown_state(self, mention: Mention) -> str:
        return mention.get_state_display()


@admin.register(Difference)
class DifferenceAdmin(PartAdmin):
    """Where reports do not agree with themselves."""

    list_display = ("sentence", "report", "declared", "found", "open")
    list_filter = ("open", "report__zone")
    search_fields = ("sentence", "report__title")
    fields = ("sentence", "report", "declared", "found", "open", "resolution")

    def get_urls(self) -> list[URLPattern]:
        return [acts.address(self, acts.SETTLE), *super().get_urls()]


@admin.register(Figure)
class FigureAdmin(PartAdmin):
    """Totals stated in reports."""

    list_display = ("scope", "report", "listed", "count", "amount")
    list_filter = ("batch", "report__zone")
    search_fields = ("scope", "report__title")
    fields = ("scope", "report", "batch", "period", "count", "amount", "answer")
    readonly_fields = ("amount",)

    def get_urls(self) -> list[URLPattern]:
        return [acts.address(self, acts.ANSWER), *super().get_urls()]

    @display(description="入批", ordering="batch")
    def listed(self, figure: Figure) -> str:
        return shown.batch_words(figure)

    @display(description="总投资", ordering="amount_high")
    def amount(self, figure: Figure) -> str:
        return shown.amount(figure)
