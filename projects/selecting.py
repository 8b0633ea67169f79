"""What a number on a page counts, and what the list behind it shows: one definition for both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from projects.models import PHASE_OF, Assignment, Entry, Milestone, Phase, Problem, Suspension
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

    "both" are those that `statistics.investment` adds up: a part is left out where the whole has a plan of its own.
    """
    if which == "both":
        counted = projects.filter(standing__plan__isnull=False, standing__done__isnull=False)
        return counted.exclude(parent__standing__plan__isnull=False)
    if which == "figure":
        return projects.filter(standing__plan__isnull=False, standing__done=None)
    return projects.filter(Q(standing=None) | Q(standing__plan=None))


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


def due_soon(milestones: Rows, day: date) -> Rows:
    """Milestones still waited for whose deadline is on `day` or within the two weeks after it."""
    return _waiting(milestones, day).filter(_deadline__gte=day, _deadline__lte=day + SOON)


def _waiting(milestones: Rows, day: date) -> Rows:
    """Promised, not done, not overtaken by a later step, of a project that is alive and does not stand still."""
    still = Suspension.objects.in_force(day).filter(project=OuterRef("project"))
    waiting = milestones.annotate(_deadline=Coalesce(F("baseline"), F("planned")))
    waiting = waiting.filter(done=False, _deadline__isnull=False)
    waiting = waiting.filter(Q(project__terminated_on=None) | Q(project__terminated_on__gt=day))
    return waiting.exclude(_overtaken()).exclude(Exists(still))


def _overtaken() -> Q:
    """A step that nobody waits for because the project is past it: a factory that produces was started."""
    passed = Q(pk__in=[])
    for phase in Phase:
        kinds = [kind for kind in _OVERTAKEN if PHASE_OF[kind].rank <= phase.rank]
        if phase.rank >= Phase.PRODUCED.rank:
            kinds += _BEFORE_PRODUCTION
        passed |= Q(project__phase=phase, kind__in=kinds)
    return passed
