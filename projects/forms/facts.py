"""The small forms by which people tell facts: progress, a step that is done, a problem.

What is typed is read by `projects.money` and `projects.dates`, in the field's own writing.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from projects import facts, standings
from projects.forms.fields import DayInput, DaysField, FactForm, MoneyField, day_field, reason_field, step_label
from projects.models import Milestone, Problem, Progress
from zones import clock
from zones.models import Department

MONTHS: Final = 12
# A month's figures of the 报表 channel come by the month's return, and by no other door.
TYPED: Final = (Progress.Channel.WEEKLY, Progress.Channel.STATISTICS)


class ProgressForm(FactForm):
    """填报进展: up to when, how much since January, in words."""

    up_to = forms.ChoiceField(label="截至", widget=UnfoldAdminSelectWidget)
    amount = MoneyField(
        label="年内累计完成投资（万元）",
        required=False,
        help_text="从1月累计到截至日。只写数字按万元计，如 5363.47；也可写 1.2亿元",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "text", "autocomplete": "off"}),
    )
    words = forms.CharField(
        label="形象进度",
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="一两句话：干到哪一步、下一步做什么",
    )
    percent = forms.IntegerField(
        label="形象进度（%）",
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": " ".join(INPUT_CLASSES), "inputmode": "numeric"}),
        error_messages={"invalid": "请填 0 到 100 的整数"},
    )
    channel = forms.ChoiceField(
        label="口径",
        choices=[(channel.value, channel.label) for channel in TYPED],
        initial=Progress.Channel.WEEKLY,
        widget=UnfoldAdminSelectWidget,
        help_text="一般填“周报”；统计部门认可的数填“入统”；每月的报表请在“月报填报”里报",
    )
    sure = forms.BooleanField(label="数字无误，确认提交", required=False, widget=UnfoldBooleanWidget)

    def prepare(self) -> None:
        today, field = clock.today(), self._choice("up_to")
        month = standings.judged_month(self.project.zone.return_day, today)
        offered = [(day.isoformat(), f"{day:%Y}年{day.month}月底") for day in month_ends(today)]
        if today.isoformat() not in dict(offered):
            offered.append((today.isoformat(), f"今天（{today:%Y-%m-%d}）"))
        field.choices, field.initial = offered, month.isoformat()

    def clean_up_to(self) -> date:
        return date.fromisoformat(self.cleaned_data["up_to"])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if self.errors:
            return told
        if told["amount"] is None and told["percent"] is None and not told["words"].strip():
            raise ValidationError("请至少填写一项：完成投资、形象进度或文字说明")
        doubt = facts.doubt(self.project, told["channel"], told["up_to"], told["amount"])
        if doubt and not told["sure"]:
            self.doubtful = True
            self.add_error("amount", f"{doubt}。核对无误请勾选最下面的“数字无误，确认提交”")
        return told


class ReachForm(FactForm):
    """节点完成: which step, when."""

    step = forms.ChoiceField(label="节点", widget=UnfoldAdminSelectWidget)
    when = DaysField(
        label="完成日期",
        required=False,
        help_text="如 2023-06-28；只知道月份可写 2023年6月；不清楚就留空",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(label="说明", required=False, max_length=300, widget=UnfoldAdminTextInputWidget)

    def prepare(self) -> None:
        known = {(row.kind, row.label): row for row in self.project.milestones.all()}
        others = [(kind, "") for kind in Milestone.Kind.values if kind != Milestone.Kind.OTHER]
        keys = dict.fromkeys([key for key, row in known.items() if not row.done])
        open_steps = [*keys, *(key for key in others if key not in known)]
        order = {kind: at for at, kind in enumerate(Milestone.Kind.values)}
        open_steps.sort(key=lambda key: order[key[0]])
        self._choice("step").choices = [
            ("", "请选择节点"),
            *(("|".join(key), step_label(*key, known.get(key))) for key in open_steps),
        ]

    @property
    def key(self) -> tuple[str, str]:
        """Kind and label of the chosen step."""
        kind, _, label = self.cleaned_data["step"].partition("|")
        return kind, label


class UndoForm(FactForm):
    """撤销完成: which step, and why."""

    step = forms.ChoiceField(label="节点", widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(label="撤销原因", max_length=300, widget=UnfoldAdminTextInputWidget)

    def prepare(self) -> None:
        done = self.project.milestones.filter(done=True)
        self._choice("step").choices = [("", "请选择节点"), *((str(row.pk), str(row)) for row in done)]

    def milestone(self) -> Milestone:
        """The chosen step."""
        return self.project.milestones.get(pk=self.cleaned_data["step"])


class ProblemForm(FactForm):
    """登记问题: what blocks, who settles it, by when."""

    title = forms.CharField(
        label="问题", max_length=200, widget=UnfoldAdminTextInputWidget, help_text="一句话说清卡在哪里"
    )
    category = forms.ChoiceField(
        label="类别", choices=[("", "请选择类别"), *Problem.Category.choices], widget=UnfoldAdminSelectWidget
    )
    major = forms.BooleanField(
        label="重大问题",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="影响节点按期完成，需要领导协调",
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label="责任单位",
        required=False,
        empty_label="（待定）",
        widget=UnfoldAdminSelectWidget,
    )
    deadline = forms.DateField(label="完成时限", required=False, widget=DayInput)
    solution = forms.CharField(
        label="解决措施", required=False, max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    raised_on = forms.DateField(label="提出日期", widget=DayInput)

    def prepare(self) -> None:
        departments: Any = self.fields["department"]
        departments.queryset = Department.objects.visible_to(self.user).filter(active=True).select_related("zone")
        self.fields["raised_on"].initial = clock.today()

    def clean_raised_on(self) -> date:
        day: date = self.cleaned_data["raised_on"]
        if day > clock.today():
            raise ValidationError("提出日期不能晚于今天")
        return day


class CloseForm(FactForm):
    """销号: when and how a problem was settled."""

    on = forms.DateField(label="销号日期", widget=DayInput)
    note = forms.CharField(
        label="销号说明",
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="写明如何解决的",
    )

    def prepare(self) -> None:
        self.fields["on"].initial = clock.today()

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > clock.today():
            raise ValidationError("销号日期不能晚于今天")
        return day


class ReopenForm(FactForm):
    """撤销销号: why."""

    reason = reason_field("撤销原因")


class MoveForm(FactForm):
    """调整时限: until when, and why."""

    deadline = day_field("新的完成时限")
    reason = reason_field("调整原因")


class MarkForm(FactForm):
    """标为重大, 取消重大: why."""

    reason = reason_field("原因")


def month_ends(today: date) -> list[date]:
    """The last days of the latest months that have ended on `today`, the latest first."""
    ends, day = [], today + timedelta(days=1)
    for _ in range(MONTHS):
        day = day.replace(day=1) - timedelta(days=1)
        ends.append(day)
    return ends
