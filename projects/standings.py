"""Where projects stand on a day: pure functions of facts, and the cache that lists read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from projects import plans
from projects.models import Milestone, Progress, Project, Standing, StandingMonth

# Of one month the office's own return is believed before the weekly figure, and that before what the press says.
TRUST = {Progress.Channel.REPORTED: 3, Progress.Channel.WEEKLY: 2, Progress.Channel.PRESS: 1}
SHARD = 500


@dataclass(frozen=True, slots=True)
class Position:
    """The figures of a project on a day, in yuan; None where nothing is known.

    `month` is the last day of the judged month; `plan` the year's plan, `due` the project's own cumulative target,
    `done` the year's investment by the best channel up to `done_up_to`, `done_statistics` the statistics bureau's.
    """

    project_id: int
    month: date
    plan: int | None = None
    due: int | None = None
    done: int | None = None
    done_channel: str = ""
    done_up_to: date | None = None
    done_source: int | None = None
    done_progress: int | None = None
    done_statistics: int | None = None
    done_statistics_progress: int | None = None
    plan_id: int | None = None
    next_kind: str = ""
    next_deadline: date | None = None

    @property
    def lag_elapsed(self) -> int | None:
        """Percentage points × 100 behind months ÷ 12, rounded half up; for showing and sorting only."""
        if not self.plan or self.done is None:
            return None
        return hundredths(self.plan * self.month.month - 12 * self.done, 12 * self.plan)

    @property
    def lag_planned(self) -> int | None:
        """Percentage points × 100 behind the project's own targets, rounded half up; for showing and sorting only."""
        if not self.plan or self.due is None or self.done is None:
            return None
        return hundredths(self.due - self.done, self.plan)


def judged_month(return_day: int | None, as_of: date) -> date:
    """The last day of the latest month whose return is due on `as_of`.

    `return_day` is the day of the following month on which the return is due; None means that a month's return is
    due on its own last day, so on 30 June June is judged, and from then on until 30 July.
    """
    this_month_ends = plans.month_end(as_of.year, as_of.month)
    last_month_ended = as_of.replace(day=1) - timedelta(days=1)
    if return_day is None:
        return this_month_ends if as_of == this_month_ends else last_month_ended
    due = min(return_day, this_month_ends.day)
    return last_month_ended if as_of.day >= due else last_month_ended.replace(day=1) - timedelta(days=1)


def positions(projects: QuerySet[Project], as_of: date) -> dict[int, Position]:
    """The position of each project on `as_of`, by primary key. A constant number of statements per judged month."""
    by_month: dict[date, list[int]] = defaultdict(list)
    for pk, return_day in projects.order_by().values_list("pk", "zone__return_day"):
        by_month[judged_month(return_day, as_of)].append(pk)
    found: dict[int, Position] = {}
    for month, ids in by_month.items():
        found.update(_positions(ids, month, as_of))
    return found


def refresh(projects: QuerySet[Project], as_of: date) -> int:
    """Write the money half of the standings that changed; how many did. The light is the alerts' to write."""
    written = 0
    for ids in shards(projects):
        written += _refresh(ids, as_of)
    return written


def freeze(projects: QuerySet[Project], as_of: date) -> int:
    """Keep the standings of the judged month for ever; how many were new. A frozen row is never written again."""
    frozen = 0
    for ids in shards(projects):
        frozen += _freeze(ids)
    return frozen


def _positions(ids: list[int], month: date, as_of: date) -> dict[int, Position]:
    due = plans.due_by(ids, month, as_of)
    figures = _figures(ids, month)
    upcoming = _upcoming(ids, as_of)
    return {pk: _position(pk, month, due.get(pk), figures.get(pk, {}), upcoming.get(pk)) for pk in ids}


