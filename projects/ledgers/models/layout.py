"""Layouts of tables: what an office's headings mean, remembered, and forms in which a ledger is given out."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel


def example_path(layout: Layout, name: str) -> str:
    """Where an example is kept: a name that nobody guesses, and nothing of the name it came with."""
    return f"layouts/{secrets.token_urlsafe(24)}"


class Layout(Versioned, ScopedModel):
    """A layout of an office. `read`: what people told about headings, by their fingerprint, and used when the next file
    has the same ones: `answers` is {"meanings": {heading: code}, "units": {heading: unit}}. `given`: a form to give
    out, `form` as `projects.ledgers.exporting` reads it, `example` the file it was made from.
    """

    class Purpose(models.TextChoices):
        READ = "read", "读入时的说明"
        GIVEN = "given", "导出样式"

    zone_lookup: ClassVar[str] = "zone"
    inherited: ClassVar[bool] = False
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE,)

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="layouts", verbose_name="区域")
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    name = models.CharField("名称", max_length=200)
    fingerprint = models.CharField("表头指纹", max_length=64, blank=True, editable=False)
    headings = models.JSONField("表头", default=list, blank=True, editable=False)
    answers = models.JSONField("说明", default=dict, blank=True, editable=False)
    form = models.JSONField("样式", default=dict, blank=True, editable=False)
    example = models.FileField("样表", upload_to=example_path, max_length=120, blank=True, editable=False)
    changed_at = models.DateTimeField("更新时间", auto_now=True)
    changed_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="更新人"
    )

    objects = ScopedManager()

    class Meta:
        verbose_name = "台账样式"
        verbose_name_plural = "台账样式"
        ordering: ClassVar = ["zone", "purpose", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["zone", "fingerprint"],
                condition=Q(purpose="read"),
                name="ledgers_layout_once",
                violation_error_message="这种表头已有说明",
            ),
            models.UniqueConstraint(
                fields=["zone", "name"],
                condition=Q(purpose="given"),
                name="ledgers_layout_name",
                violation_error_message="已有同名的导出样式",
            ),
        ]

    def __str__(self) -> str:
        return self.name
