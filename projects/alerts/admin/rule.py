"""Rules: what the office may set, and what the zones above have set for it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import money
from projects.admin import columns
from projects.admin.filters import PlaceFilter
from projects.alerts import levels, measures
from projects.alerts.forms import TOLD, RuleForm, add_parameters, parameter_field, rows_of
from projects.alerts.levels import BadLevels
from projects.alerts.models import Rule
from projects.models import Batch, Phase
from zones.scoped.admin import ScopedAdmin


@admin.register(Rule)
class RuleAdmin(ScopedAdmin):
    form = RuleForm
    list_display = ("name", "zone", "measure", "levels_shown", "enabled", "source")
    list_filter = (PlaceFilter, ("measure", ChoicesDropdownFilter), "enabled")
    list_select_related = ("zone",)
    search_fields = ("name", "code", "source")
    autocomplete_fields = ("zone",)

    @display(description="级别")
    def levels_shown(self, rule: Rule) -> SafeString | str:
        try:
            read = levels.read(rule.levels)
        except BadLevels as error:
            return str(error)
        unit = getattr(measures.get(rule.measure), "unit", "")
        lines = ((columns.light(each.code, each.label, each.colour), each.bounds(unit)) for each in read)
        return format_html_join("", '<div class="whitespace-nowrap">{} {}</div>', lines)

    @display(description="参数")
    def parameters_shown(self, rule: Rule) -> str:
        measure = measures.get(rule.measure)
        if measure is None or not measure.parameters:
            return columns.NOTHING
        filled = measure.filled(rule.parameters)
        return "；".join(f"{each.label}：{dict(each.choices).get(filled[each.name])}" for each in measure.parameters)

    @display(description="适用范围")
    def scope_shown(self, rule: Rule) -> str:
        scope = rule.scope
        parts = [str(Phase(code).label) for code in scope.get("phases", [])]
        parts += [str(Batch(code).label) for code in scope.get("batches", [])]
        least = scope.get("min_annual_plan")
        return "、".join([*parts, *([f"年度计划不少于{money.show(least)}"] if least else [])]) or "全部项目"

    @display(description="告知对象")
    def told_shown(self, rule: Rule) -> SafeString:
        names = dict(TOLD)
        lines = (
            (row["label"], "、".join(names.get(key, key) for key in row["told"]) or "无人", _answered(row["days"]))
            for row in rows_of(rule)
        )
        return format_html_join("", "<div>{}：{}{}</div>", lines)

    def get_fieldsets(self, request: HttpRequest, obj: Rule | None = None) -> list[Any]:
        about = (None, {"fields": ("zone", "code", "name", "source", "enabled")})
        if obj is not None and not self.has_change_permission(request, obj):
            shown = ("measure", "parameters_shown", "levels_shown", "scope_shown", "told_shown")
            return [about, ("判定", {"fields": shown})]
        parameters = tuple(
            dict.fromkeys(parameter_field(p.name) for measure in measures.registered() for p in measure.parameters)
        )
        helps = "；".join(f"{each.label}：{each.help}，单位{each.unit}" for each in measures.registered())
        return [
            about,
            ("指标", {"fields": ("measure", *parameters), "description": helps}),
            ("级别", {"fields": ("levels",)}),
            ("适用范围", {"fields": ("phases", "batches", "min_annual_plan"), "description": "都不填即适用全部项目。"}),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        add_parameters()
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Rule | None = None) -> tuple[str, ...]:
        # The code ties a rule to the one it replaces, and the alerts of the past to their rule.
        return ("code", "zone") if obj else ()


def _answered(days: str) -> str:
    return f"（{days} 天内答复）" if days else ""
