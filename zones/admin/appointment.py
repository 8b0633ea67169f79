"""Appointments, and the page that shows what each role may do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from zones.models import Appointment
from zones.permissions import TABLE, Action, Role
from zones.scoped.admin import ScopedAdmin


class AppointmentForm(forms.ModelForm):
    """Nobody appoints himself, and nobody changes his own appointment."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        super().clean()
        concerned = {getattr(self.cleaned_data.get("user"), "pk", None), self.instance.user_id}
        if self.request.user.pk in concerned and not self.request.user.is_superuser:
            raise ValidationError("不能给自己任职，也不能修改自己的任职", code="own")
        return self.cleaned_data


@admin.register(Appointment)
class AppointmentAdmin(ScopedAdmin):
    """Who is what, where and when; changed by security administrators."""

    form = AppointmentForm
    list_display = ("user", "role", "zone", "starts", "ends")
    list_filter = ("role", "zone")
    list_select_related = ("user", "zone")
    list_before_template = "zones/permissions_link.html"
    search_fields = ("user__username", "user__display_name", "zone__name")
    autocomplete_fields = ("user", "zone")
    fields = ("user", "zone", "role", "starts", "ends")
    date_hierarchy = "starts"

    def get_urls(self) -> list[URLPattern]:
        page = path("permissions/", self.admin_site.admin_view(self.permissions_view), name="zones_permissions")
        return [page, *super().get_urls()]

    def permissions_view(self, request: HttpRequest) -> HttpResponse:
        """The permission table as it is applied; open to everybody who signs in."""
        context = {
            **self.admin_site.each_context(request),
            "title": "角色与权限",
            "roles": [role.label for role in Role],
            "rows": [(action.label, [action in TABLE[role] for role in Role]) for action in Action],
        }
        return TemplateResponse(request, "zones/permissions.html", context)
