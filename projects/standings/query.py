"""One statement that says where projects stand: the figures of the judged month, from plans, targets and progress.

Written out, because it is asked of a million projects a night: every table is read once, in the order of the projects,
and nothing is asked project by project. The same text serves PostgreSQL and SQLite but for a few words.
"""

# ruff: noqa: S608  (statements are put together from our own words; values are parameters)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from projects.standings.among import Among

COLUMNS: Final = (
    *("project_id", "month", "plan", "due", "done", "done_channel", "done_up_to", "done_source", "done_progress"),
    *("done_statistics", "done_statistics_progress", "plan_id", "next_kind", "next_deadline", "done_statistics_up_to"),
)
"""What the statement selects, in this order."""
MONEY: Final = (
    *("month", "plan", "due", "done", "done_statistics", "lag_elapsed", "lag_planned", "next_kind", "next_deadline"),
)
"""The half of a standing that is written when facts change."""
MOST: Final = 2**31 - 1
"""What a column of a share holds, in hundredths of a percentage point."""
FROZEN: Final = (*MONEY[:7], "severity", "light")
UNLIT: Final = {"severity": "0", "light": "''", "light_label": "''", "colour": "''", "unjudged": "''"}

# Of several figures the one of the later month is believed, within one month the more trusted channel, and of one
# channel the later day.
_TEXT: Final = """
WITH planned AS (
    SELECT * FROM (
        SELECT id, project_id, amount, row_number() OVER (
            PARTITION BY project_id ORDER BY effective_from DESC, edition DESC) AS place
        FROM projects_annualplan
        WHERE {among_plan} AND year = %s AND status = 'approved' AND effective_from <= %s
    ) editions WHERE place = 1
), latest AS (
    SELECT project_id,
           max(up_to) FILTER (WHERE channel = 'reported') AS reported,
           max(up_to) FILTER (WHERE channel = 'weekly') AS weekly,
           max(up_to) FILTER (WHERE channel = 'press') AS press,
           max(up_to) FILTER (WHERE channel = 'statistics') AS entered
    FROM projects_progress
    WHERE {among_progress} AND current AND amount IS NOT NULL AND up_to BETWEEN %s AND %s
    GROUP BY project_id
), told AS (
    SELECT project_id, entered, reported, weekly, press, CASE
               WHEN {m_reported} > 0 AND {m_reported} >= {m_weekly} AND {m_reported} >= {m_press} THEN 'reported'
               WHEN {m_weekly} > 0 AND {m_weekly} >= {m_press} THEN 'weekly'
               ELSE 'press' END AS believed
    FROM latest
), ahead AS (
    SELECT * FROM (
        SELECT project_id, kind, label, COALESCE(baseline, planned) AS deadline, row_number() OVER (
            PARTITION BY project_id ORDER BY COALESCE(baseline, planned), id) AS place
        FROM projects_milestone
        WHERE {among_milestone} AND COALESCE(baseline, planned) IS NOT NULL
          AND NOT (done AND COALESCE(actual_last, known_on) <= %s)
    ) steps WHERE place = 1
)
SELECT p.id AS project_id, {the_month} AS month, planned.amount AS plan, t.amount AS due,
       b.amount AS done, COALESCE(b.channel, '') AS done_channel, b.up_to AS done_up_to, b.source_id AS done_source,
       b.id AS done_progress, s.amount AS done_statistics, s.id AS done_statistics_progress, planned.id AS plan_id,
       CASE WHEN ahead.kind IS NULL THEN '' {step_names} ELSE ahead.label END AS next_kind,
       ahead.deadline AS next_deadline, s.up_to AS done_statistics_up_to
FROM projects_project p
JOIN zones_zone z ON z.id = p.zone_id AND ({of_month})
LEFT JOIN planned ON planned.project_id = p.id
LEFT JOIN projects_monthlytarget t ON t.plan_id = planned.id AND t.month = %s
LEFT JOIN told ON told.project_id = p.id
LEFT JOIN projects_progress b ON b.project_id = told.project_id AND b.channel = told.believed AND b.current
    AND b.up_to = CASE told.believed WHEN 'reported' THEN reported WHEN 'weekly' THEN weekly ELSE press END
LEFT JOIN projects_progress s ON s.project_id = told.project_id AND s.channel = 'statistics' AND s.current
    AND s.up_to = told.entered
LEFT JOIN ahead ON ahead.project_id = p.id
WHERE {among_project}
"""


