"""Who stands for which project."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects.admin import columns, filters
from projects.models import Assignment
from zones.scoped.admin import ScopedAdmin


@admin.register(Assignment)
class AssignmentAdmin(ScopedAdmin):
    list_display = ("project_shown", "role", "who_shown", "starts", "ends_shown")
    list_display_links = ("role",)
    list_filter = (filters.OfProjectPlaceFilter, ("role", ChoicesDropdownFilter))
    list_select_related = ("project", "user", "department")
    search_fields = (
        "project__name",
        "project__code",
        "project__initials",
        "user__display_name",
        "department__name",
        "post",
    )
    ordering = ("project", "role", "pk")
    autocomplete_fields = ("project", "user", "department")
    fields = ("project", "role", "user", "department", "post", "starts", "ends")

    @display(description="项目", ordering="project__name")
    def project_shown(self, row: Assignment) -> SafeString | str:
        return columns.project_link(row.project)

    @display(description="人员 / 单位")
    def who_shown(self, row: Assignment) -> str:
        return row.who

    @display(description="截止日期", ordering="ends")
    def ends_shown(self, row: Assignment) -> str:
        return f"{row.ends:%Y-%m-%d}" if row.ends else "至今"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Whoever takes over gets a row of his own: the old one says who it was until when.
        return ("project_shown", "role", "user", "department", "post") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        first = "project_shown" if obj else "project"
        return (first, "role", "user", "department", "post", "starts", "ends")
