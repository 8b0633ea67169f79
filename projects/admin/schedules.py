"""Templates of 倒排工期: what the office may set, and what the zones above have set for it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from unfold.decorators import display

from projects.admin import filters
from projects.models import ScheduleTemplate, TemplateStep
from zones.scoped.admin import ScopedAdmin, ScopedTabularInline


class StepInline(ScopedTabularInline):
    """The steps before the target."""

    model = TemplateStep
    fields = ("kind", "label", "offset")
    verbose_name_plural = "节点：在目标日期之前几个工作日"
    extra = 1
    can_delete = True  # a step is no fact, and nothing hangs on it

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request, obj)


@admin.register(ScheduleTemplate)
class ScheduleTemplateAdmin(ScopedAdmin):
    list_display = ("name", "project_kind", "zone", "anchor", "steps_shown", "active", "source")
    list_filter = (filters.PlaceFilter, "active")
    list_select_related = ("zone",)
    search_fields = ("name", "code", "project_kind")
    autocomplete_fields = ("zone",)
    fields = ("zone", "code", "name", "project_kind", "anchor", "active", "source")
    inlines = (StepInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(number=Count("steps"))

    @display(description="节点数", ordering="number")
    def steps_shown(self, template: Any) -> str:
        return f"{template.number} 个"

    def get_readonly_fields(self, request: HttpRequest, obj: ScheduleTemplate | None = None) -> tuple[str, ...]:
        # The code ties a template to the one it replaces.
        return ("code", "zone") if obj else ()
