"""豁免 and 销号: asked for on the alert's page, decided by another."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from projects.admin import acts, columns
from projects.admin.acts import Act
from projects.admin.filters import ChoiceFilter
from projects.admin.telling import user_of
from projects.alerts import answering, closing, exempting
from projects.alerts.admin.acknowledging import is_open, sentence_of
from projects.alerts.admin.stepping import AlertAct, StepForm, lines_field, remark_field
from projects.alerts.models import EXEMPTED, Alert, Exemption
from projects.forms import FactForm
from projects.forms.fields import DayInput, day_field
from zones import clock
from zones.permissions import Action, paths
from zones.scoped.admin import ScopedAdmin, WriteRefused

State = Exemption.State


# ---- 销号 --------------------------------------------------------------------------------------------
class EvidenceForm(StepForm):
    """申请销号."""

    again = "申请"
    evidence = lines_field("佐证", "已完成什么、有何材料、由谁核实", rows=3)


class ApproveForm(StepForm):
    """批准销号."""

    again = "批准"
    words = remark_field("意见（可不填）", required=False)


class RefuseForm(StepForm):
    """Why it is refused, or taken back."""

    again = "处理"
    reason = remark_field("原因")


def _ask_closing(request: HttpRequest, alert: Alert, form: Any) -> str:
    told = form.cleaned_data
    closing.ask(alert, by=user_of(request), evidence=told["evidence"], expected_steps=told["steps"])
    return "已申请销号，待他人核实审批；批准前预警不解除"


def _approve_closing(request: HttpRequest, alert: Alert, form: Any) -> str:
    told = form.cleaned_data
    closing.approve(alert, by=user_of(request), words=told["words"], expected_steps=told["steps"])
    return "已批准销号。本期内不再发出；到下期仍未恢复的，系统再次发出"


def _refuse_closing(request: HttpRequest, alert: Alert, form: Any) -> str:
    told = form.cleaned_data
    closing.refuse(alert, by=user_of(request), reason=told["reason"], expected_steps=told["steps"])
    return "已退回，预警仍未解除"


def _reopen(request: HttpRequest, alert: Alert, form: Any) -> str:
    told = form.cleaned_data
    closing.reopen(alert, by=user_of(request), reason=told["reason"], expected_steps=told["steps"])
    return "已撤销销号，预警恢复为未解除"


def _asked_for(alert: Alert) -> str:
    asked = closing.waiting_of(alert)
    return f"{asked.asked_by} {asked.asked_on:%Y-%m-%d} 申请销号：{asked.reason}" if asked else alert.sentence


def _may_be_asked(alert: Alert) -> bool:
    return is_open(alert) and closing.waiting_of(alert) is None


def _waits(alert: Alert) -> bool:
    return is_open(alert) and closing.waiting_of(alert) is not None


ASK_CLOSING: Final = AlertAct(
    *("ask-closing", "申请销号", "提交申请", EvidenceForm, _ask_closing),
    hint=sentence_of,
    fits=_may_be_asked,
    after_the_end=True,
    who=answering.may_answer,
)
APPROVE_CLOSING: Final = AlertAct(
    *("approve-closing", "批准销号", "批准销号", ApproveForm, _approve_closing),
    hint=_asked_for,
    fits=_waits,
    after_the_end=True,
    who=closing.may_decide,
)
REFUSE_CLOSING: Final = AlertAct(
    *("refuse-closing", "退回销号", "退回", RefuseForm, _refuse_closing),
    hint=_asked_for,
    fits=_waits,
    after_the_end=True,
    who=closing.may_decide,
)
REOPEN: Final = AlertAct(
    *("reopen", "撤销销号", "撤销销号", RefuseForm, _reopen),
    hint=sentence_of,
    fits=closing.can_reopen,
    who=closing.may_decide,
)


# ---- 豁免 --------------------------------------------------------------------------------------------
class ExemptForm(StepForm):
    """申请豁免."""

    again = "申请"
    ends = day_field("豁免到哪天（含）")
    reason = lines_field("理由", "为何暂不预警")
    evidence = lines_field("佐证", "文件名称、文号或会议")


def _exempt(request: HttpRequest, alert: Alert, form: Any) -> str:
    told = dict(form.cleaned_data)
    exempting.ask(alert, by=user_of(request), expected_steps=told.pop("steps"), **told)
    return "已申请豁免，待领导审批；批准前照常预警"


def waiting_exemption(alert: Alert) -> Exemption | None:
    """The application for leave that waits for a leader."""
    rows = Exemption.objects.filter(subject_key=alert.subject_key, rule__code=alert.rule.code, state=State.ASKED)
    return rows.select_related("asked_by", "rule").first()


def holding(alert: Alert) -> Exemption | None:
    """The approved leave by which the alert rests."""
    if alert.held != EXEMPTED:
        return None
    rows = Exemption.objects.filter(subject_key=alert.subject_key, rule__code=alert.rule.code, state=State.APPROVED)
    return rows.filter(ends__gte=clock.today()).select_related("asked_by", "rule").order_by("-ends").first()


def _may_be_exempted(alert: Alert) -> bool:
    return is_open(alert) and alert.held != EXEMPTED and waiting_exemption(alert) is None


EXEMPT: Final = AlertAct(
    *("exempt", "申请豁免", "提交申请", ExemptForm, _exempt),
    hint=sentence_of,
    fits=_may_be_exempted,
    who=answering.may_answer,
)


class DecideForm(FactForm):
    """`version` is that of the exemption when the page was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.fields["version"].initial = self.row.version

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if "version" in self.errors:
            raise ValidationError("页面不完整，请回到豁免重新处理")
        return told

    def blame(self, error: ValidationError) -> None:
        if getattr(error, "code", "") != "stale":
            super().blame(error)
            return
        self.row.refresh_from_db()
        self.add_error(None, f"这项豁免刚有变化，现为“{self.row.get_state_display()}”，请核对后再处理")
        self.data: Any = {**self.data.dict(), "version": self.row.version}


