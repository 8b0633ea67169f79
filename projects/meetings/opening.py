"""A meeting before it begins: opened with its number and agenda, moved, called off, started.

Whether `by` may do it is for the doors to see to (`Action.RUN_MEETING`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from projects.meetings import agenda, numbers
from projects.meetings.models import (
    Arrangement,
    Attachment,
    Mark,
    Meeting,
    MeetingEvent,
    Saved,
    Update,
)
from projects.models import Source
from zones import bulk, clock
from zones.models import User, Zone

AHEAD: Final = timedelta(days=92)
EARLIEST: Final = 2000
DUE_WITHIN: Final = 14  # days, where a zone has no arrangement
ABOUT_SOMETHING: Final = (Meeting.Kind.JOINT, Meeting.Kind.SPECIAL)
ON_AGENDA: Final = ("section", "place", "why")
LONGEST_NOTE: Final = 300
MOVED_FROM: Final = "由 "

What = MeetingEvent.What


@transaction.atomic
def open_meeting(
    zone: Zone,
    held_on: date,
    *,
    kind: str = Meeting.Kind.WEEKLY,
    subject: str = "",
    by: User | None = None,
) -> tuple[Meeting, bool]:
    """The zone's meeting of that kind and day, opened with the next number of the year, and whether it is new.

    It takes place, time, chair and who is present from the zone's arrangement, and its agenda is made at once: of a
    weekly meeting all live projects of the zone, of any other those that `touring` and its topics take up.

    Raises ValidationError for a day too far off, a zone that is closed or has no projects, and a special meeting
    without a subject.
    """
    zone = Zone.objects.select_for_update(no_key=True).get(pk=zone.pk)
    if known := of_day(zone, kind, held_on):
        return known, False
    subject = subject.strip()
    check(zone, held_on, kind, subject)
    meeting = Meeting(zone=zone, kind=kind, held_on=held_on, subject=subject, created_by=by)
    _number(meeting)
    _arrange(meeting)
    meeting.full_clean(exclude=["zone", "source", "created_by"])
    meeting.source = Source.objects.create(
        kind=Source.Kind.MEETING, title=str(meeting), zone=zone, date_first=held_on, date_last=held_on
    )
    meeting.save()
    keep_event(meeting, What.OPENED, by=by)
    return make_agenda(meeting, by=by), True


@transaction.atomic
def make_agenda(meeting: Meeting, *, by: User | None) -> Meeting:
    """Make the agenda and the zone's numbers as they are now. What was typed into a row stays; a row of a project that
    is no longer due goes, unless something was told in it.

    Raises ValidationError once the meeting has begun.
    """
    meeting = locked(meeting)
    _require(meeting, [Meeting.State.PREPARING], "会议已经开始，议程不能再重新生成")
    due_within = Arrangement.objects.filter(zone=meeting.zone).values_list("due_within", flat=True).first()
    live = agenda.projects_of(meeting.zone, meeting.held_on)
    shown = live if meeting.kind == Meeting.Kind.WEEKLY else live.filter(pk__in=meeting.updates.values("project"))
    lines = agenda.arrange(agenda.facts_of(shown, meeting.held_on, due_within or DUE_WITHIN), meeting.held_on)
    _write(meeting, lines)
    # Not `save`: who is editing the meeting's own fields meanwhile loses nothing and need not be told.
    meeting.numbers = numbers.of_zone(meeting.zone, live, min(meeting.held_on, clock.today()))
    meeting.agenda_made_at = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(numbers=meeting.numbers, agenda_made_at=meeting.agenda_made_at)
    keep_event(meeting, What.AGENDA, note=f"{len(lines)} 个项目", by=by)
    return meeting


@transaction.atomic
def move(meeting: Meeting, held_on: date, *, by: User | None) -> Meeting:
    """Hold the meeting on another day; its agenda is made anew. In another year it gets a number of that year.

    Raises ValidationError once it has begun, for a day too far off, or when the zone meets on that day already.
    """
    Zone.objects.select_for_update(no_key=True).get(pk=meeting.zone_id)
    meeting = locked(meeting)
    _require(meeting, [Meeting.State.PREPARING], "会议已经开始，不能改期")
    if meeting.held_on == held_on:
        return meeting
    _check_day(held_on)
    if of_day(meeting.zone, meeting.kind, held_on):
        raise ValidationError({"held_on": f"{meeting.zone}{held_on:%Y-%m-%d}已有一次{meeting.get_kind_display()}"})
    before, meeting.held_on = meeting.held_on, held_on
    if before.year != held_on.year:
        _number(meeting)
    meeting.save(update_fields=["held_on", "year", "number"])
    name_source(meeting)
    keep_event(meeting, What.MOVED, note=f"{_moved_from(before)} 改为 {held_on:%Y-%m-%d}", by=by)
    return make_agenda(meeting, by=by)


@transaction.atomic
def start(meeting: Meeting, *, by: User | None) -> Meeting:
    """The meeting begins; from now on its agenda stands. Started again, nothing changes.

    Raises ValidationError before its day, and when it is over or was called off.
    """
    meeting = locked(meeting)
    if meeting.state == Meeting.State.RUNNING:
        return meeting
    _require(meeting, [Meeting.State.PREPARING], f"会议{meeting.get_state_display()}，不能再开始")
    if meeting.held_on > clock.today():
        raise ValidationError(f"会议定于 {meeting.held_on:%Y-%m-%d} 召开，还没到日子；提前开会请先改期")
    meeting.state = Meeting.State.RUNNING
    meeting.save(update_fields=["state"])
    keep_event(meeting, What.STARTED, by=by)
    return meeting


@transaction.atomic
def cancel(meeting: Meeting, reason: str, *, by: User | None) -> Meeting:
    """Call the meeting off. Figures that were filed for it stay; its number is free for another.

    Raises ValidationError without a reason, when it is over, or when something was decided in it.
    """
    meeting = locked(meeting)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "取消会议须写明原因"})
    if len(reason) > LONGEST_NOTE:
        raise ValidationError({"reason": f"取消原因请控制在 {LONGEST_NOTE} 字以内，现有 {len(reason)} 字"})
    _require(
        meeting,
        [Meeting.State.PREPARING, Meeting.State.RUNNING],
        f"会议{meeting.get_state_display()}，不能取消",
    )
    if meeting.decisions.exists():
        raise ValidationError("会上已记录议定事项，不能取消；请先删去议定事项，或结束会议")
    meeting.state = Meeting.State.CANCELLED
    meeting.save(update_fields=["state"])
    keep_event(meeting, What.CANCELLED, note=reason, by=by)
    return meeting


def locked(meeting: Meeting) -> Meeting:
    """The meeting as it is stored now; nobody else changes its state until this transaction ends."""
    return Meeting.objects.select_for_update(no_key=True, of=("self",)).select_related("zone").get(pk=meeting.pk)


def keep_event(meeting: Meeting, what: str, *, note: str = "", by: User | None) -> None:
    """Put a step of the meeting on record."""
    MeetingEvent.objects.create(meeting=meeting, what=what, note=note, by=by)


def name_source(meeting: Meeting) -> None:
    """Let the source of what is told in the meeting bear the meeting's name and day as they are now."""
    Source.objects.filter(pk=meeting.source_id).update(
        title=str(meeting), date_first=meeting.held_on, date_last=meeting.held_on
    )


