"""Steps of a project, what was promised of them and what came true; suspensions."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import F, Q

from projects import dates
from projects.models.project import Phase, Project
from zones.models import Versioned
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet


class MilestoneQuerySet(ScopedQuerySet):
    """Milestones by what had happened on a day."""

    def done_by(self, day: Any) -> MilestoneQuerySet:
        """Done on `day`: on the last day it may have been, or, without a date, since it is known to be done."""
        return self.filter(done=True).filter(
            Q(actual_last__lte=day) | Q(actual_last=None, known_on__lte=day),
        )


class Milestone(Versioned, ScopedModel):
    """A step of a project. `baseline` is what was first promised and, once set, never moves; `planned` is the
    promise of today; `actual_first`–`actual_last` is when it was done, as precisely as is known.

    All are deadlines or days; a promise of a month is its last day. `done` without a date is done on an unknown day.
    """

    class Kind(models.TextChoices):
        """In the order in which a project usually passes them."""

        NEGOTIATED = "negotiated", "洽谈"
        SIGNED = "signed", "签约"
        PERFORMED = "performed", "履约"
        PERMIT = "permit", "手续办结"
        STARTED = "started", "开工"
        STATS_ENTRY = "stats_entry", "入库"
        TOPPED_OUT = "topped_out", "封顶"
        COMPLETED = "completed", "竣工"
        TRIAL = "trial", "试生产"
        PRODUCED = "produced", "投产"
        AT_CAPACITY = "at_capacity", "达效"
        OTHER = "other", "其他"

    zone_lookup: ClassVar[str] = "project__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")

    project = models.ForeignKey(Project, models.PROTECT, related_name="milestones", verbose_name="项目")
    kind = models.CharField("节点", max_length=12, choices=Kind)
    label = models.CharField("名称", max_length=60, blank=True, help_text="其他节点的名称")
    baseline = models.DateField("首次承诺期限", null=True, blank=True, editable=False)
    planned = models.DateField("计划期限", null=True, blank=True, editable=False)
    done = models.BooleanField("已完成", default=False, editable=False)
    actual_first = models.DateField("完成日期（最早）", null=True, blank=True, editable=False)
    actual_last = models.DateField("完成日期（最晚）", null=True, blank=True, editable=False)
    known_on = models.DateField("获知日期", null=True, blank=True, editable=False)

    objects = ScopedManager.from_queryset(MilestoneQuerySet)()

    class Meta:
        verbose_name = "节点"
        verbose_name_plural = "节点"
        ordering: ClassVar = ["project_id", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "kind", "label"],
                name="projects_milestone_once",
                violation_error_message="该项目已有这个节点",
            ),
            models.CheckConstraint(
                condition=Q(done=True) | Q(actual_first=None, actual_last=None),
                name="projects_milestone_undone_has_no_date",
                violation_error_message="未完成的节点不能有完成日期",
            ),
            models.CheckConstraint(
                condition=Q(done=False) | Q(known_on__isnull=False),
                name="projects_milestone_done_is_known_since",
            ),
            models.CheckConstraint(
                condition=Q(actual_first=None) | Q(actual_last=None) | Q(actual_first__lte=F("actual_last")),
                name="projects_milestone_days",
                violation_error_message="完成日期的最早一天不能晚于最晚一天",
            ),
            models.CheckConstraint(
                condition=Q(kind="other") & ~Q(label="") | ~Q(kind="other") & Q(label=""),
                name="projects_milestone_label",
                violation_error_message="“其他”节点须写名称",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["planned"], condition=Q(done=False), name="projects_milestone_due"),
        ]

    def __str__(self) -> str:
        return self.label or self.get_kind_display()

    @property
    def deadline(self) -> Any:
        """What it is judged by: the baseline, else the plan of today; None is never overdue."""
        return self.baseline or self.planned

    @property
    def actual(self) -> dates.DateSpan | None:
        """When it was done, as far as is known."""
        if not self.done or (self.actual_first is None and self.actual_last is None):
            return None
        precision = "day" if self.actual_first == self.actual_last else "range"
        return dates.DateSpan(self.actual_first, self.actual_last, precision)

    def done_by(self, day: Any) -> bool:
        """Whether it was done on `day`; the same rule as the queryset's."""
        known = self.actual_last or self.known_on
        return bool(self.done and known and known <= day)


