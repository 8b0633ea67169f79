"""The small forms of the report page: which project a mention means, how a doubt is settled, why a total differs."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from projects.models import Project
from projects.reports import review
from projects.reports.models import Difference, Figure, Mention

NEW: Final = "new"
OTHER: Final = "other"
REFUSE: Final = "refuse"
LONGEST: Final = 300


class DecideForm(forms.Form):
    """处理提及: one of the projects it may mean, another one by its code, a new one, or none."""

    choice = forms.ChoiceField(
        label="这条提及是", widget=UnfoldAdminRadioSelectWidget, error_messages={"required": "请选择一项"}
    )
    code = forms.CharField(
        label="项目编号",
        required=False,
        max_length=60,
        help_text="选“其他已有项目”时填写，如 ZZGX-0007",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="不采纳原因",
        required=False,
        max_length=LONGEST,
        help_text="选“不采纳”时填写",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, row: Mention, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.user = row, user
        self.offered = {str(project.pk): project for project in review.candidates(row, user)}
        field: Any = self.fields["choice"]
        field.choices = [
            *((key, _words(project)) for key, project in self.offered.items()),
            (OTHER, "其他已有项目（在下面填写项目编号）"),
            (NEW, "新项目，建立档案"),
            (REFUSE, "不采纳（在下面写明原因）"),
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        choice = told.get("choice")
        if choice == REFUSE and not told.get("reason"):
            self.add_error("reason", "不采纳须写明原因")
        if choice == OTHER:
            self._find(told.get("code", ""))
        return told

    def project(self) -> Project | None:
        """The project chosen; None for a new one."""
        return self.offered.get(self.cleaned_data["choice"])

    def _find(self, code: str) -> None:
        found = review.called(self.row, code, self.user) if code else None
        if found is None:
            self.add_error("code", "没有这个编号的项目，或者不归您维护" if code else "请填写项目编号")
        else:
            self.offered[OTHER] = found


class SettleForm(forms.Form):
    """处理不一致: what was found out."""

    resolution = forms.CharField(
        label="处理意见",
        max_length=LONGEST,
        help_text="核对的结果，如：原文漏列1个，已向经发局核实",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        error_messages={"required": "请写明处理意见"},
    )

    def __init__(self, *args: Any, row: Difference, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class AnswerForm(forms.Form):
    """核对总数: why a total is not what was listed or recorded."""

    text = forms.CharField(
        label="核对说明",
        max_length=LONGEST,
        help_text="核对的结果，如：原文漏列1个，已向经发局核实",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        error_messages={"required": "请写明核对结果"},
    )

    def __init__(self, *args: Any, row: Figure, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["text"] = row.answer


def blame(form: forms.Form, error: ValidationError) -> None:
    """Show what a verb refused, at the field it names, else above all."""
    named = error.error_dict if hasattr(error, "error_dict") else {}
    for name, errors in named.items():
        form.add_error(name if name in form.fields else None, errors)
    if not named:
        form.add_error(None, error)


def _words(project: Project) -> str:
    return f"{project.code}（{project.zone}，{project.get_phase_display()}）{project.name}"
