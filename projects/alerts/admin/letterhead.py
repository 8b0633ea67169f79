"""发文设置: under which name, numbers and terms the office of a zone writes letters."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from projects.admin.filters import PlaceFilter
from projects.alerts.models import Letterhead
from zones.models import Zone
from zones.permissions import Action, paths
from zones.scoped.admin import ScopedAdmin
from zones.scoped.querysets import under


@admin.register(Letterhead)
class LetterheadAdmin(ScopedAdmin):
    """One line for every zone whose office writes letters."""

    list_display = ("zone", "organ", "prefixes", "terms")
    list_filter = (PlaceFilter,)
    list_select_related = ("zone",)
    search_fields = ("zone__name", "zone__short_name", "organ")
    fieldsets = (
        (None, {"fields": ("zone", "organ", "contact", "phone")}),
        (
            "字号",
            {
                "fields": ("reminder", "supervision", "talk"),
                "description": "编号按字号和年份连续，签发时给出；改字号只影响以后签发的函件。",
            },
        ),
        (
            "反馈时限",
            {
                "fields": ("reminder_days", "supervision_days", "talk_days"),
                "description": "起草时按工作日推算，在函件里还可以改。",
            },
        ),
    )

    @display(description="字号")
    def prefixes(self, row: Letterhead) -> str:
        return "、".join((row.reminder, row.supervision, row.talk))

    @display(description="反馈时限（工作日）")
    def terms(self, row: Letterhead) -> str:
        return f"提醒 {row.reminder_days}，督办 {row.supervision_days}，约谈 {row.talk_days}"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        reach = paths(request.user, Action.WRITE)
        kwargs["queryset"] = Zone.objects.filter(under("", reach), active=True).order_by("path")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Letterhead | None = None) -> tuple[str, ...]:
        return ("zone",) if obj else ()
