"""Meetings: the list, opening a new one, and the page of one with the ways to everything that belongs to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, ChoicesDropdownFilter
from unfold.decorators import display

from projects.admin import acts, columns
from projects.admin.acts import Act, Done
from projects.admin.filters import PlaceFilter
from projects.admin.telling import user_of
from projects.files import serving
from projects.forms import FactForm
from projects.forms.fields import DayInput, HourInput, day_field, reason_field
from projects.meetings import agenda, filing, opening, saving, selecting
from projects.meetings.admin import pages
from projects.meetings.admin.minutes import CLOSE
from projects.meetings.admin.pages import Page
from projects.meetings.admin.topics import PROPOSE
from projects.meetings.models import Arrangement, Attachment, Decision, Meeting, Topic, Update
from zones import clock
from zones.models import User, Zone
from zones.permissions import Action, may, paths
from zones.scoped.admin import ScopedAdmin
from zones.scoped.querysets import under
from zones.workdays import Calendar

OFFICE: Final = (Action.RUN_MEETING,)
PREPARING: Final = Meeting.State.PREPARING
TONES: Final = {PREPARING: "plain", Meeting.State.RUNNING: "warn", Meeting.State.CANCELLED: "grey"}
SHOWN: Final = 50  # topics on the page of a meeting
LINES: Final = {"present": 3, "absent": 2, "sitting_in": 2, "remarks": 4}  # of the fields of the page
WEEKDAYS: Final = "一二三四五六日"


# ---- What is done on pages of their own ------------------------------------------------------------
class MoveForm(FactForm):
    """改期."""

    held_on = day_field("改到哪一天")

    def prepare(self) -> None:
        self.fields["held_on"].initial = self.row.held_on


class CancelForm(FactForm):
    """取消会议."""

    reason = reason_field("取消原因")


def _remake(request: HttpRequest, meeting: Meeting, form: Any) -> Done:
    made = opening.make_agenda(meeting, by=user_of(request))
    return f"议程已按现在的数据重新生成，共 {made.updates.count()} 个项目；已填的内容都还在"


def _move(request: HttpRequest, meeting: Meeting, form: Any) -> Done:
    moved = opening.move(meeting, form.cleaned_data["held_on"], by=user_of(request))
    return f"会议改到 {day_shown(moved)}，议程已重新生成"


def _cancel(request: HttpRequest, meeting: Meeting, form: Any) -> Done:
    opening.cancel(meeting, form.cleaned_data["reason"], by=user_of(request))
    return "会议已取消，已填报的进展仍然有效"


def _is_preparing(meeting: Meeting) -> bool:
    return meeting.state == PREPARING


ON_MEETINGS: Final = (
    PROPOSE,
    CLOSE,
    Act(
        *("agenda", "重新生成议程", "重新生成", FactForm, _remake),
        hint=lambda meeting: "按现在的预警、节点、问题重排议程，重算会前数据。各项目已填的内容不变。",
        by=OFFICE,
        fits=_is_preparing,
    ),
    Act("move", "改期", "改期", MoveForm, _move, by=OFFICE, fits=_is_preparing),
    Act("cancel", "取消会议", "取消会议", CancelForm, _cancel, by=OFFICE, fits=lambda meeting: meeting.is_going),
)


def may_run(request: HttpRequest, meeting: Meeting) -> bool:
    """Whether the person runs meetings of that zone."""
    return may(request.user, Action.RUN_MEETING, meeting)


def start_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """开始会议: one button, and then the page on which it is run."""
    if request.method != "POST" or not may_run(request, meeting):
        raise PermissionDenied
    try:
        opening.start(meeting, by=user_of(request))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return HttpResponseRedirect(page_of(meeting))
    return HttpResponseRedirect(pages.url("run", meeting))


pages.register(Page("start", start_view))


def page_of(meeting: Meeting) -> str:
    """The address of a meeting's own page."""
    return reverse("admin:projects_meetings_meeting_change", args=[meeting.pk])


