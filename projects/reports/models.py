"""Reports as read: the document, the projects it names, the totals it states, and where it disagrees with itself."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from projects.models import Batch
from projects.reports import corrections
from zones import clock
from zones.scoped.querysets import ScopedManager, ScopedModel


class Report(ScopedModel):
    """A report read by the machine. The same text is one report of a zone, whatever its file is called."""

    zone_lookup: ClassVar[str] = "zone"

    source = models.OneToOneField("projects.Source", models.PROTECT, related_name="report", verbose_name="来源")
    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="reports", verbose_name="区域")
    upload = models.ForeignKey(
        "projects_intake.Upload", models.PROTECT, null=True, blank=True, related_name="reports", verbose_name="上传文件"
    )
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文本指纹", max_length=64, editable=False)
    title = models.CharField("标题", max_length=200, blank=True)
    text = models.TextField("正文")
    published_first = models.DateField("发表日期（最早）", null=True, blank=True)
    published_last = models.DateField("发表日期（最晚）", null=True, blank=True)
    published_precision = models.CharField("日期精度", max_length=10, default="unknown")
    published_inferred = models.BooleanField("日期为推断", default=False)
    read_by = models.CharField("读取程序版本", max_length=20, editable=False)
    read_at = models.DateTimeField("读取时间", auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "报道"
        verbose_name_plural = "报道"
        ordering: ClassVar = ["-read_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["zone", "sha256"],
                name="reports_report_once",
                violation_error_message="这篇报道已经读过",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.file_name

    @property
    def is_dated(self) -> bool:
        """Whether the report bears a date, and not only a year that its words let one guess."""
        return self.published_last is not None and not self.published_inferred and self.published_precision != "year"

    @property
    def known_on(self) -> date:
        """The day since which the office knows what the report says: its date, the last day of a rough one, but none
        that is yet to come; today, if the report gives no date.
        """
        today = clock.today()
        known = min(self.published_last or today, today)
        return max(known, self.published_first or known)

    def said(self, start: int, end: int) -> str:
        """The stretch of the report as printed, on one line."""
        return "".join(self.text[start:end].split())


class Spanned(ScopedModel):
    """A row that stands at a place of a report; `stated` holds each value as read, with its own place."""

    zone_lookup: ClassVar[str] = "report__zone"

    start = models.PositiveIntegerField("起")
    end = models.PositiveIntegerField("止")
    stated = models.JSONField("原文数据", default=dict)

    class Meta:
        abstract = True


class Mention(Spanned):
    """A project named in a report, waiting for review or accepted as one of ours.

    `notes` is what accepting left for a person to look at, as `projects.reports.notes` writes it. `confidence` is the
    reader's own, in per cent, and `doubts` its reasons. `corrected` holds what a person put in place of what was read,
    by the names of `stated`; `stated` itself stays as read. `joined_to` is the mention of the same report that this one
    repeats. `proposed` is what a later reader makes of a mention that a person has decided on already.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待审核"
        ACCEPTED = "accepted", "已采纳"
        UNCLEAR = "unclear", "待辨认"
        REFUSED = "refused", "不采纳"
        JOINED = "joined", "已并入"

    report = models.ForeignKey(Report, models.PROTECT, related_name="mentions", verbose_name="报道")
    name = models.CharField("项目名称", max_length=300)
    key = models.CharField("比对名", max_length=300, editable=False)
    aliases = models.JSONField("又称", default=list, blank=True)
    zone_text = models.CharField("原文区域", max_length=100, blank=True)
    batch = models.CharField("批次", max_length=10, choices=Batch, blank=True)
    period = models.PositiveSmallIntegerField("期", null=True, blank=True)
    period_role = models.CharField("期内身份", max_length=10, blank=True)
    status = models.CharField("状态", max_length=20, blank=True)
    state = models.CharField("审核", max_length=10, choices=State, default=State.WAITING)
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, null=True, blank=True, related_name="mentions", verbose_name="对应项目"
    )
    notes = models.JSONField("提醒", default=list, blank=True, editable=False)
    confidence = models.PositiveSmallIntegerField("把握（%）", default=100, editable=False)
    doubts = models.JSONField("存疑", default=list, blank=True, editable=False)
    corrected = models.JSONField("更正", default=dict, blank=True, editable=False)
    joined_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="joined", verbose_name="并入"
    )
    proposed = models.JSONField("重读建议", null=True, blank=True, editable=False)
    reason = models.CharField("不采纳原因", max_length=300, blank=True)
    decided_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="处理人"
    )
    decided_on = models.DateField("处理日期", null=True, blank=True, editable=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "提及"
        verbose_name_plural = "提及"
        ordering: ClassVar = ["report", "start"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "start", "end"], name="reports_mention_place"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="reports_mention_span"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(project__isnull=False), name="reports_mention_accepted"
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(reason=""), name="reports_mention_refused"),
            models.CheckConstraint(
                condition=Q(state="joined", joined_to__isnull=False) | ~Q(state="joined") & Q(joined_to=None),
                name="reports_mention_joined",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def told(self) -> dict[str, Any]:
        """Every value that holds of the mention, shaped as `stated`: what a person corrected stands in place of what
        was read, at the same place of the text, with `correction` saying what he wrote; what he took away is missing.
        """
        return corrections.applied(self.stated, self.corrected, self.start, self.end)

    @property
    def batches(self) -> tuple[str, ...]:
        """The lists that the report puts it on; 签约开工 is two. None where it only says what was done."""
        if not self.told.get("batch", {}).get("entered"):
            return ()
        return (Batch.SIGN, Batch.START) if self.period_role == "签约开工" else (self.batch,)


class MentionEvent(ScopedModel):
    """A step that a person or `--accept` took with a mention, with all that it wrote, so that it can be undone.

    `made` is all that is written in the core for the mention after the step (see `projects.reports.undoing`); `before`
    is the mention's own state before it. Steps of one press of a button share a `bundle` and are undone together. An
    undo is a step of its own; the step undone points to it.
    """

    class What(models.TextChoices):
        ACCEPTED = "accepted", "采纳"
        CORRECTED = "corrected", "更正"
        JOINED = "joined", "并入"
        REFUSED = "refused", "不采纳"
        UNDONE = "undone", "撤销"
        REREAD = "reread", "重新读取"

    zone_lookup: ClassVar[str] = "mention__report__zone"

    mention = models.ForeignKey(Mention, models.PROTECT, related_name="events", verbose_name="提及")
    what = models.CharField("操作", max_length=10, choices=What)
    bundle = models.UUIDField("批号", editable=False, db_index=True)
    told = models.CharField("说明", max_length=500, blank=True)
    before = models.JSONField(default=dict, editable=False)
    made = models.JSONField(default=dict, editable=False)
    at = models.DateTimeField("时间", auto_now_add=True)
    by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="操作人"
    )
    undone_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="undid", verbose_name="撤销于"
    )

    objects = ScopedManager()

    class Meta:
        verbose_name = "审核记录"
        verbose_name_plural = "审核记录"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()}：{self.mention}"


