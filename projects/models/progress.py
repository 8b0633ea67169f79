"""What was achieved, as told up to a day, by channel."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from projects.models.project import Project
from zones.scoped.querysets import ScopedModel


class Progress(ScopedModel):
    """Figures of a project up to a day, by one channel. A correction replaces the row and keeps the old one.

    `amount` is what was invested since January of the year of `up_to`, `total` since the start of the project,
    both in yuan; null is not told. Never edited.
    """

    class Channel(models.TextChoices):
        REPORTED = "reported", "报表"
        STATISTICS = "statistics", "入统"
        WEEKLY = "weekly", "周报"
        PRESS = "press", "报道"

    zone_lookup: ClassVar[str] = "project__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")

    project = models.ForeignKey(Project, models.PROTECT, related_name="progress", verbose_name="项目")
    channel = models.CharField("口径", max_length=10, choices=Channel)
    up_to = models.DateField("截至日期")
    amount = models.BigIntegerField("年内累计完成投资（元）", null=True, blank=True)
    total = models.BigIntegerField("自开工累计完成投资（元）", null=True, blank=True)
    percent = models.PositiveSmallIntegerField("形象进度（%）", null=True, blank=True)
    words = models.TextField("形象进度", blank=True)
    source = models.ForeignKey(
        "projects.Source", models.PROTECT, null=True, blank=True, related_name="progress", verbose_name="来源"
    )
    recorded_at = models.DateTimeField("记录时间", auto_now_add=True)
    recorded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填报人"
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="更正"
    )
    current = models.BooleanField("有效", default=True)

    class Meta:
        verbose_name = "进展"
        verbose_name_plural = "进展"
        ordering: ClassVar = ["-up_to", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "channel", "up_to"],
                condition=Q(current=True),
                name="projects_progress_one_current",
                violation_error_message="该项目这一天这个口径已有数据，请用更正",
            ),
            models.CheckConstraint(
                condition=(Q(amount=None) | Q(amount__gte=0)) & (Q(total=None) | Q(total__gte=0)),
                name="projects_progress_amount",
                violation_error_message="完成投资不能小于零",
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__lte=100),
                name="projects_progress_percent",
                violation_error_message="形象进度应在 0 到 100 之间",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-up_to", "-id"], name="projects_progress_newest")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} 截至{self.up_to:%Y-%m-%d}"
