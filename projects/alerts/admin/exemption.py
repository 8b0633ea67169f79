"""The list of exemptions: what was asked for, and what became of it. One may be asked for ahead."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from projects.admin import acts, columns
from projects.admin.filters import ChoiceFilter
from projects.admin.telling import user_of
from projects.alerts import exempting
from projects.alerts.admin.petitions import ON_EXEMPTIONS, is_undecided
from projects.alerts.models import Exemption
from projects.forms.fields import DayInput
from zones import clock
from zones.permissions import Action, paths
from zones.scoped.admin import ScopedAdmin, WriteRefused

State = Exemption.State


class StateFilter(ChoiceFilter):
    """By what became of the application."""

    title = "状态"
    parameter_name = "state"
    offered = list(State.choices)

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(state=chosen)


@admin.register(Exemption)
class ExemptionAdmin(acts.ActsMixin, ScopedAdmin):
    """Exemptions: what was asked for, and what became of it. One may be asked for before there is an alert."""

    acts = ON_EXEMPTIONS
    list_display = ("of", "rule", "days", "reason", "asked", "shown_state")
    list_filter = (StateFilter,)
    list_select_related = ("project", "rule", "asked_by", "decided_by")
    search_fields = ("project__name", "project__initials", "subject_name", "reason")
    autocomplete_fields = ("project",)
    typed: ClassVar[tuple[str, ...]] = ("project", "rule", "starts", "ends", "reason", "evidence")
    known: ClassVar[tuple[str, ...]] = (
        *("of", "rule", "alert", "days", "reason", "evidence", "asked", "shown_state", "decided", "revoked"),
    )

    def get_fields(self, request: HttpRequest, obj: Exemption | None = None) -> tuple[str, ...]:
        return self.known if obj else self.typed

    def get_readonly_fields(self, request: HttpRequest, obj: Exemption | None = None) -> tuple[str, ...]:
        return self.known if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"starts": clock.today(), **super().get_changeform_initial_data(request)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return any(paths(request.user, action) for action in (Action.WRITE, Action.WRITE_ASSIGNED))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in ("reason", "evidence"):
            field.widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
        if field and db_field.name in ("starts", "ends"):
            field.widget = DayInput()
        if field and db_field.name == "project":
            field.required = True
        return field

    def save_model(self, request: HttpRequest, obj: Exemption, form: Any, change: bool) -> None:
        told = form.cleaned_data
        days = {name: told[name] for name in ("starts", "ends", "reason", "evidence")}
        try:
            made = exempting.ask_ahead(told["project"], told["rule"].code, by=user_of(request), **days)
        except ValidationError as error:
            raise WriteRefused("；".join(error.messages)) from error
        obj.pk, obj._state.adding, obj._state.db = made.pk, False, made._state.db
        obj.subject_name = made.subject_name

    def after_act(self, row: Any) -> str:
        return reverse("admin:projects_alerts_exemption_change", args=[row.pk])

    @display(description="项目", ordering="project__name")
    def of(self, row: Exemption) -> SafeString | str:
        return columns.project_link(row.project) if row.project else row.subject_name

    @display(description="豁免期限", ordering="ends")
    def days(self, row: Exemption) -> str:
        return f"{row.starts:%Y-%m-%d} 至 {row.ends:%Y-%m-%d}"

    @display(description="申请")
    def asked(self, row: Exemption) -> SafeString:
        return columns.cell(row.asked_by, f"{row.asked_on:%Y-%m-%d}")

    @display(description="状态", ordering="state")
    def shown_state(self, row: Exemption) -> SafeString:
        over = row.state == State.APPROVED and row.ends < clock.today()
        return columns.mark("已到期" if over else row.get_state_display(), "warn" if is_undecided(row) else "grey")

    @display(description="审批")
    def decided(self, row: Exemption) -> str:
        if row.decided_on is None:
            return columns.NOTHING
        return f"{row.decided_on:%Y-%m-%d} {row.decided_by} {row.decision}"

    @display(description="撤销")
    def revoked(self, row: Exemption) -> str:
        if row.revoked_on is None:
            return columns.NOTHING
        return f"{row.revoked_on:%Y-%m-%d} {row.revoked_by}：{row.revoked_reason}"
