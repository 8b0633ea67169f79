"""What the measures of promised steps share."""

from __future__ import annotations

from datetime import date
from typing import Final

from projects.alerts.cases import ProjectCase, Step
from projects.alerts.months import show_day
from projects.alerts.verdicts import MISSING, Settled, Unjudged

NO_STEPS: Final = Unjudged("no_promised_step", "没有承诺期限的节点，请责任单位填报节点计划后再判定", MISSING)
ALL_DONE: Final = Settled("承诺的节点均已完成")


def promised(case: ProjectCase) -> list[Step]:
    """The steps that have a deadline."""
    return [step for step in case.steps if step.deadline is not None]


def undone(case: ProjectCase) -> list[tuple[date, Step]]:
    """The promised steps that were not done on the day, the earliest deadline first."""
    found = [(step.deadline, step) for step in promised(case) if step.deadline and not step.done_by(case.as_of)]
    return sorted(found, key=lambda each: (each[0], each[1].pk))


def inputs(step: Step, deadline: date) -> dict[str, object]:
    """The raw values of a step that is awaited."""
    return {
        "milestone_id": step.pk,
        "deadline": deadline.isoformat(),
        "shown": [["节点", str(step)], ["期限", show_day(deadline)]],
    }
