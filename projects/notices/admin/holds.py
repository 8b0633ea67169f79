"""待确认的通知: what waits until somebody has looked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.decorators import display

from projects.notices import confirming
from projects.notices.models import Hold
from zones.scoped.admin import ReadOnlyAdmin


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """待确认的通知: more at once than a real day brings. Who works in the zone's office looks and decides."""

    list_display = ("zone", "count", "reason", "status", "created_at", "decided_by", "decided_at")
    list_display_links = None
    list_select_related = ("zone", "decided_by")
    list_filter = ("state",)
    list_before_template = "notices/holds.html"
    show_full_result_count = False
    actions = ("confirm", "reject")
    fields = readonly_fields = ("zone", "count", "reason", "status", "created_at", "decided_by", "decided_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(zone=None)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(Hold.objects.writable_by(request.user).exists())

    @display(description="状态", ordering="state", label={"待确认": "warning", "已确认": "success", "已驳回": "danger"})
    def status(self, hold: Hold) -> str:
        return hold.get_state_display()

    @admin.action(description="属实，发出通知", permissions=["decide"])
    def confirm(self, request: HttpRequest, queryset: Any) -> None:
        self._decide(request, queryset, confirming.confirm, "已确认，{} 条通知将发出")

    @admin.action(description="有误，不发邮件", permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: Any) -> None:
        self._decide(request, queryset, confirming.reject, "已驳回，{} 条通知不发邮件；预警仍在，数据更正后自动解除")

    def _decide(self, request: HttpRequest, queryset: Any, verb: Any, said: str) -> None:
        for hold in queryset.writable_by(request.user):
            try:
                messages.success(request, f"{hold.zone}：" + said.format(verb(hold, by=request.user)))
            except ValidationError as refusal:
                messages.error(request, f"{hold.zone}：{refusal.messages[0]}")
