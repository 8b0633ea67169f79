"""What all verbs of letters have in common: one lock order, one refusal of what is stale, one log; and who may what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError

from projects.alerts.models import Letter, LetterEvent
from projects.alerts.models.alert import WORDS
from projects.facts.locking import locked
from projects.selecting import looked_after
from zones import clock
from zones.models import User
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may
from zones.scoped.querysets import visible_rows

What = LetterEvent.What


def held(letter: Letter) -> Letter:
    """The letter as it is stored now; the project comes first, as everywhere, and its alerts after it."""
    project = locked(letter.project) if letter.project else None
    rows = Letter.objects.select_for_update(no_key=True, of=("self",))
    found = rows.select_related("zone", "head__zone", "department", "issued_by").get(pk=letter.pk)
    if project is not None:
        found.project = project
    return found


def require(letter: Letter, expected_version: int | None, states: Sequence[str], what: str) -> None:
    """Raise StaleVersion if the letter was changed since it was read, ValidationError if it is in none of `states`."""
    if expected_version is not None and letter.version != expected_version:
        raise StaleVersion(letter)
    if letter.state not in states:
        raise ValidationError(f"这件函件{letter.get_state_display()}，不能{what}")


def step(letter: Letter, what: LetterEvent.What, by: User, note: str = "") -> LetterEvent:
    """Save the letter as it is now, and keep the step."""
    letter.save()
    return LetterEvent.objects.create(letter=letter, what=what, on=clock.today(), by=by, note=note[:WORDS])


# ---- Who may -----------------------------------------------------------------------------------------
def may_draft(user: Any, letter: Letter) -> bool:
    """Whether `user` edits it, accepts what is replied and keeps the record: the office that writes it."""
    return may(user, Action.WRITE, letter.head.zone)


def may_issue(user: Any, letter: Letter) -> bool:
    """Whether `user` issues it and takes it back: a leader of the zone whose letter it is."""
    return may(user, Action.APPROVE, letter.head.zone)


def stands_for(user: Any, letter: Letter) -> bool:
    """Whether it is addressed to the person: his unit, or he stands for the project himself or by his unit today."""
    if not may(user, Action.WRITE_ASSIGNED, letter):
        return False
    if letter.department_id and letter.department_id == user.department_id:
        return True
    if letter.project is None:
        return False
    rows = visible_rows(type(letter.project), user).filter(pk=letter.project_id)
    return looked_after(rows, user, clock.today()).exists()


def may_reply(user: Any, letter: Letter) -> bool:
    """Whether `user` receives it and replies: to whom it is addressed, or the office for who replied on paper."""
    return may_draft(user, letter) or stands_for(user, letter)
