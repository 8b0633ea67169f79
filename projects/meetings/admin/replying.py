"""The small forms in front of the verbs of `following`: what is told of a decision, asked for, agreed to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminSelectWidget

from projects.admin.acts import Act
from projects.admin.telling import user_of
from projects.alerts.admin.stepping import lines_field
from projects.files.fields import FilesField
from projects.forms import SeenForm
from projects.forms.fields import day_field
from projects.meetings import following
from projects.meetings.models import Decision
from projects.notices.replying import register
from zones.models import Department, User

State = Decision.State


@dataclass(frozen=True, slots=True)
class DecisionAct(Act):
    """An act on a decision; `who` says of a person whether he may do it."""

    who: Callable[[Any, Any], bool] = lambda user, row: False

    def allows(self, request: HttpRequest, row: Any) -> bool:
        return self.who(request.user, row)

    def offered(self, request: HttpRequest, row: Any) -> bool:
        """Whether the person may do it to the row as it stands now."""
        return (self.fits is None or self.fits(row)) and self.allows(request, row)


# ---- Forms -------------------------------------------------------------------------------------------
class TurnForm(SeenForm):
    """`version` is that of the decision when the page was opened."""

    incomplete = "页面不完整，请回到议定事项重新填写"
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changed(self) -> str:
        return f"该事项刚有变化，现为“{self.row.get_state_display()}”，请核对后再提交"

    @property
    def told(self) -> dict[str, Any]:
        """What was typed, as the verbs take it."""
        told = dict(self.cleaned_data)
        return {"expected_version": told.pop("version"), **told}


class ReportForm(TurnForm):
    """反馈进展."""

    note = lines_field("办理进展", "办到哪一步、下一步做什么", most=following.NOTE, rows=4)
    files: Any = FilesField("佐证材料")


class ClosingForm(TurnForm):
    """申请销号."""

    note = lines_field("完成情况", "已完成什么、有何材料、由谁核实", most=following.RESULT, rows=4)
    files: Any = FilesField("佐证材料")


class ExtensionForm(TurnForm):
    """申请延期."""

    deadline = day_field("申请延至")
    reason = lines_field("原因", "为何不能按期完成、已采取什么措施", most=following.RESULT, rows=3)


class AgreeForm(TurnForm):
    """同意, 催办: with a remark, if there is one."""

    note = lines_field("意见（可不填）", most=following.RESULT, required=False)


class ReasonForm(TurnForm):
    """驳回, 撤销: why."""

    reason = lines_field("原因", most=following.RESULT)


class ReassignForm(TurnForm):
    """改派: to whom, and why."""

    lead = forms.ModelChoiceField(
        Department.objects.none(),
        label="牵头单位",
        required=False,
        empty_label="（不指定）",
        widget=UnfoldAdminSelectWidget,
    )
    helpers = forms.ModelMultipleChoiceField(
        Department.objects.none(), label="配合单位", required=False, widget=UnfoldAdminSelectMultipleWidget
    )
    person = forms.ModelChoiceField(
        User.objects.none(),
        label="责任人",
        required=False,
        empty_label="（不指定）",
        widget=UnfoldAdminSelectWidget,
    )
    reason = lines_field("改派原因", most=following.RESULT)

    def prepare(self) -> None:
        super().prepare()
        units = Department.objects.visible_to(self.user).filter(active=True).select_related("zone")
        self._choice("lead").queryset = self._choice("helpers").queryset = units
        people = User.objects.visible_to(self.user).filter(is_active=True).select_related("department")
        self._choice("person").queryset = people
        self._choice("person").label_from_instance = lambda person: person.full_label
        for name, value in (("lead", self.row.lead_id), ("person", self.row.person_id)):
            self.fields[name].initial = value
        self.fields["helpers"].initial = list(self.row.helpers.values_list("pk", flat=True))


# ---- What each does ----------------------------------------------------------------------------------
Verb = Callable[..., Decision]


def _do(verb: Verb, said: str) -> Callable[[HttpRequest, Any, Any], str]:
    def done(request: HttpRequest, decision: Decision, form: Any) -> str:
        verb(decision, by=user_of(request), **form.told)
        return said

    return done


def _agree(request: HttpRequest, decision: Decision, form: Any) -> str:
    done = following.agree(decision, by=user_of(request), **form.told)
    if done.state == State.DONE:
        return "已同意销号"
    return f"已同意延期，完成时限改为 {done.deadline:%Y-%m-%d}，首次时限仍留在记录里"


def _asked(decision: Decision) -> str:
    asked = following.waiting(decision)
    if asked is None:
        return ""
    said = f"{asked.by} {asked.on:%Y-%m-%d} {asked.get_what_display()}"
    if asked.deadline and decision.deadline and decision.promised:
        first = f"，首次时限 {decision.promised:%Y-%m-%d}" if decision.promised != decision.deadline else ""
        said += f"至 {asked.deadline:%Y-%m-%d}（现时限 {decision.deadline:%Y-%m-%d}{first}）"
    return f"{said}：{asked.note}"


def _in(*states: str) -> Callable[[Decision], bool]:
    return lambda decision: decision.state in states


IN_HAND: Final = _in(*following.IN_HAND)
ASKED: Final = _in(*following.ASKED)

RECEIVE: Final = DecisionAct(
    *("receive", "签收", "签收", TurnForm, _do(following.receive, "已签收，办理中请随时反馈进展")),
    fits=_in(State.ISSUED),
    after_the_end=True,
    who=following.stands_for,
)
REPORT: Final = DecisionAct(
    *("report", "反馈进展", "提交", ReportForm, _do(following.report, "已反馈")),
    fits=_in(*Decision.UNFINISHED),
    after_the_end=True,
    who=following.may_answer,
)
ASK_CLOSING: Final = DecisionAct(
    *("ask-closing", "申请销号", "提交申请", ClosingForm),
    _do(following.ask_closing, "已申请销号，待项目办核实"),
    fits=_in(*following.IN_HAND, State.EXTENSION_ASKED),
    after_the_end=True,
    who=following.may_answer,
)
ASK_EXTENSION: Final = DecisionAct(
    *("ask-extension", "申请延期", "提交申请", ExtensionForm),
    _do(following.ask_extension, "已申请延期，待领导审批；批准前仍按现在的时限"),
    fits=lambda decision: IN_HAND(decision) and decision.deadline is not None,
    after_the_end=True,
    who=following.may_answer,
)
AGREE: Final = DecisionAct(
    *("agree", "同意", "同意", AgreeForm, _agree, _asked), fits=ASKED, after_the_end=True, who=following.may_agree
)
REFUSE: Final = DecisionAct(
    *("refuse", "驳回", "驳回", ReasonForm, _do(following.refuse, "已驳回，继续办理"), _asked),
    fits=ASKED,
    after_the_end=True,
    who=following.may_agree,
)
URGE: Final = DecisionAct(
    *("urge", "催办", "催办", AgreeForm, _do(following.urge, "已催办，通知已发给责任人和牵头单位")),
    fits=IN_HAND,
    after_the_end=True,
    who=following.may_follow,
)
REASSIGN: Final = DecisionAct(
    *("reassign", "改派", "改派", ReassignForm, _do(following.reassign, "已改派，待新的责任单位签收")),
    fits=_in(*Decision.UNFINISHED),
    after_the_end=True,
    who=following.may_follow,
)
REOPEN: Final = DecisionAct(
    *("reopen", "撤销销号", "撤销销号", ReasonForm, _do(following.reopen, "已撤销销号，恢复为办理中")),
    fits=_in(State.DONE),
    after_the_end=True,
    who=following.may_follow,
)
REVOKE: Final = DecisionAct(
    *("revoke", "撤销事项", "撤销事项", ReasonForm, _do(following.revoke, "已撤销，该事项不再办理和统计")),
    fits=_in(*Decision.UNFINISHED),
    after_the_end=True,
    who=following.may_revoke,
)
ON_DECISIONS: Final = (
    *(RECEIVE, REPORT, ASK_CLOSING, ASK_EXTENSION, AGREE, REFUSE),
    *(URGE, REASSIGN, REOPEN, REVOKE),
)
register(Decision, RECEIVE, REPORT)
