"""Who is told of a letter: those to whom it is addressed, the office that writes it, leaders who issue it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from django.urls import reverse

from projects.alerts.models import Letter, LetterEvent, LetterKind
from projects.alerts.recipients import PERSONS, Recipients
from projects.alerts.rulebook import ASSIGNED
from projects.models import Assignment
from projects.notices import inbox
from projects.notices.inbox import Draft
from zones import clock
from zones.permissions import Role

ADDRESSED: Final = [role.value for role in (*PERSONS, Assignment.Role.UNIT)]


ANSWERS: Final = ("receive", "reply")


class Concerned:
    """The people of one letter, as they are appointed and stand for the project today. Two statements."""

    def __init__(self, letter: Letter) -> None:
        self._letter = letter
        self._people = Recipients([self._letter], clock.today())

    @property
    def addressed(self) -> set[int]:
        """Whoever stands for the project, and the people of the unit; of what is graver than a reminder its leaders
        as well. Where there is nobody, the office.
        """
        more = [] if self._letter.kind == LetterKind.REMINDER else [Assignment.Role.LEADER.value]
        return self._people.of(self._letter, {ASSIGNED: [*ADDRESSED, *more]}) or self.office

    @property
    def office(self) -> set[int]:
        """The coordinators of the zone whose letter it is, else of the nearest above, and who drafted it."""
        found = self._people.nearest(self._letter.head.zone.path, (Role.COORDINATOR,))
        return found | {self._letter.drafted_by_id}

    @property
    def leaders(self) -> set[int]:
        """The leaders of the zone whose letter it is, else of the nearest above."""
        return self._people.nearest(self._letter.head.zone.path, (Role.LEADER,))


def tell(
    event: LetterEvent,
    people: Iterable[int],
    sentence: str,
    *,
    urgent: bool = False,
    todo: Collection[int] = (),
    replies: tuple[str, ...] = (),
) -> int:
    """Leave one notice of a step in the inboxes, but for who took it; how many were new. `todo` are those who are asked
    to do something about it, `replies` what of it they may do by a link.
    """
    letter = event.letter
    return inbox.leave(
        Draft(
            user_id=user_id,
            key=f"letter:{letter.pk}:{event.pk}",
            kind=letter.get_kind_display(),
            sentence=f"{called(letter)}：{sentence}",
            path=page(letter),
            project_id=letter.project_id,
            zone_id=letter.zone_id,
            urgent=urgent,
            todo=user_id in todo,
            replies=replies if user_id in todo else (),
        )
        for user_id in sorted(set(people) - {event.by_id})
    )


def called(letter: Letter) -> str:
    """How a sentence calls a letter: by its number, and by what it is about."""
    return f"{letter.code or letter.get_kind_display()}《{letter.title}》"


def page(letter: Any) -> str:
    """The address of a letter's page."""
    return reverse("admin:projects_alerts_letter_change", args=[letter.pk])
