"""Days that differ from the published calendar."""

from django.contrib import admin

from zones.models import WorkdayOverride
from zones.scoped.admin import ScopedAdmin


@admin.register(WorkdayOverride)
class WorkdayOverrideAdmin(ScopedAdmin):
    list_display = ("date", "is_working", "note")
    list_filter = ("is_working",)
    date_hierarchy = "date"
    fields = ("date", "is_working", "note")
