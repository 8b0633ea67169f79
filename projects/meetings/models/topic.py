"""What somebody wants the meeting to decide."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from projects.meetings.models.meeting import Meeting
from projects.models import Project
from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedModel


class Topic(Versioned, ScopedModel):
    """A topic (议题): 待审 → 列入议程, 不列入 with the reason, or 已撤回. What has been tried before is part of it: a
    topic must first have been through the unit's own coordination (周口《重大项目协调推进工作例会制度》).
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "待审"
        APPROVED = "approved", "列入议程"
        DECLINED = "declined", "不列入"
        WITHDRAWN = "withdrawn", "已撤回"

    zone_lookup: ClassVar[str] = "meeting__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("proposed_by", "department")
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING,)

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="topics", verbose_name="会议")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="topics", verbose_name="项目"
    )
    department = models.ForeignKey(
        "zones.Department", models.PROTECT, null=True, blank=True, related_name="topics", verbose_name="提出单位"
    )
    title = models.CharField("议题", max_length=100)
    text = models.TextField("情况和建议", max_length=2000, blank=True)
    tried = models.TextField("前期协调情况", max_length=1000, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED, editable=False)
    declined_reason = models.CharField("不列入原因", max_length=300, blank=True, editable=False)
    place = models.PositiveSmallIntegerField("序号", default=0, editable=False)
    proposed_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="提出人"
    )
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    decided_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="审定人"
    )
    decided_at = models.DateTimeField("审定时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "议题"
        verbose_name_plural = "议题"
        ordering: ClassVar = ["meeting_id", "place", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(declined_reason=""),
                name="projects_meetings_topic_reason",
                violation_error_message="不列入议程须写明原因",
            ),
        ]

    def __str__(self) -> str:
        return self.title
