"""The log of saves: what is known by its key already, and what is kept of a save."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError

from projects.meetings.models import Meeting, Saved, Update
from zones.models import User

ELSEWHERE: Final = "这次保存的编号已用于别处，请刷新页面后重试"


def known(key: UUID, meeting: Meeting, update: Update | None, do: str) -> Saved | None:
    """The save that came under this key, if it came before.

    Raises ValidationError when the key was used for something else.
    """
    found = Saved.objects.filter(key=key).first()
    if found and (found.meeting_id, found.update_id, found.do) != (meeting.pk, update.pk if update else None, do):
        raise ValidationError(ELSEWHERE)
    return found


def keep(
    meeting: Meeting,
    update: Update | None,
    key: UUID,
    do: str,
    told: dict[str, Any],
    before: dict[str, Any],
    by: User | None,
    *,
    undoes: Saved | None = None,
) -> Saved:
    """Put down that something was done."""
    return Saved.objects.create(
        meeting=meeting,
        update=update,
        key=key,
        do=do,
        told=_plain(told),
        before=_plain(before),
        by=by,
        undoes=undoes,
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
