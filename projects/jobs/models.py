"""Jobs, and when somebody last looked which are due. All instants are of the database's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from projects.jobs import kinds
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

WORDS = 300  # characters of an outcome


class JobQuerySet(ScopedQuerySet):
    """Jobs by what is to be done about them."""

    def due(self) -> Self:
        """Those that may be taken now."""
        return self.filter(state=Job.State.WAITING, due_at__lte=Now())

    def left_lying(self) -> Self:
        """Those whose worker has not been heard of for the length of its lease."""
        return self.filter(state=Job.State.RUNNING, leased_until__lt=Now())

    def overdue(self, by: timedelta) -> Self:
        """Those that should have been taken, or taken back, long ago."""
        waiting = Q(state=Job.State.WAITING, due_at__lt=Now() - by)
        return self.filter(waiting | Q(state=Job.State.RUNNING, leased_until__lt=Now() - by))


class Job(ScopedModel):
    """One thing to do in the background, for a zone and all below it, or for all zones.

    `slot` is the scheduled moment that it stands for, null if it was asked for otherwise; one moment makes one job,
    whoever looks at the timetable. `key` says which jobs are equal. `attempts` counts claims: who finishes must know
    the number, so that a worker that was thought dead cannot end what another has taken over. `started_at` is of the
    latest attempt. `outcome` is one sentence, of what was done or why it failed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"

    zone_lookup: ClassVar[str] = "zone"
    inherited: ClassVar[bool] = True
    # Who runs the office's work, or answers for it; looking at projects alone is no reason to look in here.
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.APPROVE)
    write_actions: ClassVar[tuple[str, ...]] = ()

    kind = models.SlugField("任务代号", max_length=40)
    slot = models.DateTimeField("计划时间", null=True, blank=True)
    key = models.CharField(max_length=64, editable=False)
    parameters = models.JSONField("参数", default=dict, blank=True)
    zone = models.ForeignKey("zones.Zone", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区域")
    asked_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出人"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField("应办时间", db_default=Now())
    leased_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=WORDS, blank=True)
    created_at = models.DateTimeField("提出时间", db_default=Now())

    objects = ScopedManager.from_queryset(JobQuerySet)()

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "slot"], name="jobs_job_once_per_slot"),
            # Two clicks at once leave one job. One that waits for a second attempt does not stand in the way.
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="waiting", attempts=0, slot=None), name="jobs_job_asked_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=["waiting", "running"]), name="jobs_job_open"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.zone or '全部区域'}）"

    @property
    def title(self) -> str:
        """What is done, in the office's words."""
        kind = kinds.find(self.kind)
        return kind.title if kind else self.kind

    @property
    def is_at_work(self) -> bool:
        """Whether it is still to be done, or being done."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    def covered_by(self, reach: list[str]) -> bool:
        """Whether all it speaks of lies in the zone paths of `reach`; else its outcome tells of foreign zones."""
        path = self.zone.path if self.zone else "/"
        return any(path.startswith(each) for each in reach)


class Tick(models.Model):
    """When somebody last looked at the timetable. One row, and the clock by which it is read."""

    ONLY: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "后台检查"
        verbose_name_plural = "后台检查"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
