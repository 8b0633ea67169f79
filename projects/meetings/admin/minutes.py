"""The minutes: the text as the office edits it above the sheet of paper as it will be, and the steps to its end."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from projects import papers
from projects.admin import acts, columns
from projects.admin.acts import Act
from projects.admin.filters import ChoiceFilter, PlaceFilter
from projects.admin.telling import user_of
from projects.alerts.admin.stepping import lines_field
from projects.alerts.admin.todo import MOST, Item, Work, offer
from projects.files import serving
from projects.forms import ConfirmForm, FactForm, SeenForm
from projects.forms.fields import reason_field
from projects.meetings import closing, issuing, selecting, sheet
from projects.meetings.admin import pages
from projects.meetings.models import Meeting, Minutes
from projects.meetings.recording import HEAVY
from zones import clock
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may, paths
from zones.scoped.admin import NO_SUCH_ROW, ScopedAdmin, WriteRefused
from zones.scoped.querysets import under

State = Meeting.State
FIRST: Final = ("签发",)  # acts that the page is there for
RUNS, LEADS = (Action.RUN_MEETING,), (Action.APPROVE,)
HELP: Final = {
    "background": "时间、地点、主持和会议概况，放在正文最前",
    "body": "一行一段；以（一）开头的行排成楷体小标题，项目用1．2．编号",
    "remarks": "领导讲话要点，排在会议内容最后；不填则没有这一部分",
    "present": "排在正文之后；一行一个单位或连着写都可以",
    "copies": "不填则不印",
}
ROWS: Final = {"background": 3, "body": 16, "remarks": 4}


class MinutesForm(forms.ModelForm):
    """The texts of the minutes, and who was there, which stands with the meeting."""

    present = forms.CharField(label="出席", required=False)
    absent = forms.CharField(label="请假", required=False)
    sitting_in = forms.CharField(label="列席", required=False)

    class Meta:
        model = Minutes
        fields = closing.TEXTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        meeting = kwargs["instance"].meeting
        kwargs["initial"] = {name: getattr(meeting, name) for name in closing.PEOPLE} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.help_text = HELP.get(name, "")
            field.widget = _widget(name, field)


def _widget(name: str, field: forms.Field) -> forms.Widget:
    if name == "title":
        return UnfoldAdminTextInputWidget(attrs={"maxlength": 100})
    if name == "copies":
        return UnfoldAdminIntegerFieldWidget()
    if name in ROWS or name in closing.PEOPLE or name == "distribution":
        return UnfoldAdminTextareaWidget(attrs={"rows": ROWS.get(name, 2)})
    return field.widget


# ---- Acts --------------------------------------------------------------------------------------------
class ReadForm(SeenForm):
    """`version` is that of the minutes when the page was opened."""

    incomplete = "页面不完整，请回到纪要重新办理"
    version = forms.IntegerField(widget=forms.HiddenInput)

    def blame(self, error: ValidationError) -> None:
        # Not the version as it is now: what nobody has read is not issued by pressing twice.
        if getattr(error, "code", "") == "stale":
            self.add_error(None, "纪要刚被修改，请返回核对后再签发")
        else:
            super().blame(error)


class AddForm(FactForm):
    """补充更正."""

    text = lines_field("补充更正", "写明原文哪一处、应为什么", rows=4)


class TakeUpForm(FactForm):
    """撤销结束."""

    reason = reason_field()


def _issue(request: HttpRequest, minutes: Minutes, form: Any) -> str:
    issued = issuing.issue(minutes, user_of(request), expected_version=form.cleaned_data["version"])
    return f"已签发，议定事项{issued.meeting.decisions.count()}项已下发并通知有关单位和人员"


def _add(request: HttpRequest, minutes: Minutes, form: Any) -> str:
    added = issuing.add(minutes, form.cleaned_data["text"], user_of(request))
    return f"补充更正之{added.number}已签发并通知有关单位和人员，原纪要不变"


def _take_up(request: HttpRequest, minutes: Minutes, form: Any) -> str:
    closing.reopen(minutes.meeting, form.cleaned_data["reason"], user_of(request))
    return "已撤销结束，会议可以继续记录；再次结束时重新起草，手工改过的内容保留"


def _redraft(request: HttpRequest, minutes: Minutes, form: Any) -> str:
    closing.redraft(minutes, by=user_of(request))
    return "已恢复为系统起草的内容"


def _before_issuing(minutes: Minutes) -> str:
    decided = len(minutes.meeting.record.get("decisions", []))
    doubts = closing.doubts(minutes)
    asked = f"请留意：{'；'.join(doubts)}。" if doubts else ""
    return f"签发后{decided}项议定事项随即下发并通知有关单位和人员，纪要不能再修改。{asked}"


def _is_closed(minutes: Minutes) -> bool:
    return minutes.meeting.state == State.CLOSED


def _is_issued(minutes: Minutes) -> bool:
    return minutes.meeting.state == State.ISSUED


ON_MINUTES: Final = (
    Act("issue", "签发", "签发", ReadForm, _issue, _before_issuing, by=LEADS, fits=_is_closed),
    Act("add", "补充更正", "签发补充更正", AddForm, _add, by=LEADS, fits=_is_issued),
    Act("take-up", "撤销结束", "撤销结束", TakeUpForm, _take_up, by=RUNS, fits=_is_closed),
    Act(
        *("redraft", "重新起草", "重新起草", ConfirmForm, _redraft),
        hint=lambda row: "标题、会议概况、会议内容等恢复为系统起草的文字，手工修改的内容会丢失。",
        by=RUNS,
        fits=_is_closed,
    ),
)


# ---- The screen --------------------------------------------------------------------------------------
class MinutesStateFilter(ChoiceFilter):
    """By whether a leader has issued them."""

    title = "状态"
    parameter_name = "state"
    offered = [(State.CLOSED.value, "待签发"), (State.ISSUED.value, "已签发")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(meeting__state=chosen)


class MeetingPlaceFilter(PlaceFilter):
    """By the zone of the meeting."""

    lookup = "meeting__zone"


@admin.register(Minutes)
class MinutesAdmin(acts.ActsMixin, ScopedAdmin):
    """Minutes, the latest first. Drafts are for those who work on them; issued ones for all who read the zone."""

    acts = ON_MINUTES
    form = MinutesForm
    change_form_outer_before_template = "projects_meetings/minutes_head.html"
    change_form_outer_after_template = "projects_meetings/minutes_paper.html"
    list_display = ("title_shown", "held", "state_shown", "issued")
    list_display_links = ("title_shown",)
    list_filter = (MinutesStateFilter, MeetingPlaceFilter)
    list_select_related = ("meeting__zone", "issued_by")
    search_fields = ("title", "background", "body", "remarks")
    fields = (*closing.TEXTS[:4], *closing.PEOPLE, *closing.TEXTS[4:])

    class Media:
        css = {"all": ("tracker/minutes.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = selecting.readable(super().get_queryset(request), request.user)
        return rows.select_related(*self.list_select_related).defer(*HEAVY)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or _is_closed(obj))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if self.has_change_permission(request, obj) else ("meeting_shown",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("meeting_shown",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in (*closing.TEXTS, *closing.PEOPLE)}
        try:
            closing.edit(obj, told, by=user_of(request), expected_version=form.seen_version)
        except StaleVersion:
            raise
        except ValidationError as error:
            raise WriteRefused("；".join(error.messages)) from error

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return HttpResponseRedirect(issuing.page(obj))

    def after_act(self, row: Any) -> str:
        return issuing.page(row)

    # ---- List
    @display(description="会议纪要", ordering="title")
    def title_shown(self, minutes: Minutes) -> str:
        return minutes.title

    @display(description="会议日期", ordering="meeting__held_on")
    def held(self, minutes: Minutes) -> str:
        return f"{minutes.meeting.held_on:%Y-%m-%d}"

    @display(description="状态", ordering="meeting__state")
    def state_shown(self, minutes: Minutes) -> SafeString:
        return state_of(minutes)

    @display(description="签发", ordering="issued_on")
    def issued(self, minutes: Minutes) -> SafeString | str:
        return (
            columns.cell(minutes.issued_by, f"{minutes.issued_on:%Y-%m-%d}") if minutes.issued_on else columns.NOTHING
        )

    @display(description="会议")
    def meeting_shown(self, minutes: Minutes) -> SafeString:
        url = reverse("admin:projects_meetings_meeting_change", args=[minutes.meeting_id])
        return format_html('<a class="tk-link" href="{}">{}</a>', url, minutes.meeting)

    # ---- Page
    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        minutes = kwargs.get("obj")
        if minutes is not None:
            over = minutes.meeting.is_over
            context |= {
                "minutes": minutes,
                "state": state_of(minutes),
                "doubts": closing.doubts(minutes) if _is_closed(minutes) else [],
                "blocks": issuing.paper_of(minutes) if over else [],
                "first_acts": FIRST,
                "addenda": list(minutes.addenda.select_related("by")),
                "downloads": _downloads(minutes) if over else [],
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/word/", wrap(self.word_view), name="projects_meetings_minutes_word"),
            path("<int:pk>/table/", wrap(self.table_view), name="projects_meetings_minutes_table"),
            *super().get_urls(),
        ]

    def word_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The Word file, of issued minutes the one that was issued."""
        minutes = self._of_a_closed_meeting(request, pk)
        try:
            data = issuing.word_of(minutes)
        except ValidationError as spoilt:
            messages.error(request, "；".join(spoilt.messages))
            return HttpResponseRedirect(issuing.page(minutes))
        draft = "" if minutes.issued_on else f"（{papers.DRAFT}）"
        return serving.download(BytesIO(data), f"{minutes.title}{draft}.docx", serving.WORD)

    def table_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """The table of the meeting's decisions, as they stand today."""
        minutes = self._of_a_closed_meeting(request, pk)
        title = f"{minutes.meeting}议定事项清单"
        return serving.download(
            sheet.table(minutes.meeting.decisions.order_by("number"), title), f"{title}.xlsx", serving.EXCEL
        )

    def _of_a_closed_meeting(self, request: HttpRequest, pk: int) -> Minutes:
        minutes = self.get_queryset(request).filter(pk=pk).first()
        if minutes is None or not minutes.meeting.is_over:
            raise Http404(NO_SUCH_ROW)
        return minutes


