"""What is written of the meeting itself while it sits: who is there, what the leaders stress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.meetings.deciding import going
from projects.meetings.models import Meeting, Saved
from projects.meetings.saving import log
from projects.meetings.saving.week import Conflict, who
from zones.models import User

NOTE: Final = "note"
NOTES: Final = {
    "chair": ("主持人", 60),
    "place": ("地点", 100),
    "present": ("出席", 2000),
    "sitting_in": ("列席", 2000),
    "absent": ("请假", 2000),
    "remarks": ("领导讲话要点", 5000),
}
"""The fields, how they are called, and how many characters each keeps."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a save: what stands in the fields now, what was written, and what another wrote meanwhile."""

    values: dict[str, str]
    written: tuple[str, ...]
    conflicts: dict[str, Conflict]


@transaction.atomic
def note(meeting: Meeting, key: UUID, told: Mapping[str, str], base: Mapping[str, str], by: User | None) -> Noted:
    """Write fields of the meeting by the names of `NOTES`, each against `base`, what stood there when it was typed; see
    `week.fill`. Raises ValidationError: the meeting is over, or a text is too long.
    """
    meeting = going(meeting)
    now = notes_of(meeting)
    wanted = {
        name: text for name, text in _fitting(told).items() if text not in (now[name], base.get(name, "").strip())
    }
    before = log.known(key, meeting, None, NOTE)
    if before:
        wanted = {name: text for name, text in wanted.items() if name not in before.told}
    others = {name for name in wanted if now[name] != base.get(name, "").strip()}
    changed = {} if before else {name: text for name, text in wanted.items() if name not in others}
    if changed:
        write(meeting, changed)
        log.keep(meeting, None, key, NOTE, changed, {name: now[name] for name in changed}, by)
    conflicts = {name: _conflict(meeting, name, wanted[name], now[name]) for name in others}
    return Noted(notes_of(meeting), tuple(changed), conflicts)


INTERNAL: Final = ("absent", "remarks")
"""What only who works on the meeting reads before the minutes are issued."""


def notes_of(meeting: Meeting) -> dict[str, str]:
    """What stands in the fields."""
    return {name: getattr(meeting, name) for name in NOTES}


def write(meeting: Meeting, changed: Mapping[str, str]) -> None:
    """Write fields of a meeting that is held."""
    for name, text in changed.items():
        setattr(meeting, name, text)
    meeting.save(update_fields=list(changed))


def _fitting(told: Mapping[str, str]) -> dict[str, str]:
    fit, refused = {}, {}
    for name, (label, most) in NOTES.items():
        if name not in told:
            continue
        fit[name] = told[name].replace("\r\n", "\n").replace("\x00", "").strip()
        if len(fit[name]) > most:
            refused[name] = f"{label}不能超过 {most} 字，现有 {len(fit[name])} 字，没有保存，请删减"
    if refused:
        raise ValidationError({name: [sentence] for name, sentence in refused.items()})
    return fit


def _conflict(meeting: Meeting, name: str, mine: str, theirs: str) -> Conflict:
    saves = Saved.objects.filter(meeting=meeting, do=NOTE).select_related("by").order_by("-pk")[:100]
    last = next((saved for saved in saves if name in saved.told), None)
    return Conflict(mine, theirs, who(last), last.at if last else None)
