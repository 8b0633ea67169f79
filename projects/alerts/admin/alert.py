"""Alerts to look at: the gravest open ones first, each with all that stands behind it and what may be done now."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin import acts, columns
from projects.admin.sourced import source_of
from projects.admin.telling import user_of
from projects.alerts import answering, cases, closing, states
from projects.alerts.admin import asking, filters, petitions, todo, unit, writing
from projects.alerts.admin.acknowledging import ACKNOWLEDGE, ANSWER, AcknowledgeForm
from projects.alerts.behind import grounds, owing
from projects.alerts.letters import drafting
from projects.alerts.models import WORST_FIRST, Alert, AlertAnswer, AlertEvent, Closing, Letter, Petition, ScanRun
from projects.models import Assignment
from zones import clock
from zones.permissions import Action, paths
from zones.scoped.admin import ReadOnlyAdmin

COUNTED: Final = ("unacknowledged", "unanswered", "late", "rising", "exempt", "closing")
"""States whose number stands above the list."""


@admin.register(Alert)
class AlertAdmin(acts.ActsMixin, ReadOnlyAdmin):
    """What is behind, and why we say so."""

    acts = (
        *(ACKNOWLEDGE, ANSWER, petitions.EXEMPT, petitions.ASK_CLOSING),
        *(petitions.APPROVE_CLOSING, petitions.REFUSE_CLOSING, petitions.REOPEN),
    )
    change_form_outer_before_template = "projects_alerts/explanation.html"
    list_before_template = "projects_alerts/list_head.html"
    list_display = ("light", "project_shown", "sentence_shown", "since", "unit", "answer", "acknowledged_shown")
    list_display_links = ("sentence_shown",)
    list_filter = (
        *(filters.StateFilter, filters.LevelFilter, filters.AgeFilter, filters.PersonFilter, filters.UnitFilter),
        *(filters.RuleFilter, filters.AcknowledgedFilter, filters.AlertPlaceFilter),
    )
    list_filter_sheet = True
    list_select_related = ("project__zone", "zone", "rule", "acknowledged_by", "department")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("project__name", "project__code", "project__initials", "subject_name", "sentence")
    search_help_text = "按项目名称、编号、拼音首字母或说明查找"
    ordering = WORST_FIRST
    actions = ("write_letter",)
    fields = readonly_fields = ("zone_shown", "opened_on", "level_since", "judged", "answer", "closed")

    def get_queryset(self, request: HttpRequest) -> Any:
        units = Assignment.objects.in_force(clock.today()).filter(role=Assignment.Role.UNIT)
        held = Prefetch(
            "project__assignments", units.select_related("department", "user").order_by("pk"), to_attr="units_now"
        )
        asked = Closing.objects.filter(alert=OuterRef("pk"), state=Petition.State.ASKED)
        return super().get_queryset(request).annotate(closing_asked=Exists(asked)).prefetch_related(held)

    # ---- List
    @display(description="级别", ordering="severity")
    def light(self, alert: Any) -> SafeString:
        shown = columns.light(alert.level, alert.label, alert.colour)
        told = "已解除" if alert.closed_on else alert.held
        parts = format_html("{} {}", shown, columns.mark(told, "grey")) if told else shown
        asked = getattr(alert, "closing_asked", False) and not alert.closed_on
        return format_html("{} {}", parts, columns.mark("申请销号", "warn")) if asked else parts

    @display(description="所属区域", ordering="project__zone__path")
    def zone_shown(self, alert: Alert) -> str:
        return str(alert.place)

    @display(description="项目", ordering="project__name")
    def project_shown(self, alert: Alert) -> SafeString | str:
        if alert.project is None:
            return columns.cell(_subject(alert), columns.mark("演示", "demo") if alert.is_demo else "")
        linked = columns.project_link(alert.project)
        invented = alert.is_demo and not alert.project.is_demo
        shown = format_html("{} {}", linked, columns.mark("演示", "demo")) if invented else linked
        return shown if alert.subject_kind == "project" else columns.cell(_subject(alert), shown)

    @display(description="说明")
    def sentence_shown(self, alert: Alert) -> str:
        return alert.sentence

    @display(description="起始", ordering="opened_on")
    def since(self, alert: Alert) -> SafeString:
        days = ((alert.closed_on or clock.today()) - alert.opened_on).days
        return columns.cell(_day(alert.opened_on), f"{days} 天" if days > 0 else "")

    @display(description="责任单位")
    def unit(self, alert: Any) -> SafeString | str:
        rows = [row.department for row in getattr(alert.project, "units_now", ()) if row.department]
        units = rows or ([alert.department] if alert.department else [])
        if units:
            return unit.links(units)
        return "、".join(row.who for row in getattr(alert.project, "units_now", ())) or columns.NOTHING

    @display(description="答复", ordering="answer_by")
    def answer(self, alert: Alert) -> SafeString | str:
        if alert.answered:
            return columns.cell("已答复", _day(alert.answered_on))
        if alert.closed_on or alert.held or alert.answer_by is None:
            return columns.NOTHING
        tone = "tk-late" if alert.answer_by < clock.today() else ""
        up = f"已上报至{alert.get_rung_display()}" if alert.rung else ""
        if alert.goes_up_on:
            up = f"{alert.goes_up_on:%m-%d} 上报至{Alert.Rung(alert.rung + 1).label}"
        left = columns.days_left(alert.answer_by, clock.today())
        told = format_html('<span class="{} whitespace-nowrap">{}</span> {}', tone, left, up)
        return columns.cell(_day(alert.answer_by), told)

    @display(description="签收")
    def acknowledged_shown(self, alert: Alert) -> SafeString | str:
        if alert.acknowledged:
            return columns.cell("已签收", alert.acknowledged_by)
        return columns.NOTHING if alert.closed_on else columns.mark(alert.acknowledgement, "warn")

    @display(description="最近判定")
    def judged(self, alert: Alert) -> str:
        """The day of the latest judgement: a scan that finds nothing new leaves the alert as it is."""
        runs = None if alert.closed_on or alert.held else ScanRun.objects.covering(alert.place).first()
        return f"{max(runs.as_of, alert.last_judged_on) if runs else alert.last_judged_on:%Y-%m-%d}"

    @display(description="解除")
    def closed(self, alert: Alert) -> str:
        return f"{alert.closed_on:%Y-%m-%d}，{alert.closed_reason}" if alert.closed_on else "未解除"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        runs = ScanRun.objects.visible_to(request.user).filter(finished_at__isnull=False)
        latest = runs.order_by("-as_of", "-pk").first()
        counts = _counts(request)
        context = {"latest_run": latest, **asking.scan_form(request, "alert"), **counts, **(extra_context or {})}
        return super().changelist_view(request, context)

    def has_letter_permission(self, request: HttpRequest) -> bool:
        """Whether the person drafts letters anywhere."""
        return bool(paths(request.user, Action.WRITE))

    @admin.action(description="起草函件", permissions=["letter"])
    def write_letter(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return HttpResponseRedirect(writing.url(list(queryset[: drafting.MOST + 1])))

    # ---- Page
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("todo/", view(todo.page), name="projects_alerts_todo"),
            path("units/<int:pk>/", view(unit.page), name="projects_alerts_unit"),
            *super().get_urls(),
        ]

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
        answers = AlertAnswer.objects.visible_to(request.user).filter(alert=alert).order_by("-pk").select_related("by")
        return {
            "alert": alert,
            "alert_light": self.light(alert),
            "alert_project": self.project_shown(alert),
            "alert_unit": self.unit(alert),
            "alert_owing": owing(alert),
            "alert_answers": answers,
            "alert_letters": Letter.objects.visible_to(request.user).filter(alerts=alert).order_by("-pk"),
            "alert_closing": closing.waiting_of(alert),
            "alert_exemption": petitions.waiting_exemption(alert),
            "acknowledging": self._acknowledging(request, alert),
            "alert_acts": self._doable(request, alert),
            "alert_levels": [
                {**each, "mark": columns.light(each["code"], each["label"], each["colour"])}
                for each in alert.evidence.get("levels", [])
            ],
            "alert_grounds": [(each, source_of(each.row, "没有登记")) for each in grounds(alert, request.user)],
            "alert_events": [(event, self._light_of(alert, event)) for event in events],
        }

    def _doable(self, request: HttpRequest, alert: Alert) -> list[tuple[str, str]]:
        """Title and address of what the person may do now; what he asked for himself, another decides."""
        found = acts.offered(request, self.acts, alert)
        found.pop(ACKNOWLEDGE.name, None)
        asked, leave = closing.waiting_of(alert), petitions.waiting_exemption(alert)
        if asked and asked.asked_by_id == request.user.pk:
            found = {name: url for name, url in found.items() if not name.endswith("-closing")}
        titles = {act.name: act.title for act in self.acts}
        links = [(titles[name], url) for name, url in found.items()]
        if alert.answered:
            links = [("再次答复" if title == ANSWER.title else title, url) for title, url in links]
        if not alert.closed_on and drafting.may_write_of(request.user, alert):
            links.append(("起草函件", writing.url([alert])))
        granted = leave if leave and leave.asked_by_id != request.user.pk else petitions.holding(alert)
        if granted:
            on = acts.offered(request, petitions.ON_EXEMPTIONS, granted)
            named = {act.name: act.title for act in petitions.ON_EXEMPTIONS}
            links += [(named[name], url) for name, url in on.items()]
        return links

    def _acknowledging(self, request: HttpRequest, alert: Alert) -> dict[str, Any] | None:
        """The form and the address of 签收, for who may and has not yet."""
        url = acts.offered(request, self.acts, alert).get(ACKNOWLEDGE.name)
        if url is None or answering.has_acknowledged(alert, user_of(request)):
            return None
        return {"url": url, "form": AcknowledgeForm(project=alert.project, user=request.user, row=alert)}

    def _light_of(self, alert: Alert, event: AlertEvent) -> SafeString:
        colours = {each["label"]: each["colour"] for each in alert.evidence.get("levels", [])}
        return columns.light(event.level, event.label, colours.get(event.label, alert.colour))


def _subject(alert: Alert) -> SafeString | str:
    """What the alert is about, leading to its own page where it has one."""
    kind = cases.get(alert.subject_kind)
    if kind is None or not kind.page:
        return alert.subject
    url = reverse(kind.page, args=[int(alert.subject_key.partition(":")[2])])
    return format_html('<a class="tk-link" href="{}">{}</a>', url, alert.subject)


def _day(day: date | None) -> SafeString | str:
    """A day that does not break at its hyphens."""
    return format_html('<span class="whitespace-nowrap">{}</span>', f"{day:%Y-%m-%d}") if day else ""


def _counts(request: HttpRequest) -> dict[str, Any]:
    """How many are open by level, and in each state that calls for something, each with the list behind it."""
    rows = Alert.objects.visible_to(request.user)
    where = reverse("admin:projects_alerts_alert_changelist")
    by_level = [
        (columns.light(each["level"], each["label"], each["colour"]), each["count"], f"{where}?level={each['level']}")
        for each in states.by_level(rows.open())
    ]
    by_state = [
        (label, states.in_state(rows, code).count(), f"{where}?{urlencode({'state': code})}")
        for code, label in states.choices(COUNTED)
    ]
    return {"alert_levels_now": by_level, "alert_states_now": [each for each in by_state if each[1]]}
