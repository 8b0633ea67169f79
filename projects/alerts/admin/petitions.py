"""豁免 and 销号: asked for on the alert's page, decided by another."""

from __future__ import annotations

from typing import Final

from django import forms

from projects.admin.acts import Act
from projects.alerts import answering, closing, exempting
from projects.alerts.admin.acknowledging import is_open, sentence_of
from projects.alerts.admin.stepping import AlertAct, SeenForm, StepForm, handing, lines_field, remark_field
from projects.alerts.models import EXEMPTED, Alert, Exemption
from projects.forms.fields import day_field
from zones import clock
from zones.permissions import Action

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


def _asked_for(alert: Alert) -> str:
    asked = closing.waiting_of(alert)
    return f"{asked.asked_by} {asked.asked_on:%Y-%m-%d} 申请销号：{asked.reason}" if asked else alert.sentence


def _may_be_asked(alert: Alert) -> bool:
    return is_open(alert) and closing.waiting_of(alert) is None


def _waits(alert: Alert) -> bool:
    return is_open(alert) and closing.waiting_of(alert) is not None


ASK_CLOSING: Final = AlertAct(
    *("ask-closing", "申请销号", "提交申请", EvidenceForm),
    handing(closing.ask, "已申请销号，待他人核实审批；批准前预警不解除"),
    hint=sentence_of,
    fits=_may_be_asked,
    after_the_end=True,
    who=answering.may_answer,
)
APPROVE_CLOSING: Final = AlertAct(
    *("approve-closing", "批准销号", "批准销号", ApproveForm),
    handing(closing.approve, "已批准销号。本期内不再发出；到下期仍未恢复的，系统再次发出"),
    hint=_asked_for,
    fits=_waits,
    after_the_end=True,
    who=closing.may_decide,
)
REFUSE_CLOSING: Final = AlertAct(
    *("refuse-closing", "退回销号", "退回", RefuseForm),
    handing(closing.refuse, "已退回，预警仍未解除"),
    hint=_asked_for,
    fits=_waits,
    after_the_end=True,
    who=closing.may_decide,
)
REOPEN: Final = AlertAct(
    *("reopen", "撤销销号", "撤销销号", RefuseForm),
    handing(closing.reopen, "已撤销销号，预警恢复为未解除"),
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
    *("exempt", "申请豁免", "提交申请", ExemptForm),
    handing(exempting.ask, "已申请豁免，待领导审批；批准前照常预警"),
    hint=sentence_of,
    fits=_may_be_exempted,
    who=answering.may_answer,
)


class DecideForm(SeenForm):
    """`version` is that of the exemption when the page was opened."""

    incomplete = "页面不完整，请回到豁免重新处理"
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changed(self) -> str:
        return f"这项豁免刚有变化，现为“{self.row.get_state_display()}”，请核对后再处理"


class GrantForm(DecideForm):
    """批准豁免."""

    words = remark_field("意见（可不填）", required=False)


class DenyForm(DecideForm):
    """不予豁免, 撤销豁免."""

    reason = remark_field("原因")


def _petition(row: Exemption) -> str:
    days = f"{row.starts:%Y-%m-%d} 至 {row.ends:%Y-%m-%d}"
    return f"{row.asked_by} {row.asked_on:%Y-%m-%d} 申请豁免“{row.rule}”，{days}：{row.reason}（佐证：{row.evidence}）"


def is_undecided(row: Exemption) -> bool:
    return row.state == State.ASKED


def _holds(row: Exemption) -> bool:
    return row.state == State.APPROVED and row.ends >= clock.today()


LEADERS: Final = (Action.APPROVE,)
_GRANT: Final = handing(exempting.approve, "已批准豁免至 {0.ends:%Y-%m-%d}，到期后自动恢复判定")
_DENY: Final = handing(exempting.refuse, "已退回，照常预警")
_REVOKE: Final = handing(exempting.revoke, "已撤销豁免，恢复判定")
ON_EXEMPTIONS: Final = (
    Act("approve", "批准豁免", "批准豁免", GrantForm, _GRANT, _petition, by=LEADERS, fits=is_undecided),
    Act("refuse", "不予豁免", "不予豁免", DenyForm, _DENY, _petition, by=LEADERS, fits=is_undecided),
    Act("revoke", "撤销豁免", "撤销豁免", DenyForm, _REVOKE, _petition, by=LEADERS, fits=_holds),
)