class Figure(Spanned):
    """A total stated in a report. An answer holds for the numbers that it was given to (`answered_to`)."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="figures", verbose_name="报道")
    scope = models.CharField("范围", max_length=200, blank=True)
    filter = models.CharField("其中", max_length=100, blank=True)
    batch = models.CharField("批次", max_length=10, choices=Batch, blank=True)
    period = models.PositiveSmallIntegerField("期", null=True, blank=True)
    count = models.PositiveIntegerField("项目数", null=True, blank=True)
    amount_low = models.BigIntegerField("总投资下限（元）", null=True, blank=True)
    amount_high = models.BigIntegerField("总投资上限（元）", null=True, blank=True)
    answer = models.CharField("核对说明", max_length=300, blank=True)
    answered_to = models.JSONField("核对时的数", default=dict, blank=True, editable=False)
    answered_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="核对人"
    )
    answered_on = models.DateField("核对日期", null=True, blank=True, editable=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "数据"
        verbose_name_plural = "数据"
        ordering: ClassVar = ["report", "start"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "start", "end"], name="reports_figure_place"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="reports_figure_span"),
        ]

    def __str__(self) -> str:
        return self.scope


class Difference(ScopedModel):
    """Where a report disagrees with itself. Told, never repaired; an open one waits for a person."""

    zone_lookup: ClassVar[str] = "report__zone"

    report = models.ForeignKey(Report, models.PROTECT, related_name="differences", verbose_name="报道")
    ordinal = models.PositiveSmallIntegerField("序号")
    code = models.CharField("类型", max_length=30)
    sentence = models.CharField("说明", max_length=500)
    declared = models.CharField("写明", max_length=300, blank=True)
    found = models.CharField("实际", max_length=300, blank=True)
    spans = models.JSONField("原文位置", default=list)
    open = models.BooleanField("待处理", default=False)
    resolution = models.CharField("处理意见", max_length=300, blank=True)
    resolved_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="处理人"
    )
    resolved_on = models.DateField("处理日期", null=True, blank=True, editable=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "数据不一致"
        verbose_name_plural = "数据不一致"
        ordering: ClassVar = ["report", "ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "ordinal"], name="reports_difference_place"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["report"], name="reports_difference_open", condition=Q(open=True)),
        ]

    def __str__(self) -> str:
        return self.sentence
