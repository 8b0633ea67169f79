"""Ledgers as sent: the sheets as they were, what was understood and told, each row and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel


class Ledger(Versioned, ScopedModel):
    """A workbook that was sent. Nothing of it is a fact before it is imported; what is imported has its `source`.

    `on` is the day on which it was first read. `about` is what was understood, as `projects.ledgers.storing` writes it:
    tables with their columns, questions and remarks. `told` is what a person answered or corrected. `counts` are the
    rows by what becomes of them, `judged` a digest of all differences: an import that would write something else than
    was previewed is refused. `made` is what was written beyond the rows that carry the source, for undoing.
    """

    class State(models.TextChoices):
        ASKING = "asking", "待回答"
        COMPARING = "comparing", "正在比对"
        READY = "ready", "待确认"
        IMPORTING = "importing", "正在导入"
        IMPORTED = "imported", "已导入"
        UNDONE = "undone", "已撤销"
        DROPPED = "dropped", "不导入"

    UNDO_JOB: ClassVar[str] = "undo_ledger"

    zone_lookup: ClassVar[str] = "zone"
    # Only the office: a file sent by mistake may hold anything, and nothing of it is a fact yet.
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE,)

    source = models.OneToOneField("projects.Source", models.PROTECT, related_name="ledger", verbose_name="来源")
    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="ledgers", verbose_name="区域")
    upload = models.ForeignKey(
        "projects_intake.Upload", models.PROTECT, null=True, blank=True, related_name="ledgers", verbose_name="上传文件"
    )
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文件指纹", max_length=64, editable=False)
    on = models.DateField("读取日期")
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKING)
    about = models.JSONField("读到的内容", default=dict, editable=False)
    told = models.JSONField("人工说明", default=dict, editable=False)
    counts = models.JSONField("各类行数", default=dict, editable=False)
    judged = models.CharField("比对指纹", max_length=64, blank=True, editable=False)
    outcome = models.CharField("结果", max_length=500, blank=True)
    only_good = models.BooleanField("只导入正确的行", default=False, editable=False)
    made = models.JSONField(default=dict, editable=False)
    done_rows = models.PositiveIntegerField("已处理行数", default=0, editable=False)
    all_rows = models.PositiveIntegerField("总行数", default=0, editable=False)
    stopping = models.BooleanField("要求停止", default=False, editable=False)
    job = models.ForeignKey(
        "projects_jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务"
    )
    read_at = models.DateTimeField("读取时间", auto_now_add=True)
    sent_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上传人"
    )
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)
    imported_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导入人"
    )
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )

    objects = ScopedManager()

    class Meta:
        verbose_name = "台账"
        verbose_name_plural = "台账"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            # Sent again after its import was taken back, or after it was put aside, it is another ledger.
            models.UniqueConstraint(
                fields=["zone", "sha256"],
                condition=~Q(state__in=["undone", "dropped"]),
                name="ledgers_ledger_once",
                violation_error_message="这份台账已经读过",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["imported", "undone"]) | Q(imported_at__isnull=False),
                name="ledgers_ledger_imported",
            ),
            models.CheckConstraint(
                condition=~Q(state="undone") | Q(undone_at__isnull=False), name="ledgers_ledger_undone"
            ),
        ]

    def __str__(self) -> str:
        return self.about.get("title") or self.file_name

    @property
    def is_open(self) -> bool:
        """Whether it may still be answered, corrected and imported."""
        return self.state in (self.State.ASKING, self.State.READY)

    @property
    def is_busy(self) -> bool:
        """Whether a worker is at it."""
        return self.state in (self.State.COMPARING, self.State.IMPORTING)

    @property
    def is_being_undone(self) -> bool:
        """Whether a worker takes its import back."""
        at_work = self.job is not None and self.job.kind == self.UNDO_JOB and self.job.is_at_work
        return self.state == self.State.IMPORTED and at_work

    @property
    def percent(self) -> int:
        """How far the worker is, 0 to 100."""
        return min(100, 100 * self.done_rows // self.all_rows) if self.all_rows else 0


class Part(ScopedModel):
    """Some hundred rows of a sheet as they were, packed (see `projects.ledgers.storing`). `first` counts from 0."""

    zone_lookup: ClassVar[str] = "ledger__zone"
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE,)

    ledger = models.ForeignKey(Ledger, models.CASCADE, related_name="parts", verbose_name="台账")
    sheet = models.PositiveSmallIntegerField("工作表序号")
    first = models.PositiveIntegerField("第一行")
    packed = models.BinaryField("内容")

    class Meta:
        verbose_name = "台账内容"
        verbose_name_plural = "台账内容"
        ordering: ClassVar = ["ledger", "sheet", "first"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ledger", "sheet", "first"], name="ledgers_part_place"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}:{self.first + 1}"


class LedgerRow(ScopedModel):
    """A row of a ledger that names a project: which of ours it means, and how it differs.

    `number` is the row as Excel shows it. `match` says how the project was found and what else is near, `chosen` what a
    person said of it: a key, "new", or "" for nothing. `differences` is a list of [code of the meaning, letter of the
    column, kind, old, new, sentence], kinds being those of `Kind`; the two values as they are shown. `doubts` are the
    cells that were not plain: [letter, sentence, whether nothing can be taken from it]. `made` is what its import wrote
    that carries no source.
    """

    class Kind(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "有变化"
        UNCHANGED = "unchanged", "无变化"
        CONFLICT = "conflict", "有冲突"
        WRONG = "wrong", "有错误"
        LEFT_OUT = "left_out", "不导入"

    zone_lookup: ClassVar[str] = "ledger__zone"
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE,)

    # Without an index of its own: that of the constraint begins with it.
    ledger = models.ForeignKey(Ledger, models.CASCADE, db_index=False, related_name="rows", verbose_name="台账")
    sheet = models.PositiveSmallIntegerField("工作表序号")
    number = models.PositiveIntegerField("行号")
    name = models.CharField("项目名称", max_length=300, blank=True)
    kind = models.CharField("结果", max_length=10, choices=Kind)
    project = models.ForeignKey(
        "projects.Project",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="对应项目",
    )
    created = models.BooleanField("建档", default=False, editable=False)
    doubtful = models.BooleanField("有存疑", default=False, editable=False)
    match = models.JSONField("匹配", default=dict, blank=True, editable=False)
    differences = models.JSONField("差异", default=list, blank=True, editable=False)
    doubts = models.JSONField("存疑", default=list, blank=True, editable=False)
    made = models.JSONField(default=dict, blank=True, editable=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "台账行"
        verbose_name_plural = "台账行"
        ordering: ClassVar = ["ledger", "sheet", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ledger", "sheet", "number"], name="ledgers_row_place"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ledger", "kind", "sheet", "number"], name="ledgers_row_of_kind"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}行 {self.name}".strip()

    @property
    def meant(self) -> int:
        """The project that was known before, 0 for one that is opened or that nobody knows."""
        return 0 if self.created else self.project_id or 0
