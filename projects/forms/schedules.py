"""倒排工期: a template and a target day, then the steps with their days, each of which may be moved or left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from unfold.widgets import UnfoldAdminSelectWidget

from projects.forms.fields import DayInput, FactForm, day_field, reason_field
from projects.models import Milestone, ScheduleTemplate
from projects.plans.schedule import LaidStep, lay_back
from zones import clock

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Row:
    """A step on the page: the day it is laid to, what was promised before, and what has to be known of it."""

    name: str
    take: Any
    day: Any
    before: date | None
    done: bool
    moves: bool
    past: bool


class ScheduleForm(FactForm):
    """倒排工期. Without days there is only something to lay back and to look at."""

    template = forms.ChoiceField(
        label="模板",
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "必填：请选择模板"},
    )
    target = day_field(
        "目标日期",
        help_text="模板目标节点（如投产、竣工）的日期，其余节点按工作日往前倒排",
        validators=[
            MinValueValidator(EARLIEST, "目标日期太早，请核对"),
            MaxValueValidator(LATEST, "目标日期太晚，请核对"),
        ],
    )
    reason = reason_field(
        required=False, help_text="有节点此前承诺过其他日期的，必须写明调整原因；首次承诺保留，预警仍以它为准"
    )

    def prepare(self) -> None:
        offered = ScheduleTemplate.objects.visible_to(self.user).offered_in(self.project.zone)
        self.templates = {str(row.pk): row for row in offered}
        named = [
            (pk, f"{row.name}（{row.project_kind}；目标：{row.get_anchor_display()}）")
            for pk, row in self.templates.items()
        ]
        self._choice("template").choices = [("", "请选择模板" if named else "没有可用的模板"), *named]
        self.known = {(row.kind, row.label): row for row in self.project.milestones.all()}
        self.laid: list[LaidStep] = []
        # There is only something to lay back, and to look at before anything is promised.
        self.only_shown = self.is_bound and ("compute" in self.data or not self._told_days)
        if self.is_bound:
            self._lay()

    @property
    def rows(self) -> list[Row]:
        """The steps laid back, as they are told now."""
        return [self._row(at, step) for at, step in enumerate(self.laid)]

    @property
    def warning(self) -> str:
        """What is to be said of days that have passed."""
        past = "、".join(f"“{row.name}”" for row in self.rows if row.past)
        return f"{past}的期限已经过去：已经完成的请登记完成；没有完成的请改日期，或推后目标日期" if past else ""

    @property
    def head(self) -> list[Any]:
        """The fields above the steps."""
        return [self["template"], self["target"]]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if self.errors or self.only_shown:
            return told
        told["steps"] = []
        for at, step in enumerate(self.laid):
            if not told[f"take_{at}"]:
                continue
            if told[f"day_{at}"] is None:
                self.add_error(f"day_{at}", f"请填写“{step}”的日期，或不勾选它")
                continue
            told["steps"].append(LaidStep(step.kind, step.label, told[f"day_{at}"]))
        if not self.errors and not told["steps"]:
            self.add_error(None, "请至少选一个节点")
        return told

    @property
    def _told_days(self) -> bool:
        """Whether the page had the steps of this very template and target on it."""
        return bool(self._key) and self.data.get("laid") == self._key

    @property
    def _key(self) -> str:
        template = self.templates.get(self.data.get("template", ""))
        return f"{template.pk}|{template.version}|{self.data.get('target', '')}" if template else ""

    def _lay(self) -> None:
        template = self.templates.get(self.data.get("template", ""))
        try:
            target = self.fields["target"].clean(self.data.get("target", ""))
        except ValidationError:
            return
        if template is None:
            return
        self.laid = lay_back(template, target)
        self.data: Any = self.data.copy()
        for at, step in enumerate(self.laid):
            self._offer(at, step)
        self.data["laid"] = self._key

    def _offer(self, at: int, step: LaidStep) -> None:
        self.fields[f"take_{at}"] = forms.BooleanField(label=f"承诺“{step}”", required=False)
        self.fields[f"day_{at}"] = forms.DateField(label=f"“{step}”的日期", required=False, widget=DayInput())
        if self.only_shown:
            row = self.known.get((step.kind, step.label))
            self.data[f"day_{at}"] = step.day.isoformat()
            past = step.day < clock.today()
            self.data[f"take_{at}"] = "" if past or (row and row.done) else "on"

    def _row(self, at: int, step: LaidStep) -> Row:
        known: Milestone | None = self.known.get((step.kind, step.label))
        done = bool(known and known.done)
        before = known.planned if known else None
        try:
            day = self.fields[f"day_{at}"].clean(self[f"day_{at}"].value())
        except ValidationError:
            day = None
        return Row(
            name=str(step),
            take=self[f"take_{at}"],
            day=self[f"day_{at}"],
            before=before,
            done=done,
            moves=bool(not done and before and day and before != day),
            past=bool(not done and day and day < clock.today()),
        )
