"""What is told of the week before the meeting (填报): for which meeting, by whom, who has not, and asking him to.

A week is told for the next weekly meeting of the project's zone, or of the nearest zone above that holds any. Where the
meeting is arranged but not opened yet, the first who tells his week opens it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from projects import selecting
from projects.meetings import opening
from projects.meetings.deciding import going
from projects.meetings.models import Arrangement, Meeting, Update
from projects.models import Assignment, Project
from projects.notices import inbox
from projects.notices.inbox import Draft
from zones import clock
from zones.models import Appointment, User, Zone
from zones.models.zone import ancestors_of
from zones.permissions import Role
from zones.workdays import Calendar

Held = Assignment.Role
TELLING: Final = (Held.LIAISON, Held.RESPONSIBLE, Held.STEWARD, Held.TEAM)
"""Who is asked for a project's week: the first of these that anybody who can write holds; else its unit's people."""
KIND: Final = "meeting"
KEY: Final = "week"
NAMED: Final = 5  # projects that a reminder names
WORKDAYS: Final = 5  # of a week, from Monday on
LONGEST_REST: Final = 14  # days, in whole weeks


@dataclass(frozen=True, slots=True)
class Week:
    """The meeting for which projects of a zone are told: there already, or the next by the zone's arrangement.

    `until` is the day by which liaisons are asked to have told, `at` the hour of it; None where nothing is arranged.
    """

    zone: Zone
    held_on: date
    meeting: Meeting | None
    until: date | None = None
    at: time | None = None

    @property
    def key(self) -> tuple[int, date]:
        return self.zone.pk, self.held_on

    @property
    def name(self) -> str:
        """The meeting as people call it."""
        return str(self.meeting) if self.meeting else f"{self.zone}周例会"

    @property
    def limit(self) -> str:
        """By when, in words; "" where nothing is arranged."""
        return f"{self.until.month}月{self.until.day}日 {self.at:%H:%M}" if self.until and self.at else ""


# ---- For which meeting -----------------------------------------------------------------------------
def weeks_of(projects: Iterable[Project], today: date) -> dict[int, Week]:
    """The week of each project that has one, by primary key. At most six statements."""
    found = list(projects)
    ways = {project.zone.path: [*ancestors_of(project.zone.path), project.zone.path] for project in found}
    paths = {path for way in ways.values() for path in way}
    arranged = {row.zone.path: row for row in Arrangement.objects.filter(zone__path__in=paths).select_related("zone")}
    meetings: dict[str, list[Meeting]] = defaultdict(list)
    rows = Meeting.objects.filter(zone__path__in=paths, kind=Meeting.Kind.WEEKLY, held_on__gte=today)
    for meeting in rows.select_related("zone").order_by("held_on", "pk"):
        meetings[meeting.zone.path].append(meeting)
    given_up = opening.given_up([row.zone_id for row in arranged.values()], Meeting.Kind.WEEKLY, today)
    calendar, at = Calendar(), {}
    for path in paths:
        row = arranged.get(path)
        passed = given_up[row.zone_id] if row else set()
        if week := _week(row, meetings[path], passed, today, calendar):
            at[path] = week
    nearest = {path: next((at[each] for each in reversed(way) if each in at), None) for path, way in ways.items()}
    return {project.pk: week for project in found if (week := nearest[project.zone.path])}


def week_of(meeting: Meeting) -> Week:
    """The week of a meeting that is there."""
    return _of_meeting(meeting, Arrangement.objects.filter(zone=meeting.zone_id).first())


def next_day(arranged: Arrangement, day: date, calendar: Calendar) -> date:
    """The first day from `day` on that is the zone's day for its meeting. A holiday is none: who meets on a weekday
    meets on the first working day after it.
    """
    usual = day - timedelta(days=(day.isoweekday() - arranged.weekday) % 7 + LONGEST_REST)
    while True:
        rests = arranged.weekday <= WORKDAYS and not calendar.works(usual)
        held_on = calendar.after(usual, 1) if rests else usual
        if held_on >= day:
            return held_on
        usual += timedelta(days=7)


def _week(
    arranged: Arrangement | None, meetings: list[Meeting], given_up: set[date], today: date, calendar: Calendar
) -> Week | None:
    going_on = next((meeting for meeting in meetings if meeting.is_going), None)
    if going_on:
        return _of_meeting(going_on, arranged)
    if arranged is None or not arranged.enabled:
        return None
    # Today's that is over, one that was called off and a day that was moved away from are not opened again: the week is
    # told for the one after.
    day, passed = next_day(arranged, today, calendar), given_up | {meeting.held_on for meeting in meetings}
    while day in passed:
        day = next_day(arranged, day + timedelta(days=1), calendar)
    return Week(arranged.zone, day, None, _until(arranged, day), arranged.file_until)


def _of_meeting(meeting: Meeting, arranged: Arrangement | None) -> Week:
    if arranged is None:
        return Week(meeting.zone, meeting.held_on, meeting)
    return Week(meeting.zone, meeting.held_on, meeting, _until(arranged, meeting.held_on), arranged.file_until)


def _until(arranged: Arrangement, held_on: date) -> date:
    return held_on - timedelta(days=(held_on.isoweekday() - arranged.file_weekday) % 7)


# ---- Telling -----------------------------------------------------------------------------------------
@transaction.atomic
def row_of(week: Week, project: Project) -> Update:
    """The project's row in the meeting of the week, which is opened where it is not; a project that is not on
    its agenda becomes its last row.

    Raises ValidationError when the meeting is over.
    """
    meeting = week.meeting or opening.open_meeting(week.zone, week.held_on, by=None)[0]
    found = Update.objects.filter(meeting=meeting, project=project).first()
    if found:
        return found
    going(meeting)
    last = meeting.updates.aggregate(last=Max("place"))["last"] or 0
    return Update.objects.get_or_create(meeting=meeting, project=project, defaults={"place": last + 1})[0]


def filed(update: Update, *, by: User) -> None:
    """Note that the week has been told, by whom and when; told again, the last one counts."""
    Update.objects.filter(pk=update.pk).update(filed_at=timezone.now(), filed_by=by)


def owing(user: Any, today: date) -> list[tuple[Week, list[Project]]]:
    """Of which of his projects the person has still to tell, by meeting, the earliest first. Four statements."""
    mine = list(own_projects(user, today))
    weeks = weeks_of(mine, today)
    meetings = {week.meeting.pk for week in weeks.values() if week.meeting}
    rows = Update.objects.filter(meeting__in=meetings, project__in=weeks)
    told = set(rows.exclude(pk__in=untold(rows).values("pk")).values_list("project", flat=True))
    found: dict[tuple[int, date], tuple[Week, list[Project]]] = {}
    for project in mine:
        if project.pk in weeks and project.pk not in told:
            found.setdefault(weeks[project.pk].key, (weeks[project.pk], []))[1].append(project)
    return sorted(found.values(), key=lambda each: each[0].held_on)


# ---- Who has not ---------------------------------------------------------------------------------------
@dataclass(slots=True)
class Silent:
    """Somebody with projects that nothing has been told of; `person` is None where nobody can tell. `asked` is how
    many are his altogether.
    """

    person: User | None
    asked: int = 0
    updates: list[Update] = field(default_factory=list)


def untold(updates: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of which nothing has been told, neither beforehand nor in the meeting."""
    return updates.filter(filed_at=None, words="", progress=None)