def day_shown(meeting: Meeting) -> str:
    """The day with its weekday, and the hour if there is one: "2023-07-10 周一 09:00"."""
    at = f" {meeting.starts_at:%H:%M}" if meeting.starts_at else ""
    return f"{meeting.held_on:%Y-%m-%d} 周{WEEKDAYS[meeting.held_on.weekday()]}{at}"


def state_mark(meeting: Meeting) -> SafeString:
    """The state as a mark."""
    return columns.mark(meeting.get_state_display(), TONES.get(Meeting.State(meeting.state), "plain"))


# ---- Opening one -----------------------------------------------------------------------------------
class OpenForm(forms.ModelForm):
    """A new meeting; the rest follows from the zone's arrangement."""

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        zone, held_on, kind = (told.get(name) for name in ("zone", "held_on", "kind"))
        if not zone or not held_on or not kind or not self.instance._state.adding:
            return told
        if known := opening.of_day(zone, kind, held_on):
            link = format_html(
                '该区域这一天已有{}，可以<a class="tk-underline" href="{}">打开那一次会议</a>，或另选日期',
                *(known.get_kind_display(), page_of(known)),
            )
            self.add_error("held_on", link)
            return told
        try:
            opening.check(zone, held_on, kind, told.get("subject") or "")
        except ValidationError as error:
            self.add_error(None, error)
        return told


