"""Files as they came in: kept under a name that nobody guesses, with what became of each."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel


def upload_path(upload: Upload, name: str) -> str:
    """Where a file is kept: outside everything that is served, and nothing of the name it came with."""
    return f"intake/{secrets.token_urlsafe(24)}"


class Upload(ScopedModel):
    """A file that somebody sent, or text that he pasted, waiting to be read by a worker or read.

    What it was read as is its `source`, on which a report or a ledger hangs. Files sent together share a `bundle`.
    `zone` is where it was sent from, and once it is read the zone that it speaks of. `told` is what the sender wrote
    beside it: `zone`, the code of the zone it is about, and `published`, a day. `outcome` is one Chinese sentence: what
    was read, or why it was not and what to do; `code` says to programs why. Only the office sees it: a file sent by
    mistake may hold anything.
    """

    class Purpose(models.TextChoices):
        REPORT = "report", "报道"
        LEDGER = "ledger", "台账"

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        READING = "reading", "正在读取"
        READ = "read", "已读取"
        REFUSED = "refused", "未能读取"

    zone_lookup: ClassVar[str] = "zone"
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE,)

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="uploads", verbose_name="区域")
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    bundle = models.UUIDField("批号", db_index=True)
    name = models.CharField("文件名", max_length=255)
    file = models.FileField("文件", upload_to=upload_path, max_length=120, editable=False)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("文件指纹", max_length=64, db_index=True, editable=False)
    format = models.CharField("格式", max_length=10, blank=True, editable=False)
    told = models.JSONField("随文件填写", default=dict, editable=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    outcome = models.CharField("结果", max_length=500, blank=True)
    code = models.CharField("未能读取的原因", max_length=20, blank=True, editable=False)
    sent_at = models.DateTimeField("上传时间", auto_now_add=True)
    sent_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上传人"
    )
    read_at = models.DateTimeField("读取时间", null=True, blank=True)
    job = models.ForeignKey(
        "projects_jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务"
    )
    source = models.ForeignKey(
        "projects.Source", models.PROTECT, null=True, blank=True, related_name="uploads", verbose_name="读成"
    )

    objects = ScopedManager()

    class Meta:
        verbose_name = "上传文件"
        verbose_name_plural = "上传文件"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["read", "refused"]) | ~Q(outcome=""), name="projects_intake_upload_told"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it is still to be read."""
        return self.state in (self.State.WAITING, self.State.READING)
