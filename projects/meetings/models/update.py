"""A project's row in a meeting: why it is there, what its people tell, and every word as it was saved."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from projects.meetings.models.meeting import Meeting
from projects.models import Progress, Project
from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedModel

WORDS = 2000  # characters that a row keeps of what is said; who pastes more is told before anything is lost


class Update(Versioned, ScopedModel):
    """One project in one meeting: its place on the agenda and the week as its people tell it.

    `section`, `place` and `why` are those of the agenda and change only while it is made. Money and physical progress
    stand in `progress`, the row of facts that this one made; until the meeting is closed it is rewritten in place, as
    it is one statement being typed.
    """

    class Section(models.TextChoices):
        RED = "red", "红灯项目"
        YELLOW = "yellow", "黄灯项目"
        UNLANDED = "unlanded", "签约未落地项目"
        PROBLEM = "problem", "有待决定问题的项目"
        DUE = "due", "近期到期项目"
        REST = "rest", "其他项目"

    zone_lookup: ClassVar[str] = "project__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING,)

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="updates", verbose_name="会议")
    project = models.ForeignKey(Project, models.PROTECT, related_name="updates", verbose_name="项目")
    section = models.CharField("议程", max_length=10, choices=Section, default=Section.REST, editable=False)
    place = models.PositiveIntegerField("序号", default=0, editable=False)
    why = models.TextField("缘由", blank=True, editable=False)
    words = models.TextField("本周进展", max_length=WORDS, blank=True)
    next_step = models.TextField("下周计划", max_length=WORDS, blank=True)
    help_wanted = models.TextField("需协调事项", max_length=WORDS, blank=True)
    progress = models.OneToOneField(
        Progress, models.PROTECT, null=True, blank=True, editable=False, related_name="update", verbose_name="进展"
    )
    filed_at = models.DateTimeField("填报时间", null=True, blank=True, editable=False)
    filed_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="填报人"
    )

    class Meta:
        verbose_name = "周进展"
        verbose_name_plural = "周进展"
        ordering: ClassVar = ["meeting_id", "place", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "project"],
                name="projects_meetings_update_once",
                violation_error_message="该项目已在这次会议的议程里",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}（{self.meeting}）"


class Saved(ScopedModel):
    """What one field left, one command given brought into a meeting, with what stood there before. Never edited.

    `key` is made where it was typed: sent again after a lost answer it is known, and nothing is written twice. `do` is
    what was done by `meetings.saving`, `told` and `before` its values by name; `undoes` is the save that this one takes
    back. Without `update` it is about the meeting, or a topic of it.
    """

    zone_lookup: ClassVar[tuple[str, ...]] = ("update__project__zone", "meeting__zone")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="saves", verbose_name="会议")
    update = models.ForeignKey(
        Update, models.PROTECT, null=True, blank=True, related_name="saves", verbose_name="周进展"
    )
    key = models.UUIDField("编号", unique=True)
    do = models.CharField("动作", max_length=12)
    told = models.JSONField("内容", default=dict)
    before = models.JSONField("原内容", default=dict)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name="撤销"
    )
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "填写记录"
        verbose_name_plural = "填写记录"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.meeting} {self.do}"


class Mark(ScopedModel):
    """What one person gives a project that was visited (观摩打分): 0 to 100 points."""

    zone_lookup: ClassVar[str] = "update__project__zone"
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING, Action.APPROVE)

    update = models.ForeignKey(Update, models.PROTECT, related_name="marks", verbose_name="观摩项目")
    by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="评分人")
    points = models.PositiveSmallIntegerField("得分", validators=[MaxValueValidator(100)])
    words = models.CharField("评语", max_length=300, blank=True)
    at = models.DateTimeField("评分时间", auto_now=True)

    class Meta:
        verbose_name = "观摩评分"
        verbose_name_plural = "观摩评分"
        ordering: ClassVar = ["update_id", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["update", "by"],
                name="projects_meetings_mark_once",
                violation_error_message="您已为该项目打过分，可以直接修改",
            ),
            models.CheckConstraint(
                condition=Q(points__lte=100),
                name="projects_meetings_mark_points",
                violation_error_message="得分应在 0 到 100 之间",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} 分"
