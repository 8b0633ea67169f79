"""What was decided, and every step until it is done."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from projects.meetings.models.meeting import Meeting
from projects.meetings.models.topic import Topic
from projects.models import Project
from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

MATTER = 500


class DecisionQuerySet(ScopedQuerySet):
    """Decisions by what is to be done about them."""

    def binding(self) -> DecisionQuerySet:
        """Issued and not revoked: what counts in figures."""
        return self.exclude(state__in=[Decision.State.DRAFT, Decision.State.REVOKED])

    def unfinished(self) -> DecisionQuerySet:
        """Issued and neither done nor revoked."""
        return self.filter(state__in=Decision.UNFINISHED)

    def overdue(self, day: date) -> DecisionQuerySet:
        """Unfinished, and the deadline lay before `day`."""
        return self.unfinished().filter(deadline__lt=day)

    def waiting(self) -> DecisionQuerySet:
        """An extension or the closing is asked for."""
        return self.filter(state__in=[Decision.State.EXTENSION_ASKED, Decision.State.CLOSING_ASKED])


class Decision(Versioned, ScopedModel):
    """A decided matter (议定事项): what, which unit leads, which help, who answers for it, by when.

    It is a draft until the minutes are issued; then 已下发 → 已签收 → 办理中 → 申请延期 / 申请销号 → 已销号. `number`
    counts within the meeting. `promised` is the first deadline as it was issued, which no extension moves;
    `asked_deadline` what an extension asks for. A decision without a deadline is never overdue.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "草拟"
        ISSUED = "issued", "已下发"
        RECEIVED = "received", "已签收"
        WORKING = "working", "办理中"
        EXTENSION_ASKED = "extension", "申请延期"
        CLOSING_ASKED = "closing", "申请销号"
        DONE = "done", "已销号"
        REVOKED = "revoked", "已撤销"

    UNFINISHED: ClassVar[tuple[str, ...]] = (
        State.ISSUED,
        State.RECEIVED,
        State.WORKING,
        State.EXTENSION_ASKED,
        State.CLOSING_ASKED,
    )

    zone_lookup: ClassVar[tuple[str, ...]] = ("project__zone", "meeting__zone")
    assigned_lookup: ClassVar[tuple[str, ...]] = (
        *("person", "lead"),
        *("project__assignments__user", "project__assignments__department"),
    )
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING, Action.APPROVE)

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions", verbose_name="会议")
    number = models.PositiveSmallIntegerField("序号", editable=False)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="项目"
    )
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="议题"
    )
    matter = models.TextField("议定事项", max_length=MATTER)
    lead = models.ForeignKey(
        "zones.Department", models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="牵头单位"
    )
    helpers = models.ManyToManyField("zones.Department", related_name="+", blank=True, verbose_name="配合单位")
    person = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="责任人"
    )
    deadline = models.DateField("完成时限", null=True, blank=True)
    promised = models.DateField("首次时限", null=True, blank=True, editable=False)
    asked_deadline = models.DateField("申请延至", null=True, blank=True, editable=False)
    state = models.CharField("办理状态", max_length=10, choices=State, default=State.DRAFT, editable=False)
    issued_on = models.DateField("下发日期", null=True, blank=True, editable=False)
    done_on = models.DateField("销号日期", null=True, blank=True, editable=False)
    result = models.CharField("办理结果", max_length=300, blank=True, editable=False)
    key = models.UUIDField("编号", null=True, blank=True, unique=True, editable=False)
    created_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="记录人"
    )
    created_at = models.DateTimeField("记录时间", auto_now_add=True)

    objects = ScopedManager.from_queryset(DecisionQuerySet)()

    class Meta:
        verbose_name = "议定事项"
        verbose_name_plural = "议定事项"
        ordering: ClassVar = ["-meeting__held_on", "meeting_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "number"],
                name="projects_meetings_decision_number",
                violation_error_message="序号重复",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on=None)),
                name="projects_meetings_decision_done",
                violation_error_message="销号须有日期",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", issued_on=None) | (~Q(state="draft") & Q(issued_on__isnull=False)),
                name="projects_meetings_decision_issued",
                violation_error_message="下发后的议定事项须有下发日期",
            ),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(done_on__gte=F("issued_on")),
                name="projects_meetings_decision_days",
                violation_error_message="销号日期不能早于下发日期",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["deadline"],
                condition=Q(state__in=["issued", "received", "working", "extension", "closing"]),
                name="projects_meetings_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.matter[:40]}{'…' if len(self.matter) > 40 else ''}"

    @property
    def is_unfinished(self) -> bool:
        """Whether somebody still has to do it."""
        return self.state in self.UNFINISHED


class DecisionEvent(ScopedModel):
    """One step of a decision, with what was told and shown. Never edited."""

    class What(models.TextChoices):
        ISSUED = "issued", "下发"
        RECEIVED = "received", "签收"
        REPORTED = "reported", "反馈进展"
        EXTENSION_ASKED = "extension", "申请延期"
        EXTENDED = "extended", "同意延期"
        CLOSING_ASKED = "closing", "申请销号"
        CLOSED = "closed", "同意销号"
        REFUSED = "refused", "驳回"
        URGED = "urged", "催办"
        REOPENED = "reopened", "撤销销号"
        REASSIGNED = "reassigned", "改派"
        REVOKED = "revoked", "撤销事项"

    zone_lookup: ClassVar[tuple[str, ...]] = ("decision__project__zone", "decision__meeting__zone")

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="events", verbose_name="议定事项")
    what = models.CharField("步骤", max_length=10, choices=What)
    on = models.DateField("日期")
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("记录时间", auto_now_add=True)
    note = models.CharField("说明", max_length=1000, blank=True)
    deadline = models.DateField("时限", null=True, blank=True)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        ordering: ClassVar = ["decision_id", "pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.on:%Y-%m-%d}"
