"""Raising a problem, moving its deadline, marking it as major, closing it (销号), reopening it. Every step is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.facts.locking import locked
from projects.models import Problem, ProblemEvent, Project, Source
from projects.standings.among import listed
from zones import bulk, clock
from zones.models import Department, User

What = ProblemEvent.What


@transaction.atomic
def raise_problem(
    project: Project,
    *,
    title: str,
    category: str,
    raised_on: date,
    department: Department | None = None,
    owner: User | None = None,
    deadline: date | None = None,
    solution: str = "",
    major: bool = False,
    source: Source | None = None,
    by: User | None = None,
) -> Problem:
    """Put a problem of the project on the list. The same problem of the same day, while open, changes nothing.

    Raises ValidationError when a field is missing or the deadline lies before the day it was raised.
    """
    locked(project)
    raising = Raising(project, title, category, raised_on, department, owner, deadline, solution, major)
    ((problem, _),) = raise_problems([raising], source=source, by=by)
    return problem


@dataclass(frozen=True, slots=True)
class Raising:
    """A problem of a project, as `raise_problem` takes it."""

    project: Project
    title: str
    category: str
    raised_on: date
    department: Department | None = None
    owner: User | None = None
    deadline: date | None = None
    solution: str = ""
    major: bool = False


@transaction.atomic
def raise_problems(
    raisings: Sequence[Raising], *, source: Source | None = None, by: User | None = None
) -> list[tuple[Problem, bool]]:
    """The same of many projects, which the caller holds locked, each problem once: the problems, and whether new. A
    constant number of statements.
    """
    rows = Problem.objects.filter(project__in=listed([each.project.pk for each in raisings]), closed_on=None)
    held = {(row.project_id, row.title, row.raised_on): row for row in rows.order_by("-pk")}
    told: list[tuple[Problem, bool]] = []
    for each in raisings:
        at = (each.project.pk, each.title.strip(), each.raised_on)
        if known := held.get(at):
            told.append((known, False))
            continue
        _check_deadline(each.deadline, each.raised_on)
        problem = held[at] = Problem(zone=each.project.zone, project=each.project, title=at[1], category=each.category)
        problem.raised_on, problem.department, problem.owner = each.raised_on, each.department, each.owner
        problem.deadline, problem.solution, problem.major = each.deadline, each.solution.strip(), each.major
        problem.source, problem.recorded_by = source, by
        problem.clean_fields(exclude=["zone", "project", "department", "owner", "source", "recorded_by"])
        told.append((problem, True))
    new = [problem for problem, is_new in told if is_new]
    bulk.insert(new)
    bulk.insert(
        [ProblemEvent(problem=each, what=What.RAISED, on=each.raised_on, deadline=each.deadline, by=by) for each in new]
    )
    return told


def raised(problem: Problem, *, by: User | None) -> None:
    """Keep that a problem of a company was put on the list by the office's form."""
    _keep(problem, What.RAISED, on=problem.raised_on, note="", by=by)


@transaction.atomic
def move_problem(problem: Problem, deadline: date, *, reason: str, by: User | None = None) -> Problem:
    """Give the problem another deadline. Raises ValidationError without a reason or when it is closed."""
    problem = _held(problem)
    if not reason.strip():
        raise ValidationError({"reason": "调整时限须写明原因"})
    if problem.closed_on:
        raise ValidationError("该问题已销号，不能调整时限")
    if problem.deadline == deadline:
        return problem
    _check_deadline(deadline, problem.raised_on)
    problem.deadline = deadline
    problem.save(update_fields=["deadline"])
    _keep(problem, What.MOVED, on=clock.today(), note=reason, by=by)
    return problem


@transaction.atomic
def mark_problem(problem: Problem, *, major: bool, reason: str, by: User | None = None) -> Problem:
    """标为重大, or 取消重大. The same again changes nothing.

    Only who keeps the zone's facts may ask for it (`by`); that is for the doors to see to. Raises ValidationError
    without a reason or when it is closed.
    """
    problem = _held(problem)
    what = What.MAJOR if major else What.MINOR
    if not reason.strip():
        raise ValidationError({"reason": f"{what.label}须写明原因"})
    if problem.closed_on:
        raise ValidationError(f"该问题已销号，不能{what.label}")
    if problem.major == major:
        return problem
    problem.major = major
    problem.save(update_fields=["major"])
    _keep(problem, what, on=clock.today(), note=reason, by=by)
    return problem


@transaction.atomic
def close_problem(problem: Problem, *, on: date, note: str, by: User | None = None) -> Problem:
    """销号: the problem is settled; `note` says how.

    Raises ValidationError without a note, for a day to come, or when it was closed before.
    """
    problem = _held(problem)
    if problem.closed_on:
        raise ValidationError("该问题此前已销号")
    if on > clock.today():
        raise ValidationError({"on": "销号日期不能晚于今天"})
    problem.closed_on, problem.closing_note, problem.closed_by = on, note.strip(), by
    problem.full_clean()
    problem.save(update_fields=["closed_on", "closing_note", "closed_by"])
    _keep(problem, What.CLOSED, on=on, note=note, by=by)
    return problem


@transaction.atomic
def reopen_problem(problem: Problem, *, reason: str, by: User | None = None) -> Problem:
    """The problem was not settled after all. Raises ValidationError without a reason or when it is open."""
    problem = _held(problem)
    if not reason.strip():
        raise ValidationError({"reason": "撤销销号须写明原因"})
    if not problem.closed_on:
        raise ValidationError("该问题尚未销号")
    problem.closed_on, problem.closing_note, problem.closed_by = None, "", None
    problem.save(update_fields=["closed_on", "closing_note", "closed_by"])
    _keep(problem, What.REOPENED, on=clock.today(), note=reason, by=by)
    return problem


def _held(problem: Problem) -> Problem:
    return Problem.objects.select_for_update(no_key=True).get(pk=problem.pk)


def _check_deadline(deadline: date | None, raised_on: date) -> None:
    if deadline and deadline < raised_on:
        raise ValidationError({"deadline": "完成时限不能早于提出日期"})


def _keep(problem: Problem, what: str, *, on: date, note: str, by: User | None) -> None:
    ProblemEvent.objects.create(problem=problem, what=what, on=on, deadline=problem.deadline, note=note.strip(), by=by)
