"""What is done of a project in the meeting beside its own fields: a step reached, a problem raised, a decision."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import dates, facts
from projects.facts.locking import locked
from projects.meetings import deciding
from projects.meetings.deciding import going
from projects.meetings.models import Decision, Meeting, Update
from projects.meetings.saving import log
from projects.models import Milestone, Problem
from zones import clock
from zones.models import Department, User

REACH: Final = "reach"
PROBLEM: Final = "problem"
DECIDE: Final = "decide"
REVISE: Final = "revise"
DROP: Final = "drop"
KEPT: Final = ("done", "actual_first", "actual_last")


@transaction.atomic
def reach(
    update: Update, key: UUID, kind: str, when: date | dates.DateSpan | None, by: User | None, *, label: str = ""
) -> Milestone:
    """A step of the row's project is done: on a day, within a span of days, or (None) nobody knows when.

    The same key once more changes nothing. Raises ValidationError: the meeting is over, or as `facts.reach` does.
    """
    meeting = going(update.meeting)
    project = locked(update.project)
    stood = project.milestones.filter(kind=kind, label=label).first()
    if log.known(key, meeting, update, REACH) and stood:
        return stood
    before = step_values(stood)
    milestone = facts.reach(project, kind, when, label=label, by=by, reason=str(meeting), source=meeting.source)
    if step_values(milestone) != before:
        told = step_values(milestone) | {"milestone": milestone.pk}
        log.keep(meeting, update, key, REACH, told, before, by)
    return milestone


@transaction.atomic
def raise_problem(
    update: Update,
    key: UUID,
    *,
    title: str,
    category: str,
    deadline: date | None = None,
    department: Department | None = None,
    owner: User | None = None,
    solution: str = "",
    by: User | None = None,
) -> Problem:
    """Put a problem of the row's project on the list, raised today. The same key once more gives the same problem.

    Raises ValidationError: the meeting is over, or as `facts.raise_problem` does.
    """
    meeting = going(update.meeting)
    if before := log.known(key, meeting, update, PROBLEM):
        return Problem.objects.get(pk=before.told["problem"])
    problem = facts.raise_problem(
        update.project,
        title=title,
        category=category,
        raised_on=clock.today(),
        department=department,
        owner=owner,
        deadline=deadline,
        solution=solution,
        source=meeting.source,
        by=by,
    )
    log.keep(meeting, update, key, PROBLEM, {"problem": problem.pk, "title": problem.title}, {}, by)
    return problem


@transaction.atomic
def decide(
    meeting: Meeting,
    key: UUID,
    matter: str,
    by: User | None,
    *,
    update: Update | None = None,
    **about: Unpack[deciding.About],
) -> Decision:
    """Put down what the meeting decides; with `update` it is about the row's project. See `deciding.decide`."""
    meeting = going(meeting)
    if before := log.known(key, meeting, update, DECIDE):
        if found := Decision.objects.filter(pk=before.told["decision"]).first():
            return found
        raise ValidationError("这条议定事项已记过，又被撤销或删除；需要时请重新填写")
    if update:
        about["project"] = update.project
    decision = deciding.decide(meeting, matter, by=by, key=key, **about)
    log.keep(meeting, update, key, DECIDE, {"decision": decision.pk, **decision_values(decision)}, {}, by)
    return decision


@transaction.atomic
def revise(
    decision: Decision,
    key: UUID,
    by: User | None,
    *,
    expected_version: int | None = None,
    **told: Unpack[deciding.Told],
) -> Decision:
    """Put a decision differently. The same key once more changes nothing. See `deciding.revise`."""
    meeting = going(decision.meeting)
    update = row_of(meeting, decision)
    if log.known(key, meeting, update, REVISE):
        return decision
    before = decision_values(Decision.objects.get(pk=decision.pk))
    decision = deciding.revise(decision, by=by, expected_version=expected_version, **told)
    after = decision_values(decision)
    if after != before:
        log.keep(meeting, update, key, REVISE, {"decision": decision.pk, **after}, before, by)
    return decision


@transaction.atomic
def drop(decision: Decision, key: UUID, by: User | None) -> None:
    """Take a decision off the list. The same key once more changes nothing. See `deciding.drop`."""
    meeting = going(decision.meeting)
    if log.known(key, meeting, row_of(meeting, decision), DROP):
        return
    if (found := Decision.objects.filter(pk=decision.pk).first()) is None:
        raise ValidationError("这条议定事项已被他人删除")
    decision, update = found, row_of(meeting, found)
    log.keep(meeting, update, key, DROP, {"decision": decision.pk}, decision_values(decision), by)
    deciding.drop(decision, by=by)


def row_of(meeting: Meeting, decision: Decision) -> Update | None:
    """The row of the project that a decision is about."""
    return meeting.updates.filter(project=decision.project_id).first() if decision.project_id else None


def decision_values(decision: Decision) -> dict[str, Any]:
    """What a decision says, as the log keeps it."""
    return {
        "matter": decision.matter,
        "project": decision.project_id,
        "topic": decision.topic_id,
        "lead": decision.lead_id,
        "helpers": sorted(decision.helpers.values_list("pk", flat=True)),
        "person": decision.person_id,
        "deadline": decision.deadline.isoformat() if decision.deadline else None,
    }


def step_values(milestone: Milestone | None) -> dict[str, Any]:
    """What is known of a step, as the log keeps it."""
    values = {name: getattr(milestone, name, None) for name in KEPT}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return plain | {"done": bool(plain["done"])}
