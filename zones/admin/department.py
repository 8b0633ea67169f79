"""Units that can be made responsible."""

from django.contrib import admin

from zones.models import Department
from zones.scoped.admin import ScopedAdmin


@admin.register(Department)
class DepartmentAdmin(ScopedAdmin):
    list_display = ("name", "short_name", "zone", "active")
    list_filter = ("zone", "active")
    list_select_related = ("zone",)
    search_fields = ("name", "short_name")
    autocomplete_fields = ("zone",)
    fields = ("zone", "name", "short_name", "active")
