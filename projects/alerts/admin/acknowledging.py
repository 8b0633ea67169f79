"""签收 on the alert's page: one button, and a remark for who has one."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from projects.admin.acts import Act
from projects.admin.telling import user_of
from projects.alerts import answering
from projects.alerts.models import REMARK, Alert
from projects.forms import FactForm


class AcknowledgeForm(FactForm):
    """An optional remark; `steps` is how far the alert had come when the page was opened."""

    steps = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="备注（可不填）",
        required=False,
        max_length=REMARK,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "如：本周内到现场核实", "autocomplete": "off"}),
    )

    def prepare(self) -> None:
        self.fields["steps"].initial = self.row.steps

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if "steps" in self.errors:
            raise ValidationError("页面不完整，请回到预警重新签收")
        return told

    def blame(self, error: ValidationError) -> None:
        if getattr(error, "code", "") != "stale":
            super().blame(error)
            return
        self.row.refresh_from_db()
        self.add_error(None, f"这条预警刚有变化，现为{self.row.label}、{self.row.acknowledgement}，请核对后再签收")
        self.data: Any = {**self.data.dict(), "steps": self.row.steps}


def _acknowledge(request: HttpRequest, alert: Alert, form: Any) -> str:
    told, by = form.cleaned_data, user_of(request)
    alert = answering.held(alert)
    if not alert.closed_on and answering.has_acknowledged(alert, by):
        return "您此前已签收，没有变化"
    answering.acknowledge(alert, by=by, note=told["note"], expected_steps=told["steps"])
    return "已签收。签收后预警不解除，补齐数据或赶上进度后由系统解除"


ACKNOWLEDGE: Final = Act(
    "acknowledge",
    "签收",
    "签收",
    AcknowledgeForm,
    _acknowledge,
    hint=lambda alert: alert.sentence,
    fits=lambda alert: alert.closed_on is None,
    after_the_end=True,
)
