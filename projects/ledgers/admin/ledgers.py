"""The list of ledgers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin.filters import ChoiceFilter, PlaceFilter
from projects.intake.admin.sending import may_send
from projects.ledgers.admin import acting, uploading
from projects.ledgers.admin.showing import Page
from projects.ledgers.models import Ledger
from zones.scoped.admin import ReadOnlyAdmin

LABELS = {
    **{"待回答": "warning", "正在比对": "info", "待确认": "warning", "正在导入": "info", "已导入": "success"},
    **{"已撤销": "danger", "不导入": "danger"},
}


class StateFilter(ChoiceFilter):
    title = "状态"
    parameter_name = "state"
    offered = [(str(value), str(label)) for value, label in Ledger.State.choices]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(state=chosen)


@admin.register(Ledger)
class LedgerAdmin(ReadOnlyAdmin):
    """Ledgers, the newest first; the page of one is where it is previewed, confirmed and taken back."""

    list_display = ("headline", "zone", "status", "outcome", "sent_by", "read_at", "imported_by", "way")
    list_display_links = None
    list_filter = (StateFilter, PlaceFilter)
    list_select_related = ("zone", "sent_by", "imported_by")
    search_fields = ("file_name",)
    ordering = ("-pk",)
    fields = readonly_fields = ("file_name",)
    change_form_template = "projects_ledgers/ledger.html"
    list_before_template = "projects_ledgers/list_head.html"

    @display(description="台账", ordering="file_name")
    def headline(self, ledger: Ledger) -> SafeString:
        return format_html('<a class="tk-link tk-name" href="{}">{}</a>', self._url(ledger), ledger.file_name)

    @display(description="状态", ordering="state", label=LABELS)
    def status(self, ledger: Ledger) -> str:
        return ledger.get_state_display()

    @display(description="处理")
    def way(self, ledger: Ledger) -> SafeString:
        words = "预览" if ledger.is_open else "查看"
        return format_html('<a class="tk-link" href="{}">{}</a>', self._url(ledger), words)

    def _url(self, ledger: Ledger) -> str:
        return reverse("admin:projects_ledgers_ledger_change", args=[ledger.pk])

    def get_urls(self) -> list[URLPattern]:
        return [*uploading.LedgerSending(self).addresses(), *acting.addresses(self), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        more = {"may_send": may_send(request), "none_yet": not self.get_queryset(request).exists()}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        ledger = kwargs.get("obj") or (args[3] if len(args) > 3 else None)
        if ledger is not None:
            context.update(Page(request, ledger).context(), title=str(ledger), subtitle=None)
        answer = super().render_change_form(request, context, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"  # going back must not show what stood here before an answer
        return answer
