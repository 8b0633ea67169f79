"""The end of a meeting: its record is frozen and the minutes are drafted; the office checks them until a leader issues
them. Until then a meeting can be taken up again.

Whether `by` may do it is for the doors to see to (`Action.RUN_MEETING`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.alerts.acting import told as fitting
from projects.meetings import drafting, opening, recording
from projects.meetings.deciding import OVER
from projects.meetings.models import Meeting, MeetingEvent, Minutes
from projects.papers import day
from zones import clock
from zones.models import User
from zones.models.versioned import StaleVersion

State = Meeting.State
What = MeetingEvent.What
TEXTS: Final = ("title", "background", "body", "remarks", "distribution", "copies")
PEOPLE: Final = ("present", "absent", "sitting_in")
"""Columns of the meeting that are known for sure only when it is over."""
NOTE: Final = 300
GOING: Final = "会议还没有结束，请先结束会议"


@transaction.atomic
def close(meeting: Meeting, by: User | None) -> Minutes:
    """结束会议: freeze what stands in it and draft the minutes. Closed again, nothing changes.

    After the meeting was taken up again, texts that the office had changed stay as they are, the others are drafted
    anew. Raises ValidationError before the meeting's day, and for one that was called off.
    """
    meeting = opening.locked(meeting)
    if meeting.is_over:
        return _minutes(meeting)
    if meeting.state == State.CANCELLED:
        raise ValidationError("会议已取消，不能结束")
    if meeting.held_on > clock.today():
        raise ValidationError(f"会议定于{day(meeting.held_on)}召开，还没到日子；提前开会请先改期")
    before = meeting.record.get("drafted", {})
    meeting.record, meeting.state = recording.freeze(meeting), State.CLOSED
    texts = asdict(drafting.draft(meeting))
    meeting.record["drafted"] = texts
    meeting.save(update_fields=["record", "state"])
    opening.keep_event(meeting, What.CLOSED, by=by)
    return _write(meeting, texts, before)


@transaction.atomic
def reopen(meeting: Meeting, reason: str, by: User | None) -> Meeting:
    """撤销结束: the meeting goes on, and what is in it can be changed until it is closed again. Its minutes wait.

    Raises ValidationError without a reason, and unless it is closed and its minutes are not issued.
    """
    reason = fitting(reason, "reason", "撤销结束须写明原因", NOTE)
    meeting = _closed(meeting)
    meeting.record, meeting.state = {"drafted": meeting.record["drafted"]}, State.RUNNING
    meeting.save(update_fields=["record", "state"])
    opening.keep_event(meeting, What.REOPENED, note=reason, by=by)
    return meeting


@transaction.atomic
def edit(minutes: Minutes, told: Mapping[str, Any], *, by: User | None, expected_version: int | None = None) -> Minutes:
    """Put the minutes differently: any of `TEXTS`, and of `PEOPLE`. The same again changes nothing.

    Raises:
        StaleVersion: they were changed since `expected_version` was read.
        ValidationError: the meeting is going on, the minutes are issued, or a text does not fit.
    """
    meeting = _closed(minutes.meeting)
    minutes = _minutes(meeting)
    if expected_version is not None and minutes.version != expected_version:
        raise StaleVersion(minutes)
    changed = [*_put(minutes, told, TEXTS), *_put(meeting, told, PEOPLE)]
    if not changed:
        return minutes
    minutes.full_clean(exclude=["meeting"])
    minutes.save()
    meeting.save(update_fields=[*PEOPLE])
    opening.keep_event(meeting, What.EDITED, note="、".join(changed)[:NOTE], by=by)
    return minutes


@transaction.atomic
def redraft(minutes: Minutes, *, by: User | None) -> Minutes:
    """重新起草: put back the texts as they were drafted; what the office wrote is gone. Raises as `edit` does."""
    return edit(minutes, {"copies": minutes.copies, **minutes.meeting.record["drafted"]}, by=by)


def doubts(minutes: Minutes) -> list[str]:
    """What somebody should look at before the minutes are issued; none of it keeps a leader from issuing them."""
    meeting, decisions = minutes.meeting, minutes.meeting.record.get("decisions", [])
    nobody = [each["number"] for each in decisions if not each["lead"] and not each["person"]]
    endless = [each["number"] for each in decisions if not each["deadline"]]
    found = [
        "没有填写主持人" if not meeting.chair else "",
        "没有填写出席人员" if not meeting.present.strip() else "",
        "没有填写印发范围" if not minutes.distribution.strip() else "",
        "没有议定事项" if not decisions else "",
        f"议定事项第{_numbers(nobody)}项没有责任单位和责任人" if nobody else "",
        f"议定事项第{_numbers(endless)}项没有完成时限" if endless else "",
    ]
    return [sentence for sentence in found if sentence]


# ---- What the verbs share ----------------------------------------------------------------------------
def _closed(meeting: Meeting) -> Meeting:
    """The meeting as it is stored now, locked: closed, and its minutes not issued."""
    meeting = opening.locked(meeting)
    if meeting.state == State.ISSUED:
        raise ValidationError(OVER[State.ISSUED])
    if meeting.state != State.CLOSED:
        raise ValidationError(GOING)
    return meeting


def _minutes(meeting: Meeting) -> Minutes:
    minutes = Minutes.objects.get(meeting=meeting)
    minutes.meeting = meeting
    return minutes


def _write(meeting: Meeting, texts: Mapping[str, str], before: Mapping[str, str]) -> Minutes:
    minutes = Minutes.objects.filter(meeting=meeting).first() or Minutes(meeting=meeting)
    is_new = minutes.pk is None
    for name, text in texts.items():
        if is_new or getattr(minutes, name) == before.get(name):
            setattr(minutes, name, text)
    minutes.meeting = meeting
    minutes.full_clean(exclude=["meeting"])
    minutes.save()
    return minutes


def _put(row: Any, told: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """Set what was told of the row; the labels of what is another now."""
    changed = []
    for name in names:
        if name in told and getattr(row, name) != told[name]:
            setattr(row, name, told[name])
            changed.append(row._meta.get_field(name).verbose_name)
    return changed


def _numbers(numbers: list[int]) -> str:
    return "、".join(map(str, numbers))