def check(zone: Zone, held_on: date, kind: str, subject: str) -> None:
    """Raise ValidationError by field, as `open_meeting` does, if there cannot be such a meeting."""
    _check_day(held_on)
    _check_zone(zone)
    if kind in ABOUT_SOMETHING and not subject.strip():
        raise ValidationError({"subject": f"{Meeting.Kind(kind).label}请写明主题"})


def of_day(zone: Zone, kind: str, held_on: date) -> Meeting | None:
    """The zone's meeting of that kind and day, unless it was called off."""
    return Meeting.objects.held().filter(zone=zone, kind=kind, held_on=held_on).first()


def given_up(zones: Iterable[int], kind: str, since: date) -> dict[int, set[date]]:
    """By zone the days from `since` on whose meeting of that kind was called off or moved to another day. Two
    statements.
    """
    meetings = Meeting.objects.filter(zone__in=list(zones), kind=kind)
    days: dict[int, set[date]] = defaultdict(set)
    called_off = meetings.filter(held_on__gte=since, state=Meeting.State.CANCELLED)
    for zone, day in called_off.values_list("zone", "held_on"):
        days[zone].add(day)
    moved = MeetingEvent.objects.filter(meeting__in=meetings, what=What.MOVED, note__gte=_moved_from(since))
    for zone, note in moved.values_list("meeting__zone", "note"):
        days[zone].add(date.fromisoformat(note[len(MOVED_FROM) :][:10]))
    return days


