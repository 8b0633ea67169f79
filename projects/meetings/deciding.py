"""What a meeting decides, while it sits: a decision is put down, put differently, or dropped. Until the minutes are
issued it is a draft that nobody is told of; afterwards `following` takes it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from projects.meetings.models import Decision, Meeting, Topic
from projects.meetings.models.decision import MATTER
from projects.models import Project
from zones import clock
from zones.models import Department, User
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may

OVER: Final = {
    Meeting.State.CLOSED: "会议已结束，不能再修改；如需更正，请由项目办撤销结束",
    Meeting.State.ISSUED: "纪要已签发，不能再修改；如需更正，请由领导作补充更正",
    Meeting.State.CANCELLED: "会议已取消，不能再填写",
}
"""Why nothing more is written in a meeting, and what to do instead."""


class About(TypedDict, total=False):
    """What a decision says beside the matter."""

    project: Project | None
    topic: Topic | None
    lead: Department | None
    helpers: Iterable[Department]
    person: User | None
    deadline: date | None


class Told(About, total=False):
    """What can be said of a decision; what is left out stays as it is."""

    matter: str


@transaction.atomic
def decide(
    meeting: Meeting, matter: str, *, by: User | None, key: UUID | None = None, **about: Unpack[About]
) -> Decision:
    """Put down what the meeting decides, as its next number. The same `key` once more gives the same decision.

    Raises ValidationError: the meeting is over, the matter is missing or too long, the deadline lies before today or
    the meeting, the project or topic is not of this meeting, the person cannot read it, or the leading unit is named
    among those that help.
    """
    meeting = going(meeting)
    if key and (known := Decision.objects.filter(key=key).first()):
        if known.meeting_id != meeting.pk:
            raise ValidationError("这条议定事项已记在另一次会议上，请重新填写")
        return known
    last = meeting.decisions.aggregate(last=Max("number"))["last"] or 0
    decision = Decision(meeting=meeting, number=last + 1, key=key, created_by=by)
    _put(decision, {"matter": matter, **about})
    return decision


@transaction.atomic
def revise(
    decision: Decision, *, by: User | None, expected_version: int | None = None, **told: Unpack[Told]
) -> Decision:
    """Put a draft differently. The same again changes nothing. A deadline that stays is not judged anew.

    Raises:
        StaleVersion: the decision was changed since `expected_version` was read.
        ValidationError: as `decide` does.
    """
    decision = _draft(decision)
    if expected_version is not None and decision.version != expected_version:
        raise StaleVersion(decision)
    _put(decision, told)
    return decision


@transaction.atomic
def drop(decision: Decision, *, by: User | None) -> None:
    """Take a draft off the list; those after it move up. What it said stays in the meeting's log of saves.

    Raises ValidationError when the meeting is over.
    """
    decision = _draft(decision)
    number = decision.number
    decision.delete()
    for later in decision.meeting.decisions.filter(number__gt=number).order_by("number"):
        later.number -= 1
        later.save(update_fields=["number"])


def going(meeting: Meeting) -> Meeting:
    """The meeting as it is stored now, held until this transaction ends. Raises ValidationError if it is over."""
    found = Meeting.objects.select_for_update(no_key=True, of=("self",)).select_related("zone").get(pk=meeting.pk)
    if not found.is_going:
        raise ValidationError(OVER[Meeting.State(found.state)])
    return found


def _draft(decision: Decision) -> Decision:
    meeting = going(decision.meeting)
    found = Decision.objects.select_for_update(no_key=True, of=("self",)).filter(pk=decision.pk).first()
    if found is None:
        raise ValidationError("这条议定事项已被他人删除")
    found.meeting = meeting
    return found


def _put(decision: Decision, told: Told) -> None:
    """Write what is told, if it is anything new. Who helps is part of it: a page that shows others is out of date."""
    helpers = told.pop("helpers", None)
    before = {name: getattr(decision, name) for name in told}
    for name, value in told.items():
        setattr(decision, name, value)
    decision.matter = decision.matter.strip()
    _check(decision, {name for name, value in before.items() if getattr(decision, name) != value})
    helping = set(decision.helpers.all()) if decision.pk else set()
    wanted = helping if helpers is None else set(helpers)
    if decision.lead in wanted:
        raise ValidationError({"helpers": f"{decision.lead}已是牵头单位，不必再列为配合单位"})
    if decision.pk is None or wanted != helping or any(getattr(decision, name) != before[name] for name in before):
        decision.full_clean(exclude=["meeting"])
        decision.save()
        decision.helpers.set(wanted)


def _check(decision: Decision, changed: set[str]) -> None:
    meeting, project, topic = decision.meeting, decision.project, decision.topic
    if not decision.matter:
        raise ValidationError({"matter": "请写明议定的事项"})
    if len(decision.matter) > MATTER:
        raise ValidationError({"matter": f"不能超过 {MATTER} 字，现有 {len(decision.matter)} 字，请分成几条填写"})
    if "project" in changed and project and not project.zone.path.startswith(meeting.zone.path):
        raise ValidationError({"project": "该项目不属于开会的区域，请另选项目"})
    if topic and topic.meeting_id != meeting.pk:
        raise ValidationError({"topic": "该议题不属于这次会议，请另选议题"})
    if "person" in changed and decision.person:
        check_person(decision.person, decision)
    if "deadline" in changed and decision.deadline:
        check_deadline(decision.deadline)
        if decision.deadline < meeting.held_on:
            raise ValidationError({"deadline": f"完成时限不能早于会议日期 {meeting.held_on:%Y-%m-%d}"})


def check_deadline(deadline: date) -> None:
    """Raise ValidationError if a deadline that is set today would be over already."""
    if deadline < clock.today():
        raise ValidationError({"deadline": f"完成时限不能早于今天（{clock.today():%Y-%m-%d}）"})


def check_person(person: User, decision: Decision) -> None:
    """Raise ValidationError for somebody who could not even read the decision."""
    if not may(person, Action.READ, decision.project or decision.meeting):
        raise ValidationError({"person": f"{person}看不到这次会议，不能作为责任人，请另选，或先由管理员为其任职"})