PHASE_OF: Final[dict[str, Phase]] = {
    Milestone.Kind.NEGOTIATED: Phase.NEGOTIATING,
    Milestone.Kind.SIGNED: Phase.SIGNED,
    Milestone.Kind.PERFORMED: Phase.PERFORMED,
    Milestone.Kind.STARTED: Phase.STARTED,
    Milestone.Kind.STATS_ENTRY: Phase.STARTED,
    Milestone.Kind.TOPPED_OUT: Phase.STARTED,
    Milestone.Kind.COMPLETED: Phase.STARTED,
    Milestone.Kind.TRIAL: Phase.STARTED,
    Milestone.Kind.PRODUCED: Phase.PRODUCED,
    Milestone.Kind.AT_CAPACITY: Phase.AT_CAPACITY,
}
"""The phase that a done milestone proves. A building that is topped out was started."""


class MilestoneChange(ScopedModel):
    """One change of a milestone: what moved, from what to what, by whom and why. Never edited."""

    class What(models.TextChoices):
        BASELINE = "baseline", "确定首次承诺"
        PLANNED = "planned", "调整计划"
        REACHED = "reached", "完成"
        CORRECTED = "corrected", "更正"
        UNDONE = "undone", "撤销完成"

    zone_lookup: ClassVar[str] = "milestone__project__zone"

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="changes", verbose_name="节点")
    what = models.CharField("变动", max_length=10, choices=What)
    before = models.JSONField("变动前", default=dict)
    after = models.JSONField("变动后", default=dict)
    reason = models.CharField("原因", max_length=300, blank=True)
    source = models.ForeignKey(
        "projects.Source", models.PROTECT, null=True, blank=True, related_name="milestone_changes", verbose_name="来源"
    )
    on = models.DateField("日期")
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("记录时间", auto_now_add=True)

    class Meta:
        verbose_name = "节点变动"
        verbose_name_plural = "节点变动"
        ordering: ClassVar = ["milestone_id", "pk"]

    def __str__(self) -> str:
        return f"{self.milestone} {self.get_what_display()}"


class SuspensionQuerySet(ScopedQuerySet):
    """Standstills by day."""

    def in_force(self, day: Any) -> SuspensionQuerySet:
        """Those that hold on `day`; both ends count."""
        return self.filter(Q(ends=None) | Q(ends__gte=day), starts__lte=day)


class Suspension(Versioned, ScopedModel):
    """A project stands still from one day to another. Its phase survives."""

    class Kind(models.TextChoices):
        STOPPED = "stopped", "停工"
        DEFERRED = "deferred", "缓建"

    zone_lookup: ClassVar[str] = "project__zone"

    project = models.ForeignKey(Project, models.PROTECT, related_name="suspensions", verbose_name="项目")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.STOPPED)
    starts = models.DateField("起始日期")
    ends = models.DateField("复工日期前一天", null=True, blank=True, help_text="停缓建的最后一天；不填为尚未恢复")
    reason = models.CharField("原因", max_length=300)
    approver = models.CharField("批准人", max_length=60)
    source = models.ForeignKey(
        "projects.Source", models.PROTECT, null=True, blank=True, related_name="suspensions", verbose_name="来源"
    )
    recorded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="经办人"
    )
    ended_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="复工经办人"
    )

    objects = ScopedManager.from_queryset(SuspensionQuerySet)()

    class Meta:
        verbose_name = "停缓建"
        verbose_name_plural = "停缓建"
        ordering: ClassVar = ["project_id", "-starts"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
                name="projects_suspension_days",
                violation_error_message="停缓建的最后一天不能早于起始日期",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(approver=""),
                name="projects_suspension_approved",
                violation_error_message="停缓建须写明原因和批准人",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(ends=None),
                name="projects_suspension_one_open",
                violation_error_message="该项目已在停缓建中",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts:%Y-%m-%d}起"
