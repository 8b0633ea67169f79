"""Files that belong to a meeting: photos of the week, papers of a topic, evidence of a decision."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from projects.files.kept import KeptFile
from projects.meetings.models.decision import DecisionEvent
from projects.meetings.models.topic import Topic
from projects.meetings.models.update import Update
from zones.permissions import Action
from zones.scoped.querysets import ScopedModel


def attachment_path(attachment: Attachment, name: str) -> str:
    """Where a file is kept: a name that nobody guesses, and nothing of the name it came with but a known ending."""
    return f"meetings/{secrets.token_urlsafe(24)}.{attachment.ending}"


class Attachment(KeptFile, ScopedModel):
    """A file of one update, topic or step of a decision. Served by a view that asks who may see the row, never as a
    static file.
    """

    zone_lookup: ClassVar[tuple[str, ...]] = (
        *("update__project__zone", "topic__meeting__zone"),
        *("step__decision__project__zone", "step__decision__meeting__zone"),
    )
    assigned_lookup: ClassVar[tuple[str, ...]] = ("uploaded_by",)
    write_actions: ClassVar[tuple[str, ...]] = (Action.RUN_MEETING,)

    update = models.ForeignKey(
        Update, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="周进展"
    )
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="议题"
    )
    step = models.ForeignKey(
        DecisionEvent, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="办理记录"
    )
    file = models.FileField("文件", upload_to=attachment_path, max_length=120)
    thumbnail = models.FileField("缩略图", upload_to=attachment_path, max_length=120, blank=True)

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(update__isnull=False, topic=None, step=None)
                | Q(update=None, topic__isnull=False, step=None)
                | Q(update=None, topic=None, step__isnull=False),
                name="projects_meetings_attachment_of_one",
                violation_error_message="附件应属于一项周进展、一个议题或一步办理记录",
            ),
            *(
                models.UniqueConstraint(
                    fields=[owner, "digest"],
                    condition=Q(removed_at=None),
                    name=f"projects_meetings_{owner}_file",
                    violation_error_message="这个文件已经传过",
                )
                for owner in ("update", "topic", "step")
            ),
        ]