def _moved_from(day: date) -> str:
    """How the note of a move begins; in the order of the days."""
    return f"{MOVED_FROM}{day:%Y-%m-%d}"


# ---- Opening ---------------------------------------------------------------------------------------
def _check_day(held_on: date) -> None:
    if held_on.year < EARLIEST:
        raise ValidationError({"held_on": f"会议日期 {held_on} 过早，请核对年份"})
    if held_on > clock.today() + AHEAD:
        raise ValidationError({"held_on": f"会议日期最多提前 {AHEAD.days} 天，请核对年份和月份"})


def _check_zone(zone: Zone) -> None:
    if not zone.active:
        raise ValidationError({"zone": f"{zone}已停用，不能再开会"})
    if not agenda.projects_of(zone, clock.today()).exists():
        raise ValidationError({"zone": f"{zone}还没有在推进的项目，请先登记项目再开会"})


def _number(meeting: Meeting) -> None:
    """Give it the next number of its year. Its zone is locked; the database has the last word."""
    meeting.year = meeting.held_on.year
    others = Meeting.objects.held().filter(zone=meeting.zone, kind=meeting.kind, year=meeting.year)
    meeting.number = (others.exclude(pk=meeting.pk).aggregate(last=Max("number"))["last"] or 0) + 1


def _arrange(meeting: Meeting) -> None:
    arrangement = Arrangement.objects.filter(zone=meeting.zone).first()
    if arrangement:
        meeting.starts_at, meeting.place = arrangement.starts_at, arrangement.place
        meeting.chair, meeting.present = arrangement.chair, arrangement.present


def _require(meeting: Meeting, states: Iterable[str], otherwise: str) -> None:
    if meeting.state not in states:
        raise ValidationError(otherwise)


# ---- The agenda ------------------------------------------------------------------------------------
def _write(meeting: Meeting, lines: Sequence[agenda.Line]) -> None:
    rows = {row.project_id: row for row in meeting.updates.all()}
    new, changed = [], []
    for line in lines if meeting.kind == Meeting.Kind.WEEKLY else _as_picked(lines, rows):
        row = rows.pop(line.project_id, None)
        if row is None:
            row = Update(meeting=meeting, project_id=line.project_id)
            new.append(row)
        elif all(getattr(row, name) == getattr(line, name) for name in ON_AGENDA):
            continue
        else:
            changed.append(row)
        row.section, row.place, row.why = line.section, line.place, line.why
    _drop(meeting, list(rows), after=len(lines))
    bulk.insert(new)
    bulk.update(changed, ON_AGENDA)


def _as_picked(lines: Sequence[agenda.Line], rows: dict[int, Update]) -> list[agenda.Line]:
    """The same projects in the order that they have."""
    ordered = sorted(lines, key=lambda line: (rows[line.project_id].place, line.place))
    return [agenda.Line(line.project_id, line.section, n, line.why) for n, line in enumerate(ordered, start=1)]


def _drop(meeting: Meeting, projects: Sequence[int], after: int) -> None:
    """Take projects that ended meanwhile off the agenda; a row in which something was told goes to its end."""
    kept = [Exists(model.objects.filter(update=OuterRef("pk"))) for model in (Saved, Mark, Attachment)]
    told = ~Q(words="", next_step="", help_wanted="") | Q(progress__isnull=False) | Q(filed_at__isnull=False)
    gone = meeting.updates.filter(project__in=projects)
    spoken = gone.filter(told | Q(kept[0]) | Q(kept[1]) | Q(kept[2]))
    keys = list(spoken.values_list("pk", flat=True))
    gone.exclude(pk__in=keys).delete()
    gone.filter(pk__in=keys).update(section=Update.Section.REST, place=after + 1, why="项目已终止，或已划出本区域")
