"""Files that come with a week, a topic or a step of a decision; what they are, `projects.files` says."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from projects.files import read
from projects.meetings.deciding import going
from projects.meetings.models import Attachment, DecisionEvent, Topic, Update
from zones.models import User

MOST: Final = 20  # files of one owner

Owner = Update | Topic | DecisionEvent


@transaction.atomic
def attach(owner: Owner, name: str, data: bytes, *, by: User | None) -> Attachment:
    """Keep a file with its owner. The same file twice is one.

    Raises ValidationError for a file that is empty, too large, locked, none of those that are taken or not what its
    name says, when the owner has too many, and for a meeting that is over.
    """
    content = read(name, data)
    if not isinstance(owner, DecisionEvent):
        going(owner.meeting)
    field = _field(owner)
    there = Attachment.objects.filter(**{field: owner}, removed_at=None)
    if known := there.filter(digest=content.digest).first():
        return known
    if there.count() >= MOST:
        raise ValidationError(f"最多放 {MOST} 个文件，请先删去不用的，或合并成一个文件")
    row = Attachment(**{field: owner}, uploaded_by=by)
    row.keep(name, content)
    return row


@transaction.atomic
def remove(attachment: Attachment, *, by: User | None) -> None:
    """Take a file away: it goes, its row tells that it was there and who took it.

    Raises ValidationError for evidence of a decision, which stays, and for a meeting that is over.
    """
    owner = attachment.update or attachment.topic
    if owner is None:
        raise ValidationError("办理议定事项的佐证材料不能删除；材料有误的，请在下一次反馈中补充说明")
    going(owner.meeting)
    attachment.refresh_from_db()
    if attachment.removed_at:
        return
    attachment.removed_at, attachment.removed_by = timezone.now(), by
    attachment.save(update_fields=["removed_at", "removed_by"])
    transaction.on_commit(attachment.drop_files)


def _field(owner: Owner) -> str:
    return {Update: "update", Topic: "topic", DecisionEvent: "step"}[type(owner)]
