"""A whole schedule promised at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.facts.locking import locked
from projects.facts.milestones import promise, replan
from projects.models import Milestone, Project, Source
from projects.plans.schedule import LaidStep
from zones.models import User


@dataclass(slots=True)
class Laid:
    """What became of the steps of a schedule."""

    promised: list[Milestone] = field(default_factory=list)
    moved: list[Milestone] = field(default_factory=list)
    unchanged: list[Milestone] = field(default_factory=list)
    skipped: list[Milestone] = field(default_factory=list)  # done before

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.promised or self.moved)


@transaction.atomic
def lay_schedule(
    project: Project,
    steps: Sequence[LaidStep],
    *,
    reason: str = "",
    source: Source | None = None,
    by: User | None = None,
) -> Laid:
    """Promise every step by its day, all of them or none. A step that is done is skipped, one that was promised for
    another day is moved, for the `reason` given; the same schedule again changes nothing.

    Raises ValidationError for an empty schedule, a step that stands in it twice, and where a promise would move
    without a reason.
    """
    _check(steps)
    locked(project)
    known = {(row.kind, row.label): row for row in project.milestones.all()}
    _ask_why(steps, known, reason)
    laid = Laid()
    for step in steps:
        row = known.get((step.kind, step.label))
        if row and row.done:
            laid.skipped.append(row)
        elif row and row.planned == step.day:
            laid.unchanged.append(row)
        elif row and row.planned:
            laid.moved.append(replan(row, step.day, reason=reason, by=by, source=source))
        else:
            laid.promised.append(promise(project, step.kind, step.day, label=step.label, by=by, source=source))
    return laid


def _check(steps: Sequence[LaidStep]) -> None:
    if not steps:
        raise ValidationError("请至少选一个节点")
    keys = [(step.kind, step.label) for step in steps]
    for step in steps:
        if keys.count((step.kind, step.label)) > 1:
            raise ValidationError(f"“{step}”在这份工期里出现了两次，请只留一个")


def _ask_why(steps: Sequence[LaidStep], known: dict[tuple[str, str], Milestone], reason: str) -> None:
    """Refuse to move promises without a reason, naming all of them at once."""
    rows = [(step, known.get((step.kind, step.label))) for step in steps]
    moving = [
        f"“{step}”此前承诺 {row.planned:%Y-%m-%d}，现排到 {step.day:%Y-%m-%d}"
        for step, row in rows
        if row and row.planned and not row.done and row.planned != step.day
    ]
    if moving and not reason.strip():
        raise ValidationError({"reason": f"{'；'.join(moving)}：调整期限须写明原因，或不勾选这些节点"})
