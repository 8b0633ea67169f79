"""The ways of cutting down a plan, applied to what is known of a project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError

from projects import standings
from projects.models import AnnualPlan, Milestone, Project
from projects.plans import cutting

Method = AnnualPlan.Method
WHOLE: Final = 100  # per cent, to which the shares of the steps add up
USUAL: Final[Mapping[str, int]] = {
    Milestone.Kind.PERMIT: 5,
    Milestone.Kind.STARTED: 10,
    Milestone.Kind.TOPPED_OUT: 40,
    Milestone.Kind.COMPLETED: 25,
    Milestone.Kind.TRIAL: 10,
    Milestone.Kind.PRODUCED: 10,
}
"""How much of a plan a step weighs where nobody says otherwise; a proposal to be edited, and no published figure."""
OTHERWISE: Final = 10


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A step of the project that falls into the year; the first one after it counts as December's."""

    pk: int
    name: str
    day: date
    month: int
    share: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Twelve cumulative targets in yuan, and what has to be said of them."""

    targets: list[int]
    note: str = ""


def dated_steps(project: Project, year: int, first_month: int = 1) -> list[DatedStep]:
    """The project's steps by day, from the first month of the plan to the first one after the year, with shares that
    add up to 100 per cent. A step without a day has no place among them.
    """
    begins = date(year, first_month, 1)
    days = [(_day(row), row) for row in project.milestones.all()]
    known = sorted(((day, row) for day, row in days if day and day >= begins), key=lambda each: (each[0], each[1].pk))
    within = [each for each in known if each[0].year == year]
    found = [*within, *known[len(within) :][:1]]
    shares = cutting.hundred([USUAL.get(row.kind, OTHERWISE) for _, row in found])
    return [
        DatedStep(row.pk, str(row), day, day.month if day.year == year else 12, share)
        for (day, row), share in zip(found, shares, strict=True)
    ]


def cut_down(
    project: Project,
    year: int,
    amount: int,
    method: str,
    *,
    first_month: int = 1,
    season: str = "",
    shares: Mapping[int, int] | None = None,
) -> Cut:
    """The plan of a year cut down by a method of `AnnualPlan.Method`, in yuan.

    `season` is a code of `cutting.SEASONS`; `shares` are per cents by the key of a milestone, the usual ones if left
    out. Raises ValidationError where the method has nothing to go by.
    """
    match method:
        case Method.EVEN:
            return Cut(cutting.cut(amount, cutting.even(first_month), first_month))
        case Method.SEASON if season in cutting.SEASONS:
            return Cut(cutting.cut(amount, cutting.by_season(season), first_month))
        case Method.SEASON:
            raise ValidationError({"season": "请选择季节方案"})
        case Method.S_CURVE:
            return Cut(cutting.cut(amount, cutting.s_curve(first_month), first_month))
        case Method.STEPS:
            return Cut(cutting.cut(amount, _by_steps(project, year, first_month, shares), first_month))
        case Method.LAST_YEAR:
            return _like_last_year(project, year, amount, first_month)
    raise ValidationError({"method": "逐月填写须填满 12 个月，或选择一种分解方法"})


def _day(row: Milestone) -> date | None:
    return row.actual_last if row.done else row.planned


def _by_steps(project: Project, year: int, first_month: int, shares: Mapping[int, int] | None) -> cutting.Weights:
    steps = dated_steps(project, year, first_month)
    if not steps:
        raise ValidationError(
            {"method": f"{year}年{first_month}月以后没有带日期的节点，不能按节点分解：请先倒排工期，或换一种方法"}
        )
    told = [step.share if shares is None else shares.get(step.pk, 0) for step in steps]
    if sum(told) != WHOLE:
        raise ValidationError({"shares": f"各节点的份额合计应为 100%，现为 {sum(told)}%"})
    return cutting.by_steps([(step.month, share) for step, share in zip(steps, told, strict=True)], first_month)


def _like_last_year(project: Project, year: int, amount: int, first_month: int) -> Cut:
    figures = figures_of(project, year - 1)
    weights = cutting.like(figures)
    if not any(weights[first_month - 1 :]):
        since = f"从{first_month}月起" if first_month > 1 else ""
        told = f"{year - 1}年{since}没有完成投资数据，无从参照，已改为按月平均，请核对"
        return Cut(cutting.cut(amount, cutting.even(first_month), first_month), told)
    last = max(figures)
    note = f"{year - 1}年的数据只到{last}月，此后各月没有分到，请核对" if last < 12 else ""
    return Cut(cutting.cut(amount, weights, first_month), note)


def figures_of(project: Project, year: int) -> dict[int, int]:
    """Cumulative yuan since January by month, of each month the last figure of the most trusted channel."""
    rows = project.progress.filter(current=True, amount__isnull=False, up_to__year=year).order_by("up_to", "pk")
    told: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        told[row.up_to.month][row.channel] = row.amount or 0
    best = {month: [by[channel] for channel in standings.TRUST if channel in by] for month, by in told.items()}
    return {month: found[0] for month, found in best.items() if found}