class GrantForm(DecideForm):
    """批准豁免."""

    words = remark_field("意见（可不填）", required=False)


class DenyForm(DecideForm):
    """不予豁免, 撤销豁免."""

    reason = remark_field("原因")


def _grant(request: HttpRequest, row: Exemption, form: Any) -> str:
    told = form.cleaned_data
    exempting.approve(row, by=user_of(request), words=told["words"], expected_version=told["version"])
    return f"已批准豁免至 {row.ends:%Y-%m-%d}，到期后自动恢复判定"


def _deny(request: HttpRequest, row: Exemption, form: Any) -> str:
    told = form.cleaned_data
    exempting.refuse(row, by=user_of(request), reason=told["reason"], expected_version=told["version"])
    return "已退回，照常预警"


def _revoke(request: HttpRequest, row: Exemption, form: Any) -> str:
    told = form.cleaned_data
    exempting.revoke(row, by=user_of(request), reason=told["reason"], expected_version=told["version"])
    return "已撤销豁免，恢复判定"


def _petition(row: Exemption) -> str:
    days = f"{row.starts:%Y-%m-%d} 至 {row.ends:%Y-%m-%d}"
    return f"{row.asked_by} {row.asked_on:%Y-%m-%d} 申请豁免“{row.rule}”，{days}：{row.reason}（佐证：{row.evidence}）"


def _undecided(row: Exemption) -> bool:
    return row.state == State.ASKED


def _holds(row: Exemption) -> bool:
    return row.state == State.APPROVED and row.ends >= clock.today()


LEADERS: Final = (Action.APPROVE,)
ON_EXEMPTIONS: Final = (
    Act("approve", "批准豁免", "批准豁免", GrantForm, _grant, _petition, by=LEADERS, fits=_undecided),
    Act("refuse", "不予豁免", "不予豁免", DenyForm, _deny, _petition, by=LEADERS, fits=_undecided),
    Act("revoke", "撤销豁免", "撤销豁免", DenyForm, _revoke, _petition, by=LEADERS, fits=_holds),
)


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
        return columns.mark("已到期" if over else row.get_state_display(), "warn" if _undecided(row) else "grey")

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
