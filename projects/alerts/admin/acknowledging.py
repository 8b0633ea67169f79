"""签收 and 反馈 on the alert's page: one button, and a form of a minute."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects.admin.telling import user_of
from projects.alerts import acting, answering
from projects.alerts.admin.stepping import AlertAct, StepForm, lines_field
from projects.alerts.models import REMARK, Alert
from projects.forms.fields import day_field
from projects.models import Problem
from projects.notices.replying import register
from zones.scoped.querysets import visible_rows


class AcknowledgeForm(StepForm):
    """An optional remark."""

    again = "签收"
    incomplete = "页面不完整，请回到预警重新签收"
    note = forms.CharField(
        label="备注（可不填）",
        required=False,
        max_length=REMARK,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "如：本周内到现场核实", "autocomplete": "off"}),
    )


class AnswerForm(StepForm):
    """反馈单, in the order of the field's own paper; who signs and the level are known."""

    again = "答复"
    category = forms.ChoiceField(
        label="原因类别", choices=[("", "请选择"), *Problem.Category.choices], widget=UnfoldAdminSelectWidget
    )
    cause = lines_field("原因", "一两句话：卡在哪里")
    measures = lines_field("已采取的措施", "已经做了什么")
    plan = lines_field("整改计划（可不填）", "下一步的节点", required=False)
    expected_on = day_field("预计恢复日期")
    responsible = forms.CharField(label="责任人", max_length=answering.NAME, widget=UnfoldAdminTextInputWidget)
    help_needed = lines_field("请求协调事项（可不填）", "需要谁帮助解决什么", required=False)

    def prepare(self) -> None:
        super().prepare()
        self.fields["responsible"].initial = str(self.user)


def _acknowledge(request: HttpRequest, alert: Alert, form: Any) -> str:
    told, by = form.cleaned_data, user_of(request)
    alert = acting.held(alert)
    if not alert.closed_on and answering.has_acknowledged(alert, by):
        return "您此前已签收，没有变化"
    answering.acknowledge(alert, by=by, note=told["note"], expected_steps=told["steps"])
    return "已签收。签收后预警不解除，补齐数据或赶上进度后由系统解除"


def _answer(request: HttpRequest, alert: Alert, form: Any) -> str:
    told = dict(form.cleaned_data)
    before = answering.latest_answer(alert)
    said = answering.answer(alert, by=user_of(request), expected_steps=told.pop("steps"), **told)
    if before and before.pk == said.pk:
        return "您此前已这样答复，没有变化"
    return "已答复，不再上报。预警不因答复而解除；加重后须再次答复"


def is_open(alert: Alert) -> bool:
    return alert.closed_on is None


def sentence_of(alert: Alert) -> str:
    return alert.sentence


def may_acknowledge(user: Any, alert: Alert) -> bool:
    """Who answers for the alert, and the leaders of its zone."""
    rows: Any = visible_rows(Alert, user)
    return rows.writable_by(user).filter(pk=alert.pk).exists()


ACKNOWLEDGE: Final = AlertAct(
    *("acknowledge", "签收", "签收", AcknowledgeForm, _acknowledge),
    hint=sentence_of,
    fits=is_open,
    after_the_end=True,
    who=may_acknowledge,
)
ANSWER: Final = AlertAct(
    *("answer", "答复", "提交答复", AnswerForm, _answer),
    hint=sentence_of,
    fits=is_open,
    after_the_end=True,
    who=answering.may_answer,
)
register(Alert, ACKNOWLEDGE, ANSWER)