def _position(
    pk: int, month: date, due: plans.Due | None, figures: dict[str, Progress], upcoming: Milestone | None
) -> Position:
    best = max((figures[channel] for channel in TRUST if channel in figures), key=_worth, default=None)
    statistics = figures.get(Progress.Channel.STATISTICS)
    return Position(
        project_id=pk,
        month=month,
        plan=due.amount if due else None,
        due=due.target if due else None,
        plan_id=due.plan_id if due else None,
        done=best.amount if best else None,
        done_channel=best.channel if best else "",
        done_up_to=best.up_to if best else None,
        done_source=best.source_id if best else None,
        done_progress=best.pk if best else None,
        done_statistics=statistics.amount if statistics else None,
        done_statistics_progress=statistics.pk if statistics else None,
        next_kind=str(upcoming) if upcoming else "",
        next_deadline=upcoming.deadline if upcoming else None,
    )


def _figures(ids: list[int], month: date) -> dict[int, dict[str, Progress]]:
    """The latest figure of the judged year up to the month's end, by project and channel."""
    rows = Progress.objects.filter(
        project__in=ids, current=True, amount__isnull=False, up_to__lte=month, up_to__year=month.year
    ).order_by("up_to")
    found: dict[int, dict[str, Progress]] = defaultdict(dict)
    for row in rows:
        found[row.project_id][row.channel] = row
    return found


def _worth(row: Progress) -> tuple[int, int]:
    """A later month first; within one month the more trusted channel."""
    return row.up_to.month, TRUST[Progress.Channel(row.channel)]


def _upcoming(ids: list[int], as_of: date) -> dict[int, Milestone]:
    """The undone milestone with the earliest deadline, which may have passed."""
    found: dict[int, Milestone] = {}
    for milestone in Milestone.objects.filter(project__in=ids).exclude(baseline=None, planned=None):
        if milestone.done_by(as_of):
            continue
        held = found.get(milestone.project_id)
        if held is None or milestone.deadline < held.deadline:
            found[milestone.project_id] = milestone
    return found


MONEY_HALF = (
    "month",
    "plan",
    "due",
    "done",
    "done_statistics",
    "lag_elapsed",
    "lag_planned",
    "next_kind",
    "next_deadline",
)


@transaction.atomic
def _refresh(ids: list[int], as_of: date) -> int:
    stored = {row.project_id: row for row in Standing.objects.filter(project__in=ids)}
    fresh = positions(Project.objects.filter(pk__in=ids), as_of)
    new = [Standing(project_id=pk, **_money(fresh[pk])) for pk in ids if pk not in stored]
    changed = [row for pk, row in stored.items() if _apply(row, _money(fresh[pk]))]
    Standing.objects.bulk_create(new, ignore_conflicts=True)
    if changed:
        Standing.objects.bulk_update(changed, MONEY_HALF)
    return len(new) + len(changed)


def _money(position: Position) -> dict[str, Any]:
    return {name: getattr(position, name) for name in MONEY_HALF}


def _apply(row: Standing, values: dict[str, Any]) -> bool:
    changed = any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return changed


FROZEN = ("month", "plan", "due", "done", "done_statistics", "lag_elapsed", "lag_planned", "severity", "light")


def _freeze(ids: list[int]) -> int:
    standings = Standing.objects.filter(project__in=ids, month__isnull=False)
    known = StandingMonth.objects.filter(project__in=ids, month__in=standings.values("month"))
    kept = set(known.values_list("project_id", "month"))
    rows = [
        StandingMonth(project_id=row.project_id, **{name: getattr(row, name) for name in FROZEN})
        for row in standings
        if (row.project_id, row.month) not in kept
    ]
    StandingMonth.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def shards(projects: QuerySet[Project]) -> Iterable[list[int]]:
    """The keys of the projects, some hundred at a time, in their order; a statement each."""
    last = 0
    while ids := list(projects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:SHARD]):
        yield ids
        last = ids[-1]


def hundredths(numerator: int, denominator: int) -> int:
    """numerator ÷ denominator in hundredths of a percentage point, rounded half away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((abs(numerator) * 20_000 + denominator) // (2 * denominator))
