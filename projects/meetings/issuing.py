"""签发: a leader issues the minutes. Only now decisions are handed down and people are told; from now on the paper is
what it is, and a correction is an addendum with a name.

Whether `by` may do it is for the doors to see to (`Action.APPROVE`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from projects import papers
from projects.alerts.acting import told as fitting
from projects.meetings import closing, opening, paper, telling
from projects.meetings.models import Addendum, Decision, DecisionEvent, Meeting, MeetingEvent, Minutes
from projects.meetings.recording import HEAVY
from projects.notices import inbox
from projects.notices.inbox import Draft
from zones import clock
from zones.models import Appointment, User
from zones.models.versioned import StaleVersion
from zones.models.zone import ancestors_of
from zones.permissions import Role

KIND: Final = "meeting"
LONGEST: Final = 2000  # characters of an addendum
CALLED: Final = "纪要"


@transaction.atomic
def issue(minutes: Minutes, by: User, *, expected_version: int | None = None) -> Minutes:
    """签发: freeze the document, hand the decisions down, and tell those who have to do them and the zone's leaders.

    Issued again by the same leader, nothing changes. Who closed the meeting issues its minutes only where the zone has
    no other leader.

    Raises:
        StaleVersion: the minutes were changed since `expected_version` was read.
        ValidationError: the meeting is going on, the minutes are issued, or another leader should issue them.
    """
    meeting = opening.locked(minutes.meeting)
    minutes = Minutes.objects.select_for_update(no_key=True).get(meeting=meeting)
    minutes.meeting = meeting
    if minutes.issued_by_id == by.pk:
        return minutes
    if meeting.state == Meeting.State.ISSUED:
        raise ValidationError(f"纪要已由{minutes.issued_by}于{minutes.issued_on:%Y-%m-%d}签发")
    if meeting.state != Meeting.State.CLOSED:
        raise ValidationError(closing.GOING)
    if expected_version is not None and minutes.version != expected_version:
        raise StaleVersion(minutes)
    _refuse_own(meeting, by)
    _freeze(minutes, by)
    meeting.state = Meeting.State.ISSUED
    meeting.save(update_fields=["state"])
    opening.keep_event(meeting, MeetingEvent.What.ISSUED, by=by)
    _hand_down(meeting, by)
    _tell_leaders(minutes, "issued", f"{minutes.title}已由{by}签发，议定事项{meeting.decisions.count()}项", besides=by)
    return minutes


@transaction.atomic
def add(minutes: Minutes, text: str, by: User) -> Addendum:
    """补充更正: say what is to be read instead. The paper stays as issued; who was told of it is told of this, too.

    The same words of the same person once more are the same addendum. Raises ValidationError without words, for too
    many of them, and unless the minutes are issued.
    """
    text = fitting(text, "text", "请写明补充或更正的内容", LONGEST)
    meeting = opening.locked(minutes.meeting)
    minutes = Minutes.objects.get(meeting=meeting)
    minutes.meeting = meeting
    if meeting.state != Meeting.State.ISSUED:
        raise ValidationError("纪要还没有签发，直接修改即可，不必作补充更正")
    last = minutes.addenda.last()
    if last and (last.text, last.by_id) == (text, by.pk):
        return last
    number = last.number + 1 if last else 1
    added = Addendum.objects.create(minutes=minutes, number=number, text=text, by=by, on=clock.today())
    opening.keep_event(meeting, MeetingEvent.What.ADDED, note=f"之{number}", by=by)
    said = f"{minutes.title}补充更正之{number}（{by}）：{papers.flat(text)}"
    _tell_leaders(minutes, f"added:{number}", said, besides=by, more=_concerned(meeting))
    return added


def paper_of(minutes: Minutes) -> list[papers.Block]:
    """The paper as it stands: the draft, or the one that was issued."""
    issuer = str(minutes.issued_by) if minutes.issued_by else ""
    return paper.blocks(minutes, issued_on=minutes.issued_on, issuer=issuer)


def word_of(minutes: Minutes) -> bytes:
    """The Word file: of a draft as it stands, of issued minutes the very file that a leader issued.

    Raises ValidationError if that file is gone or is another now.
    """
    if not minutes.issued_at:
        return papers.write(paper_of(minutes), CALLED)
    return papers.frozen(minutes, CALLED)


# ---- Issuing -----------------------------------------------------------------------------------------
def _refuse_own(meeting: Meeting, by: User) -> None:
    last = meeting.events.filter(what=MeetingEvent.What.CLOSED).order_by("-pk").first()
    if last and last.by_id == by.pk and leaders_of(meeting) - {by.pk}:
        raise ValidationError("结束会议和签发纪要应由不同的人办理，请由其他领导签发")


def _freeze(minutes: Minutes, by: User) -> None:
    data = papers.write(paper.blocks(minutes, issued_on=clock.today(), issuer=str(by)), CALLED)
    papers.freeze(minutes, data, by)
    minutes.save()


def _hand_down(meeting: Meeting, by: User) -> None:
    """下发: every draft is issued today, its deadline is the one first promised, and those concerned are told."""
    today = clock.today()
    drafts = list(meeting.decisions.filter(state=Decision.State.DRAFT).values_list("pk", flat=True))
    Decision.objects.filter(pk__in=drafts).update(
        state=Decision.State.ISSUED, issued_on=today, promised=F("deadline"), version=F("version") + 1
    )
    rows = meeting.decisions.filter(pk__in=drafts).select_related("meeting__zone", "project__zone", "lead", "person")
    rows = rows.defer(*HEAVY)
    for decision in rows.prefetch_related("helpers").order_by("number"):
        event = DecisionEvent.objects.create(
            decision=decision, what=DecisionEvent.What.ISSUED, on=today, by=by, deadline=decision.deadline
        )
        _tell(decision, event)


def _tell(decision: Decision, event: DecisionEvent) -> None:
    """Those who lead are told that it is theirs, those who help that they help; where nobody leads, the office."""
    people = telling.Concerned(decision)
    until = f"，完成时限{decision.deadline:%Y-%m-%d}" if decision.deadline else ""
    leading = people.responsible
    named = "、".join(str(each) for each in (decision.lead, decision.person) if each) or "（待明确）"
    said = f"已下发，由{named}办理{until}"
    telling.tell(event, leading or people.office, said, todo=True, replies=telling.ANSWERS if leading else ())
    units = list(decision.helpers.all())
    if helping := set().union(*(people.of(None, unit.pk) for unit in units)) - leading:
        telling.tell(event, helping, f"已下发，由{named}牵头，请配合办理{until}")


# ---- Telling -----------------------------------------------------------------------------------------
def leaders_of(meeting: Meeting) -> set[int]:
    """The leaders of the meeting's zone, else of the nearest zone above."""
    path = meeting.zone.path
    held = Appointment.objects.in_force(clock.today()).filter(
        zone__path__in=[*ancestors_of(path), path], role=Role.LEADER, user__is_active=True
    )
    found = list(held.values_list("user", "zone__path"))
    nearest = max((place for _, place in found), key=len, default="")
    return {user for user, place in found if place == nearest}


def _concerned(meeting: Meeting) -> Iterator[int]:
    """Who has to do what was decided, or helps."""
    rows = meeting.decisions.select_related("meeting__zone", "project__zone").prefetch_related("helpers")
    for decision in rows.defer(*HEAVY):
        people = telling.Concerned(decision)
        yield from people.responsible
        for unit in decision.helpers.all():
            yield from people.of(None, unit.pk)


def _tell_leaders(minutes: Minutes, step: str, sentence: str, *, besides: User, more: Iterable[int] = ()) -> None:
    meeting = minutes.meeting
    inbox.leave(
        Draft(
            user_id=user_id,
            key=f"{KIND}:{meeting.pk}:{step}",
            kind=KIND,
            sentence=sentence,
            path=page(minutes),
            zone_id=meeting.zone_id,
        )
        for user_id in sorted((leaders_of(meeting) | set(more)) - {besides.pk})
    )


def page(minutes: Any) -> str:
    """The address of the minutes' page."""
    return reverse("admin:projects_meetings_minutes_change", args=[minutes.pk])