# ---- The screen --------------------------------------------------------------------------------------
@admin.register(Meeting)
class MeetingAdmin(acts.ActsMixin, ScopedAdmin):
    """All meetings, the latest first."""

    acts = ON_MEETINGS
    form = OpenForm
    change_form_outer_before_template = "projects_meetings/meeting.html"
    list_display = ("named", "day", "state_shown", "filed_shown", "decisions_shown")
    list_filter = (
        PlaceFilter,
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("year", AllValuesCheckboxFilter),
    )
    list_select_related = ("zone",)
    list_per_page = 30
    search_fields = ("subject", "zone__name", "zone__short_name", "place")
    search_help_text = "按区域、主题、地点查找；查议定事项和纪要的文字用“会议检索”"
    about = ("starts_at", "place", "chair", "present", "absent", "sitting_in", "remarks")

    # -- list
    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("zone").defer("record", "numbers")
        return with_counts(rows, request.user)

    @display(description="会议", ordering="number")
    def named(self, meeting: Meeting) -> str:
        return str(meeting)

    @display(description="日期", ordering="held_on")
    def day(self, meeting: Meeting) -> SafeString:
        return columns.cell(day_shown(meeting), meeting.place)

    @display(description="状态", ordering="state")
    def state_shown(self, meeting: Meeting) -> SafeString:
        return state_mark(meeting)

    @display(description="填报")
    def filed_shown(self, meeting: Any) -> str:
        return f"{meeting.told_count} / {meeting.row_count}"

    @display(description="议定事项")
    def decisions_shown(self, meeting: Any) -> SafeString | str:
        if not meeting.decision_count:
            return columns.NOTHING
        url = f"{reverse('admin:projects_meetings_decision_changelist')}?state=all&meeting={meeting.pk}"
        return format_html('<a class="tk-link" href="{}">{} 项</a>', url, meeting.decision_count)

    def get_list_display(self, request: HttpRequest) -> Any:
        @display(description="进入")
        def ways(meeting: Meeting) -> SafeString:
            return format_html_join("　", '<a class="tk-link" href="{}">{}</a>', pages.offered(request, meeting))

        return (*self.list_display, ways)

    # -- opening
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        reach = paths(request.user, Action.RUN_MEETING)
        zone = Zone.objects.filter(path=reach[0]).first() if len(reach) == 1 else None
        usual = {"zone": zone.pk, "held_on": _next_day(zone)} if zone else {}
        return {**usual, **super().get_changeform_initial_data(request)}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "zone":
            kwargs["queryset"] = _zones(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None:
            return field
        if db_field.name in ("held_on", "starts_at"):
            field.widget = DayInput() if db_field.name == "held_on" else HourInput()
        elif db_field.name in LINES:
            field.widget.attrs["rows"] = LINES[db_field.name]
        return field

    def save_model(self, request: HttpRequest, obj: Meeting, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, _ = opening.open_meeting(
            obj.zone, obj.held_on, kind=obj.kind, subject=obj.subject, by=cast(User, request.user)
        )
        obj.__dict__.update(made.__dict__)

    # -- one meeting
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_going) and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Meeting | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("zone", "kind", "held_on", "subject")
        hidden = () if selecting.works_on(request.user, obj) else saving.INTERNAL
        return tuple(name for name in self.about if name not in hidden)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        meeting = kwargs.get("obj")
        if meeting is not None:
            context.update(_overview(request, meeting), show_save_and_add_another=False)
        return super().render_change_form(request, context, *args, **kwargs)

    def after_act(self, row: Any) -> str:
        return page_of(row)

    def response_add(self, request: HttpRequest, obj: Meeting, *args: Any, **kwargs: Any) -> HttpResponse:
        messages.success(request, f"{obj}已建立，议程里有 {obj.updates.count()} 个项目")
        return HttpResponseRedirect(page_of(obj))

    def get_urls(self) -> list[URLPattern]:
        return [*serving.addresses(self, Attachment), *pages.addresses(self), *super().get_urls()]


def _next_day(zone: Zone) -> date:
    """The next day on which the zone has its weekly meeting and none is opened yet; today without an arrangement."""
    arranged, day = Arrangement.objects.filter(zone=zone).first(), clock.today()
    if arranged is None:
        return day
    taken = set(Meeting.objects.held().filter(zone=zone, held_on__gte=day).values_list("held_on", flat=True))
    calendar = Calendar()
    day = filing.next_day(arranged, day, calendar)
    while day in taken:
        day = filing.next_day(arranged, day + timedelta(days=1), calendar)
    return day


def _zones(request: HttpRequest) -> QuerySet[Zone]:
    return Zone.objects.filter(under("", paths(request.user, Action.RUN_MEETING)), active=True).order_by("path")


def with_counts(meetings: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Meetings with how many rows they have (`row_count`), of how many of these something is told (`told_count`), and
    how many decisions that the person may read (`decision_count`); each by a subquery, as a join of two would multiply.
    """
    rows = Update.objects.filter(meeting=OuterRef("pk"))
    told = rows.exclude(Q(filed_at=None, words="", progress=None))
    decided = selecting.handed_down(Decision.objects.visible_to(user), user).filter(meeting=OuterRef("pk"))
    counts = {"row_count": _count(rows), "told_count": _count(told), "decision_count": _count(decided)}
    return meetings.annotate(**counts)


def _count(rows: Any) -> Any:
    counted = rows.order_by().values("meeting").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _overview(request: HttpRequest, meeting: Any) -> dict[str, Any]:
    """What the page says of a meeting above its fields; a constant number of statements."""
    sections = dict(meeting.updates.order_by().values_list("section").annotate(n=Count("pk")))
    topics = Topic.objects.visible_to(request.user).filter(meeting=meeting).select_related("project", "proposed_by")
    return {
        "meeting": meeting,
        "meeting_day": day_shown(meeting),
        "meeting_state": state_mark(meeting),
        "meeting_ways": pages.offered(request, meeting),
        "meeting_starts": _is_preparing(meeting) and meeting.held_on <= clock.today() and may_run(request, meeting),
        "meeting_sections": [(label, sections[code]) for code, label in Update.Section.choices if code in sections],
        "meeting_told": meeting.told_count,
        "meeting_rows": meeting.row_count,
        "meeting_earlier": agenda.by_state(meeting),
        "meeting_topics": topics[:SHOWN],
        "meeting_events": meeting.events.select_related("by").order_by("-pk")[:SHOWN],
    }
