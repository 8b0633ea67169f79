"""倒排工期: the steps of a template laid back in working days from a target day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projects.models import Milestone, ScheduleTemplate
from zones import workdays


class LaidStep(NamedTuple):
    """A step and the day by which it is to be done; `label` names a step of kind "other"."""

    kind: str
    label: str
    day: date

    def __str__(self) -> str:
        return self.label or str(Milestone.Kind(self.kind).label)


def lay_back(template: ScheduleTemplate, target: date) -> list[LaidStep]:
    """The template's steps with their days, in order, and the target itself at the end.

    Days are counted by the calendar of working days with its exceptions: two statements, however many steps.
    """
    calendar = workdays.Calendar()
    laid = [LaidStep(step.kind, step.label, calendar.after(target, -step.offset)) for step in template.steps.all()]
    return [*laid, LaidStep(template.anchor, "", target)]
