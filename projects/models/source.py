"""Where a value comes from, and the value as it was stated there."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from projects import dates, money
from projects.models.project import Project, Qualifier
from projects.models.withdrawn import StandingManager, Withdrawable
from zones.scoped.querysets import ScopedModel


class Source(ScopedModel):
    """A document, a meeting or a person that states something."""

    class Kind(models.TextChoices):
        REPORT = "report", "报道"
        LEDGER = "ledger", "台账"
        MEETING = "meeting", "会议"
        PERSON = "person", "人员填报"
        DOCUMENT = "document", "文件"
        DEMO = "demo", "演示"

    zone_lookup: ClassVar[str] = "zone"

    kind = models.CharField("类别", max_length=10, choices=Kind)
    title = models.CharField("标题", max_length=200)
    publisher = models.CharField("发布单位", max_length=100, blank=True)
    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="sources", verbose_name="所属区域")
    date_first = models.DateField("日期（最早）", null=True, blank=True)
    date_last = models.DateField("日期（最晚）", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = "来源"
        verbose_name_plural = "来源"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(date_first=None) | Q(date_last=None) | Q(date_first__lte=F("date_last")),
                name="projects_source_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.title}"

    @property
    def is_demo(self) -> bool:
        """Whether what it states is invented; screens then say 演示."""
        return self.kind == self.Kind.DEMO


class Claim(Withdrawable, ScopedModel):
    """A value that a source states of a project, typed: money low–high, days first–last, or words.

    At most one claim per project and field is chosen, and the project's columns mirror it; `chosen_by` is who preferred
    it to others, None where it was simply the first. `start` to `end` are characters of a text, `place` the cell of a
    sheet ("Sheet1!F7"). `note` says what a person put in place of the words there. Never
    edited: who states something else makes another claim.
    """

    class Field(models.TextChoices):
        NAME = "name", "项目名称"
        COMPANY = "company", "企业"
        AMOUNT = "amount", "总投资"
        FOREIGN = "foreign", "外币投资"
        ANNUAL_PLAN = "annual_plan", "年度计划投资"
        COMPLETED = "completed", "完成投资"
        STATUS = "status", "状态"
        SIGNED = "signed", "签约时间"
        STARTED = "started", "开工时间"
        TOPPED_OUT = "topped-out", "封顶时间"
        COMPLETION = "completion", "竣工时间"
        TRIAL = "trial", "试生产时间"
        PRODUCED = "produced", "投产时间"
        IN_USE = "in-use", "投用时间"
        LAND_GRANTED = "land-granted", "供地时间"
        APPROVED = "approved", "审批时间"

    class Certainty(models.TextChoices):
        ACTUAL = "actual", "实际"
        PLANNED = "planned", "计划"

    zone_lookup: ClassVar[str] = "project__zone"

    project = models.ForeignKey(Project, models.PROTECT, related_name="claims", verbose_name="项目")
    field = models.CharField("内容", max_length=16, choices=Field)
    certainty = models.CharField("性质", max_length=8, choices=Certainty, default=Certainty.ACTUAL)
    low = models.BigIntegerField("金额（低）", null=True, blank=True)
    high = models.BigIntegerField("金额", null=True, blank=True)
    currency = models.CharField("币种", max_length=3, blank=True)
    qualifier = models.CharField("限定", max_length=10, choices=Qualifier, blank=True)
    first = models.DateField("最早", null=True, blank=True)
    last = models.DateField("最晚", null=True, blank=True)
    precision = models.CharField("日期精度", max_length=10, blank=True)
    text = models.CharField("文字", max_length=300, blank=True)
    holds_on = models.DateField("对应日期", null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="claims", verbose_name="来源")
    start = models.PositiveIntegerField("原文起", null=True, blank=True)
    end = models.PositiveIntegerField("原文止", null=True, blank=True)
    place = models.CharField("单元格", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    chosen = models.BooleanField("采用", default=False)
    chosen_by = models.ForeignKey(
        "zones.User",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name="选用人",
    )
    chosen_on = models.DateField("选用日期", null=True, blank=True, editable=False)
    recorded_at = models.DateTimeField("记录时间", auto_now_add=True)
    recorded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="记录人"
    )

    # The company that was opened for it when it came to hold, and the claim that held before. Known to who made it
    # hold, and not stored.
    founded: int | None = None
    replaced: int | None = None

    objects = StandingManager()

    class Meta:
        verbose_name = "说法"
        verbose_name_plural = "说法"
        ordering: ClassVar = ["project_id", "field", "-chosen", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "field", "certainty"],
                condition=Q(chosen=True),
                name="projects_claim_one_chosen",
                violation_error_message="同一内容只能采用一种说法",
            ),
            models.UniqueConstraint(
                fields=["project", "field", "certainty", "source", "start", "end"],
                condition=Q(start__isnull=False, withdrawn_at=None),
                name="projects_claim_once_per_place",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(chosen=False), name="projects_claim_withdrawn_is_not_chosen"
            ),
            models.CheckConstraint(
                condition=Q(low=None, high=None, currency="") | (Q(low__gte=0, low__lte=F("high")) & ~Q(currency="")),
                name="projects_claim_amount",
            ),
            models.CheckConstraint(
                condition=Q(first=None) | Q(last=None) | Q(first__lte=F("last")), name="projects_claim_days"
            ),
            models.CheckConstraint(
                condition=Q(start=None, end=None) | Q(start__lt=F("end")), name="projects_claim_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_field_display()}：{self.shown}"

    @property
    def amount(self) -> money.Amount | None:
        """The stated amount in whole units of its currency."""
        if self.low is None or self.high is None:
            return None
        return money.Amount(self.low, self.high, self.currency, self.qualifier)

    @property
    def shown(self) -> str:
        """The value as a person writes it."""
        if self.amount:
            return money.show_amount(self.amount)
        if self.precision:
            return dates.show(dates.DateSpan(self.first, self.last, self.precision, self.text))
        return self.text
