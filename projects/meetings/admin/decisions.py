"""Decisions: the list by what is to be done about them, and the page of one, made for a phone."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from projects.admin import acts, columns
from projects.admin.filters import ChoiceFilter, Choices, PlaceFilter
from projects.alerts.models import Alert
from projects.files import serving
from projects.meetings import following, selecting
from projects.meetings.admin import looking, tables
from projects.meetings.admin.replying import ON_DECISIONS, RECEIVE, TurnForm
from projects.meetings.models import Attachment, Decision, DecisionEvent, Meeting
from projects.meetings.recording import HEAVY
from zones import clock
from zones.models import Department
from zones.scoped.admin import ReadOnlyAdmin

State = Decision.State
MOST: Final = 200  # units or meetings to choose from
TONES: Final = {
    State.EXTENSION_ASKED: "warn",
    State.CLOSING_ASKED: "warn",
    State.DONE: "plain",
    State.REVOKED: "grey",
    State.DRAFT: "grey",
}
COUNTED: Final = ("unfinished", "overdue", "waiting")


# ---- Filters -----------------------------------------------------------------------------------------
class StateFilter(ChoiceFilter):
    """Unfinished ones, unless others are asked for."""

    title = "办理状态"
    parameter_name = "state"
    default = "unfinished"
    all_option = None
    offered: Choices = list(selecting.STATES.items())

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return selecting.in_state(rows, chosen)


class WhoFilter(ChoiceFilter):
    """By whose it is."""

    title = "责任人"
    parameter_name = "who"
    offered: Choices = [("mine", "我的"), ("agree", "待我审批"), ("nobody", "尚未落实")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen == "nobody":
            return rows.filter(lead=None, person=None)
        return (selecting.of_person if chosen == "mine" else selecting.to_agree)(rows, request.user)


class UnitFilter(ChoiceFilter):
    """By leading unit."""

    title = "牵头单位"
    parameter_name = "unit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        units = Department.objects.visible_to(request.user).filter(active=True).order_by("zone__path", "name")
        return [(str(unit.pk), str(unit)) for unit in units[:MOST]]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(lead=chosen)


class YearFilter(ChoiceFilter):
    """By the year of the meeting."""

    title = "年份"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        years = Meeting.objects.visible_to(request.user).order_by("-year").values_list("year", flat=True).distinct()
        return [(str(year), f"{year}年") for year in years]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(meeting__year=chosen)


class MeetingFilter(ChoiceFilter):
    """By meeting, the latest first."""

    title = "会议"
    parameter_name = "meeting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        meetings = Meeting.objects.visible_to(request.user).held().select_related("zone").defer("record", "numbers")
        return [(str(meeting.pk), str(meeting)) for meeting in meetings[:MOST]]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(meeting=chosen)


class MeetingPlaceFilter(PlaceFilter):
    """By the zone of the meeting."""

    lookup = "meeting__zone"


# ---- The screen --------------------------------------------------------------------------------------
@admin.register(Decision)
class DecisionAdmin(acts.ActsMixin, ReadOnlyAdmin):
    """What was decided, and what became of it. Drafts are written on the meeting's page."""

    acts = ON_DECISIONS
    change_form_outer_before_template = "projects_meetings/decision.html"
    list_before_template = "projects_meetings/decisions_head.html"
    list_display = ("matter_shown", "of", "who", "until", "state_shown", "meeting_shown")
    list_display_links = ("matter_shown",)
    list_filter = (StateFilter, WhoFilter, UnitFilter, MeetingFilter, YearFilter, MeetingPlaceFilter)
    list_filter_sheet = True
    list_select_related = ("meeting__zone", "project__zone", "lead", "person", "topic")
    list_per_page = 50
    search_fields = ("matter", "result", "project__name", "project__initials", "lead__name", "person__display_name")
    search_help_text = "按事项、项目名称或拼音首字母、单位、责任人查找；查会议纪要用“会议检索”"
    fields = readonly_fields = ("meeting_shown", "topic", "of", "created")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = selecting.handed_down(super().get_queryset(request), request.user)
        return rows.select_related(*self.list_select_related).defer(*HEAVY)

    # ---- List
    @display(description="议定事项", ordering="matter")
    def matter_shown(self, decision: Decision) -> str:
        return str(decision)

    @display(description="项目", ordering="project__name")
    def of(self, decision: Decision) -> SafeString | str:
        return columns.project_link(decision.project)

    @display(description="责任单位 / 责任人", ordering="lead__name")
    def who(self, decision: Decision) -> SafeString:
        return columns.cell(decision.lead or columns.NOTHING, decision.person or "")

    @display(description="完成时限", ordering="deadline")
    def until(self, decision: Decision) -> SafeString | str:
        day = decision.deadline
        if day is None:
            return "未定"
        shown = format_html('<span class="whitespace-nowrap">{}</span>', f"{day:%Y-%m-%d}")
        if not decision.is_unfinished:
            return shown
        tone = "tk-late" if day < clock.today() else ""
        left = format_html('<span class="{} whitespace-nowrap">{}</span>', tone, columns.days_left(day, clock.today()))
        return columns.cell(shown, left)

    @display(description="办理状态", ordering="state")
    def state_shown(self, decision: Decision) -> SafeString:
        shown = columns.mark(decision.get_state_display(), TONES.get(State(decision.state), "plain"))
        late = decision.is_unfinished and decision.deadline and decision.deadline < clock.today()
        return format_html("{} {}", shown, columns.mark("逾期", "warn")) if late else shown

    @display(description="会议", ordering="meeting__held_on")
    def meeting_shown(self, decision: Decision) -> SafeString:
        url = reverse("admin:projects_meetings_meeting_change", args=[decision.meeting_id])
        link = format_html('<a class="tk-link" href="{}">{}</a>', url, decision.meeting)
        return columns.cell(link, f"{decision.meeting.held_on:%Y-%m-%d}")

    @display(description="记录")
    def created(self, decision: Decision) -> str:
        return f"{decision.created_by or ''} {decision.created_at:%Y-%m-%d}".strip()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        rows, where = Decision.objects.visible_to(request.user), reverse(f"admin:{LIST}")
        mine = selecting.of_person(rows.unfinished(), request.user).count()
        agree = selecting.to_agree(rows, request.user).count()
        counts = [(selecting.STATES[code], selecting.in_state(rows, code).count(), {"state": code}) for code in COUNTED]
        counts += [("我的", mine, {"who": "mine"}), ("待我审批", agree, {"who": "agree"})]
        shown = [(label, number, f"{where}?{urlencode(asked)}") for label, number, asked in counts if number]
        return super().changelist_view(request, {"decision_counts": shown, **(extra_context or {})})

    # ---- Page
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("search/", view(looking.search), name="projects_meetings_search"),
            path("figures/", view(looking.figures_page), name="projects_meetings_figures"),
            path("table/", view(self.table_view), name="projects_meetings_decision_table"),
            *super().get_urls(),
        ]

    def table_view(self, request: HttpRequest) -> Any:
        """The list as an Excel table."""
        return tables.listed(self, request)

    def after_act(self, row: Any) -> str:
        return reverse(f"admin:{PAGE}", args=[row.pk])

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        decision = kwargs.get("obj")
        if decision is not None:
            context.update(self._followed(request, decision))
        return super().render_change_form(request, context, *args, **kwargs)

    def _followed(self, request: HttpRequest, decision: Decision) -> dict[str, Any]:
        """All that is known of it, and what the person may do now; a constant number of statements."""
        events = DecisionEvent.objects.visible_to(request.user).filter(decision=decision).select_related("by")
        files: dict[int, list[Attachment]] = {}
        kept = Attachment.objects.visible_to(request.user).filter(step__decision=decision, removed_at=None)
        for file in kept:
            files.setdefault(file.step_id or 0, []).append(file)
        offered = [act for act in self.acts if act.offered(request, decision)]
        receiving = RECEIVE in offered
        late = Alert.objects.visible_to(request.user).open().filter(subject_key=f"decision:{decision.pk}").first()
        return {
            "decision": decision,
            "decision_state": self.state_shown(decision),
            "decision_until": columns.deadline(decision.deadline, clock.today()),
            "decision_helpers": "、".join(str(each) for each in decision.helpers.all()),
            "decision_waiting": following.waiting(decision),
            "decision_alert": late,
            "decision_events": [(event, serving.listed(files.get(event.pk, []))) for event in events.order_by("-pk")],
            "decision_acts": [(act.title, acts.act_url(act.name, decision)) for act in offered if act is not RECEIVE],
            "receiving": self._receiving(request, decision) if receiving else None,
        }

    def _receiving(self, request: HttpRequest, decision: Decision) -> dict[str, Any]:
        """The form and the address of 签收: one touch."""
        form = TurnForm(project=decision.project, user=request.user, row=decision)
        return {"url": acts.act_url(RECEIVE.name, decision), "form": form}


LIST: Final = "projects_meetings_decision_changelist"
PAGE: Final = "projects_meetings_decision_change"
