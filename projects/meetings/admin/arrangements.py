"""How zones hold their weekly meetings."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from projects.admin.filters import PlaceFilter
from projects.forms.fields import HourInput
from projects.meetings.models import Arrangement
from zones.models import Zone
from zones.permissions import Action, paths
from zones.scoped.admin import ScopedAdmin
from zones.scoped.querysets import under


@admin.register(Arrangement)
class ArrangementAdmin(ScopedAdmin):
    """One line for every zone that meets every week."""

    list_display = ("zone", "day", "until", "chair", "place", "enabled")
    list_filter = (PlaceFilter, "enabled")
    list_select_related = ("zone",)
    search_fields = ("zone__name", "zone__short_name", "chair", "place")
    fieldsets = (
        (None, {"fields": ("zone", "weekday", "starts_at", "place", "chair", "enabled")}),
        (
            "会前",
            {
                "fields": ("file_weekday", "file_until", "due_within"),
                "description": "议程在开会前一个工作日自动生成；联络员在截止时间前用手机填报本周进展。",
            },
        ),
        (
            "出席和印发",
            {"fields": ("present", "distribution"), "description": "每次会议先照此填好，有变化时在那一次会议里改。"},
        ),
    )

    @display(description="例会", ordering="weekday")
    def day(self, row: Arrangement) -> str:
        return f"每{row.get_weekday_display()}" + (f" {row.starts_at:%H:%M}" if row.starts_at else "")

    @display(description="填报截止", ordering="file_weekday")
    def until(self, row: Arrangement) -> str:
        return f"{row.get_file_weekday_display()} {row.file_until:%H:%M}"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        reach = paths(request.user, Action.RUN_MEETING)
        kwargs["queryset"] = Zone.objects.filter(under("", reach), active=True).order_by("path")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("starts_at", "file_until") and field is not None:
            field.widget = HourInput()
        if db_field.name in ("present", "distribution") and field is not None:
            field.widget.attrs["rows"] = 3
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Arrangement | None = None) -> tuple[str, ...]:
        return ("zone",) if obj else ()
