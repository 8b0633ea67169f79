"""Companies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin import columns, filters
from projects.models import Company, Project
from zones.scoped.admin import ScopedAdmin, ScopedTabularInline


class ProjectInline(ScopedTabularInline):
    """Projects of the company; they are changed on their own pages."""

    model = Project
    fk_name = "company"
    fields = readonly_fields = ("code", "name", "zone", "phase")
    per_page = 20
    show_change_link = True
    tab = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("zone")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Company)
class CompanyAdmin(ScopedAdmin):
    list_display = ("name", "zone", "code_shown", "projects_shown")
    list_filter = (filters.PlaceFilter,)
    list_select_related = ("zone",)
    search_fields = ("name", "credit_code")
    autocomplete_fields = ("zone",)
    fields = ("name", "credit_code", "zone")
    inlines = (ProjectInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        seen = Project.objects.visible_to(request.user).live().filter(company=OuterRef("pk"))
        counted = seen.order_by().values("company").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(projects_seen=Subquery(counted, output_field=IntegerField()))

    @display(description="统一社会信用代码", ordering="credit_code")
    def code_shown(self, company: Company) -> SafeString | str:
        if not company.credit_code_is_doubtful:
            return company.credit_code or columns.NOTHING
        return format_html("{} {}", company.credit_code, columns.mark("校验位不符", "warn"))

    @display(description="在库项目", ordering="projects_seen")
    def projects_shown(self, company: Any) -> int:
        return company.projects_seen or 0
