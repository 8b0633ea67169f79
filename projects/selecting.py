"""What a number on a page counts, and what the list behind it shows: one definition for both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from projects.models import PHASE_OF, Assignment, Entry, Milestone, Phase, Problem, Suspension
from projects.models.problem import ProblemQuerySet
from zones import clock
from zones.models import User

SOON: Final = timedelta(days=14)
NOT_JUDGED: Final = "none"  # how an empty light is written in an address
WITHOUT_PERIOD: Final = "none"
Rows = QuerySet[Any]

Kind = Milestone.Kind
_OVERTAKEN: Final = (Kind.NEGOTIATED, Kind.SIGNED, Kind.PERFORMED, Kind.STARTED, Kind.PRODUCED, Kind.AT_CAPACITY)
_BEFORE_PRODUCTION: Final = (Kind.TOPPED_OUT, Kind.TRIAL)


# ---- Projects --------------------------------------------------------------------------------------
def lit(projects: Rows, light: str) -> Rows:
    """Projects that show a light; `NOT_JUDGED` for those that show none."""
    if light == NOT_JUDGED:
        return projects.filter(Q(standing=None) | Q(standing__light=""))
    return projects.filter(standing__light=light)


def with_open_alert(projects: Rows) -> Rows:
    """Projects with an alert that is not closed: the gravest of them stands in the standing."""
    return projects.filter(standing__severity__gte=1)


def listed(projects: Rows, batch: str, period: str) -> Rows:
    """Projects with an effective entry in the batch and the round (a key, or `WITHOUT_PERIOD`); "" is any."""
    entries = Entry.objects.effective().filter(project=OuterRef("pk"))
    if batch:
        entries = entries.filter(batch=batch)
    if period == WITHOUT_PERIOD:
        entries = entries.filter(period=None)
    elif period:
        entries = entries.filter(period=period) if period.isdecimal() else entries.none()
    return projects.filter(Exists(entries))


def last_listed(projects: Rows, batch: str) -> Rows:
    """Projects whose latest effective entry is in the batch: every project counts once."""
    return projects.filter(pk__in=Entry.objects.one_per_project().filter(batch=batch).values("project"))


def looked_after(projects: Rows, user: User, day: date) -> Rows:
    """Projects that are assigned to the person or to his unit on `day`."""
    his = Q(user=user.pk)
    if user.department_id:
        his |= Q(department=user.department_id)
    held = Assignment.objects.in_force(day).filter(his, project=OuterRef("pk"))
    return projects.filter(Exists(held))


def unassigned(projects: Rows, day: date) -> Rows:
    """Projects for which nobody stands on `day`."""
    return projects.exclude(Exists(Assignment.objects.in_force(day).filter(project=OuterRef("pk"))))


def with_figures(projects: Rows, which: str) -> Rows:
    """Projects by what is known of this year's money: "both" plan and figure, no "figure" for a plan, no "plan".

    "both" are those that `statistics.investment` adds up: a part is left out where the whole is among them, with a
    plan of its own.
    """
    if which == "both":
        counted = projects.filter(standing__plan__isnull=False, standing__done__isnull=False)
        return counted.exclude(is_inside(projects, "parent"))
    if which == "figure":
        return projects.filter(standing__plan__isnull=False, standing__done=None)
    return projects.filter(Q(standing=None) | Q(standing__plan=None))


def is_inside(projects: Rows, whole: str) -> Exists:
    """Condition: the project at `whole` is one of `projects` and has a plan of its own, which holds its parts' money.

    One that is not among them is not asked for its plan: it may be of a zone that whoever reads the sum cannot see.
    """
    return Exists(projects.order_by().filter(pk=OuterRef(whole), standing__plan__isnull=False))


def with_deadline(projects: Rows, which: str, day: date) -> Rows:
    """Projects with a milestone that is "overdue" on `day`, or due "soon"."""
    waiting = overdue if which == "overdue" else due_soon
    return projects.filter(Exists(waiting(Milestone.objects.all(), day).filter(project=OuterRef("pk"))))


def with_open_problem(projects: Rows, day: date) -> Rows:
    """Projects with a problem that is open on `day`."""
    return projects.filter(Exists(Problem.objects.open_on(day).filter(project=OuterRef("pk"))))


# ---- Milestones ------------------------------------------------------------------------------------
def overdue(milestones: Rows, day: date) -> Rows:
    """Milestones whose deadline has passed on `day` and that are still waited for."""
    return _waiting(milestones, day).filter(_deadline__lt=day)


def due_soon(milestones: Rows, day: date, within: timedelta = SOON) -> Rows:
    """Milestones still waited for whose deadline is on `day` or, if not said otherwise, in the two weeks after it."""
    return _waiting(milestones, day).filter(_deadline__gte=day, _deadline__lte=day + within)


def proofs(phase: Phase) -> list[str]:
    """Kinds of steps that, once done, show that a project has come this far, or further."""
    return [kind for kind, proved in PHASE_OF.items() if proved.rank >= phase.rank]


def _waiting(milestones: Rows, day: date) -> Rows:
    """Promised, not done, not overtaken by a later step, of a project that is alive and does not stand still.

    For a day before today this is worked out from what had been done by then: what is done and how far a project is
    stand on the rows as of today.
    """
    still = Suspension.objects.in_force(day).filter(project=OuterRef("project"))
    waiting = milestones.annotate(_deadline=Coalesce(F("baseline"), F("planned"))).filter(_deadline__isnull=False)
    if day < clock.today():
        waiting = waiting.filter(Q(done=False) | Q(actual_last__gt=day) | Q(actual_last=None, known_on__gt=day))
        waiting = waiting.exclude(_overtaken_by(day))
    else:
        waiting = waiting.filter(done=False).exclude(_overtaken())
    waiting = waiting.filter(Q(project__terminated_on=None) | Q(project__terminated_on__gt=day))
    return waiting.exclude(Exists(still))


def _overtaken() -> Q:
    """A step that nobody waits for because the project is past it: a factory that produces was started."""
    passed = Q(pk__in=[])
    for phase in Phase:
        kinds = [kind for reached in Phase if reached.rank <= phase.rank for kind in _left_behind(reached)]
        passed |= Q(project__phase=phase, kind__in=kinds)
    return passed


def _overtaken_by(day: date) -> Q:
    """The same of a day before today: a later step had been done by then."""
    passed = Q(pk__in=[])
    for phase in Phase:
        if kinds := _left_behind(phase):
            done = Milestone.objects.done_by(day).filter(project=OuterRef("project"), kind__in=proofs(phase))
            passed |= Q(Exists(done), kind__in=kinds)
    return passed


def _left_behind(phase: Phase) -> list[str]:
    """Kinds of steps that nobody waits for as soon as this phase is reached."""
    kinds: list[str] = [kind for kind in _OVERTAKEN if PHASE_OF[kind] == phase]
    return [*kinds, *_BEFORE_PRODUCTION] if phase == Phase.PRODUCED else kinds


# ---- Problems --------------------------------------------------------------------------------------
def late(problems: ProblemQuerySet, day: date) -> ProblemQuerySet:
    """Problems that are open on `day` and should have been settled before."""
    return problems.open_on(day).filter(deadline__lt=day)
