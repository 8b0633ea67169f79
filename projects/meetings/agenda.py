"""What a meeting goes through, in which order and why: last week's decisions first, then the zone's projects.

`of_zone` reads, in a constant number of statements; `arrange` puts in order and touches nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet

from projects import selecting
from projects.alerts.models import Alert
from projects.meetings.models import Decision, Meeting, Update
from projects.meetings.models.decision import DecisionQuerySet
from projects.models import Milestone, Phase, Problem, Project, Standing
from zones.models import Zone

RED: Final = "red"
UNLANDED: Final = (Phase.SIGNED, Phase.PERFORMED)
SENTENCES: Final = 3  # of one project's alerts; the rest are counted
SECTIONS: Final = {section: place for place, section in enumerate(Update.Section)}


@dataclass(slots=True)
class Facts:
    """What the agenda knows of one project. `alerts` are sentences, the gravest first; `serial` is its place among its
    zone's projects.
    """

    project_id: int
    serial: int
    phase: str = Phase.RESERVED
    red: bool = False
    severity: int = 0
    since: date | None = None
    behind: int = 0
    alerts: list[str] = field(default_factory=list)
    signed_on: date | None = None
    problems: list[str] = field(default_factory=list)
    due: list[tuple[date, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A project's place on the agenda, counted from 1 through all sections, and why it stands there."""

    project_id: int
    section: Update.Section
    place: int
    why: str


def projects_of(zone: Zone, day: date) -> QuerySet[Project]:
    """The projects that a meeting of the zone is about on `day`: of it and of those below, but for terminated ones."""
    return Project.objects.open_on(day).filter(zone__path__startswith=zone.path)


def of_zone(zone: Zone, day: date, within: int) -> list[Line]:
    """The agenda of the zone's live projects on `day`; what is due within so many days counts as near."""
    return arrange(facts_of(projects_of(zone, day), day, within), day)


def facts_of(projects: QuerySet[Project], day: date, within: int) -> list[Facts]:
    """What the agenda knows of the projects: five statements, however many there are."""
    ordered = projects.order_by("zone__path", "serial", "pk").values_list("pk", "phase")
    found = {pk: Facts(pk, serial, phase) for serial, (pk, phase) in enumerate(ordered)}
    of_these = Q(project__in=projects.order_by().values("pk"))
    _read_alerts(found, of_these)
    _read_signed(found, of_these)
    _read_problems(found, of_these, day, within)
    _read_due(found, of_these, day, within)
    return list(found.values())


def arrange(facts: Iterable[Facts], day: date) -> list[Line]:
    """Projects section by section: each stands in the first that it belongs to, and says all that brought it there."""
    placed = sorted(((_section(each), each) for each in facts), key=lambda pair: _order(*pair))
    return [
        Line(each.project_id, section, place, "\n".join(_reasons(each, day)))
        for place, (section, each) in enumerate(placed, start=1)
    ]


def earlier_decisions(meeting: Meeting) -> DecisionQuerySet:
    """What the meeting begins with: decisions of earlier meetings of its zone that are unfinished, or were done since
    the last meeting of its kind.
    """
    last = previous(meeting)
    unfinished = Q(state__in=Decision.UNFINISHED)
    wanted = unfinished | Q(state=Decision.State.DONE, done_on__gte=last.held_on) if last else unfinished
    rows = Decision.objects.filter(meeting__zone=meeting.zone_id, meeting__held_on__lte=meeting.held_on)
    return rows.exclude(meeting=meeting).filter(wanted)


def by_state(meeting: Meeting) -> list[tuple[str, int]]:
    """How many of the earlier decisions there are of each state, in words; those overdue are counted once more."""
    rows = earlier_decisions(meeting)
    counted = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    found = [(label, counted[code]) for code, label in Decision.State.choices if code in counted]
    late = rows.overdue(meeting.held_on).count()
    return [*found, *([("逾期", late)] if late else [])]


def previous(meeting: Meeting) -> Meeting | None:
    """The last meeting of the zone and kind that was held before this one."""
    before = Meeting.objects.held().filter(zone=meeting.zone_id, kind=meeting.kind, held_on__lt=meeting.held_on)
    return before.exclude(state=Meeting.State.PREPARING).order_by("-held_on", "-pk").first()