def missing(meeting: Meeting) -> list[Silent]:
    """Who has not told his week, those with most to tell first, and last what nobody can tell. Five statements."""
    updates = list(meeting.updates.select_related("project__zone").order_by("place", "pk"))
    waiting = set(untold(meeting.updates).values_list("pk", flat=True))
    people = tellers([update.project for update in updates], clock.today())
    found: dict[int, Silent] = {}
    for update in updates:
        asked: Sequence[User | None] = people[update.project_id] or [None]
        for person in asked:
            silent = found.setdefault(person.pk if person else 0, Silent(person))
            silent.asked += 1
            if update.pk in waiting:
                silent.updates.append(update)
    silent_ones = [each for each in found.values() if each.updates]
    return sorted(silent_ones, key=lambda each: (each.person is None, -len(each.updates), str(each.person)))


def tellers(projects: Iterable[Project], day: date) -> dict[int, list[User]]:
    """Who is asked to tell of each project, by primary key: people who may write it and whose account is open."""
    found = {project.pk: project for project in projects}
    paths = {path for each in found.values() for path in [*ancestors_of(each.zone.path), each.zone.path]}
    writing = Appointment.objects.in_force(day).filter(
        zone__path__in=paths, role__in=[Role.LIAISON, Role.COORDINATOR], user__is_active=True
    )
    held = [(row.user, row.zone.path) for row in writing.select_related("user", "zone").order_by("user_id")]
    assigned: dict[int, list[Assignment]] = defaultdict(list)
    for row in Assignment.objects.in_force(day).filter(project__in=found):
        assigned[row.project_id].append(row)
    return {pk: _tellers(project, assigned[pk], held) for pk, project in found.items()}


