"""编制年度计划: a year's plan in a grid of twelve months; and taking an edition back.

What can be computed is computed here and nowhere else. The page sends itself, `compute` says what for: "fill" cuts the
plan down by the chosen method, "turn" makes monthly cells of cumulative ones or the other way round, "show" only works
out what stands beside the cells. Nothing is saved then.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from projects import money
from projects.facts.plans import repeats, targets_of
from projects.forms.fields import FactForm, MoneyField, reason_field
from projects.models import AnnualPlan
from projects.plans import cutting, methods
from zones import clock

TEN_THOUSAND: Final = 10_000
CUMULATIVE, MONTHLY = "total", "month"
CELLS: Final = tuple(f"month_{month}" for month in cutting.MONTHS)
ALL_OR_NONE: Final = "12 个月要么都填，要么都不填"
SHOWN: Final = 5  # left-over cells that are named
Method = AnnualPlan.Method


def _text(**attrs: str) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", **attrs})


@dataclass(frozen=True, slots=True)
class Row:
    """A month of the grid: the cell, and what is worked out beside it."""

    month: int
    cell: Any
    beside: str
    share: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A dated step and the cell of its share."""

    name: str
    day: Any
    cell: Any


class PlanForm(FactForm):
    """年度计划: how much, and by the end of each month. Left empty, the months follow from the method."""

    year = forms.TypedChoiceField(label="年度", coerce=int, widget=UnfoldAdminSelectWidget)
    amount = MoneyField(
        label="年度计划投资（万元）",
        help_text="只写数字按万元计，如 12000；也可写 1.2亿元",
        error_messages={"required": "必填：请填写年度计划投资，没有投资任务的填 0"},
        widget=_text(),
    )
    carried = MoneyField(
        label="结转：截至上年底累计完成（万元）",
        required=False,
        help_text="新开工项目填 0；不清楚的不填",
        widget=_text(),
    )
    first_month = forms.TypedChoiceField(
        label="起始月份",
        coerce=int,
        required=False,
        empty_value="1",
        choices=[(month, f"{month}月") for month in cutting.MONTHS],
        widget=UnfoldAdminSelectWidget,
        help_text="年中新增的项目从哪个月开始，此前各月为 0",
    )
    method = forms.ChoiceField(
        label="分解方法",
        required=False,
        choices=Method.choices,
        widget=UnfoldAdminSelectWidget,
        help_text="先计算，再逐月修改；改过的按“逐月填写”保存",
    )
    season = forms.ChoiceField(
        label="季节方案",
        required=False,
        choices=[("", "—"), *((code, season.label) for code, season in cutting.SEASONS.items())],
        widget=UnfoldAdminSelectWidget,
        help_text="只在按季节分解时选择",
    )
    basis = forms.CharField(required=False, widget=forms.HiddenInput)  # what stands in the cells
    pasted = forms.CharField(
        label="从电子表格粘贴",
        required=False,
        max_length=2000,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="复制表格里的一行或一列，粘到这里；也可以直接粘到上面的格子里",
    )
    pasted_at = forms.TypedChoiceField(
        label="从哪个月填起",
        coerce=int,
        required=False,
        empty_value="1",
        choices=[(month, f"{month}月") for month in cutting.MONTHS],
        widget=UnfoldAdminSelectWidget,
    )
    reason = reason_field("调整原因", required=False, help_text="这一年已有计划的，必须写明为什么调整")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.notes: list[str] = []
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.data: Any = self.data.copy()
            self._offer_shares()
            self._compute()

    def prepare(self) -> None:
        year = clock.today().year
        self._choice("year").choices = [(each, f"{each}年") for each in (year, year + 1)]
        standing = self.project.plans.filter(year=year).exclude(status=AnnualPlan.Status.WITHDRAWN)
        last = standing.order_by("-edition").first()
        targets = targets_of(last) if last else []
        for month, name in enumerate(CELLS, start=1):
            initial = in_wan(targets[month - 1]) if len(targets) == 12 else ""
            box = _text(**{"data-cell": str(month), "aria-label": f"{month}月"})
            self.fields[name] = MoneyField(label=f"{month}月", required=False, initial=initial, widget=box)
        carried = last.carried if last else self._completed_before(year)
        self.initial = {
            "year": year,
            "amount": in_wan(last.amount) if last else "",
            "carried": "" if carried is None else in_wan(carried),
            "method": last.method if last else Method.EVEN,
            "first_month": next((month for month, target in enumerate(targets, start=1) if target), 1),
            "basis": CUMULATIVE,
            "pasted_at": 1,
            **self.initial,
        }
        if not self.is_bound:
            self._offer_shares()

    # ---- What the page shows
    @property
    def only_shown(self) -> bool:
        """Whether there is only something to compute, and to look at before anything is saved."""
        return self.is_bound and "compute" in self.data

    @property
    def about(self) -> list[Any]:
        """The fields above the grid."""
        return [self[name] for name in ("year", "amount", "carried", "first_month", "method", "season")]

    @property
    def rows(self) -> list[Row]:
        """The grid: cumulative beside this month's amounts, or the other way round, and per cent of the plan."""
        amount, totals = self._read("amount"), self._totals()
        monthly = self._basis == MONTHLY
        rows = []
        for month, (earlier, total) in enumerate(itertools.pairwise([0, *totals]), start=1):
            step = None if total is None or earlier is None else total - earlier
            beside = total if monthly else step
            rows.append(Row(month, self[CELLS[month - 1]], _wan(beside), _percent(total, amount)))
        return rows

    @property
    def beside(self) -> str:
        """What stands beside the cells."""
        return "累计" if self._basis == MONTHLY else "当月"

    @property
    def within(self) -> str:
        """What stands in the cells."""
        return "当月" if self._basis == MONTHLY else "累计"

    @property
    def by_steps(self) -> bool:
        """Whether the shares of the steps matter."""
        return self["method"].value() == Method.STEPS

    @property
    def in_all(self) -> str:
        """How far the cells come by December, beside the plan."""
        amount, totals = self._read("amount"), self._totals()
        if amount is None or totals[-1] is None:
            return ""
        off = amount - totals[-1]
        if off == 0:
            return f"12 月累计 {money.show(totals[-1])}，与年度计划一致"
        return f"12 月累计 {money.show(totals[-1])}，比年度计划{'少' if off > 0 else '多'} {money.show(abs(off))}"

    @property
    def step_rows(self) -> list[StepRow]:
        """The steps by which the plan can be cut down, with their shares."""
        return [StepRow(step.name, step.day, self[_share(step.pk)]) for step in self.steps]

    # ---- What is told
    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        told["method"] = told.get("method") or Method.EVEN
        if self.errors:
            return told
        if self.only_shown:
            self._find_faults(told)
            return told
        self._settle(told)
        if not self.errors:
            self._ask_why(told)
        return told

    def _settle(self, told: dict[str, Any]) -> None:
        """Twelve cumulative targets: typed, or by the method where nothing was typed."""
        cells = [told[name] for name in CELLS]
        if not any(cell is not None for cell in cells):
            try:
                told["targets"] = self._cut(told).targets
            except ValidationError as error:
                self.blame(error)
            return
        for name, cell in zip(CELLS, cells, strict=True):
            if cell is None:
                self.add_error(name, ALL_OR_NONE)
        if self.errors:
            return
        self._find_faults(told)
        if not self._follows(told):
            told["method"] = Method.TYPED

    def _find_faults(self, told: dict[str, Any]) -> None:
        """Say of every month what is wrong with it, once all are filled."""
        told["targets"] = targets = [total for total in self._totals() if total is not None]
        if len(targets) < len(CELLS):
            return
        for month, sentence in cutting.faults(told["amount"], targets, int(told["first_month"])).items():
            self.add_error(CELLS[month - 1], sentence)

    def _follows(self, told: dict[str, Any]) -> bool:
        """Whether the targets are what the method gives."""
        try:
            return told["method"] != Method.TYPED and self._cut(told).targets == told["targets"]
        except ValidationError:
            return False

    def _ask_why(self, told: dict[str, Any]) -> None:
        last = self.latest(told["year"])
        if not last or told["reason"].strip():
            return
        if not repeats(last, told["amount"], told["targets"], told["carried"], told["reason"]):
            self.add_error("reason", f"{told['year']}年已有计划（第{last.edition}版），调整须写明原因")

    def blame(self, error: ValidationError) -> None:
        named = getattr(error, "error_dict", {})
        if "shares" in named and self.steps:
            error = ValidationError({_share(self.steps[-1].pk): named["shares"]})
        super().blame(error)

    def latest(self, year: int) -> AnnualPlan | None:
        """The last edition of the year, whatever became of it."""
        return self.project.plans.filter(year=year).order_by("-edition").first()

    def _completed_before(self, year: int) -> int | None:
        """What was told to be completed since the start by the end of the year before."""
        rows = self.project.progress.filter(current=True, total__isnull=False, up_to__year__lt=year)
        return rows.order_by("-up_to", "-pk").values_list("total", flat=True).first()

    # ---- Computing
    def _compute(self) -> None:
        if self.data.get("pasted", "").strip():
            self._paste()
        match self.data.get("compute"):
            case "fill":
                self._fill()
            case "turn":
                self._turn()

    def _fill(self) -> None:
        """Put what the method gives into the cells, as if it had been typed."""
        if self.data.get("method") == Method.TYPED or self._read("amount") is None:
            return
        told = {name: self._read(name) for name in ("year", "amount", "first_month", "method", "season")}
        told |= {_share(step.pk): self._read(_share(step.pk)) for step in self.steps}
        try:
            found = self._cut(told)
        except ValidationError as error:
            self.notes += error.messages
            return
        self.notes += [found.note] if found.note else []
        self._write(found.targets)

    def _cut(self, told: dict[str, Any]) -> methods.Cut:
        return methods.cut_down(
            self.project,
            told["year"] or clock.today().year,
            told["amount"],
            told["method"] or Method.EVEN,
            first_month=int(told["first_month"] or 1),
            season=told["season"] or "",
            shares={step.pk: told.get(_share(step.pk)) or 0 for step in self.steps},
        )

    def _turn(self) -> None:
        """Cumulative cells become monthly ones, or the other way round."""
        totals = self._totals()
        known = [total for total in totals if total is not None]
        if len(known) == 12 and all(later >= earlier for earlier, later in itertools.pairwise([0, *known])):
            self.data["basis"] = self._other
            self._write(known)
        elif any(self._read(name) is not None for name in CELLS):
            self.notes.append("请先把 12 个月填好（累计数不减少），再在累计数和当月数之间换算")
        else:
            self.data["basis"] = self._other

    def _write(self, totals: list[int]) -> None:
        steps = [later - earlier for earlier, later in itertools.pairwise([0, *totals])]
        for name, yuan in zip(CELLS, steps if self._basis == MONTHLY else totals, strict=True):
            self.data[name] = in_wan(yuan)

    def _paste(self) -> None:
        """Pour a row or a column of a spreadsheet into the cells. What cannot be read leaves its cell as it was."""
        at = int(self._read("pasted_at") or 1)
        text = self.data["pasted"].replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        words = [word.strip() for line in text.split("\n") for word in line.split("\t")]
        for month, word in zip(range(at, 13), words, strict=False):
            if word:
                self._pour(month, word)
        if left := [word for word in words[13 - at :] if word]:
            named = "、".join(f"“{word[:20]}”" for word in left[:SHOWN]) + ("等" if len(left) > SHOWN else "")
            room = f"从{at}月起只有 {13 - at} 个格子，粘贴了 {len(words)} 个"
            self.notes.append(f"{room}，多出的 {len(left)} 个没有填入：{named}")
        self.data["pasted"] = ""
        self.data["method"] = Method.TYPED
        self.data.setdefault("compute", "show")

    def _pour(self, month: int, word: str) -> None:
        try:
            yuan = self.fields[CELLS[month - 1]].clean(word)
        except ValidationError as error:
            self.notes.append(f"{month}月没有填入：{error.messages[0]}")
        else:
            self.data[CELLS[month - 1]] = in_wan(yuan)

    def _offer_shares(self) -> None:
        self.steps = methods.dated_steps(
            self.project, self._read("year") or clock.today().year, int(self._read("first_month") or 1)
        )
        for step in self.steps:
            self.fields[_share(step.pk)] = forms.IntegerField(
                label=f"{step.name}（{step.day:%Y-%m-%d}）",
                required=False,
                min_value=0,
                max_value=methods.WHOLE,
                initial=step.share,
                widget=_text(inputmode="numeric"),
            )
        names = [_share(step.pk) for step in self.steps]
        if self.is_bound and not any(name in self.data for name in names):  # the page had no such steps on it
            self.data.update({_share(step.pk): str(step.share) for step in self.steps})

    # ---- Reading what stands in the fields, whether it is in order or not
    def _read(self, name: str) -> Any:
        """The value of a field, None where it cannot be read."""
        value = self[name].value()
        try:
            return self.fields[name].clean(value)
        except ValidationError:
            return None

    @property
    def _basis(self) -> str:
        return MONTHLY if self["basis"].value() == MONTHLY else CUMULATIVE

    @property
    def _other(self) -> str:
        return CUMULATIVE if self._basis == MONTHLY else MONTHLY

    def _totals(self) -> list[int | None]:
        """Cumulative yuan by month as the cells say; None from where they cannot be read."""
        cells: list[int | None] = [self._read(name) for name in CELLS]
        if self._basis == CUMULATIVE:
            return cells
        totals: list[int | None] = []
        for cell in cells:
            before = totals[-1] if totals else 0
            totals.append(None if cell is None or before is None else before + cell)
        return totals


class WithdrawForm(FactForm):
    """作废: why."""

    reason = reason_field("作废原因", help_text="如：单位写错。作废的计划保留在列表里，不再用于判定")


def in_wan(yuan: int) -> str:
    """Yuan in 万元 as one types it, exactly: 53634700 is "5363.47"."""
    return f"{(Decimal(yuan) / TEN_THOUSAND).normalize():f}"


def _wan(yuan: int | None) -> str:
    return "" if yuan is None else in_wan(yuan)


def _percent(part: int | None, whole: int | None) -> str:
    return f"{100 * part / whole:.1f}%" if part is not None and whole else ""


def _share(pk: int) -> str:
    return f"share_{pk}"
