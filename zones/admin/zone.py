"""Zones: their place in the tree, their names over time."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from zones import clock
from zones.models import Zone, ZoneName
from zones.scoped.admin import ScopedAdmin, ScopedTabularInline


class ZoneForm(forms.ModelForm):
    """A zone, and the act of renaming it, which keeps the old name with its dates."""

    new_name = forms.CharField(label="新名称", max_length=100, required=False, widget=UnfoldAdminTextInputWidget)
    new_short_name = forms.CharField(label="新简称", max_length=40, required=False, widget=UnfoldAdminTextInputWidget)
    renamed_on = forms.DateField(
        label="启用日期", required=False, widget=UnfoldAdminDateWidget, help_text="从这一天起使用新名称，不能晚于今天"
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("new_name") and not cleaned.get("renamed_on"):
            self.add_error("renamed_on", "更名要填写启用日期")
        if cleaned.get("renamed_on") and not cleaned.get("new_name"):
            self.add_error("new_name", "更名要填写新名称")
        self._check_day(cleaned)
        return cleaned

    def _check_day(self, cleaned: dict[str, Any]) -> None:
        day = cleaned.get("renamed_on")
        if day and day > clock.today():
            self.add_error("renamed_on", "更名日期不能晚于今天")
        elif day and self.instance.pk and self.instance.names.filter(valid_from=day).exists():
            self.add_error("renamed_on", "这一天已经更过名")


class ZoneNameInline(ScopedTabularInline):
    """Names so far. Changed by renaming, not by hand."""

    model = ZoneName
    fields = readonly_fields = ("name", "short_name", "valid_from", "valid_to")
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Zone)
class ZoneAdmin(ScopedAdmin):
    """The tree, in the order of the tree."""

    form = ZoneForm
    list_display = ("indented", "kind", "code", "national_code", "deadline", "active", "is_demo")
    list_filter = ("kind", "active", "is_demo")
    search_fields = ("name", "short_name", "code", "names__name", "names__short_name")
    ordering = ("path",)
    autocomplete_fields = ("parent",)
    inlines = (ZoneNameInline,)
    readonly_fields = ("path",)

    @display(description="名称", ordering="path")
    def indented(self, zone: Zone) -> str:
        depth = zone.path.count("/") - 2
        return "　" * depth + zone.name

    @display(description="月报截止日", ordering="return_day")
    def deadline(self, zone: Zone) -> str:
        return f"每月 {zone.return_day} 日" if zone.return_day else "每月最后一天"

    def get_fieldsets(self, request: HttpRequest, obj: Zone | None = None) -> list[Any]:
        place = (None, {"fields": ("kind", "parent", "code", "national_code")})
        called = ("名称", {"fields": ("name", "short_name")})
        rules = ("填报", {"fields": ("return_day", "active", "is_demo")})
        if obj is None or not self.has_change_permission(request, obj):
            return [place, called, rules]
        renaming = (
            "更名",
            {
                "fields": ("new_name", "new_short_name", "renamed_on"),
                "description": "上面的名称只用来改错字；正式更名请填写这里，旧名称会留在沿革里。",
            },
        )
        return [place, called, renaming, rules]

    def get_readonly_fields(self, request: HttpRequest, obj: Zone | None = None) -> tuple[str, ...]:
        # Files, addresses and imports refer to the code.
        return ("code",) if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and form.cleaned_data.get("new_name"):
            typed = form.cleaned_data
            form.instance.rename(typed["new_name"], typed["new_short_name"], on=typed["renamed_on"])
