"""The form of a rule: levels as rows to fill in, choices instead of codes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import chain, count
from typing import Any, Final

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest
from unfold.widgets import (
    BASE_INPUT_CLASSES,
    CHECKBOX_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from projects import money
from projects.alerts import levels, measures, presets
from projects.alerts.measures import Measure, Number, Parameter
from projects.alerts.models import Rule
from projects.alerts.rulebook import ABOVE, ASSIGNED, DEFAULT_RECIPIENTS, GRAVE_RECIPIENTS, ZONE
from projects.models import Assignment, Batch, Phase
from zones.models import Zone
from zones.permissions import BUSINESS_ROLES, Action, Role, paths
from zones.scoped.querysets import under

ROWS: Final = 4  # that an empty form shows; a full one has one more than it needs
COLOURS: Final = ("#ca8a04", "#dc2626", "#7c3aed", "#1d4ed8")
TOLD: Final = (
    *((f"{ASSIGNED}:{role.value}", role.label) for role in Assignment.Role),
    *((f"{ZONE}:{role.value}", f"本区域{role.label}") for role in Role if role in BUSINESS_ROLES),
    *((f"{ABOVE}:{role.value}", f"上级{role.label}") for role in (Role.COORDINATOR, Role.LEADER)),
)
WORDS: Final = ("code", "label", "colour", "low", "high", "streak", "days")
FLAGS: Final = ("low_inclusive", "high_inclusive", "urgent")
PREVIEW: Final = "_preview"  # the name of the button


def rows_of(rule: Rule) -> list[dict[str, Any]]:
    """The levels of a rule as the rows of the form, the mildest first; those told and the days beside each."""
    found = sorted(rule.levels or [], key=lambda level: level.get("severity", 0))
    return [_row(rule, level, mildest=number == 0) for number, level in enumerate(found)]


def _row(rule: Rule, level: Mapping[str, Any], *, mildest: bool) -> dict[str, Any]:
    usual = DEFAULT_RECIPIENTS if mildest else GRAVE_RECIPIENTS
    told = rule.recipients.get(level["code"], usual)
    row: dict[str, Any] = {name: str(level.get(name) or "") for name in ("code", "label", "colour")}
    row |= {name: _typed_bound(level.get(name)) for name in ("low", "high")}
    row |= {name: bool(level.get(name)) for name in FLAGS}
    row["streak"] = str(level.get("streak") or "")
    row["days"] = str(rule.days_to_answer.get(level["code"], ""))
    row["told"] = _keys(told)
    return row


def _keys(told: Mapping[str, list[str]]) -> list[str]:
    """Those who are told, as the keys of the check boxes."""
    return sorted(f"{group}:{role}" for group, roles in told.items() for role in roles)


class LevelsWidget(forms.Widget):
    """A row per level. What it gives and takes is JSON text, so that the page can carry it like any other value."""

    template_name = "projects_alerts/levels.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = _loaded(value)
        filled = [*rows, *({} for _ in range(max(1, ROWS - len(rows))))]
        context["widget"] |= {
            "rows": [self._shown(name, number, row) for number, row in enumerate(filled)],
            "input": " ".join(BASE_INPUT_CLASSES),
            "checkbox": " ".join(CHECKBOX_CLASSES),
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        if name in data:
            return data[name]
        rows = []
        for number in _numbers(data, name):
            row = self._typed(data, f"{name}-{number}-")
            if row["label"] or row["low"] or row["high"] or row["streak"]:
                rows.append(row)
        return json.dumps(rows, ensure_ascii=False, sort_keys=True)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and not _numbers(data, name)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-label" if id_ else id_

    def _typed(self, data: Any, prefix: str) -> dict[str, Any]:
        row: dict[str, Any] = {name: str(data.get(prefix + name, "")).strip() for name in WORDS}
        row |= {name: bool(data.get(prefix + name)) for name in FLAGS}
        told = data.getlist(f"{prefix}told") if hasattr(data, "getlist") else data.get(f"{prefix}told", [])
        return {**row, "told": sorted(told)}

    def _shown(self, name: str, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        told = set(row.get("told", _keys(DEFAULT_RECIPIENTS if number == 0 else GRAVE_RECIPIENTS)))
        return {
            "colour": COLOURS[number % len(COLOURS)],
            **row,
            "prefix": f"{name}-{number}-",
            "number": number + 1,
            "offered": [(key, label, key in told) for key, label in TOLD],
        }


class LevelsField(forms.Field):
    """Rows of levels; cleaned to a list of rows, checked one by one."""

    widget = LevelsWidget

    def prepare_value(self, value: Any) -> str:
        return json.dumps(_loaded(value), ensure_ascii=False, sort_keys=True)

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        return _loaded(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _loaded(initial) != _loaded(data)


class RuleForm(forms.ModelForm):
    """A rule in the words of the office. Codes of levels and the JSON behind them are the form's business."""

    request: HttpRequest

    levels = LevelsField(
        label="级别",
        help_text=(
            "由轻到重填写；空行不计，填满后保存，会再多出一行。下限、上限可只填一个，数值按指标的单位。"
            "连续月数：连续这么多个判定月份（含本月）达到轻一级，也算本级；只填连续月数、不填界限也可以。"
        ),
    )
    phases = forms.MultipleChoiceField(
        label="阶段",
        choices=Phase.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="不选为全部阶段",
    )
    batches = forms.MultipleChoiceField(
        label="批次",
        choices=Batch.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="不选为全部项目",
    )
    min_annual_plan = forms.CharField(
        label="年度计划不少于",
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="如 1000万元；不写单位按万元。不填为不限",
    )

    class Meta:
        model = Rule
        fields = (
            *("zone", "code", "name", "measure", "levels", "step_down", "hysteresis", "hold_days", "enabled", "source"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = self.instance.scope
        least = scope.get("min_annual_plan")
        self.initial.update(
            levels=rows_of(self.instance),
            phases=scope.get("phases", []),
            batches=scope.get("batches", []),
            min_annual_plan=money.show(least) if least else "",
        )
        measure = measures.get(self.instance.measure)
        if measure:
            for name, value in measure.filled(self.instance.parameters).items():
                self.initial[parameter_field(measure, name)] = value

    @property
    def previewed(self) -> bool:
        """Whether the person asks what the rule would say, and does not save it."""
        return PREVIEW in self.data

    def is_valid(self) -> bool:
        # A form that is not valid is shown again with all that was typed; without errors, nothing is said against it.
        return super().is_valid() and not self.previewed

    def clean_hysteresis(self) -> str:
        return str(self.cleaned_data["hysteresis"]).strip()

    def clean_min_annual_plan(self) -> int | None:
        text = self.cleaned_data["min_annual_plan"].strip()
        if not text:
            return None
        try:
            return money.read(text, unit="万元").high
        except money.UnreadableAmount as error:
            raise ValidationError(str(error)) from error

    def clean_levels(self) -> list[dict[str, Any]]:
        rows = self.cleaned_data["levels"]
        taken = {row["code"] for row in rows if row["code"]}
        for number, row in enumerate(rows, start=1):
            row["code"] = row["code"] or _free_code(number, taken)
            taken.add(row["code"])
        self._take_rows(rows)
        return self.instance.levels

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        scope = {name: cleaned.get(name) for name in ("phases", "batches", "min_annual_plan")}
        self.instance.scope = {name: value for name, value in scope.items() if value}
        measure = measures.get(cleaned.get("measure", ""))
        if measure:
            chosen = {each.name: cleaned.get(parameter_field(measure, each.name)) for each in measure.parameters}
            self.instance.parameters = {name: value for name, value in chosen.items() if value}
        return cleaned

    def _take_rows(self, rows: list[dict[str, Any]]) -> None:
        try:
            self.instance.levels = [_level(row, severity) for severity, row in enumerate(rows, start=1)]
            self.instance.days_to_answer = {row["code"]: _days(row) for row in rows if row["days"]}
        except levels.BadLevels as error:
            raise ValidationError(str(error)) from error
        self.instance.recipients = {row["code"]: _told(row) for row in rows}

    def _update_errors(self, errors: ValidationError) -> None:
        """What the model finds wrong in a column that is no field here is said where it was typed."""
        if hasattr(errors, "error_dict"):
            found: dict[str, list[Any]] = {}
            for name, problems in errors.error_dict.items():
                found.setdefault(self._place(name), []).extend(problems)
            errors.error_dict = found
        super()._update_errors(errors)

    def _place(self, name: str) -> str:
        if name in self.fields:
            return name
        if name == "parameters":
            return "measure"
        return "levels" if name in ("recipients", "days_to_answer") else NON_FIELD_ERRORS


def parameter_field(measure: Measure, name: str) -> str:
    """The form field of a measure's parameter."""
    return f"parameter_{measure.code}_{name}"


def add_parameters() -> None:
    """A field for every parameter of every measure, also of those that rooms above registered since."""
    for measure in measures.registered():
        for each in measure.parameters:
            RuleForm.declared_fields.setdefault(parameter_field(measure, each.name), _field(measure, each))


def _field(measure: Measure, parameter: Parameter | Number) -> forms.Field:
    about = f"只用于“{measure.label}”"
    if isinstance(parameter, Number):
        about = f"{parameter.unit}，{parameter.least} 到 {parameter.most}；{about}"
        widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
        return forms.CharField(label=parameter.label, required=False, widget=widget, help_text=about)
    return forms.ChoiceField(
        label=parameter.label,
        choices=parameter.choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=about,
    )


def _loaded(value: Any) -> list[dict[str, Any]]:
    """Rows from JSON text or as they are; what is neither is no row."""
    try:
        rows = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return []
    return [dict(row) for row in rows or [] if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _level(row: Mapping[str, Any], severity: int) -> dict[str, Any]:
    return {
        "severity": severity,
        **{name: row[name] for name in ("code", "label", "colour", "low_inclusive", "high_inclusive")},
        **({"urgent": True} if row["urgent"] else {}),
        **({"streak": _streak(row)} if row.get("streak") else {}),
        **{name: _number(row[name], row["label"]) for name in ("low", "high")},
    }


def _numbers(data: Any, name: str) -> list[int]:
    """The numbers of the rows that were sent, in their order."""
    row = re.compile(rf"{re.escape(name)}-([0-9]{{1,4}})-[a-z_]+")
    return sorted({int(found[1]) for key in data if (found := row.fullmatch(key))})


def _typed_bound(value: Any) -> str:
    """A stored bound as it would be typed; what cannot be read is shown as it is, to be corrected."""
    try:
        read = levels.bound(value)
    except levels.BadLevels:
        return str(value)
    return "" if read is None else levels.number(read)


def _number(text: str, label: str) -> int | str | None:
    """A bound as JSON keeps it: whole, or the decimals as text, so that no binary fraction comes between."""
    try:
        value = levels.bound(text.replace("−", "-"))
    except levels.BadLevels as error:
        raise levels.BadLevels(f"“{label or '未命名的级别'}”：{error}") from error
    if value is None:
        return None
    return value.numerator if value.denominator == 1 else levels.number(value)


def _streak(row: Mapping[str, Any]) -> int:
    if not str(row["streak"]).isdecimal():
        raise levels.BadLevels(f"“{row['label']}”的连续月数应是整数")
    return int(row["streak"])


def _days(row: Mapping[str, Any]) -> int:
    if not row["days"].isdecimal():
        raise levels.BadLevels(f"“{row['label']}”的答复天数应是整数")
    return int(row["days"])


def _told(row: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {ASSIGNED: [], ZONE: [], ABOVE: []}
    known = {key for key, _ in TOLD}
    for key in row["told"]:
        if key in known:
            group, _, role = key.partition(":")
            found[group].append(role)
    return found


def _free_code(number: int, taken: set[str]) -> str:
    """A code for a new level: the usual colours first."""
    usual = ("yellow", "red", "purple", "blue")
    candidates = chain(usual[number - 1 :], usual, (f"level-{n}" for n in count(number)))
    return next(code for code in candidates if code not in taken)


# ---- Schemes -----------------------------------------------------------------------------------------
class SchemeForm(forms.Form):
    """Which scheme into which zone: only zones in which the person may write."""

    zone: Any = forms.ModelChoiceField(
        Zone.objects.none(), label="区域", empty_label="请选择区域", widget=UnfoldAdminSelectWidget
    )
    scheme = forms.ChoiceField(label="方案", widget=UnfoldAdminSelectWidget)
    replace = forms.BooleanField(label="替换代号相同的规则", required=False)

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        zones: Any = self.fields["zone"]
        zones.queryset = Zone.objects.filter(under("", paths(user, Action.WRITE))).order_by("path")
        offered: Any = self.fields["scheme"]
        offered.choices = [(each.code, each.name) for each in presets.schemes()]
        if zones.queryset.count() == 1:
            zones.initial = zones.queryset.get()
