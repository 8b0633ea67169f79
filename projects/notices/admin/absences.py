"""外出与交接: one's own, and those of the accounts that one administers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.decorators import display

from projects.notices import absences
from projects.notices.models import Absence
from zones import clock
from zones.models import User
from zones.scoped.admin import ScopedAdmin


class AbsenceForm(forms.ModelForm):
    """What the verb refuses stands at its field."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if self.errors:
            return told
        by: Any = self.request.user
        if told["user"] != by and not User.objects.writable_by(by).filter(pk=told["user"].pk).exists():
            raise ValidationError({"user": "只能为本人登记，或由系统管理员为所管账号登记"})
        if told["kind"] == Absence.Kind.HANDOVER:
            told["ends"] = None
        try:
            self.kept = absences.arrange(by=by, **{name: told[name] for name in AbsenceAdmin.fields})
        except ValidationError as refusal:
            self._update_errors(refusal)  # type: ignore[attr-defined]
        return told


@admin.register(Absence)
class AbsenceAdmin(ScopedAdmin):
    """Who is away, and who answers in his place."""

    form = AbsenceForm
    list_display = ("user", "kind", "substitute", "starts", "ends", "standing", "by")
    list_select_related = ("user", "substitute", "by")
    list_filter = ("kind",)
    list_before_template = "notices/absences.html"
    search_fields = ("user__display_name", "substitute__display_name")
    search_help_text = "按姓名查找"
    fields = ("user", "substitute", "kind", "starts", "ends", "reason")
    autocomplete_fields = ("user", "substitute")
    actions = ("end",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) if obj else True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="状态", label={"生效中": "success", "未开始": "info", "已结束": "", "已撤销": ""})
    def standing(self, absence: Absence) -> str:
        today = clock.today()
        if absence.taken_back_at:
            return "已撤销"
        if absence.ends and absence.ends < today:
            return "已结束"
        return "未开始" if absence.starts > today else "生效中"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk, "starts": clock.today(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk, obj._state.adding = form.kept.pk, False  # the verb has written it
        obj.by = form.kept.by

    @admin.action(description="提前结束，交还本人", permissions=["view"])
    def end(self, request: HttpRequest, queryset: Any) -> None:
        ended = [absences.end(each) for each in queryset.writable_by(request.user)]
        for row in ended:
            self.log_change(request, row, "提前结束")
        messages.success(request, f"已结束 {len(ended)} 项，此后的通知回到本人")
