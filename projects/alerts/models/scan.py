"""Scans: when they ran, what they looked at, what they found."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet


class ScanRunQuerySet(ScopedQuerySet):
    """Runs by what they looked at."""

    def later_than(self, day: Any, zone: Any) -> ScanRunQuerySet:
        """Of a later day and a zone that is this one, above it or below it (None: all zones); the latest first."""
        runs = self.filter(as_of__gt=day).order_by("-as_of")
        if zone is None:
            return runs
        above = Q(zone=None) | Q(zone__path__in=[*zone.ancestor_paths, zone.path])
        return runs.filter(above | Q(zone__path__startswith=zone.path))

    def covering(self, zone: Any) -> ScanRunQuerySet:
        """That looked at all of a zone (None: all zones) and came to their end; the latest first."""
        places = Q(zone=None) | Q(zone__path__in=[*zone.ancestor_paths, zone.path]) if zone else Q(zone=None)
        return self.filter(places, finished_at__isnull=False).order_by("-as_of", "-pk")


class ScanRun(ScopedModel):
    """One run of the scan that wrote; without a zone it looked at all. Unfinished, if it broke off.

    `whole` says that it looked at every subject, and not only where something had changed; `basis` stands for the rules
    and zones that it judged by.
    """

    zone_lookup: ClassVar[str] = "zone"
    inherited: ClassVar[bool] = True

    as_of = models.DateField("判定日期")
    zone = models.ForeignKey(
        "zones.Zone", models.PROTECT, null=True, blank=True, related_name="scans", verbose_name="区域"
    )
    started_at = models.DateTimeField("开始时间", db_default=Now())
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    whole = models.BooleanField("全面判定", default=True)
    basis = models.CharField(max_length=64, blank=True, editable=False)
    counts = models.JSONField("结果", default=dict)

    objects = ScopedManager.from_queryset(ScanRunQuerySet)()

    class Meta:
        verbose_name = "判定记录"
        verbose_name_plural = "判定记录"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["-as_of"], name="alerts_scan_latest")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d} {self.zone or '全部区域'}"

    def covers(self, reach: list[str]) -> bool:
        """Whether all it looked at lies in the zone paths of `reach`; else its counts tell of foreign zones."""
        path: Any = self.zone.path if self.zone else "/"
        return any(path.startswith(each) for each in reach)


class ScanPart(models.Model):
    """A stretch of a run's subjects of one kind, from key to key, judged in one transaction by whoever comes first."""

    run = models.ForeignKey(ScanRun, models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=20)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = "判定分段"
        verbose_name_plural = "判定分段"
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["run"], condition=Q(finished_at=None), name="alerts_part_to_do"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first}–{self.last}"
