"""Accounts. What a person may do is not decided here but by appointments."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import Group
from django.db.models import Prefetch
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UnfoldReadOnlyPasswordHashWidget, UserChangeForm, UserCreationForm

from zones import clock
from zones.models import Appointment, User
from zones.scoped.admin import ScopedAdmin, ScopedTabularInline

# Rights come from appointments. A screen for groups would suggest that groups do something.
if admin.site.is_registered(Group):
    admin.site.unregister(Group)


class AccountCreationForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)


class PasswordState(UnfoldReadOnlyPasswordHashWidget):
    """Whether there is a password; how it is hashed tells an official nothing."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        is_set = bool(value) and is_password_usable(value)
        summary = [{"label": "已设置" if is_set else "未设置，不能登录"}]
        return {**super().get_context(name, value, attrs), "summary": summary}


class AccountChangeForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget = PasswordState()


class AppointmentInline(ScopedTabularInline):
    """What the person is appointed to; changed on the appointments' own screen by the security administrator."""

    model = Appointment
    fields = readonly_fields = ("zone", "role", "starts", "ends")
    tab = True

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ScopedAdmin, DjangoUserAdmin):
    """Accounts, administered by system administrators."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "display_name", "department", "post", "roles", "is_active", "is_demo")
    list_filter = ("department", "is_active", "is_demo")
    list_select_related = ("department",)
    search_fields = ("username", "display_name", "post", "department__name")
    ordering = ("username",)
    autocomplete_fields = ("department",)
    filter_horizontal = ()
    inlines = (AppointmentInline,)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        ("人员", {"fields": ("display_name", "department", "post", "phone", "email")}),
        ("记录", {"fields": ("last_login", "date_joined", "is_demo")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        ("人员", {"fields": ("display_name", "department", "post", "phone", "email")}),
    )

    def get_fieldsets(self, request, obj=None):  # type: ignore[no-untyped-def]
        if obj and not self.has_change_permission(request, obj):
            return ((None, {"fields": ("username", "display_name", "department", "post", "phone", "email")}),)
        return super().get_fieldsets(request, obj)

    @display(description="任职")
    def roles(self, user: User) -> str:
        day = clock.today()
        held = [a for a in user.appointments.all() if a.starts <= day and (a.ends is None or a.ends >= day)]
        return "、".join(f"{a.zone} {a.get_role_display()}" for a in held) or "—"

    def get_queryset(self, request):  # type: ignore[no-untyped-def]
        held = Appointment.objects.visible_to(request.user).select_related("zone")
        return super().get_queryset(request).prefetch_related(Prefetch("appointments", held))

    def save_model(self, request, obj, form, change):  # type: ignore[no-untyped-def]
        if not change:
            obj.is_staff = True  # the officials' screens are the whole product
        super().save_model(request, obj, form, change)
