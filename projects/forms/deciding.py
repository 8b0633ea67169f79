"""The small forms by which a project office decides: deadlines, standstills, ends."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects.forms.fields import FactForm, day_field, not_to_come, reason_field, step_label
from projects.models import Milestone, Suspension
from zones import clock

OTHER: Final = "other|"  # a step of a name of its own


class ConfirmForm(FactForm):
    """Nothing to fill in, only to confirm."""


class DeadlineForm(FactForm):
    """承诺 / 调整期限: of which step, until when; why, where another day was promised before."""

    step = forms.ChoiceField(label="节点", widget=UnfoldAdminSelectWidget)
    label = forms.CharField(
        label="节点名称",
        required=False,
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text="只在节点选“其他”时填写",
    )
    deadline = day_field("期限")
    reason = reason_field(
        required=False, help_text="此前承诺过其他日期的，必须写明调整原因；原来的承诺保留，预警仍以首次承诺为准"
    )

    def prepare(self) -> None:
        self.known = {(row.kind, row.label): row for row in self.project.milestones.all()}
        own = [key for key in self.known if key[0] == Milestone.Kind.OTHER]
        keys = [*((kind, "") for kind in Milestone.Kind.values if kind != Milestone.Kind.OTHER), *own]
        open_steps = [key for key in keys if key not in self.known or not self.known[key].done]
        self._choice("step").choices = [
            ("", "请选择节点"),
            *(("|".join(key), step_label(*key, self.known.get(key))) for key in open_steps),
            (OTHER, "其他（在下面写名称）"),
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if self.errors:
            return told
        if told["step"] == OTHER and not told["label"].strip():
            self.add_error("label", "请写明节点名称")
            return told
        row = self.milestone
        if row and row.planned and row.planned != told["deadline"] and not told["reason"].strip():
            self.add_error("reason", f"“{row}”此前承诺 {row.planned:%Y-%m-%d}，调整期限须写明原因")
        return told

    @property
    def key(self) -> tuple[str, str]:
        """Kind and name of the chosen step."""
        kind, _, label = self.cleaned_data["step"].partition("|")
        return (kind, label or self.cleaned_data["label"].strip()) if kind == Milestone.Kind.OTHER else (kind, "")

    @property
    def milestone(self) -> Milestone | None:
        """The chosen step, if the project has it already."""
        return self.known.get(self.key)


class SuspendForm(FactForm):
    """停缓建: since when, why, and by whose word."""

    kind = forms.ChoiceField(label="类别", choices=Suspension.Kind.choices, widget=UnfoldAdminSelectWidget)
    starts = day_field("起始日期")
    reason = reason_field()
    approver = forms.CharField(
        label="批准人", max_length=60, widget=UnfoldAdminTextInputWidget, help_text="同意停缓建的领导或会议"
    )

    def prepare(self) -> None:
        self.fields["starts"].initial = clock.today()


class ResumeForm(FactForm):
    """复工: the first day of work."""

    on = day_field("复工日期", help_text="恢复施工的第一天")

    def prepare(self) -> None:
        self.fields["on"].initial = clock.today()

    def clean_on(self) -> date:
        return not_to_come(self.cleaned_data["on"], "复工日期")


class TerminateForm(FactForm):
    """终止: since when, and why."""

    on = day_field("终止日期")
    reason = reason_field("终止原因", help_text="终止后不再填报、不再判定预警，已有数据保留")

    def prepare(self) -> None:
        self.fields["on"].initial = clock.today()

    def clean_on(self) -> date:
        return not_to_come(self.cleaned_data["on"], "终止日期")


class LeaveForm(FactForm):
    """调出: since when, and why."""

    on = day_field("调出日期")
    reason = reason_field("调出原因")

    def prepare(self) -> None:
        self.fields["on"].initial = clock.today()

    def clean_on(self) -> date:
        return not_to_come(self.cleaned_data["on"], "调出日期")
