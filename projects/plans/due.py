"""Plans as numbers: what was to be done by the end of a month."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from projects.models import AnnualPlan, MonthlyTarget


@dataclass(frozen=True, slots=True)
class Due:
    """A project's plan of a year as it held on a day: yuan for the year, and cumulative by the end of a month.

    `target` is None when the plan was never cut down by month.
    """

    plan_id: int
    edition: int
    year: int
    amount: int
    target: int | None


def due_by(project_ids: Iterable[int], month_end: date, as_of: date) -> dict[int, Due]:
    """For each project with a plan of the month's year that held on `as_of`: what is due by `month_end`.

    Of several editions the one that came into effect last holds. Two statements, however many projects.
    """
    plans: dict[int, AnnualPlan] = {}
    for plan in AnnualPlan.objects.holding_on(as_of).filter(project__in=project_ids, year=month_end.year):
        plans.setdefault(plan.project_id, plan)
    targets = dict(
        MonthlyTarget.objects.filter(plan__in=[plan.pk for plan in plans.values()], month=month_end.month).values_list(
            "plan_id", "amount"
        )
    )
    return {
        project_id: Due(plan.pk, plan.edition, plan.year, plan.amount, targets.get(plan.pk))
        for project_id, plan in plans.items()
    }


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])
