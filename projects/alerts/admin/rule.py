"""Rules: what the office may set, and what the zones above have set for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import money
from projects.admin import columns
from projects.admin.filters import PlaceFilter
from projects.alerts import doubts, measures, presets
from projects.alerts.forms import TOLD, RuleForm, SchemeForm, add_parameters, parameter_field, rows_of
from projects.alerts.models import Rule
from projects.alerts.preview import TooMany, preview
from projects.alerts.rulebook import apply, problems_of
from projects.models import Batch, Phase
from zones import clock
from zones.permissions import Action, paths
from zones.scoped.admin import ScopedAdmin


@admin.register(Rule)
class RuleAdmin(ScopedAdmin):
    form = RuleForm
    list_display = ("named", "zone", "measure", "levels_shown", "enabled", "source")
    list_filter = (PlaceFilter, ("measure", ChoicesDropdownFilter), "enabled")
    list_select_related = ("zone",)
    list_before_template = "projects_alerts/rules_head.html"
    change_form_outer_before_template = "projects_alerts/rule_head.html"
    change_form_after_template = "projects_alerts/rule_foot.html"
    search_fields = ("name", "code", "source")
    autocomplete_fields = ("zone",)

    class Media:
        js = ("tracker/rule.js",)

    # -- the list
    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        @display(description="名称", ordering="name")
        def named(rule: Rule) -> SafeString | str:
            found = request.__dict__.get("_warned", {}).get(rule.pk)
            return format_html("{} {}", rule.name, columns.mark("有提醒", "warn")) if found else rule.name

        return tuple(named if name == "named" else name for name in self.list_display)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, with what is unwise of the rules on the page that the person could mend."""
        changelist = super().get_changelist_instance(request)
        reach = paths(request.user, Action.WRITE)
        own = [rule for rule in changelist.result_list if any(rule.zone.path.startswith(place) for place in reach)]
        request.__dict__["_warned"] = doubts.warned(own)
        return changelist

    @display(description="名称", ordering="name")
    def named(self, rule: Rule) -> str:
        return rule.name

    @display(description="级别")
    def levels_shown(self, rule: Rule) -> SafeString | str:
        measure, found = measures.get(rule.measure), problems_of(rule)
        if found or measure is None:
            return "；".join(sentence for _, sentence in found)
        applied = apply(rule, measure)
        lines = (
            (columns.light(each.code, each.label, each.colour), applied.bounds_shown(each)) for each in applied.levels
        )
        return format_html_join("", "<div>{} {}</div>", lines)

    # -- one rule
    @display(description="参数")
    def parameters_shown(self, rule: Rule) -> str:
        measure = measures.get(rule.measure)
        return (measure.shown(rule.parameters) if measure else "") or columns.NOTHING

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
        folded = ("step_down", "hysteresis", "hold_days")
        if obj is not None and not self.has_change_permission(request, obj):
            shown = ("measure", "parameters_shown", "levels_shown", "scope_shown", "told_shown", *folded)
            return [about, ("判定", {"fields": shown})]
        parameters = tuple(parameter_field(each, p.name) for each in measures.registered() for p in each.parameters)
        return [
            about,
            ("指标", {"fields": ("measure", *parameters), "description": _helps()}),
            ("级别", {"fields": ("levels",)}),
            ("降级和上报", {"fields": folded}),
            (
                "适用范围",
                {
                    "fields": ("phases", "batches", "min_annual_plan"),
                    "description": "只对项目的指标有用；都不填即适用全部项目。",
                },
            ),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        add_parameters()
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Rule | None = None) -> tuple[str, ...]:
        # The code ties a rule to the one it replaces, and the alerts of the past to their rule.
        return ("code", "zone") if obj else ()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        form, rule = context["adminform"].form, kwargs.get("obj")
        if rule is not None and request.method == "GET" and self.has_change_permission(request, rule):
            context["rule_warnings"] = doubts.warnings_of(rule)
        if isinstance(form, RuleForm) and form.is_bound and form.previewed and not form.errors:
            context |= _previewed(request, form.instance.zone, [form.instance])
        return super().render_change_form(request, context, *args, **kwargs)

    # -- schemes
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.schemes_view)
        return [path("schemes/", view, name="projects_alerts_rule_schemes"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        offered = {"may_load_schemes": bool(paths(request.user, Action.WRITE))}
        return super().changelist_view(request, {**offered, **(extra_context or {})})

    def schemes_view(self, request: HttpRequest) -> HttpResponse:
        """规则方案: the published schemes, what one would change in a zone, and loading it."""
        if not paths(request.user, Action.WRITE):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET if "scheme" in request.GET else None
        form = SchemeForm(request.user, asked)
        context: dict[str, Any] = {"title": "规则方案", "form": form, "schemes": presets.schemes(), "opts": self.opts}
        if asked is not None and form.is_valid():
            zone, code = form.cleaned_data["zone"], form.cleaned_data["scheme"]
            if request.method == "POST" and _loaded(request, form):
                return HttpResponseRedirect(reverse("admin:projects_alerts_rule_changelist"))
            chosen = presets.scheme(code)
            found = presets.changes(zone, chosen)
            context |= {"zone": zone, "chosen": chosen, "changes": found, "inherited": _inherited(zone, found)}
            context |= _previewed(request, zone, found.in_force)
        return TemplateResponse(
            request, "projects_alerts/schemes.html", {**self.admin_site.each_context(request), **context}
        )


def _helps() -> SafeString:
    """What each measure measures; the script shows the chosen one's."""
    lines = ((each.code, each.label, each.help, each.unit or "无") for each in measures.registered())
    return format_html_join("", '<span data-measure="{}" class="block">{}：{}；单位：{}。</span>', lines)


def _answered(days: str) -> str:
    return f"（{days} 个工作日内答复）" if days else ""


def _previewed(request: HttpRequest, zone: Any, rules: Sequence[Rule]) -> dict[str, Any]:
    """What the rules, as they are typed, would say today in the zone, as far as the person sees."""
    try:
        found = preview(zone, rules, request.user, clock.today())
    except TooMany as error:
        return {"preview_refused": str(error)}
    lines = [(columns.light(each.alert.level, each.alert.label, each.alert.colour), each) for each in found.lines]
    return {"preview": found, "preview_lines": lines}


def _inherited(zone: Any, found: presets.Changes) -> list[Rule]:
    """Rules of the zones above that will go on holding beside the scheme."""
    codes = {rule.code for rule in [*found.in_force, *found.switched_off]}
    own = set(Rule.objects.filter(zone=zone).values_list("code", flat=True))
    rows = Rule.objects.filter(zone__path__in=zone.ancestor_paths, enabled=True).exclude(code__in=codes | own)
    return list(rows.select_related("zone").order_by("zone__path", "pk"))


def _loaded(request: HttpRequest, form: SchemeForm) -> bool:
    """Whether the scheme was loaded; if not, the form says why."""
    zone, code = form.cleaned_data["zone"], form.cleaned_data["scheme"]
    user: Any = request.user
    try:
        found = presets.load_scheme(zone, code, user, replace=form.cleaned_data["replace"])
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _said(zone, presets.scheme(code), found))
    return True


def _said(zone: Any, chosen: presets.Scheme, found: presets.Changes) -> str:
    if not found.written:
        return f"{zone}已在使用“{chosen.name}”方案，没有变化"
    parts = (
        (found.added, "新增"),
        (found.replaced, "替换"),
        (found.revived, "重新启用"),
        (found.switched_off, "停用原方案规则"),
    )
    told = "，".join(f"{word} {len(rules)} 条" for rules, word in parts if rules)
    return f"已把“{chosen.name}”方案载入{zone}：{told}。下次判定起生效，也可以在预警列表点“立即判定”"
