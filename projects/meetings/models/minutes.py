"""The minutes (会议纪要) of a meeting."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from projects.meetings.models.meeting import Meeting
from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedModel


def document_path(minutes: Minutes, name: str) -> str:
    """Where an issued document is kept: a name that nobody guesses."""
    return f"minutes/{secrets.token_urlsafe(24)}.docx"


class Minutes(Versioned, ScopedModel):
    """The text of the minutes as the office edits it, and the document as a leader issued it (签发).

    `background`, `body` and `remarks` are plain paragraphs, one a line; the decisions stand in their own rows and are
    set by the document. Once issued nothing here changes: `document` is what went out, `digest` its SHA-256.
    """

    zone_lookup: ClassVar[str] = "meeting__zone"
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING,)

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes", verbose_name="会议")
    title = models.CharField("标题", max_length=100)
    background = models.TextField("会议概况", blank=True)
    body = models.TextField("会议内容", blank=True)
    remarks = models.TextField("会议强调", blank=True)
    distribution = models.TextField("印发范围", blank=True)
    copies = models.PositiveSmallIntegerField("共印份数", null=True, blank=True)
    issued_at = models.DateTimeField("签发时间", null=True, blank=True, editable=False)
    issued_on = models.DateField("签发日期", null=True, blank=True, editable=False)
    issued_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="签发人"
    )
    document = models.FileField("纪要文件", upload_to=document_path, max_length=120, blank=True, editable=False)
    digest = models.CharField("摘要", max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = "会议纪要"
        verbose_name_plural = "会议纪要"
        ordering: ClassVar = ["-meeting__held_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(issued_at=None, issued_on=None, digest="")
                | (Q(issued_at__isnull=False, issued_on__isnull=False) & ~Q(digest="")),
                name="projects_meetings_minutes_issued",
                violation_error_message="签发的纪要须有日期和文件",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Addendum(ScopedModel):
    """A correction of issued minutes: what is to be read instead, by whom and when. Never edited."""

    zone_lookup: ClassVar[str] = "minutes__meeting__zone"
    write_actions: ClassVar[tuple[str, ...]] = (Action.APPROVE,)

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="addenda", verbose_name="会议纪要")
    number = models.PositiveSmallIntegerField("序号", editable=False)
    text = models.TextField("补充更正", max_length=2000)
    by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="签发人")
    on = models.DateField("日期")
    at = models.DateTimeField("记录时间", auto_now_add=True)

    class Meta:
        verbose_name = "补充更正"
        verbose_name_plural = "补充更正"
        ordering: ClassVar = ["minutes_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["minutes", "number"], name="projects_meetings_addendum_number"),
        ]

    def __str__(self) -> str:
        return f"补充更正之{self.number}"
