"""Topics: proposed on the meeting's page, taken onto the agenda or not on their own."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects.admin import acts, columns
from projects.admin.acts import Act, Done
from projects.admin.filters import PlaceFilter
from projects.admin.telling import user_of
from projects.alerts.admin.stepping import lines_field, remark_field
from projects.files import serving
from projects.files.fields import FilesField
from projects.forms import FactForm
from projects.meetings import agenda, topics
from projects.meetings.admin.replying import DecisionAct
from projects.meetings.models import Attachment, Meeting, Topic
from projects.meetings.recording import HEAVY
from projects.models import Project
from zones.models import Department
from zones.permissions import Action, may
from zones.scoped.admin import ReadOnlyAdmin

State = Topic.State
PROPOSING: Final = (Action.WRITE_ASSIGNED, Action.RUN_MEETING, Action.APPROVE)
DECIDING: Final = (Action.RUN_MEETING, Action.APPROVE)
NOT_OF_ONE: Final = "不涉及具体项目"
TONES: Final = {State.PROPOSED: "warn", State.DECLINED: "grey", State.WITHDRAWN: "grey"}


# ---- Forms -------------------------------------------------------------------------------------------
class TopicForm(FactForm):
    """提出议题. `row` is the meeting, or the topic that is put differently."""

    title = forms.CharField(label="议题", max_length=topics.TITLE, widget=UnfoldAdminTextInputWidget)
    project = forms.ModelChoiceField(
        Project.objects.none(), label="项目", required=False, empty_label=NOT_OF_ONE, widget=UnfoldAdminSelectWidget
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label="提出单位", required=False, empty_label="未定", widget=UnfoldAdminSelectWidget
    )
    tried = lines_field(
        "前期协调情况",
        "什么时候、由谁协调过，卡在哪里。会前先经本单位或分管领导协调",
        most=topics.TRIED,
        required=False,
    )
    text = lines_field("情况和建议", "需要会议决定什么", most=topics.TEXT, required=False, rows=5)
    files: Any = FilesField("附件")

    def prepare(self) -> None:
        meeting = self.meeting
        projects: Any = agenda.projects_of(meeting.zone, meeting.held_on)
        self._choice("project").queryset = projects.visible_to(self.user)
        units = Department.objects.visible_to(self.user).filter(zone__path__startswith=meeting.zone.path, active=True)
        self._choice("department").queryset = units.order_by("zone__path", "name")
        self.fields["department"].initial = self.user.department_id

    @property
    def meeting(self) -> Meeting:
        return self.row


class ReviseForm(TopicForm):
    """修改议题. `version` is that of the topic when the page was opened."""

    dropped = forms.ModelMultipleChoiceField(
        Attachment.objects.none(), label="删去附件", required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def meeting(self) -> Meeting:
        return self.row.meeting

    def prepare(self) -> None:
        super().prepare()
        for name in ("title", "project", "department", "tried", "text", "version"):
            self.fields[name].initial = getattr(self.row, name)
        kept = self.row.attachments.filter(removed_at=None)
        self._choice("dropped").queryset = kept
        if not kept.exists():
            del self.fields["dropped"]

    def blame(self, error: ValidationError) -> None:
        if getattr(error, "code", "") == "stale":
            self.row.refresh_from_db()
            typed: Any = self.data.copy()  # type: ignore[attr-defined]  # what was sent is a QueryDict
            typed["version"] = str(self.row.version)
            self.data = typed
        super().blame(error)


class DeclineForm(FactForm):
    """Why it is not taken up."""

    reason = remark_field("不列入的原因")


# ---- What they do ------------------------------------------------------------------------------------
def _propose(request: HttpRequest, meeting: Meeting, form: Any) -> Done:
    topic = topics.propose(meeting, by=user_of(request), **form.cleaned_data)
    return f"议题“{topic}”已提交，待项目办或领导审定"


def _revise(request: HttpRequest, topic: Topic, form: Any) -> Done:
    told = dict(form.cleaned_data)
    topics.revise(topic, expected_version=told.pop("version"), by=user_of(request), **told)
    return "议题已修改"


def _approve(request: HttpRequest, topic: Topic, form: Any) -> Done:
    return f"已列入议程，第 {topics.approve(topic, by=user_of(request)).place} 个议题"


def _decline(request: HttpRequest, topic: Topic, form: Any) -> Done:
    topics.decline(topic, form.cleaned_data["reason"], by=user_of(request))
    return "未列入议程，原因已记录，提出人可以看到"


def _withdraw(request: HttpRequest, topic: Topic, form: Any) -> Done:
    topics.withdraw(topic, by=user_of(request))
    return "议题已撤回"


def _may_propose(user: Any, meeting: Any) -> bool:
    return any(may(user, action, meeting) for action in PROPOSING)


def _may_decide(user: Any, topic: Any) -> bool:
    return topic.proposed_by_id != user.pk and any(may(user, action, topic) for action in DECIDING)


def _is_own(user: Any, topic: Any) -> bool:
    return topic.proposed_by_id == user.pk and _may_propose(user, topic.meeting)


def _waits(topic: Topic) -> bool:
    return topic.state == State.PROPOSED and topic.meeting.is_going


def _may_be_declined(topic: Topic) -> bool:
    return topic.state in (State.PROPOSED, State.APPROVED) and topic.meeting.is_going


def _told(topic: Topic) -> str:
    return f"前期协调：{topic.tried}" if topic.tried else "没有写明前期协调情况。"


PROPOSE: Final = Act(
    *("propose", "提出议题", "提交议题", TopicForm, _propose),
    by=PROPOSING,
    fits=lambda meeting: meeting.is_going,
)
ON_TOPICS: Final = (
    DecisionAct("approve", "列入议程", "列入议程", FactForm, _approve, hint=_told, fits=_waits, who=_may_decide),
    DecisionAct(
        *("decline", "不列入", "不列入", DeclineForm, _decline), hint=_told, fits=_may_be_declined, who=_may_decide
    ),
    DecisionAct("revise", "修改议题", "保存", ReviseForm, _revise, fits=_waits, who=_is_own),
    DecisionAct("withdraw", "撤回议题", "撤回", FactForm, _withdraw, fits=_waits, who=_is_own),
)


def state_mark(topic: Topic) -> SafeString:
    """The state as a mark."""
    return columns.mark(topic.get_state_display(), TONES.get(State(topic.state), "plain"))


# ---- The screen --------------------------------------------------------------------------------------
class MeetingPlaceFilter(PlaceFilter):
    """By the zone of the meeting."""

    lookup = "meeting__zone"


@admin.register(Topic)
class TopicAdmin(acts.ActsMixin, ReadOnlyAdmin):
    """What was put forward for meetings, the latest first."""

    acts = ON_TOPICS
    list_display = ("title", "of", "who", "state_shown", "meeting_shown")
    list_filter = (MeetingPlaceFilter, ("state", ChoicesDropdownFilter))
    list_select_related = ("meeting__zone", "project", "department", "proposed_by")
    search_fields = ("title", "text", "project__name", "project__initials", "department__name")
    ordering = ("-meeting__held_on", "-pk")
    fields = readonly_fields = (
        *("meeting_shown", "title", "of", "department", "tried", "text", "papers"),
        *("state_shown", "declined_reason", "proposed", "decided"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related).defer(*HEAVY)

    @display(description="项目", ordering="project__name")
    def of(self, topic: Topic) -> SafeString | str:
        return columns.project_link(topic.project)

    @display(description="提出单位 / 提出人", ordering="department__name")
    def who(self, topic: Topic) -> SafeString:
        return columns.cell(topic.department or columns.NOTHING, topic.proposed_by or "")

    @display(description="状态", ordering="state")
    def state_shown(self, topic: Topic) -> SafeString:
        return state_mark(topic)

    @display(description="会议", ordering="meeting__held_on")
    def meeting_shown(self, topic: Topic) -> SafeString:
        url = reverse("admin:projects_meetings_meeting_change", args=[topic.meeting_id])
        link = format_html('<a class="tk-link" href="{}">{}</a>', url, topic.meeting)
        return columns.cell(link, f"{topic.meeting.held_on:%Y-%m-%d}")

    @display(description="附件")
    def papers(self, topic: Topic) -> SafeString | str:
        kept = Attachment.objects.filter(topic=topic, removed_at=None)
        return serving.listed(kept) or columns.NOTHING

    @display(description="提出")
    def proposed(self, topic: Topic) -> str:
        return f"{topic.proposed_by or '系统'} {localtime(topic.proposed_at):%Y-%m-%d %H:%M}"

    @display(description="审定")
    def decided(self, topic: Topic) -> str:
        return f"{topic.decided_by} {localtime(topic.decided_at):%Y-%m-%d %H:%M}" if topic.decided_at else ""

    def get_fields(self, request: HttpRequest, obj: Topic | None = None) -> Any:
        known = obj is not None and {"declined_reason": obj.declined_reason, "decided": obj.decided_at}
        return [name for name in self.fields if not known or known.get(name, True)]

    def after_act(self, row: Any) -> str:
        return reverse("admin:projects_meetings_topic_change", args=[row.pk])
