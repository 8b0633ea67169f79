"""Projects and who stands for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from projects import money, names
from projects.models.indexes import KnownFirst
from projects.models.withdrawn import StandingManager, Withdrawable
from zones import clock
from zones.models import Versioned
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet


class Phase(models.TextChoices):
    """How far a project has come: the furthest milestone that is done. In this order."""

    RESERVED = "reserved", "谋划储备"
    NEGOTIATING = "negotiating", "在谈"
    SIGNED = "signed", "已签约"
    PERFORMED = "performed", "已履约"
    STARTED = "started", "已开工"
    PRODUCED = "produced", "已投产"
    AT_CAPACITY = "at_capacity", "已达效"

    @property
    def rank(self) -> int:
        return list(type(self)).index(self)


class Category(models.TextChoices):
    """The province's categories, as its rounds list them."""

    MANUFACTURING = "manufacturing", "先进制造业"
    EMERGING = "emerging", "战略性新兴产业"
    DIGITAL = "digital", "数字经济和新型基础设施"
    INFRASTRUCTURE = "infrastructure", "重大基础设施"
    SERVICES = "services", "现代服务业"
    LIVELIHOOD = "livelihood", "社会民生"
    OTHER = "other", "其他"


class Importance(models.TextChoices):
    PROVINCE = "province", "省重点"
    CITY = "city", "市重点"
    DISTRICT = "district", "区重点"


class Qualifier(models.TextChoices):
    """What stands before a stated amount."""

    ABOUT = "about", "约"
    NEAR = "near", "近"
    OVER = "over", "超"
    UNDER = "under", "不足"
    PLANNED = "planned", "计划"


class ProjectQuerySet(ScopedQuerySet):
    """Projects by what they are now."""

    def live(self) -> ProjectQuerySet:
        """Not terminated as of today."""
        return self.open_on(clock.today())

    def open_on(self, day: Any) -> ProjectQuerySet:
        """Not terminated by `day`, and not opened by mistake."""
        return self.filter(Q(terminated_on=None) | Q(terminated_on__gt=day), withdrawn_at=None)


class Project(Versioned, Withdrawable, ScopedModel):
    """One investment project. Money is whole yuan; low and high differ for a range; null is not known.

    Amounts, company and dates that were stated somewhere mirror the chosen claims. `phase` is a cache that
    `projects.facts` keeps; nobody types it. A withdrawn one was opened by mistake: it is terminated as well, so that a
    scan ends what it began for it, keeps its code, and is in nobody's sight.
    """

    zone_lookup: ClassVar[str] = "zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("assignments__user", "assignments__department")

    code = models.CharField("编号", max_length=50, unique=True, editable=False)
    serial = models.PositiveIntegerField("序号", editable=False)
    national_code = models.CharField("项目代码", max_length=24, blank=True, help_text="投资项目在线审批监管平台代码")
    name = models.CharField("项目名称", max_length=300)
    key = models.CharField("比对名", max_length=300, editable=False, db_index=True)
    initials = models.CharField("拼音首字母", max_length=120, editable=False, db_index=True)
    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="projects", verbose_name="所属区域")
    company = models.ForeignKey(
        "projects.Company", models.PROTECT, null=True, blank=True, related_name="projects", verbose_name="企业"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="上级项目"
    )
    category = models.CharField("产业类别", max_length=16, choices=Category, blank=True)
    importance = models.CharField("重要级别", max_length=10, choices=Importance, blank=True)
    content = models.TextField("建设内容", blank=True)

    investment_low = models.BigIntegerField("总投资（低，元）", null=True, blank=True, editable=False)
    investment_high = models.BigIntegerField("总投资（元）", null=True, blank=True, editable=False)
    investment_qualifier = models.CharField("总投资限定", max_length=10, choices=Qualifier, blank=True, editable=False)
    foreign_low = models.BigIntegerField("外币投资（低）", null=True, blank=True, editable=False)
    foreign_high = models.BigIntegerField("外币投资", null=True, blank=True, editable=False)
    foreign_currency = models.CharField("币种", max_length=3, blank=True, editable=False)
    foreign_qualifier = models.CharField("外币投资限定", max_length=10, choices=Qualifier, blank=True, editable=False)

    phase = models.CharField("阶段", max_length=12, choices=Phase, default=Phase.RESERVED, editable=False)
    terminated_on = models.DateField("终止日期", null=True, blank=True, editable=False)
    terminated_reason = models.CharField("终止原因", max_length=300, blank=True, editable=False)
    terminated_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="终止经办人"
    )
    is_demo = models.BooleanField("演示", default=False, editable=False)
    created_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="建档人"
    )
    created_at = models.DateTimeField("建档时间", auto_now_add=True)

    objects = ScopedManager.from_queryset(ProjectQuerySet)()

    class Meta:
        verbose_name = "项目"
        verbose_name_plural = "项目"
        ordering: ClassVar = ["zone__path", "serial", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(investment_low=None, investment_high=None)
                | Q(investment_low__gte=0, investment_low__lte=F("investment_high")),
                name="projects_project_investment",
                violation_error_message="总投资的下限不能高于上限",
            ),
            models.CheckConstraint(
                condition=Q(foreign_low=None, foreign_high=None, foreign_currency="")
                | (Q(foreign_low__gte=0, foreign_low__lte=F("foreign_high")) & ~Q(foreign_currency__in=["", "CNY"])),
                name="projects_project_foreign",
                violation_error_message="外币投资应写明币种，下限不能高于上限",
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("pk")),
                name="projects_project_not_own_part",
                violation_error_message="项目不能是自己的子项目",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(terminated_on__isnull=False),
                name="projects_project_withdrawn_is_ended",
            ),
        ]
        # Lists show what was not withdrawn; without the condition they would have to look at every row.
        indexes: ClassVar = [
            models.Index(
                fields=["zone", "phase", "investment_high", "id"],
                condition=Q(withdrawn_at=None),
                name="projects_project_of_zone",
            ),
            models.Index(fields=["zone", "id"], condition=Q(withdrawn_at=None), name="projects_project_by_cursor"),
            KnownFirst(
                F("investment_high").desc(nulls_last=True),
                "id",
                condition=Q(withdrawn_at=None),
                name="projects_project_largest",
            ),
            models.Index(
                fields=["zone"],
                condition=Q(terminated_on=None),
                name="projects_project_live",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = names.key(self.name)
        self.initials = names.initials(self.name)[:120]
        super().save(*args, **kwargs)

    def refuse_withdrawn(self) -> Project:
        """The project itself. Raises ValidationError when its file was taken back: nothing is written for it."""
        if self.withdrawn_at:
            raise ValidationError(f"项目“{self.name}”（{self.code}）的档案已撤销，不能再登记")
        return self

    @property
    def investment(self) -> money.Amount | None:
        """Total investment in yuan, as stated; None when only foreign money or nothing was stated."""
        if self.investment_low is None or self.investment_high is None:
            return None
        return money.Amount(self.investment_low, self.investment_high, "CNY", self.investment_qualifier)

    @property
    def foreign(self) -> money.Amount | None:
        """The part stated in foreign money; never added to yuan."""
        if self.foreign_low is None or self.foreign_high is None:
            return None
        return money.Amount(self.foreign_low, self.foreign_high, self.foreign_currency, self.foreign_qualifier)


class ProjectAlias(Withdrawable, ScopedModel):
    """Another name of a project: printed somewhere or used formerly."""

    zone_lookup: ClassVar[str] = "project__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")

    project = models.ForeignKey(Project, models.PROTECT, related_name="aliases", verbose_name="项目")
    name = models.CharField("又名", max_length=300)
    key = models.CharField("比对名", max_length=300, editable=False, db_index=True)

    objects = StandingManager()

    class Meta:
        verbose_name = "又名"
        verbose_name_plural = "又名"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "key"],
                condition=Q(withdrawn_at=None),
                name="projects_alias_once",
                violation_error_message="已有这个又名",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = names.key(self.name)
        super().save(*args, **kwargs)