# ---- Reading: rows of projects that were not there a moment ago are for the next agenda ------------------
def _read_alerts(found: dict[int, Facts], of_these: Q) -> None:
    said: dict[int, list[str]] = defaultdict(list)
    for alert in Alert.objects.open().filter(of_these).worst_first():
        if facts := found.get(alert.project_id or 0):
            said[facts.project_id].append(alert.sentence)
            facts.red = facts.red or alert.level == RED
            if alert.severity > facts.severity:
                facts.severity, facts.since = alert.severity, alert.level_since
    behind = Standing.objects.filter(of_these, lag_elapsed__gt=0).values_list("project", "lag_elapsed")
    for pk, lag in behind:
        if facts := found.get(pk):
            facts.behind = lag
    for pk, sentences in said.items():
        rest = len(sentences) - SENTENCES
        found[pk].alerts = [*sentences[:SENTENCES], *([f"另有 {rest} 条预警"] if rest > 0 else [])]


def _read_signed(found: dict[int, Facts], of_these: Q) -> None:
    signed = Milestone.objects.filter(of_these, kind=Milestone.Kind.SIGNED, done=True, project__phase__in=UNLANDED)
    for pk, day in signed.values_list("project", "actual_last"):
        if facts := found.get(pk):
            facts.signed_on = day


def _read_problems(found: dict[int, Facts], of_these: Q, day: date, within: int) -> None:
    near = day + timedelta(days=within)
    for problem in Problem.objects.open_on(day).filter(of_these).order_by("deadline", "pk"):
        facts, why = found.get(problem.project_id or 0), _undecided(problem, day)
        if facts and why:
            facts.problems.append(f"{problem.title}（{problem.get_category_display()}，{why}）")
        elif facts and problem.deadline and problem.deadline <= near:
            facts.due.append((problem.deadline, f"问题“{problem.title}”"))


def _undecided(problem: Problem, day: date) -> str:
    """Why a problem waits for the meeting; "" where somebody has it in hand, by a day that has not passed."""
    if problem.deadline and problem.deadline < day:
        return f"逾期 {(day - problem.deadline).days} 天"
    if problem.major:
        return "重大问题"
    if not problem.department_id and not problem.owner_id:
        return "未定责任单位"
    return "" if problem.deadline else "未定时限"


def _read_due(found: dict[int, Facts], of_these: Q, day: date, within: int) -> None:
    waiting = Milestone.objects.filter(of_these)
    near = selecting.overdue(waiting, day) | selecting.due_soon(waiting, day, timedelta(days=within))
    for milestone in near:
        if facts := found.get(milestone.project_id):
            facts.due.append((milestone.deadline, str(milestone)))


# ---- Putting in order ------------------------------------------------------------------------------
def _section(facts: Facts) -> Update.Section:
    if facts.alerts:
        return Update.Section.RED if facts.red else Update.Section.YELLOW
    if facts.phase in UNLANDED:
        return Update.Section.UNLANDED
    if facts.problems:
        return Update.Section.PROBLEM
    return Update.Section.DUE if facts.due else Update.Section.REST


def _order(section: Update.Section, facts: Facts) -> tuple[int, ...]:
    """Within a section the gravest, the longest waiting, the earliest due first."""
    own: tuple[int, ...] = ()
    if section in (Update.Section.RED, Update.Section.YELLOW):
        own = (-facts.severity, facts.since.toordinal() if facts.since else 0, -facts.behind)
    elif section == Update.Section.UNLANDED:
        own = (facts.signed_on.toordinal() if facts.signed_on else 0,)
    elif section == Update.Section.DUE:
        own = (min(day for day, _ in facts.due).toordinal(),)
    return (SECTIONS[section], *own, facts.serial)


def _reasons(facts: Facts, day: date) -> list[str]:
    return [
        *facts.alerts,
        *([_unlanded(facts.signed_on, day)] if facts.phase in UNLANDED else []),
        *(f"问题：{problem}" for problem in facts.problems),
        # Of what is overdue the alerts have spoken already.
        *(_due(what, deadline, day) for deadline, what in sorted(facts.due) if not facts.alerts or deadline >= day),
    ]


def _unlanded(signed_on: date | None, day: date) -> str:
    if signed_on is None:
        return "已签约未落地，签约日期不详"
    return f"签约未落地 {max((day - signed_on).days, 0)} 天（{signed_on:%Y-%m-%d} 签约）"


def _due(what: str, deadline: date, day: date) -> str:
    left = (deadline - day).days
    when = f"已逾期 {-left} 天" if left < 0 else f"还有 {left} 天" if left else "会议当天到期"
    return f"{what} {deadline:%Y-%m-%d} 到期，{when}"
