"""What a number on a page of decisions counts, and what the list behind it shows: one definition for both."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from projects.meetings import following
from projects.meetings.models import Decision, DecisionEvent, Meeting, Minutes
from zones import clock
from zones.permissions import Action, may, paths
from zones.scoped.querysets import under

Rows = QuerySet[Any]
State = Decision.State

STATES: Final = {
    "unfinished": "未办结",
    "overdue": "已逾期",
    "waiting": "待审批",
    **{state.value: state.label for state in State},
    "all": "全部",
}
"""What the list can be limited to, by its name in the address."""


def in_state(decisions: Any, code: str) -> Any:
    """Decisions in a state, or in one of the groups of states."""
    match code:
        case "all":
            return decisions
        case "unfinished":
            return decisions.unfinished()
        case "overdue":
            return decisions.overdue(clock.today())
        case "waiting":
            return decisions.waiting()
        case _:
            return decisions.filter(state=code)


def of_person(decisions: Rows, user: Any) -> Rows:
    """Decisions that are the person's own: he is named, or works on projects for the leading unit."""
    mine = Q(person=user.pk)
    reach = paths(user, Action.WRITE_ASSIGNED)
    if user.department_id and reach:
        mine |= Q(lead=user.department_id) & (under("project__zone", reach) | under("meeting__zone", reach))
    return decisions.filter(mine)


def to_agree(decisions: Any, user: Any) -> Any:
    """Decisions of which something is asked that the person may agree to; his own requests are for others."""
    leads = paths(user, Action.APPROVE)
    runs = [*leads, *paths(user, Action.RUN_MEETING)]
    extensions = Q(state=State.EXTENSION_ASKED) & under("meeting__zone", leads)
    closings = Q(state=State.CLOSING_ASKED) & under("meeting__zone", runs)
    asked = DecisionEvent.objects.filter(decision=OuterRef("pk"), what__in=following.ASKED.values())
    by = Subquery(asked.order_by("-pk").values("by")[:1])
    return decisions.filter(extensions | closings).annotate(asked_by=by).exclude(asked_by=user.pk)


def handed_down(decisions: Rows, user: Any) -> Rows:
    """Decisions that were issued, and drafts for those who work on them: nothing goes out before the minutes do."""
    return decisions.filter(~Q(state=State.DRAFT) | under("meeting__zone", _office(user)))


def works_on(user: Any, meeting: Meeting) -> bool:
    """Whether the person may see what is noted in the meeting and not issued yet."""
    return may(user, Action.RUN_MEETING, meeting) or may(user, Action.APPROVE, meeting)


def _office(user: Any) -> list[str]:
    return [*paths(user, Action.RUN_MEETING), *paths(user, Action.APPROVE)]


def readable(minutes: Rows, user: Any) -> Rows:
    """Minutes that were issued, and drafts for those who work on them."""
    return minutes.filter(Q(issued_at__isnull=False) | under("meeting__zone", _office(user)))


def issued_minutes(user: Any) -> Rows:
    """The minutes that a person may read."""
    return readable(Minutes.objects.visible_to(user), user)