class AssignmentQuerySet(ScopedQuerySet):
    """Assignments by day."""

    def in_force(self, day: Any) -> AssignmentQuerySet:
        """Those that hold on `day`; the last day counts."""
        return self.filter(Q(starts=None) | Q(starts__lte=day), Q(ends=None) | Q(ends__gte=day))


class Assignment(Versioned, ScopedModel):
    """Who stands for a project: a person, a unit, or a post known by name only, from one day to another."""

    class Role(models.TextChoices):
        LEADER = "leader", "包联领导"
        STEWARD = "steward", "首席服务员"
        UNIT = "unit", "责任单位"
        RESPONSIBLE = "responsible", "责任人"
        LIAISON = "liaison", "联络员"
        TEAM = "team", "专班成员"

    zone_lookup: ClassVar[str] = "project__zone"

    project = models.ForeignKey(Project, models.PROTECT, related_name="assignments", verbose_name="项目")
    role = models.CharField("身份", max_length=12, choices=Role)
    user = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name="人员"
    )
    department = models.ForeignKey(
        "zones.Department", models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name="单位"
    )
    post = models.CharField("职务或姓名", max_length=100, blank=True, help_text="人员没有账号时填写")
    starts = models.DateField("起始日期", null=True, blank=True)
    ends = models.DateField("截止日期", null=True, blank=True, help_text="最后一天；不填为至今")
    recorded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="经办人"
    )

    objects = ScopedManager.from_queryset(AssignmentQuerySet)()

    class Meta:
        verbose_name = "分包责任"
        verbose_name_plural = "分包责任"
        ordering: ClassVar = ["project_id", "role", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(user=None, department=None, post=""),
                name="projects_assignment_somebody",
                violation_error_message="请选择人员或单位，或填写职务",
            ),
            models.CheckConstraint(
                condition=Q(starts=None) | Q(ends=None) | Q(starts__lte=F("ends")),
                name="projects_assignment_days",
                violation_error_message="截止日期不能早于起始日期",
            ),
            models.UniqueConstraint(
                fields=["project", "role", "user"],
                condition=Q(ends=None, user__isnull=False),
                name="projects_assignment_person_once",
                violation_error_message="此人在该项目已有同一身份",
            ),
            models.UniqueConstraint(
                fields=["project", "role", "department"],
                condition=Q(ends=None, user=None, department__isnull=False),
                name="projects_assignment_unit_once",
                violation_error_message="该单位在该项目已有同一身份",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "project"], name="projects_assignment_of_user")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.who}"

    @property
    def who(self) -> str:
        """The person, else the unit, else the post."""
        return str(self.user or self.department or self.post)