@dataclass(frozen=True, slots=True)
class JudgedMonth:
    """A month that is judged in some zones: its last day, and which return days have it."""

    month: date
    return_days: tuple[int, ...]
    without: bool  # zones without a return day as well

    def condition(self) -> str:
        """SQL on the zone `z`."""
        parts = ["z.return_day IS NULL"] if self.without else []
        if self.return_days:
            parts.append(f"z.return_day IN ({', '.join(str(int(day)) for day in self.return_days)})")
        return " OR ".join(parts)


def select(among: Among, judged: JudgedMonth, as_of: date) -> tuple[str, list[Any]]:
    """The statement for those of the projects in whose zone the month is judged on `as_of`, with its parameters."""
    month, first = judged.month, judged.month.replace(month=1, day=1)
    words, parameters = {}, []
    for table, others in (
        ("plan", [month.year, _day(as_of)]),
        ("progress", [_day(first), _day(month)]),
        ("milestone", [_day(as_of)]),
    ):
        words[f"among_{table}"], own = among.condition("project_id")
        parameters += [*own, *others]
    words["among_project"], own = among.condition("p.id")
    return _TEXT.format(**words, **_dialect(month), of_month=judged.condition()), [*parameters, month.month, *own]


def write(among: Among, judged: JudgedMonth, as_of: date, *, stale: bool) -> tuple[str, list[Any]]:
    """The statement that writes the money half of their standings, where it is not what stands there. What is new
    begins as `stale`; what is there keeps its mark.
    """
    statement, parameters = select(among, judged, as_of)
    month = judged.month.month
    lags = {
        "lag_elapsed": hundredths(f"(plan * {month} - 12 * done)", "(12 * NULLIF(plan, 0))"),
        "lag_planned": hundredths("(due - done)", "NULLIF(plan, 0)"),
    }
    values = ", ".join(lags.get(name, name) for name in MONEY)
    light = "".join(f", {value}" for value in (*UNLIT.values(), stale))
    old, new = (", ".join(f"{table}.{name}" for name in MONEY) for table in ("projects_standing", "excluded"))
    return (
        f"INSERT INTO projects_standing (project_id, {', '.join(MONEY)}, {', '.join(UNLIT)}, stale) "
        f"SELECT project_id, {values}{light} FROM ({statement}) figures WHERE true "
        f"ON CONFLICT (project_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in MONEY)} "
        f"WHERE ({old}) IS DISTINCT FROM ({new})",
        parameters,
    )


def freeze(among: Among) -> tuple[str, list[Any]]:
    """The statement that keeps the standings of a month that were not kept before."""
    condition, parameters = among.condition("project_id")
    return (
        f"INSERT INTO projects_standingmonth (project_id, {', '.join(FROZEN)}, frozen_at) "
        f"SELECT project_id, {', '.join(FROZEN)}, CURRENT_TIMESTAMP FROM projects_standing "
        f"WHERE {condition} AND month IS NOT NULL ON CONFLICT (project_id, month) DO NOTHING",
        parameters,
    )


def _dialect(month: date) -> dict[str, Any]:
    names = "".join(f" WHEN ahead.kind = '{kind}' THEN '{label}'" for kind, label in _step_names())
    if connection.vendor == "postgresql":
        number, the_month = "COALESCE(EXTRACT(MONTH FROM {}), 0)", f"DATE '{month}'"
    else:
        number, the_month = "COALESCE(CAST(strftime('%%m', {}) AS integer), 0)", f"'{month}'"
    months = {f"m_{channel}": number.format(channel) for channel in ("reported", "weekly", "press")}
    return {"step_names": names, "the_month": the_month, **months}


def _step_names() -> Iterator[tuple[str, str]]:
    from projects.models import Milestone

    return ((kind.value, kind.label) for kind in Milestone.Kind if kind != Milestone.Kind.OTHER)


def hundredths(numerator: str, denominator: str) -> str:
    """SQL for numerator ÷ denominator in hundredths of a percentage point, rounded half away from zero; `MOST` at most,
    as a plan in the wrong unit (12 元) must not stop the scan.
    """
    if connection.vendor == "postgresql":
        # 20,000 times an amount may not fit into 64 bits. The least of nothing and a number is the number.
        n, d = f"CAST({numerator} AS numeric)", f"CAST({denominator} AS numeric)"
        share = f"CAST(sign({n}) * LEAST(div(abs({n}) * 20000 + {d}, 2 * {d}), {MOST}) AS integer)"
        return f"CASE WHEN {d} IS NOT NULL THEN {share} END"
    sign = f"(CASE WHEN {numerator} < 0 THEN -1 ELSE 1 END)"
    return f"{sign} * min(CAST((abs({numerator}) * 20000 + {denominator}) / (2 * {denominator}) AS integer), {MOST})"


def _day(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)
