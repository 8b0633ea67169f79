"""Where every project stands: a cache of judgements, ready to list; and what it was at month ends."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from projects.models.project import Project
from zones.scoped.querysets import ScopedModel


class Figures(ScopedModel):
    """The money of one project at the end of one judged month. Amounts in yuan, null where nothing is known.

    `lag_elapsed` and `lag_planned` are percentage points × 100 behind the calendar and behind the project's own
    targets, rounded for showing and sorting; judgements compare the amounts themselves.
    """

    zone_lookup: ClassVar[str] = "project__zone"

    month = models.DateField("截至", null=True, blank=True, help_text="判定月份的最后一天")
    plan = models.BigIntegerField("年度计划（元）", null=True, blank=True)
    due = models.BigIntegerField("应完成（元）", null=True, blank=True, help_text="按项目自己的逐月分解")
    done = models.BigIntegerField("已完成（元）", null=True, blank=True)
    done_statistics = models.BigIntegerField("入统完成（元）", null=True, blank=True)
    lag_elapsed = models.IntegerField("落后时序（百分点×100）", null=True, blank=True)
    lag_planned = models.IntegerField("落后计划（百分点×100）", null=True, blank=True)
    severity = models.PositiveSmallIntegerField("预警级别", default=0, help_text="0 为无预警，数字越大越重")
    light = models.CharField("灯", max_length=20, blank=True, help_text="空为未判定")

    class Meta:
        abstract = True

    @property
    def percent(self) -> float | None:
        """Share of the annual plan that is done, for showing only."""
        return None if not self.plan or self.done is None else 100 * self.done / self.plan


class Standing(Figures):
    """Latest figures and light of a project. `plan` to `lag_planned` are written when facts change, by
    `projects.standings`; `severity`, `light`, `light_label`, `colour` and `since` by the alerts alone.

    `stale` says that a fact has changed since the project was last judged (see `standings.marking`), `look_on` is the
    day from which it must be judged again although none has; `unjudged` are codes of why rules could not judge it,
    with a blank between.
    """

    project = models.OneToOneField(
        Project, models.PROTECT, primary_key=True, related_name="standing", verbose_name="项目"
    )
    light_label = models.CharField("预警", max_length=40, blank=True)
    colour = models.CharField("颜色", max_length=9, blank=True)
    since = models.DateField("起始", null=True, blank=True)
    next_kind = models.CharField("下一节点", max_length=60, blank=True)
    next_deadline = models.DateField("下一期限", null=True, blank=True, db_index=True)
    unjudged = models.CharField("未判定原因", max_length=200, blank=True, editable=False)
    stale = models.BooleanField("待判定", default=True, editable=False)
    look_on = models.DateField("下次判定", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "当前态势"
        verbose_name_plural = "当前态势"
        ordering: ClassVar = ["-severity", "-lag_elapsed", "project_id"]
        indexes: ClassVar = [
            models.Index(fields=["project"], condition=models.Q(stale=True), name="projects_standing_stale"),
        ]

    def __str__(self) -> str:
        return f"{self.project}：{self.light_label or '未判定'}"


class StandingMonth(Figures):
    """What a project's standing was when its judged month was scanned. Frozen: written once, never changed."""

    # Without an index of its own: that of the constraint begins with it.
    project = models.ForeignKey(Project, models.PROTECT, db_index=False, related_name="months", verbose_name="项目")
    frozen_at = models.DateTimeField("定格时间", auto_now_add=True)

    class Meta:
        verbose_name = "月末定格"
        verbose_name_plural = "月末定格"
        ordering: ClassVar = ["-month", "project_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "month"], name="projects_month_frozen_once"),
            models.CheckConstraint(condition=models.Q(month__isnull=False), name="projects_month_is_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["-month", "project"], name="projects_month_newest")]

    def __str__(self) -> str:
        return f"{self.project} {self.month:%Y-%m}"
