"""The year's investment plan in versions, cut down by month."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from projects.models.project import Project
from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet


class AnnualPlanQuerySet(ScopedQuerySet):
    """Plans by day."""

    def binding_on(self, day: Any) -> AnnualPlanQuerySet:
        """Every edition that was approved, came into effect by `day` and was not withdrawn: what a year is judged by,
        so that re-planning eases nothing.
        """
        return self.filter(status=AnnualPlan.Status.APPROVED, effective_from__lte=day)

    def holding_on(self, day: Any) -> AnnualPlanQuerySet:
        """The same, the edition that holds first."""
        return self.binding_on(day).order_by("project_id", "year", "-effective_from", "-edition")


class AnnualPlan(Versioned, ScopedModel):
    """One edition of a project's investment plan of one year, in yuan. An approved edition never changes:
    another plan is another edition, with its reason. One that was a slip is withdrawn and stays on the list.

    `carried` is what a project of earlier years had completed by the end of last year, null where nobody knows.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        APPROVED = "approved", "已批准"
        WITHDRAWN = "withdrawn", "作废"

    class Method(models.TextChoices):
        """How the year was cut down by month."""

        EVEN = "even", "按月平均"
        SEASON = "season", "按季节"
        S_CURVE = "s_curve", "S 曲线（两头慢、中间快）"
        STEPS = "steps", "按节点"
        LAST_YEAR = "last_year", "参照上年"
        TYPED = "typed", "逐月填写"

    zone_lookup: ClassVar[str] = "project__zone"
    # What a leader writes of a plan is its approval.
    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.APPROVE)

    project = models.ForeignKey(Project, models.PROTECT, related_name="plans", verbose_name="项目")
    year = models.PositiveSmallIntegerField("年度")
    edition = models.PositiveSmallIntegerField("版次", default=1)
    amount = models.BigIntegerField("年度计划投资（元）")
    carried = models.BigIntegerField("结转（截至上年底累计完成，元）", null=True, blank=True)
    method = models.CharField("分解方法", max_length=10, choices=Method, default=Method.TYPED)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    reason = models.CharField("调整原因", max_length=300, blank=True)
    source = models.ForeignKey(
        "projects.Source", models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="来源"
    )
    author = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="编制人"
    )
    approved_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    effective_from = models.DateField("生效日期", null=True, blank=True)
    withdrawn_on = models.DateField("作废日期", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废批准人"
    )
    withdrawn_reason = models.CharField("作废原因", max_length=300, blank=True)
    recorded_at = models.DateTimeField("记录时间", auto_now_add=True)

    objects = ScopedManager.from_queryset(AnnualPlanQuerySet)()

    class Meta:
        verbose_name = "年度投资计划"
        verbose_name_plural = "年度投资计划"
        ordering: ClassVar = ["project_id", "-year", "-edition"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "year", "edition"], name="projects_plan_edition"),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="projects_plan_amount", violation_error_message="年度计划不能小于零"
            ),
            models.CheckConstraint(
                condition=Q(edition=1) | ~Q(reason=""),
                name="projects_plan_reason",
                violation_error_message="调整计划须写明原因",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(effective_from__isnull=False),
                name="projects_plan_effective",
                violation_error_message="已批准的计划须有生效日期",
            ),
            models.CheckConstraint(
                condition=Q(carried=None) | Q(carried__gte=0),
                name="projects_plan_carried",
                violation_error_message="结转不能小于零",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")
                | ~Q(status="withdrawn") & Q(withdrawn_on=None, withdrawn_by=None, withdrawn_reason=""),
                name="projects_plan_withdrawn",
                violation_error_message="作废须写明原因和日期",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["year", "project"], name="projects_plan_of_year")]

    def __str__(self) -> str:
        return f"{self.year}年计划（第{self.edition}版）"


class MonthlyTarget(ScopedModel):
    """What is to be done of the year's plan by the end of a month: cumulative from January, in yuan."""

    zone_lookup: ClassVar[str] = "plan__project__zone"

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="targets", verbose_name="计划")
    month = models.PositiveSmallIntegerField("月份")
    amount = models.BigIntegerField("累计目标（元）")

    class Meta:
        verbose_name = "逐月分解"
        verbose_name_plural = "逐月分解"
        ordering: ClassVar = ["plan_id", "month"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "month"], name="projects_target_month"),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12),
                name="projects_target_month_of_year",
                violation_error_message="月份应在 1 到 12 之间",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="projects_target_amount", violation_error_message="目标不能小于零"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month}月"
