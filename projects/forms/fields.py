"""What the small forms share: a day, an amount, a span of days, and what all forms about a project or a row do."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextInputWidget

from projects import dates, money
from projects.models import Milestone, Project
from zones import clock


class DayInput(forms.DateInput):
    """The device's own calendar: good under a thumb."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": " ".join(INPUT_CLASSES)})


class HourInput(forms.TimeInput):
    """The device's own clock: good under a thumb."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"class": " ".join(INPUT_CLASSES)})


class MoneyField(forms.CharField):
    """Money as officials write it, in 万元 unless another unit is written; cleaned to whole yuan."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return _yuan(text) if text else None


class DaysField(forms.CharField):
    """A day or a month as officials write it; cleaned to a span of days that ends today at the latest."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> dates.DateSpan | None:
        text = super().clean(value)
        return _days(text) if text else None


class FactForm(forms.Form):
    """A form about one project, or about a company's problem that is of no project.

    `row` is what the page is about, where that is something else than the project.
    """

    doubtful = False  # whether what was typed looks like a slip, and is asked about

    def __init__(self, *args: Any, project: Project | None, user: Any, row: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project: Any = project
        self.user = user
        self.row = row
        self.prepare()

    def prepare(self) -> None:
        """Offer what this project and this person call for."""

    def _choice(self, name: str) -> Any:
        return self.fields[name]

    def blame(self, error: ValidationError) -> None:
        """Show what a verb refused, at the field it names, else above all."""
        named = error.error_dict if hasattr(error, "error_dict") else {}
        for name, errors in named.items():
            self.add_error(name if name in self.fields else None, errors)
        if not named:
            self.add_error(None, error)


def reason_field(label: str = "原因", **more: Any) -> forms.CharField:
    """Why: one line, always asked for unless `required` says otherwise."""
    return forms.CharField(label=label, max_length=300, widget=UnfoldAdminTextInputWidget, **more)


def day_field(label: str, **more: Any) -> forms.DateField:
    """A day from the calendar."""
    return forms.DateField(label=label, widget=DayInput, **more)


def not_to_come(day: Any, label: str) -> Any:
    """The day itself; ValidationError for one after today."""
    if day and day > clock.today():
        raise ValidationError(f"{label}不能晚于今天")
    return day


def _yuan(text: str) -> int:
    try:
        amount = money.read(text, unit="万元")
    except money.UnreadableAmount as error:
        raise ValidationError(str(error), code="unreadable") from error
    if amount.currency != "CNY":
        raise ValidationError("这里只填人民币，外币投资请在文字说明中写明", code="foreign")
    if amount.low != amount.high or amount.qualifier:
        raise ValidationError(f"“{text}”不是一个准确的数：请写成 5363.47 或 1.2亿元", code="vague")
    return amount.high


def _days(text: str) -> dates.DateSpan:
    today = clock.today()
    try:
        span = dates.read(text, on=today)
    except dates.UnreadableDate as error:
        raise ValidationError(str(error), code="unreadable") from error
    if span.first is None or span.last is None:
        raise ValidationError(f"“{text}”不是一个确定的日期：请写成 2023-06-28 或 2023年6月", code="open")
    if span.first > today:
        raise ValidationError("完成日期不能晚于今天", code="future")
    return span if span.last <= today else dates.DateSpan(span.first, today, "range")


def step_label(kind: str, label: str, row: Milestone | None) -> str:
    """A step in a list of choices, with its deadline if it has one."""
    name = label or Milestone.Kind(kind).label
    return f"{name}（期限 {row.deadline:%Y-%m-%d}）" if row and row.deadline else name


class SeenForm(FactForm):
    """Knows the row as it was when the page was opened; one that has changed since is shown before anything is done."""

    seen: ClassVar[str] = "version"
    incomplete = "页面不完整，请重新打开后填写"

    def prepare(self) -> None:
        self.fields[self.seen].initial = getattr(self.row, self.seen)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if self.seen in self.errors:
            raise ValidationError(self.incomplete)
        return told

    def blame(self, error: ValidationError) -> None:
        if getattr(error, "code", "") != "stale":
            super().blame(error)
            return
        self.row.refresh_from_db()
        self.add_error(None, self.changed())
        self.data: Any = {**self.data.dict(), self.seen: getattr(self.row, self.seen)}

    def changed(self) -> str:
        """That the row was changed meanwhile, and how it stands now."""
        raise NotImplementedError
