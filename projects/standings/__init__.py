"""Where projects stand on a day: pure functions of facts, and the cache that lists read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from projects import plans
from projects.models import Progress, Project
from projects.standings import query
from projects.standings.among import Among, Keys
from projects.standings.query import Bound as Bound
from projects.standings.query import JudgedMonth, Outright
from zones.models import Zone

# Of one month the office's own return is believed before the weekly figure, and that before what the press says.
TRUST = {Progress.Channel.REPORTED: 3, Progress.Channel.WEEKLY: 2, Progress.Channel.PRESS: 1}
SHARD = 500


class Position(NamedTuple):
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
    done_statistics_up_to: date | None = None

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


def turns_on(return_day: int | None, as_of: date) -> date:
    """The first day after `as_of` on which another month is judged; see `judged_month`."""
    if return_day is None:
        tomorrow = as_of + timedelta(days=1)
        return plans.month_end(tomorrow.year, tomorrow.month)
    this_month_ends = plans.month_end(as_of.year, as_of.month)
    if as_of.day < min(return_day, this_month_ends.day):
        return as_of.replace(day=min(return_day, this_month_ends.day))
    following = this_month_ends + timedelta(days=1)
    return following.replace(day=min(return_day, plans.month_end(following.year, following.month).day))


def judged_months(as_of: date) -> list[JudgedMonth]:
    """The months that are judged on `as_of`, each with the return days of zones that have it. One statement."""
    by_month: dict[date, list[int | None]] = defaultdict(list)
    for return_day in Zone.objects.order_by().values_list("return_day", flat=True).distinct():
        by_month[judged_month(return_day, as_of)].append(return_day)
    return [
        JudgedMonth(month, tuple(day for day in days if day is not None), None in days)
        for month, days in sorted(by_month.items())
    ]


def positions(projects: QuerySet[Project], as_of: date) -> dict[int, Position]:
    """The position of each project on `as_of`, by primary key. A constant number of statements per judged month."""
    return positions_of(Keys.of(projects.order_by().values_list("pk", flat=True)), as_of)


def positions_of(among: Among, as_of: date) -> dict[int, Position]:
    """The position of each of the projects on `as_of`, by primary key. A statement per judged month."""
    found: dict[int, Position] = {}
    with connection.cursor() as cursor:
        for judged in judged_months(as_of):
            cursor.execute(*query.select(among, judged, as_of))
            found |= _read(cursor)
    return found


def _read(cursor: Any) -> dict[int, Position]:
    rows = map(Position._make, cursor)
    return {row.project_id: row if isinstance(row.month, date) else _dated(row) for row in rows}


def _dated(row: Position) -> Position:
    """SQLite gives days that are no column of a table as text."""
    return row._replace(month=_day(row.month), next_deadline=_day(row.next_deadline))


def _day(told: Any) -> Any:
    return date.fromisoformat(told) if isinstance(told, str) else told


def refresh(projects: QuerySet[Project], as_of: date) -> int:
    """Write the money half of the standings that changed; how many did. The light is the alerts' to write."""
    return refresh_of(Keys.of(projects.order_by().values_list("pk", flat=True)), as_of)


def refresh_of(among: Among, as_of: date) -> int:
    """The same; a statement per judged month, and nothing of it passes through this process."""
    with transaction.atomic(), connection.cursor() as cursor:
        statements = [query.write(among, judged, as_of) for judged in judged_months(as_of)]
        return sum(_write(cursor, *statement) for statement in statements)


def settle(among: Among, as_of: date, outright: Outright | None) -> dict[int, Position]:
    """Write the standings of projects that are judged in the same transaction: the money half of all, and the light of
    those that `outright` settles. The positions of all others, which are to be looked at, by primary key.

    Who judges has taken their marks away (`claim`); new rows get none.
    """
    found: dict[int, Position] = {}
    with connection.cursor() as cursor:
        for judged in judged_months(as_of):
            for statement in query.settle(among, judged, as_of, outright):
                cursor.execute(*statement)
            found |= _read(cursor)
    return found


def claim(among: Among) -> None:
    """Take away the marks of projects that are judged from here on, in the same transaction. Before anything is read:
    a fact that is written meanwhile marks them again.
    """
    condition, parameters = among.condition("project_id")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE projects_standing SET stale = false WHERE stale AND {condition}", parameters)  # noqa: S608  (our own words)


def _write(cursor: Any, statement: str, parameters: list[Any]) -> int:
    cursor.execute(statement, parameters)
    return max(cursor.rowcount, 0)


def freeze_of(among: Among) -> int:
    """Keep the standings of the judged month for ever; how many were new. A frozen row is never written again."""
    with connection.cursor() as cursor:
        return _write(cursor, *query.freeze(among))


def shards(projects: QuerySet[Project]) -> Iterable[list[int]]:
    """The keys of the projects, some hundred at a time, in their order; a statement each."""
    last = 0
    while ids := list(projects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:SHARD]):
        yield ids
        last = ids[-1]


def hundredths(numerator: int, denominator: int) -> int:
    """numerator ÷ denominator in hundredths of a point, rounded half away from zero; `query.MOST` at most."""
    sign = -1 if numerator < 0 else 1
    return sign * min((abs(numerator) * 20_000 + denominator) // (2 * denominator), query.MOST)
