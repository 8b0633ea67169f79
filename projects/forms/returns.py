"""The form of one month's return of one project: a row of the screen 月报填报."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from projects import money
from projects.forms.fields import FactForm, MoneyField, reason_field
from projects.models import Return
from projects.models.monthly import CLAIMS, FILLED, PARTS
from projects.returns.checks import Told

MINUS: Final = re.compile(r"^\s*[-−－–负减]\s*")
MONEY: Final = ("this_month", "year_to_date", "since_start", *PARTS, "statistics")


class SignedMoneyField(MoneyField):
    """Money that may be below zero: a month in which a cumulative figure is corrected downward."""

    def clean(self, value: Any) -> int | None:
        text = str(value or "")
        below = MINUS.match(text)
        yuan = super().clean(text[below.end() :] if below else text)
        if below and yuan is None:
            raise ValidationError(f"“{text}”缺少数字", code="unreadable")
        return -yuan if below and yuan is not None else yuan


def _money(label: str, field: type[MoneyField] = MoneyField) -> MoneyField:
    attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "tk-input tk-input-number"}
    return field(label=label, required=False, max_length=40, widget=forms.TextInput(attrs=attrs))


def _day() -> forms.DateField:
    picker = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "tk-input"})
    return forms.DateField(required=False, widget=picker)


class ReturnForm(forms.Form):
    """What is typed of one month, in 万元; cleaned to yuan. Bound to a stored return it shows what was saved."""

    this_month = _money("本月完成", SignedMoneyField)
    year_to_date = _money("自年初累计")
    since_start = _money("自开工累计")
    building = _money("建筑工程")
    installation = _money("安装工程")
    equipment = _money("设备工器具购置")
    other = _money("其他费用")
    statistics = _money("入统额")
    percent = forms.IntegerField(
        label="形象进度（%）",
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "tk-input"}),
        error_messages={"invalid": "请填 0 到 100 的整数"},
    )
    words = forms.CharField(
        label="形象进度",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "tk-input"}),
    )
    claims_started = forms.BooleanField(label="申报开工", required=False)
    started_on = _day()
    claims_topped_out = forms.BooleanField(label="申报封顶", required=False)
    topped_out_on = _day()
    claims_produced = forms.BooleanField(label="申报投产", required=False)
    produced_on = _day()
    note = forms.CharField(
        label="情况说明",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "class": "tk-input"}),
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, row: Return, done: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        initial = {name: _written(name, getattr(row, name)) for name in FILLED}
        super().__init__(data, initial={**initial, "version": row.version if row.pk else 0}, **kwargs)
        self.row, self.done = row, done
        for kind, name in CLAIMS.items():
            self.fields[f"{kind}_on"].label = f"{name}日期"

    @property
    def amounts(self) -> list[BoundField]:
        """The cells of money, in their order."""
        return [self[name] for name in MONEY]

    @property
    def claims(self) -> Iterator[tuple[str, BoundField, BoundField, bool]]:
        """Each step that can be claimed: its name, the box, the day, and whether it is done already."""
        for kind, name in CLAIMS.items():
            yield name, self[f"claims_{kind}"], self[f"{kind}_on"], kind in self.done

    @property
    def is_blank(self) -> bool:
        """Whether nothing is typed in it at all."""
        return not any(self._typed(name) for name in FILLED)

    @property
    def figures(self) -> dict[str, Any]:
        """What `facts.fill_return` takes, of a valid form."""
        return {name: self.cleaned_data[name] for name in FILLED}

    def told(self, month: date, photos: int) -> Told:
        """What can be read of the cells so far, for checking while somebody types."""
        read = getattr(self, "cleaned_data", {})
        names = [name for name in MONEY if name != "statistics"]
        claims = {kind: read.get(f"{kind}_on") for kind in CLAIMS if read.get(f"claims_{kind}")}
        figures = {name: read.get(name) for name in (*names, "percent")}
        return Told(month=month, note=read.get("note", ""), claims=claims, photos=photos, **figures)

    def conflict(self) -> list[str]:
        """Where what is stored differs from what is typed, in sentences; the next save is then a decision."""
        head = "这份月报刚被他人修改，您填写的内容还没有保存。核对后再次保存，即以本页为准。"
        return [head, *self._differences(FILLED)]

    def unkept(self) -> list[str]:
        """Where something is typed that is not what is stored, in sentences."""
        return self._differences([name for name in FILLED if self._typed(name)])

    def _differences(self, names: Iterable[str]) -> list[str]:
        found = []
        for name in names:
            stored, typed = self.get_initial_for_field(self.fields[name], name), self._typed(name)
            if not _same(self.fields[name], stored, typed):
                found.append(f"{self.fields[name].label}：现为“{_shown(stored)}”，您填的是“{_shown(typed)}”")
        return found

    def refresh_version(self) -> None:
        """Let the next save of this page be made knowingly against what is stored now."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("version")] = str(self.row.version if self.row.pk else 0)
        self.data = data

    def _typed(self, name: str) -> Any:
        return self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))


class TakeBackForm(FactForm):
    """撤回: nothing to fill in."""


class SendBackForm(FactForm):
    """退回: why."""

    reason = reason_field("退回原因")


class ReopenReturnForm(FactForm):
    """重新打开: why; whoever does it approves it."""

    reason = reason_field("批准重新打开的原因")


def _written(name: str, value: Any) -> Any:
    """A stored value as it stands in its cell: yuan in 万元."""
    if name in MONEY:
        return "" if value is None else in_ten_thousands(value)
    return "" if value is None else value


def in_ten_thousands(yuan: int) -> str:
    """Yuan as a number in 万元, exact: 53634700 is "5363.47"."""
    return money.show(yuan, "万元").removesuffix("万元")


def _same(field: forms.Field, stored: Any, typed: Any) -> bool:
    try:
        return bool(field.clean(stored) == field.clean(typed))
    except ValidationError:
        return False


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value) if value not in (None, "") else "（空）"
