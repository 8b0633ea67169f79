"""What a number on a page of letters counts, and what the list behind it shows: one definition for both."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from projects.alerts.models import Alert, Letter, LetterKind, LetterReply, Talk
from projects.models import Assignment
from zones import clock
from zones.permissions import Action, paths
from zones.scoped.querysets import under

Rows = QuerySet[Any]
State = Letter.State
STATES: Final = {
    "going": "在办",
    "overdue": "逾期未反馈",
    **{state.value: state.label for state in State},
    "all": "全部",
}
"""What the list can be limited to, by its name in the address."""


def in_state(letters: Any, code: str) -> Any:
    """Letters in a state, or in one of the groups of states; 在办 includes drafts."""
    match code:
        case "all":
            return letters
        case "going":
            return letters.drafts() | letters.outstanding()
        case "overdue":
            return letters.overdue(clock.today())
        case _:
            return letters.filter(state=code)


def of_person(letters: Rows, user: Any) -> Rows:
    """Letters that are addressed to the person: to his unit, or of a project for which he stands today."""
    reach = paths(user, Action.WRITE_ASSIGNED)
    his = Q(user=user.pk)
    mine = Q(pk__in=[])
    if user.department_id:
        his |= Q(department=user.department_id)
        mine = Q(department=user.department_id)
    held = Assignment.objects.in_force(clock.today()).filter(his, project=OuterRef("project"))
    return letters.filter(under("zone", reach)).filter(mine | Q(Exists(held)))


def to_issue(letters: Rows, user: Any) -> Rows:
    """Letters that wait for the person to issue them."""
    return letters.filter(under("head__zone", paths(user, Action.APPROVE)), state=State.SUBMITTED)


def to_accept(letters: Rows, user: Any) -> Rows:
    """Letters with a reply that waits for the person's office; his own replies are for others."""
    rows = letters.filter(under("head__zone", paths(user, Action.WRITE)), state=State.REPLIED)
    own = LetterReply.objects.filter(letter=OuterRef("pk"), state=LetterReply.State.WAITING, by=user.pk)
    return rows.filter(~Exists(own))


def to_record(letters: Rows, user: Any) -> Rows:
    """约谈通知 whose day has come, and of which the person's office has not written down what was said."""
    rows = letters.outstanding().filter(under("head__zone", paths(user, Action.WRITE)), kind=LetterKind.TALK)  # type: ignore[attr-defined]
    recorded = Talk.objects.filter(letter=OuterRef("pk"))
    return rows.filter(~Exists(recorded), talk_on__lte=clock.today())


def to_write_of(user: Any) -> Any:
    """Alerts that nobody answered in time, of the person's office, and of which no letter is under way."""
    reach = paths(user, Action.WRITE)
    live = Letter.objects.filter(alerts=OuterRef("pk"), state__in=[*Letter.DRAFTS, *Letter.OUTSTANDING])
    rows = Alert.objects.visible_to(user).late(clock.today())
    return rows.filter(under("project__zone", reach) | under("zone", reach)).filter(~Exists(live))
