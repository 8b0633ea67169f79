"""The month's return of a project, every step it takes, and the photos that go with it."""

from __future__ import annotations

import secrets
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from projects.models.project import Project
from zones.models import Versioned
from zones.scoped.querysets import ScopedModel

# Of the year to date, beside each other; the claims of a step with their days.
PARTS: Final = ("building", "installation", "equipment", "other")
CLAIMS: Final = {"started": "开工", "topped_out": "封顶", "produced": "投产"}  # kind of step: what it is called
FIGURES: Final = ("this_month", "year_to_date", "since_start", *PARTS, "statistics", "percent", "words")
CLAIMED: Final = tuple(name for kind in CLAIMS for name in (f"claims_{kind}", f"{kind}_on"))
FILLED: Final = (*FIGURES, *CLAIMED, "note")


class Return(Versioned, ScopedModel):
    """What a project reports of one month, by its last day. Money is whole yuan; null is not told.

    `year_to_date` and its four parts count from January, `since_start` from the first day of building; `statistics`
    is what the statistics bureau has accepted of the year to date. `this_month` is below zero where a cumulative
    figure is corrected downward. Written by the verbs of `projects.facts` alone; reviewed, it is locked.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "未报"
        SUBMITTED = "submitted", "已报"
        REVIEWED = "reviewed", "已审"
        RETURNED = "returned", "退回"

    zone_lookup: ClassVar[str] = "project__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")

    project = models.ForeignKey(Project, models.PROTECT, related_name="returns", verbose_name="项目")
    month = models.DateField("月份", help_text="当月最后一天")
    this_month = models.BigIntegerField("本月完成（元）", null=True, blank=True)
    year_to_date = models.BigIntegerField("自年初累计（元）", null=True, blank=True)
    since_start = models.BigIntegerField("自开工累计（元）", null=True, blank=True)
    building = models.BigIntegerField("建筑工程（元）", null=True, blank=True)
    installation = models.BigIntegerField("安装工程（元）", null=True, blank=True)
    equipment = models.BigIntegerField("设备工器具购置（元）", null=True, blank=True)
    other = models.BigIntegerField("其他费用（元）", null=True, blank=True)
    statistics = models.BigIntegerField("入统额（元）", null=True, blank=True)
    percent = models.PositiveSmallIntegerField("形象进度（%）", null=True, blank=True)
    words = models.TextField("形象进度", blank=True)
    claims_started = models.BooleanField("申报开工", default=False)
    started_on = models.DateField("开工日期", null=True, blank=True)
    claims_topped_out = models.BooleanField("申报封顶", default=False)
    topped_out_on = models.DateField("封顶日期", null=True, blank=True)
    claims_produced = models.BooleanField("申报投产", default=False)
    produced_on = models.DateField("投产日期", null=True, blank=True)
    note = models.CharField("情况说明", max_length=500, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    returned_reason = models.CharField("退回原因", max_length=300, blank=True)
    submitted_on = models.DateField("上报日期", null=True, blank=True, help_text="最近一次上报")
    submitted_at = models.DateTimeField("上报时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上报人"
    )
    late_days = models.PositiveSmallIntegerField(
        "迟报天数", null=True, blank=True, help_text="首次上报比截止日晚的天数；退回后重报不重算，撤回后重报重算"
    )
    reviewed_on = models.DateField("审核日期", null=True, blank=True)
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    source = models.ForeignKey(
        "projects.Source",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="returns",
        verbose_name="来源",
        help_text="不填为填报人本人",
    )
    recorded_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        verbose_name = "月报"
        verbose_name_plural = "月报"
        ordering: ClassVar = ["-month", "project_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "month"],
                name="projects_return_once",
                violation_error_message="该项目这个月已有月报",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(**{name: None}) | Q(**{f"{name}__gte": 0})
                        for name in ("year_to_date", "since_start", *PARTS, "statistics")
                    )
                ),
                name="projects_return_amounts",
                violation_error_message="累计数不能小于零",
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__lte=100),
                name="projects_return_percent",
                violation_error_message="形象进度应在 0 到 100 之间",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "returned"])
                | Q(year_to_date__isnull=False, submitted_on__isnull=False, late_days__isnull=False),
                name="projects_return_submitted",
                violation_error_message="上报的月报须有自年初累计和上报日期",
            ),
            models.CheckConstraint(
                condition=~Q(status="reviewed") | Q(reviewed_on__isnull=False),
                name="projects_return_reviewed",
                violation_error_message="已审的月报须有审核日期",
            ),
            models.CheckConstraint(
                condition=~Q(status="returned") | ~Q(returned_reason=""),
                name="projects_return_returned",
                violation_error_message="退回须写明原因",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["month", "project"], name="projects_return_of_month")]

    def __str__(self) -> str:
        return f"{self.project} {self.month:%Y}年{self.month.month}月月报"

    @property
    def is_open(self) -> bool:
        """Whether it may still be filled in."""
        return self.status in (self.Status.DRAFT, self.Status.RETURNED)

    @property
    def parts(self) -> tuple[int | None, ...]:
        """Building, installation, equipment and other costs of the year to date, in yuan."""
        return tuple(getattr(self, name) for name in PARTS)

    @property
    def claimed(self) -> list[str]:
        """The steps it claims, each with its day."""
        steps = [
            (name, getattr(self, f"{kind}_on")) for kind, name in CLAIMS.items() if getattr(self, f"claims_{kind}")
        ]
        return [f"{name} {day:%Y-%m-%d}" if day else name for name, day in steps]


class ReturnEvent(ScopedModel):
    """One step of a return: who did what, when and why, and the figures as they stood. Never changed."""

    class What(models.TextChoices):
        FILLED = "filled", "保存"
        SUBMITTED = "submitted", "上报"
        TAKEN_BACK = "taken_back", "撤回"
        REVIEWED = "reviewed", "审核通过"
        SENT_BACK = "sent_back", "退回"
        REOPENED = "reopened", "重新打开"
        PHOTO_ADDED = "photo_added", "加照片"
        PHOTO_REMOVED = "photo_removed", "删照片"

    zone_lookup: ClassVar[str] = "monthly_return__project__zone"

    monthly_return = models.ForeignKey(Return, models.PROTECT, related_name="events", verbose_name="月报")
    what = models.CharField("步骤", max_length=14, choices=What)
    on = models.DateField("日期")
    at = models.DateTimeField("记录时间", auto_now_add=True)
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    reason = models.CharField("说明", max_length=300, blank=True)
    values = models.JSONField("当时的数", default=dict, blank=True)

    class Meta:
        verbose_name = "月报记录"
        verbose_name_plural = "月报记录"
        ordering: ClassVar = ["monthly_return_id", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(what__in=["sent_back", "reopened"]) | ~Q(reason=""),
                name="projects_return_event_reason",
                violation_error_message="退回和重新打开须写明原因",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.on:%Y-%m-%d}"


def photo_path(photo: Photo, name: str) -> str:
    """Where a picture is kept: a name that nobody guesses, and nothing of the name it came with."""
    return f"photos/{secrets.token_urlsafe(24)}.jpg"


class Photo(ScopedModel):
    """A picture of the site that proves a return: when and where it was taken, who sent it.

    The files are made by us from what was sent (`projects.returns.pictures`) and served by a view that asks who may
    see the row, never as static files. A removed picture keeps its row and loses its files.
    """

    zone_lookup: ClassVar[str] = "monthly_return__project__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = (
        "monthly_return__project__assignments__user",
        "monthly_return__project__assignments__department",
    )

    monthly_return = models.ForeignKey(Return, models.PROTECT, related_name="photos", verbose_name="月报")
    file = models.FileField("照片", upload_to=photo_path, max_length=120)
    thumbnail = models.FileField("缩略图", upload_to=photo_path, max_length=120)
    digest = models.CharField("摘要", max_length=64, editable=False, help_text="收到的文件的 SHA-256")
    taken_on = models.DateField("拍摄日期", null=True, blank=True)
    place = models.CharField("拍摄地点", max_length=100, blank=True)
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    uploaded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上传人"
    )
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="删除人"
    )

    class Meta:
        verbose_name = "月报照片"
        verbose_name_plural = "月报照片"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["monthly_return", "digest"],
                condition=Q(removed_at=None),
                name="projects_photo_once",
                violation_error_message="这张照片已经传过",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.taken_on, self.place) if part) or "照片"
