"""Who is told of a decision: those who have to do it, the office that follows it, leaders who agree to more time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from django.db.models import Max
from django.urls import reverse

from projects.alerts.recipients import SPEAKS_FOR_A_UNIT
from projects.meetings.models import Decision, DecisionEvent
from projects.notices import inbox
from projects.notices.inbox import Draft
from projects.standings.among import listed
from zones import clock
from zones.models import Appointment
from zones.models.zone import ancestors_of
from zones.permissions import BUSINESS_ROLES, Role

KIND: Final = "decision"
QUOTED: Final = 60  # characters of a matter in a sentence


ANSWERS: Final = ("receive", "report")
What = DecisionEvent.What
ANSWERING: Final = (
    *(What.RECEIVED, What.REPORTED, What.EXTENSION_ASKED, What.CLOSING_ASKED, What.EXTENDED, What.CLOSED),
    *(What.REFUSED, What.REASSIGNED, What.REVOKED),
)
"""Steps that answer what was asked for before them."""
ASKING: Final = {
    What.EXTENSION_ASKED: Decision.State.EXTENSION_ASKED,
    What.CLOSING_ASKED: Decision.State.CLOSING_ASKED,
}
"""Steps that somebody has to decide on, and the state until he has: that the work is reported on is no decision."""


class _Held(NamedTuple):
    user_id: int
    department_id: int | None
    role: str
    path: str


class Concerned:
    """The people of one decision, as they are appointed today and may read it. One statement."""

    def __init__(self, decision: Decision) -> None:
        self._decision = decision
        path = (decision.project or decision.meeting).zone.path
        rows = Appointment.objects.in_force(clock.today()).filter(
            zone__path__in=[*ancestors_of(path), path], role__in=BUSINESS_ROLES, user__is_active=True
        )
        told = rows.values_list("user_id", "user__department_id", "role", "zone__path")
        self._held = [_Held(*row) for row in told]

    @property
    def responsible(self) -> set[int]:
        """The person, and the people of the leading unit who work on projects there."""
        return self.of(self._decision.person_id, self._decision.lead_id)

    def of(self, person_id: int | None, lead_id: int | None) -> set[int]:
        """The same of whoever it was given to before."""
        unit = {h for h in self._held if h.department_id == lead_id and h.role in SPEAKS_FOR_A_UNIT} if lead_id else []
        return {h.user_id for h in unit} | {h.user_id for h in self._held if h.user_id == person_id}

    @property
    def office(self) -> set[int]:
        """The coordinators of the meeting's zone, else of the nearest above; where there are none the leaders."""
        return self._nearest(Role.COORDINATOR) or self.leaders

    @property
    def leaders(self) -> set[int]:
        """The leaders of the meeting's zone, else of the nearest above."""
        return self._nearest(Role.LEADER)

    def _nearest(self, role: str) -> set[int]:
        place = self._decision.meeting.zone.path
        held = [h for h in self._held if h.role == role and place.startswith(h.path)]
        nearest = max((h.path for h in held), key=len, default="")
        return {h.user_id for h in held if h.path == nearest}


def tell(
    event: DecisionEvent, people: Iterable[int], sentence: str, *, todo: bool = False, replies: tuple[str, ...] = ()
) -> int:
    """Leave one notice of a step in the inboxes, but for who took it; how many were new. `todo`: they are asked to do
    something about it; `replies`: what of it they may do by a link.
    """
    decision = event.decision
    told = f"{called(decision)}：{sentence}"
    return inbox.leave(
        Draft(
            user_id=user_id,
            key=f"{KIND}:{decision.pk}:{event.pk}",
            kind=KIND,
            sentence=told,
            path=page(decision),
            project_id=decision.project_id,
            zone_id=None if decision.project_id else decision.meeting.zone_id,
            todo=todo,
            replies=replies,
        )
        for user_id in sorted(set(people) - {event.by_id or 0})
    )


def to_do(keys: Collection[str]) -> set[str]:
    """Of these keys those whose step nobody has answered: those who have to do it, or who are asked to agree."""
    named = {key: (int(parts[1]), int(parts[2])) for key in keys if len(parts := key.split(":")) == 3}
    wanted = listed(sorted({decision for decision, _ in named.values()}))
    rows = DecisionEvent.objects.filter(decision__in=wanted, what__in=ANSWERING)
    last = dict(rows.order_by().values_list("decision").annotate(last=Max("pk")))
    states = dict(Decision.objects.unfinished().filter(pk__in=wanted).values_list("pk", "state"))
    steps = listed(sorted({step for _, step in named.values()}))
    asked = dict(DecisionEvent.objects.filter(pk__in=steps, what__in=ASKING).values_list("pk", "what"))
    latest = rows.filter(what__in=ASKING).order_by().values_list("decision").annotate(last=Max("pk"))
    deciding = {step: pk for pk, step in latest if states.get(pk) == ASKING.get(asked.get(step, ""))}
    return {
        key
        for key, (pk, step) in named.items()
        if pk in states and (step in deciding if step in asked else last.get(pk, 0) <= step)
    }


def called(decision: Decision) -> str:
    """How a sentence calls a decision: by its meeting, its number and its first words."""
    matter = " ".join(decision.matter.split())
    cut = f"{matter[:QUOTED]}…" if len(matter) > QUOTED else matter
    return f"{decision.meeting}议定事项{decision.number}“{cut}”"


def page(decision: Decision) -> str:
    """The address of a decision's page."""
    return reverse("admin:projects_meetings_decision_change", args=[decision.pk])
