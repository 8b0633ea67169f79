"""Which returns are due when, and who was on time: the figures behind 报表报送效率."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from projects import plans
from projects.models import PHASE_OF, AnnualPlan, Assignment, Milestone, Phase, Project, ReturnEvent

NOBODY: Final = "未分派"
What = ReturnEvent.What
BUILDING: Final = [kind for kind, phase in PHASE_OF.items() if phase == Phase.STARTED]
PRODUCING: Final = [kind for kind, phase in PHASE_OF.items() if phase.rank > Phase.STARTED.rank]


@dataclass(frozen=True, slots=True)
class Due:
    """The latest return of a project that is due on a day.

    `month` is its last day, `due_on` the last day on which it is on time, `submitted_on` when it was submitted (None:
    not by that day, or it was sent back and not submitted again), `owed` whether the project has to report at all.
    """

    project_id: int
    month: date
    due_on: date
    submitted_on: date | None
    owed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """How a unit or a person reported a month: returns on time, late, and missing; `owed` is the denominator."""

    name: str
    on_time: int
    late: int
    missing: int

    @property
    def owed(self) -> int:
        return self.on_time + self.late + self.missing


def due_day(return_day: int | None, month: date) -> date:
    """The last day on which the return of `month` (its last day) is on time: `return_day` of the following month, or
    its last day where that is shorter; None means the month's own last day.
    """
    if return_day is None:
        return month
    first = month + timedelta(days=1)
    return first.replace(day=min(return_day, plans.month_end(first.year, first.month).day))


def late_days(return_day: int | None, month: date, on: date) -> int:
    """How many days after the due day `on` is; 0 for what is on time."""
    return max(0, (on - due_day(return_day, month)).days)


def month_due(return_day: int | None, as_of: date) -> date:
    """The last day of the latest month whose return is due on `as_of`, that day included."""
    month = plans.month_end(as_of.year, as_of.month)
    while due_day(return_day, month) > as_of:
        month = month.replace(day=1) - timedelta(days=1)
    return month


def month_to_fill(as_of: date) -> date:
    """The month that people fill in on a day: from the 20th on the one that runs, before that the one that ended."""
    if as_of.day >= 20:
        return plans.month_end(as_of.year, as_of.month)
    return as_of.replace(day=1) - timedelta(days=1)


def alive_in(month: date) -> Q:
    """Condition on projects: not ended by the month's last day."""
    return Q(terminated_on=None) | Q(terminated_on__gt=month)


def owes(month: date) -> Q:
    """Condition on projects that have to report of the month, as it stood on its last day: not ended by then, and with
    an approved plan of its year in effect, or started and not yet in production.
    """
    own = {"project": OuterRef("pk")}
    planned = AnnualPlan.objects.binding_on(month).filter(**own, year=month.year).order_by()
    done = Milestone.objects.done_by(month).filter(**own).order_by()
    building = Q(Exists(done.filter(kind__in=BUILDING))) & ~Q(Exists(done.filter(kind__in=PRODUCING)))
    return alive_in(month) & (Q(Exists(planned)) | building)


def returns_due(project_ids: Collection[int], as_of: date) -> dict[int, Due]:
    """For each project the return that is due on `as_of` and whether it had been submitted by then: as it stood on
    that day, whatever was taken back later. What was sent back and not submitted again is owed still: nobody is quit of
    his return by submitting anything at all. A constant number of statements, however many projects.
    """
    days = dict(Project.objects.filter(pk__in=project_ids).order_by().values_list("pk", "zone__return_day"))
    months = {pk: month_due(return_day, as_of) for pk, return_day in days.items()}
    submitted = _submissions(project_ids, set(months.values()), as_of, undone_by=(What.TAKEN_BACK, What.SENT_BACK))
    owed = {month: _owing_ids(project_ids, month) for month in set(months.values())}
    return {
        pk: Due(pk, month, due_day(days[pk], month), submitted.get((pk, month)), pk in owed[month])
        for pk, month in months.items()
    }


def submitted_by(project_ids: Collection[int], months: Iterable[date], as_of: date) -> dict[tuple[int, date], date]:
    """When the returns of these months were submitted, by project and month, as it stood on `as_of`.

    A return that was sent back had been submitted; one that was taken back had not. One statement.
    """
    return _submissions(project_ids, months, as_of, undone_by=(What.TAKEN_BACK,))


def _submissions(
    project_ids: Collection[int], months: Iterable[date], as_of: date, *, undone_by: tuple[str, ...]
) -> dict[tuple[int, date], date]:
    """The day of the first submission since the last step that undid one, by project and month."""
    steps = ReturnEvent.objects.filter(
        monthly_return__project__in=project_ids,
        monthly_return__month__in=list(months),
        what__in=(What.SUBMITTED, *undone_by),
        on__lte=as_of,
    ).order_by("on", "pk")
    found: dict[tuple[int, date], date] = {}
    for pk, month, what, on in steps.values_list("monthly_return__project_id", "monthly_return__month", "what", "on"):
        if what in undone_by:
            found.pop((pk, month), None)
        else:
            found.setdefault((pk, month), on)
    return found


def punctuality(projects: QuerySet[Project], month: date, as_of: date) -> tuple[list[Line], list[Line]]:
    """By unit and by person how many of the returns that `projects` owe of a month came on time, late, or not at all.

    A project counts for every unit (责任单位) and every person (联络员, 责任人) that stood for it on the month's last
    day; what is missing counts from the day after the due day. Four statements.
    """
    owed = dict(projects.filter(owes(month)).order_by().values_list("pk", "zone__return_day"))
    submitted = submitted_by(owed, [month], as_of)
    outcome = {pk: _outcome(return_day, month, submitted.get((pk, month)), as_of) for pk, return_day in owed.items()}
    units, people = _responsible(owed, month)
    return _lines(outcome, units), _lines(outcome, people)


def _outcome(return_day: int | None, month: date, on: date | None, as_of: date) -> str:
    if on is not None:
        return "late" if late_days(return_day, month, on) else "on_time"
    return "missing" if as_of > due_day(return_day, month) else ""


def _responsible(project_ids: Collection[int], month: date) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    Role = Assignment.Role
    units: dict[int, set[str]] = defaultdict(set)
    people: dict[int, set[str]] = defaultdict(set)
    rows = Assignment.objects.in_force(month).filter(
        project__in=project_ids, role__in=(Role.UNIT, Role.LIAISON, Role.RESPONSIBLE)
    )
    for row in rows.select_related("user", "department"):
        (units if row.role == Role.UNIT else people)[row.project_id].add(row.who)
    return units, people


def _lines(outcome: dict[int, str], names: dict[int, set[str]]) -> list[Line]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"on_time": 0, "late": 0, "missing": 0})
    for pk, how in outcome.items():
        for name in names.get(pk) or {NOBODY}:
            if how:
                counts[name][how] += 1
    lines = [Line(name, **each) for name, each in counts.items()]
    return sorted(lines, key=lambda line: (line.name == NOBODY, -line.missing, -line.late, line.name))


def _owing_ids(project_ids: Collection[int], month: date) -> set[int]:
    return set(Project.objects.filter(owes(month), pk__in=project_ids).order_by().values_list("pk", flat=True))
