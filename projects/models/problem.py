"""What blocks a project or a company."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from projects.models.company import Company
from projects.models.project import Project
from zones.models import Versioned
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet


class ProblemQuerySet(ScopedQuerySet):
    """Problems by day."""

    def open_on(self, day: Any) -> ProblemQuerySet:
        """Raised by `day` and not closed by then."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day), raised_on__lte=day)


class Problem(Versioned, ScopedModel):
    """A difficulty with who solves it and by when. It ends by 销号: a closing day and what settled it."""

    class Category(models.TextChoices):
        LAND = "land", "用地"
        PLANNING = "planning", "规划"
        ENVIRONMENT = "environment", "环评能评"
        PERMIT = "permit", "施工许可等手续"
        CLEARANCE = "clearance", "征迁"
        MONEY = "money", "资金融资"
        LABOUR = "labour", "用工"
        UTILITIES = "utilities", "水电气路热讯"
        COMPANY = "company", "企业自身"
        OTHER = "other", "其他"

    zone_lookup: ClassVar[str] = "zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="problems", verbose_name="所属区域")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="项目"
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="企业"
    )
    title = models.CharField("问题", max_length=200)
    category = models.CharField("类别", max_length=12, choices=Category)
    major = models.BooleanField("重大问题", default=False, help_text="影响节点按期完成，需要领导协调")
    raised_on = models.DateField("提出日期")
    department = models.ForeignKey(
        "zones.Department", models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="责任单位"
    )
    owner = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="责任人"
    )
    deadline = models.DateField("完成时限", null=True, blank=True)
    solution = models.TextField("解决措施", blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    recorded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="登记人"
    )
    closing_note = models.CharField("销号说明", max_length=300, blank=True)
    closed_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="销号人"
    )
    source = models.ForeignKey(
        "projects.Source",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="problems",
        verbose_name="来源",
    )

    objects = ScopedManager.from_queryset(ProblemQuerySet)()

    class Meta:
        verbose_name = "问题"
        verbose_name_plural = "问题"
        ordering: ClassVar = [F("closed_on").desc(nulls_first=True), F("deadline").asc(nulls_last=True), "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(project=None, company=None),
                name="projects_problem_of_something",
                violation_error_message="请选择项目或企业",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("raised_on")),
                name="projects_problem_closed_after_raised",
                violation_error_message="销号日期不能早于提出日期",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | ~Q(closing_note=""),
                name="projects_problem_closing_note",
                violation_error_message="销号须写明如何解决",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["zone", "deadline"], condition=Q(closed_on=None), name="projects_problem_open"),
        ]

    def __str__(self) -> str:
        return self.title


class ProblemEvent(ScopedModel):
    """One step of a problem: raised, deadline moved, marked as major or not, closed, opened again. Never edited."""

    class What(models.TextChoices):
        RAISED = "raised", "提出"
        MOVED = "moved", "调整时限"
        MAJOR = "major", "标为重大"
        MINOR = "minor", "取消重大"
        CLOSED = "closed", "销号"
        REOPENED = "reopened", "撤销销号"

    zone_lookup: ClassVar[str] = "problem__zone"

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="events", verbose_name="问题")
    what = models.CharField("事项", max_length=10, choices=What)
    on = models.DateField("日期")
    deadline = models.DateField("完成时限", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("记录时间", auto_now_add=True)

    class Meta:
        verbose_name = "问题记录"
        verbose_name_plural = "问题记录"
        ordering: ClassVar = ["problem_id", "pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.on:%Y-%m-%d}"
