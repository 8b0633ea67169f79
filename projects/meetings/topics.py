"""Topics: what somebody wants the meeting to decide, proposed with its papers, and taken onto the agenda or not.

Whether `by` may do it is for the doors to see to; that nobody approves his own topic is seen to here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from projects.files.fields import File
from projects.meetings import attachments, touring
from projects.meetings.deciding import going
from projects.meetings.models import Attachment, Meeting, Topic
from projects.models import Project
from zones.models import Department, User
from zones.models.versioned import StaleVersion

TITLE: Final = 100
TEXT: Final = 2000
TRIED: Final = 1000
REASON: Final = 300
MOST: Final = 99  # topics of one meeting

State = Topic.State


class Said(TypedDict, total=False):
    """What can be said of a topic."""

    title: str
    text: str
    tried: str
    project: Project | None
    department: Department | None


@transaction.atomic
def propose(meeting: Meeting, *, by: User, files: Iterable[File] = (), **said: Unpack[Said]) -> Topic:
    """Put a topic forward. The same title by the same person once more gives the same topic, with the files added.

    Raises ValidationError: the meeting is over, the title is missing, something is too long, the project is not one of
    the zone's, or a file is refused (see `attachments.attach`).
    """
    meeting = going(meeting)
    title = said.get("title", "").strip()
    topic = meeting.topics.filter(title=title, proposed_by=by, state=State.PROPOSED).first()
    if topic is None:
        if meeting.topics.count() >= MOST:
            raise ValidationError(f"一次会议最多 {MOST} 个议题，请合并后再提")
        topic = Topic(meeting=meeting, proposed_by=by)
        _put(topic, said)
    for name, data in files:
        _attach(topic, name, data, by)
    return topic


@transaction.atomic
def revise(
    topic: Topic,
    *,
    expected_version: int,
    by: User,
    files: Iterable[File] = (),
    dropped: Iterable[Attachment] = (),
    **said: Unpack[Said],
) -> Topic:
    """Put it differently while it waits, with further files and without those `dropped`.

    Raises as `propose` does, and `StaleVersion` if another was quicker.
    """
    topic = _waiting(topic, "只有待审的议题可以修改")
    if topic.version != expected_version:
        raise StaleVersion(topic)
    _put(topic, said)
    for file in dropped:
        attachments.remove(file, by=by)
    for name, data in files:
        _attach(topic, name, data, by)
    return topic


@transaction.atomic
def approve(topic: Topic, *, by: User) -> Topic:
    """Take it onto the agenda, behind those that are there; a meeting about chosen projects takes up its project, too.

    Raises ValidationError if it waits no more, for one's own topic, and for a project that cannot be taken up.
    """
    topic = _waiting(topic, "该议题已审定")
    _refuse_own(topic, by)
    approved = topic.meeting.topics.filter(state=State.APPROVED)
    topic.place = (approved.aggregate(last=Max("place"))["last"] or 0) + 1
    if topic.project and topic.meeting.kind != Meeting.Kind.WEEKLY:
        touring.add_stop(topic.meeting, topic.project, by=by)
    return _decide(topic, State.APPROVED, by)


@transaction.atomic
def decline(topic: Topic, reason: str, *, by: User) -> Topic:
    """Leave it off the agenda, or take it off again. Raises ValidationError without a reason, when it has been declined
    or withdrawn, for one's own topic, and when the meeting has decided something of it.
    """
    meeting = going(topic.meeting)
    topic = meeting.topics.select_for_update(no_key=True, of=("self",)).get(pk=topic.pk)
    if topic.state not in (State.PROPOSED, State.APPROVED):
        raise ValidationError(f"该议题{topic.get_state_display()}，无需再审")
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "不列入议程须写明原因"})
    if len(reason) > REASON:
        raise ValidationError({"reason": f"原因请控制在 {REASON} 字以内，现有 {len(reason)} 字"})
    _refuse_own(topic, by)
    if topic.decisions.exists():
        raise ValidationError("会上已就该议题记录议定事项，不能再移出议程")
    topic.declined_reason, topic.place = reason, 0
    return _decide(topic, State.DECLINED, by)


@transaction.atomic
def withdraw(topic: Topic, *, by: User) -> Topic:
    """Take back what one proposed. Raises ValidationError for another's, and once it is decided on."""
    topic = _waiting(topic, "该议题已审定，不能撤回；请与项目办联系")
    if topic.proposed_by_id != by.pk:
        raise ValidationError("只有提出人可以撤回议题")
    return _decide(topic, State.WITHDRAWN, by)


def _put(topic: Topic, said: Said) -> None:
    for name, value in said.items():
        setattr(topic, name, value.strip() if isinstance(value, str) else value)
    lengths = (("title", "议题", TITLE), ("text", "情况和建议", TEXT), ("tried", "前期协调情况", TRIED))
    for name, label, most in lengths:
        if len(getattr(topic, name)) > most:
            raise ValidationError({name: f"{label}请控制在 {most} 字以内，现有 {len(getattr(topic, name))} 字"})
    if not topic.title:
        raise ValidationError({"title": "请写明议题"})
    zone = topic.meeting.zone
    if topic.project and not topic.project.zone.path.startswith(zone.path):
        raise ValidationError({"project": f"该项目不属于{zone}，请另选项目"})
    topic.full_clean(exclude=["meeting", "project", "department", "proposed_by", "decided_by"])
    topic.save()


def _attach(topic: Topic, name: str, data: bytes, by: User) -> None:
    try:
        attachments.attach(topic, name, data, by=by)
    except ValidationError as error:
        raise ValidationError({"files": [f"{name}：{sentence}" for sentence in error.messages]}) from error


def _waiting(topic: Topic, otherwise: str) -> Topic:
    meeting = going(topic.meeting)
    found = Topic.objects.select_for_update(no_key=True, of=("self",)).get(pk=topic.pk)
    if found.state != State.PROPOSED:
        raise ValidationError(f"{otherwise}（现为“{found.get_state_display()}”）")
    found.meeting = meeting
    return found


def _refuse_own(topic: Topic, by: User) -> None:
    if topic.proposed_by_id == by.pk:
        raise ValidationError("自己提出的议题请由他人审定")


def _decide(topic: Topic, state: str, by: User) -> Topic:
    topic.state, topic.decided_by, topic.decided_at = state, by, timezone.now()
    topic.save()
    return topic