def _tellers(project: Project, assigned: list[Assignment], held: list[tuple[User, str]]) -> list[User]:
    able = {user.pk: user for user, path in held if project.zone.path.startswith(path)}
    for role in TELLING:
        named = {row.user_id for row in assigned if row.role == role and row.user_id}
        if people := [user for pk, user in able.items() if pk in named]:
            return people
    units = {row.department_id for row in assigned if row.department_id}
    return [user for user in able.values() if user.department_id in units]


@transaction.atomic
def urge(meeting: Meeting, *, by: User) -> int:
    """Ask those who have not told their week to do so; how many were asked. Nobody is asked twice on one day.

    Raises ValidationError when the meeting is over.
    """
    meeting = going(meeting)
    week, today = week_of(meeting), clock.today()
    return inbox.leave(
        Draft(
            user_id=silent.person.pk,
            key=f"{KEY}:{meeting.pk}:{today:%Y-%m-%d}",
            kind=KIND,
            sentence=_reminder(week, silent),
            path=reverse("admin:projects_meetings_update_week"),
            zone_id=silent.updates[0].project.zone_id,
            todo=True,
        )
        for silent in missing(meeting)
        if silent.person
    )


def still_wanted(keys: Collection[str]) -> set[str]:
    """Of the keys of reminders those whose meeting still waits for the week."""
    meetings = {key: int(key.split(":")[1]) for key in keys}
    going = [Meeting.State.PREPARING, Meeting.State.RUNNING]
    found = set(Meeting.objects.filter(pk__in=set(meetings.values()), state__in=going).values_list("pk", flat=True))
    return {key for key in keys if meetings[key] in found}


def _reminder(week: Week, silent: Silent) -> str:
    names = "、".join(str(update.project) for update in silent.updates[:NAMED])
    more = "等" if len(silent.updates) > NAMED else ""
    when = f"请于 {week.limit} 前填报" if week.until and week.until >= clock.today() else "请尽快填报"
    return f"{week.name}（{week.held_on:%Y-%m-%d}）还缺 {len(silent.updates)} 个项目的本周进展：{names}{more}，{when}"


# ---- What a person tells of ----------------------------------------------------------------------------
def own_projects(user: Any, today: date) -> QuerySet[Project]:
    """The projects of which the person tells: he may write them, and he or his unit looks after them."""
    mine: Any = Project.objects.writable_by(user).filter(Q(terminated_on=None) | Q(terminated_on__gt=today))
    return selecting.looked_after(mine, user, today).select_related("zone").order_by("zone__path", "serial", "pk")
