"""The small forms by which a project office decides: deadlines, standstills, ends, the year's plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects import plans
from projects.forms.fields import FactForm, MoneyField, day_field, not_to_come, reason_field, step_label
from projects.models import AnnualPlan, Milestone, MonthlyTarget, Suspension
from projects.models.plan import check_targets
from zones import clock

TEN_THOUSAND: Final = 10_000
MONTHS: Final = range(1, 13)
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


class PlanForm(FactForm):
    """年度计划: how much, and cumulatively by the end of each month. Left empty, the months are equal steps."""

    together = tuple(f"month_{month}" for month in MONTHS)

    year = forms.TypedChoiceField(label="年度", coerce=int, widget=UnfoldAdminSelectWidget)
    amount = MoneyField(
        label="年度计划投资（万元）",
        help_text="只写数字按万元计，如 12000；也可写 1.2亿元",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    reason = reason_field("调整原因", required=False, help_text="这一年已有计划的，必须写明为什么调整")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and "even" in self.data:
            self._spread()

    def prepare(self) -> None:
        year = clock.today().year
        self._choice("year").choices = [(each, f"{each}年") for each in (year, year + 1)]
        last = self.project.plans.filter(year=year).order_by("-edition").first()
        targets = dict(MonthlyTarget.objects.filter(plan=last).values_list("month", "amount")) if last else {}
        self.fields["amount"].initial = in_wan(last.amount) if last else ""
        for month in MONTHS:
            initial = in_wan(targets[month]) if month in targets else ""
            box = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
            self.fields[f"month_{month}"] = MoneyField(
                label=f"{month}月底累计", required=False, initial=initial, widget=box
            )

    @property
    def only_spread(self) -> bool:
        """Whether the months are only to be filled in, and looked at before anything is saved."""
        return self.is_bound and "even" in self.data

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if self.errors:
            return told
        months = [told[name] for name in self.together]
        told["targets"] = months if any(month is not None for month in months) else plans.even_targets(told["amount"])
        self._check(told)
        return told

    def _check(self, told: dict[str, Any]) -> None:
        for name, target in zip(self.together, told["targets"], strict=True):
            if target is None:
                self.add_error(name, "12 个月要么都填，要么都不填")
        if not self.errors:
            check_targets(told["amount"], told["targets"])
        last = self.latest(told["year"])
        if last and not told["reason"].strip() and not self.repeats(last, told):
            self.add_error("reason", f"{told['year']}年已有计划（第{last.edition}版），调整须写明原因")

    def latest(self, year: int) -> AnnualPlan | None:
        """The last edition of the year, approved or not."""
        return self.project.plans.filter(year=year).order_by("-edition").first()

    def repeats(self, last: AnnualPlan, told: dict[str, Any]) -> bool:
        """Whether exactly this was typed before: a second click."""
        targets = list(last.targets.order_by("month").values_list("amount", flat=True))
        return (last.amount, targets, last.reason) == (told["amount"], told["targets"], told["reason"].strip())

    def _spread(self) -> None:
        """Fill the months in equal steps, as if they had been typed."""
        try:
            amount = self.fields["amount"].clean(self.data.get("amount", ""))
        except ValidationError:
            return
        filled: Any = self.data
        filled = filled.copy()
        for name, target in zip(self.together, plans.even_targets(amount), strict=True):
            filled[name] = in_wan(target)
        self.data = filled


def in_wan(yuan: int) -> str:
    """Yuan in 万元 as one types it, exactly: 53634700 is "5363.47"."""
    return f"{(Decimal(yuan) / TEN_THOUSAND).normalize():f}"
