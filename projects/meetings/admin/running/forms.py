"""What the page sends, read: each command has a form, and every error is a sentence at its field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.dates import DateSpan
from projects.meetings import days
from projects.meetings.models import Topic, Update
from projects.meetings.models.decision import MATTER
from projects.models import Milestone, Problem
from zones import clock
from zones.models import Department, User


class DeadlineField(forms.CharField):
    """A day as it is typed in a meeting."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return days.deadline(text, clock.today()) if text else None


class DoneField(forms.CharField):
    """The days on which something was done; None where nobody knows."""

    def clean(self, value: Any) -> DateSpan | None:
        text = super().clean(value)
        return days.done(text, clock.today()) if text else None


class Command(forms.Form):
    """What is told of something in a meeting, by a person."""

    def __init__(self, data: Any, *, user: Any, row: Update | None = None) -> None:
        super().__init__(data)
        self.row = row
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                model: Any = field.queryset.model  # type: ignore[union-attr]
                field.queryset = model.objects.visible_to(user)
                field.error_messages["invalid_choice"] = f"没有这个{field.label or name}，请从列表中选一个"
        self.prepare()

    def prepare(self) -> None:
        """Offer what the row calls for."""


class DecisionForm(Command):
    """议定事项."""

    matter = forms.CharField(
        label="议定事项",
        strip=True,
        max_length=MATTER,
        error_messages={"required": "请写明议定的事项"},
    )
    lead = forms.ModelChoiceField(Department.objects.none(), label="牵头单位", required=False)
    helpers = forms.ModelMultipleChoiceField(Department.objects.none(), label="配合单位", required=False)
    person = forms.ModelChoiceField(User.objects.none(), label="责任人", required=False)
    deadline = DeadlineField(label="完成时限", required=False, max_length=40)
    topic = forms.ModelChoiceField(Topic.objects.none(), label="议题", required=False)


class ProblemForm(Command):
    """问题."""

    title = forms.CharField(label="问题", strip=True, max_length=200, error_messages={"required": "请写明是什么问题"})
    category = forms.ChoiceField(
        label="类别", choices=Problem.Category.choices, error_messages={"required": "请选择问题类别"}
    )
    department = forms.ModelChoiceField(Department.objects.none(), label="责任单位", required=False)
    owner = forms.ModelChoiceField(User.objects.none(), label="责任人", required=False)
    deadline = DeadlineField(label="完成时限", required=False, max_length=40)


class StepForm(Command):
    """节点: which, and when; without a day nobody knows when."""

    step = forms.CharField(label="节点", max_length=80, error_messages={"required": "请选择完成了哪个节点"})
    when = DoneField(label="完成日期", required=False, max_length=40)

    def clean_step(self) -> tuple[str, str]:
        kind, _, label = self.cleaned_data["step"].partition(":")
        if kind not in Milestone.Kind.values or (label and kind != Milestone.Kind.OTHER):
            raise ValidationError("没有这个节点，请从列表中选一个")
        return kind, label
