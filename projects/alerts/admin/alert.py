"""Alerts to look at: the gravest open ones first, each with all that stands behind it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin import acts, columns
from projects.admin.filters import ChoiceFilter, Choices, OfProjectPlaceFilter
from projects.admin.sourced import source_of
from projects.admin.telling import user_of
from projects.alerts import answering, levels
from projects.alerts.admin import asking
from projects.alerts.admin.acknowledging import ACKNOWLEDGE, AcknowledgeForm
from projects.alerts.behind import grounds
from projects.alerts.models import WORST_FIRST, Alert, AlertEvent, Rule, ScanRun
from projects.models import Assignment
from zones import clock
from zones.scoped.admin import ReadOnlyAdmin


class StateFilter(ChoiceFilter):
    """Open ones, unless others are asked for."""

    title = "状态"
    parameter_name = "state"
    offered: Choices = [("open", "未解除"), ("held", "暂停判定"), ("closed", "已解除"), ("all", "全部")]
    default = "open"

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen == "held":
            return rows.open().exclude(held="")
        return rows if chosen == "all" else rows.filter(closed_on__isnull=chosen == "open")


class LevelFilter(ChoiceFilter):
    """By level; offers those of the rules, so that no page reads all alerts for its menu."""

    title = "级别"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        stored = Rule.objects.visible_to(request.user).values_list("levels", flat=True)
        found = {level.code: level for rows in stored for level in levels.readable(rows)}
        return [(each.code, each.label) for each in sorted(found.values(), key=lambda level: -level.severity)]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(level=chosen)


class RuleFilter(ChoiceFilter):
    """By rule, wherever in the tree it stands."""

    title = "规则"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        rules = Rule.objects.visible_to(request.user).order_by("zone__path", "pk").values_list("code", "name")
        return list(dict(rules).items())

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(rule__code=chosen)


class AcknowledgedFilter(ChoiceFilter):
    """By whether somebody has acknowledged it since it last worsened."""

    title = "签收"
    parameter_name = "acknowledged"
    offered: Choices = [("no", "未签收"), ("yes", "已签收")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(acknowledged=chosen == "yes")


@admin.register(Alert)
class AlertAdmin(acts.ActsMixin, ReadOnlyAdmin):
    """What is behind, and why we say so."""

    acts = (ACKNOWLEDGE,)
    change_form_outer_before_template = "projects_alerts/explanation.html"
    list_before_template = "projects_alerts/list_head.html"
    list_display = ("light", "project_shown", "sentence_shown", "since", "unit", "answer", "acknowledged_shown")
    list_display_links = ("sentence_shown",)
    list_filter = (StateFilter, LevelFilter, AcknowledgedFilter, RuleFilter, OfProjectPlaceFilter)
    list_select_related = ("project__zone", "rule", "acknowledged_by")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("project__name", "project__code", "project__initials", "sentence")
    search_help_text = "按项目名称、编号、拼音首字母或说明查找"
    ordering = WORST_FIRST
    fields = readonly_fields = ("zone", "opened_on", "level_since", "last_judged_on", "answer", "closed")

    def get_queryset(self, request: HttpRequest) -> Any:
        units = Assignment.objects.in_force(clock.today()).filter(role=Assignment.Role.UNIT)
        held = Prefetch(
            "project__assignments", units.select_related("department", "user").order_by("pk"), to_attr="units_now"
        )
        return super().get_queryset(request).prefetch_related(held)

    @display(description="级别", ordering="severity")
    def light(self, alert: Alert) -> SafeString:
        shown = columns.light(alert.level, alert.label, alert.colour)
        told = "已解除" if alert.closed_on else alert.held
        return format_html("{} {}", shown, columns.mark(told, "grey")) if told else shown

    @display(description="所属区域", ordering="project__zone__path")
    def zone(self, alert: Alert) -> str:
        return str(alert.project.zone)

    @display(description="项目", ordering="project__name")
    def project_shown(self, alert: Alert) -> SafeString | str:
        linked = columns.project_link(alert.project)
        invented = alert.is_demo and not alert.project.is_demo
        return format_html("{} {}", linked, columns.mark("演示", "demo")) if invented else linked

    @display(description="说明")
    def sentence_shown(self, alert: Alert) -> str:
        return alert.sentence

    @display(description="起始", ordering="level_since")
    def since(self, alert: Alert) -> str:
        days = ((alert.closed_on or clock.today()) - alert.opened_on).days
        return f"{alert.opened_on:%Y-%m-%d}（{days} 天）" if days > 0 else f"{alert.opened_on:%Y-%m-%d}"

    @display(description="责任单位")
    def unit(self, alert: Alert) -> str:
        return "、".join(row.who for row in getattr(alert.project, "units_now", ())) or columns.NOTHING

    @display(description="答复期限", ordering="answer_by")
    def answer(self, alert: Alert) -> SafeString | str:
        if alert.closed_on:
            return columns.NOTHING
        return columns.deadline(alert.answer_by, clock.today()) or columns.NOTHING

    @display(description="签收")
    def acknowledged_shown(self, alert: Alert) -> SafeString | str:
        if alert.acknowledged:
            return columns.cell("已签收", alert.acknowledged_by)
        return columns.NOTHING if alert.closed_on else columns.mark(alert.acknowledgement, "warn")

    @display(description="解除")
    def closed(self, alert: Alert) -> str:
        return f"{alert.closed_on:%Y-%m-%d}，{alert.closed_reason}" if alert.closed_on else "未解除"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        runs = ScanRun.objects.visible_to(request.user).filter(finished_at__isnull=False)
        latest = runs.order_by("-as_of", "-pk").first()
        context = {"latest_run": latest, **asking.scan_form(request, "alert"), **(extra_context or {})}
        return super().changelist_view(request, context)

    def after_act(self, row: Any) -> str:
        return reverse("admin:projects_alerts_alert_change", args=[row.pk])

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        alert = kwargs.get("obj")
        if alert is not None:
            context.update(self._explanation(request, alert))
        return super().render_change_form(request, context, *args, **kwargs)

    def _explanation(self, request: HttpRequest, alert: Alert) -> dict[str, Any]:
        """All that stands behind the sentence, ready for the template."""
        events = AlertEvent.objects.visible_to(request.user).filter(alert=alert).order_by("-step").select_related("by")
        return {
            "alert": alert,
            "alert_light": self.light(alert),
            "alert_project": self.project_shown(alert),
            "alert_unit": self.unit(alert),
            "acknowledging": self._acknowledging(request, alert),
            "alert_levels": [
                {**each, "mark": columns.light(each["code"], each["label"], each["colour"])}
                for each in alert.evidence.get("levels", [])
            ],
            "alert_grounds": [(each, source_of(each.row, "没有登记")) for each in grounds(alert, request.user)],
            "alert_events": [(event, self._light_of(alert, event)) for event in events],
        }

    def _acknowledging(self, request: HttpRequest, alert: Alert) -> dict[str, Any] | None:
        """The form and the address of 签收, for who may and has not yet."""
        url = acts.offered(request, self.acts, alert).get(ACKNOWLEDGE.name)
        if url is None or answering.has_acknowledged(alert, user_of(request)):
            return None
        return {"url": url, "form": AcknowledgeForm(project=alert.project, user=request.user, row=alert)}

    def _light_of(self, alert: Alert, event: AlertEvent) -> SafeString:
        colours = {each["label"]: each["colour"] for each in alert.evidence.get("levels", [])}
        return columns.light(event.level, event.label, colours.get(event.label, alert.colour))
