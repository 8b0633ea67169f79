"""A meeting of a zone, and how its regular ones are arranged."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

WEEKDAYS = [(1, "周一"), (2, "周二"), (3, "周三"), (4, "周四"), (5, "周五"), (6, "周六"), (7, "周日")]


class Arrangement(Versioned, ScopedModel):
    """How a zone holds its weekly meeting: on which day of the week, from when liaisons are asked for their week, and
    who presides. Without one a zone meets when somebody opens a meeting.

    `weekday` and `file_weekday` count from Monday as 1. The agenda is made on the working day before the meeting.
    """

    zone_lookup: ClassVar[str] = "zone"
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING,)

    zone = models.OneToOneField("zones.Zone", models.PROTECT, related_name="arrangement", verbose_name="区域")
    weekday = models.PositiveSmallIntegerField("例会日", choices=WEEKDAYS, default=1)
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    chair = models.CharField("主持人", max_length=60, blank=True)
    present = models.TextField("出席单位和人员", blank=True)
    distribution = models.TextField("印发范围", blank=True)
    file_weekday = models.PositiveSmallIntegerField("填报截止日", choices=WEEKDAYS, default=4)
    file_until = models.TimeField("填报截止时间", default="18:00")
    due_within = models.PositiveSmallIntegerField(
        "近期到期（天）", default=14, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    enabled = models.BooleanField("自动生成议程", default=True)

    class Meta:
        verbose_name = "例会安排"
        verbose_name_plural = "例会安排"
        ordering: ClassVar = ["zone__path"]

    def __str__(self) -> str:
        return f"{self.zone}例会安排"


class MeetingQuerySet(ScopedQuerySet):
    """Meetings by where they stand."""

    def held(self) -> MeetingQuerySet:
        """All but those that were called off."""
        return self.exclude(state=Meeting.State.CANCELLED)

    def going(self) -> MeetingQuerySet:
        """Still to be written in: being prepared or running."""
        return self.filter(state__in=[Meeting.State.PREPARING, Meeting.State.RUNNING])


class Meeting(Versioned, ScopedModel):
    """One meeting: 筹备 → 进行中 → 已结束 (its record is frozen, the minutes are a draft) → 已签发.

    `number` counts within zone, kind and year. `numbers` is what the zone's figures were when the agenda was made, as
    `meetings.numbers` gives them; `record` what was frozen on closing. `source` is where the figures told in it come
    from.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", "周例会"
        JOINT = "joint", "联审联批会"
        SPECIAL = "special", "专题会"
        TOUR = "tour", "观摩会"

    class State(models.TextChoices):
        PREPARING = "preparing", "筹备"
        RUNNING = "running", "进行中"
        CLOSED = "closed", "已结束"
        ISSUED = "issued", "已签发"
        CANCELLED = "cancelled", "已取消"

    zone_lookup: ClassVar[str] = "zone"
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING,)

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="meetings", verbose_name="区域")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.WEEKLY)
    held_on = models.DateField("会议日期")
    year = models.PositiveSmallIntegerField("年份", editable=False)
    number = models.PositiveSmallIntegerField("次", editable=False, help_text="当年第几次")
    subject = models.CharField("主题", max_length=100, blank=True, help_text="专题会、联审联批会的主题")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PREPARING, editable=False)
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    chair = models.CharField("主持人", max_length=60, blank=True)
    present = models.TextField("出席", blank=True)
    absent = models.TextField("请假", blank=True)
    sitting_in = models.TextField("列席", blank=True)
    remarks = models.TextField("领导讲话要点", blank=True)
    numbers = models.JSONField("会前数据", default=dict, blank=True, editable=False)
    record = models.JSONField("会议记录", default=dict, blank=True, editable=False)
    source = models.OneToOneField(
        "projects.Source", models.PROTECT, related_name="meeting", editable=False, verbose_name="来源"
    )
    agenda_made_at = models.DateTimeField("议程生成时间", null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="建立人"
    )

    objects = ScopedManager.from_queryset(MeetingQuerySet)()

    class Meta:
        verbose_name = "会议"
        verbose_name_plural = "会议"
        ordering: ClassVar = ["-held_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["zone", "kind", "held_on"],
                condition=~Q(state="cancelled"),
                name="projects_meetings_once_a_day",
                violation_error_message="该区域这一天已有同类会议，请打开那一次会议，或先取消它",
            ),
            models.UniqueConstraint(
                fields=["zone", "kind", "year", "number"],
                condition=~Q(state="cancelled"),
                name="projects_meetings_number",
                violation_error_message="会议次数重复",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["zone", "-held_on"], name="projects_meetings_newest")]

    def __str__(self) -> str:
        about = f"（{self.subject}）" if self.subject else ""
        return f"{self.zone}{self.year}年第{self.number}次{self.get_kind_display()}{about}"

    @property
    def is_going(self) -> bool:
        """Whether it can be written in."""
        return self.state in (self.State.PREPARING, self.State.RUNNING)

    @property
    def is_over(self) -> bool:
        """Whether its record is frozen."""
        return self.state in (self.State.CLOSED, self.State.ISSUED)


class MeetingEvent(ScopedModel):
    """One step of a meeting. Never edited."""

    class What(models.TextChoices):
        OPENED = "opened", "建立"
        AGENDA = "agenda", "生成议程"
        MOVED = "moved", "改期"
        STARTED = "started", "开始"
        CLOSED = "closed", "结束"
        REOPENED = "reopened", "撤销结束"
        EDITED = "edited", "修改纪要"
        ISSUED = "issued", "签发"
        ADDED = "added", "补充更正"
        CANCELLED = "cancelled", "取消"

    zone_lookup: ClassVar[str] = "meeting__zone"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="events", verbose_name="会议")
    what = models.CharField("步骤", max_length=10, choices=What)
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("记录时间", auto_now_add=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "会议记录"
        verbose_name_plural = "会议记录"
        ordering: ClassVar = ["meeting_id", "pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.meeting}"
