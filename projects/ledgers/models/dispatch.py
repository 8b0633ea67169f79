"""What was sent to whom, when, with which figures."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models

from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel


def dispatch_path(dispatch: Dispatch, name: str) -> str:
    """Where a file that was sent is kept: a name that nobody guesses."""
    return f"dispatches/{secrets.token_urlsafe(24)}"


class Dispatch(ScopedModel):
    """A table that was sent (报送记录): the file as it went out, and its figures by project. Never changed.

    `month` is the last day of the month it is about. `figures` is by key of the project: {"12": {"name": …,
    "investment": yuan, …}}.
    """

    zone_lookup: ClassVar[str] = "zone"
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.APPROVE)

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="dispatches", verbose_name="区域")
    month = models.DateField("月份", help_text="当月最后一天")
    title = models.CharField("名称", max_length=200)
    layout = models.CharField("样式", max_length=200, blank=True)
    recipient = models.CharField("报送单位", max_length=100)
    sent_on = models.DateField("报送日期")
    sent_at = models.DateTimeField("登记时间", auto_now_add=True)
    sent_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )
    note = models.CharField("说明", max_length=300, blank=True)
    file = models.FileField("文件", upload_to=dispatch_path, max_length=120, editable=False)
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文件指纹", max_length=64, editable=False)
    size = models.PositiveIntegerField("大小（字节）")
    figures = models.JSONField("报送的数", default=dict, editable=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "报送记录"
        verbose_name_plural = "报送记录"
        ordering: ClassVar = ["-month", "-pk"]
        indexes: ClassVar = [models.Index(fields=["zone", "title", "-month"], name="ledgers_dispatch_of_zone")]

    def __str__(self) -> str:
        return f"{self.month:%Y}年{self.month.month}月 {self.title}"