def state_of(minutes: Minutes) -> SafeString:
    """Where the minutes stand, as a mark."""
    if _is_issued(minutes):
        return columns.mark("已签发")
    return columns.mark("待签发" if _is_closed(minutes) else "会议继续进行，尚未结束", "warn")


def _downloads(minutes: Minutes) -> list[tuple[str, str]]:
    names = (("下载 Word", "word"), ("议定事项表（Excel）", "table"))
    return [(label, reverse(f"admin:projects_meetings_minutes_{name}", args=[minutes.pk])) for label, name in names]


# ---- On the meeting's own address --------------------------------------------------------------------
def _may_read(request: HttpRequest, meeting: Meeting) -> bool:
    works = any(may(request.user, action, meeting) for action in (*RUNS, *LEADS))
    return works or meeting.state == State.ISSUED


def _to_minutes(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    minutes = selecting.issued_minutes(request.user).filter(meeting=meeting).first()
    if minutes is None:
        messages.info(request, "纪要还没有签发")
        return HttpResponseRedirect(reverse("admin:projects_meetings_meeting_change", args=[meeting.pk]))
    return HttpResponseRedirect(issuing.page(minutes))


pages.register(
    pages.Page("minutes", _to_minutes, button="纪要", fits=lambda meeting: meeting.is_over, allowed=_may_read, order=90)
)


def _close(request: HttpRequest, meeting: Meeting, form: Any) -> SafeString:
    minutes = closing.close(meeting, user_of(request))
    words = '会议已结束，纪要已起草，请<a class="tk-underline" href="{}">核对纪要</a>后送领导签发'
    return format_html(words, issuing.page(minutes))


def _before_closing(meeting: Meeting) -> str:
    silent = meeting.updates.filter(words="", progress=None).count()
    without = f"；{silent}个项目没有填写进展" if silent else ""
    return (
        f"已记录议定事项{meeting.decisions.count()}项{without}。"
        "结束后会议内容定格、不能再填，系统起草纪要；纪要签发前可以撤销结束。"
    )


CLOSE: Final = Act(
    *("close", "结束会议", "结束会议", ConfirmForm, _close, _before_closing),
    by=RUNS,
    fits=lambda meeting: meeting.is_going and meeting.held_on <= clock.today(),
)
"""On the meeting's page, for an office that does not end it on the page on which it is run."""


# ---- 我的待办 ------------------------------------------------------------------------------------------
def _to_issue(user: Any) -> Iterator[Work]:
    """Drafts that wait for the person to issue them."""
    leads = paths(user, Action.APPROVE)
    if not leads:
        return
    rows = Minutes.objects.visible_to(user).filter(under("meeting__zone", leads), meeting__state=State.CLOSED)
    total = rows.count()
    first = rows.select_related("meeting__zone").order_by("meeting__held_on", "pk")[:MOST] if total else []
    items = [Item(row.title, f"{row.meeting.held_on:%Y-%m-%d}的会议", issuing.page(row)) for row in first]
    yield Work("待签发的纪要", total, items)


offer(_to_issue)
