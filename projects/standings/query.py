"""One statement that says where projects stand: the figures of the judged month, from plans, targets and progress.

Written out, because it is asked of a million projects a night: every table is read once, in the order of the projects,
and nothing is asked project by project. The same text serves PostgreSQL and SQLite but for a few words.
"""

# ruff: noqa: S608  (statements are put together from our own words; values are parameters)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from projects.models import Milestone
from projects.standings.among import Among, Keys

COLUMNS: Final = (
    *("project_id", "month", "plan", "due", "done", "done_channel", "done_up_to", "done_source", "done_progress"),
    *("done_statistics", "done_statistics_progress", "plan_id", "next_kind", "next_deadline", "done_statistics_up_to"),
)
"""What is asked for, in this order."""
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
       ahead.deadline AS next_deadline, s.up_to AS done_statistics_up_to,
       p.zone_id, p.terminated_on, z.return_day
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


class Bound(NamedTuple):
    """A bound of a figure of a standing: `column` `sign` (< or >) `value`. What is unknown does not keep it."""

    column: str
    sign: str
    value: int


@dataclass(frozen=True, slots=True)
class Outright:
    """The light of projects that nobody has to look at one by one. Whoever judges brings it; the core knows no light.

    It is that of the projects whose keys are in each of the sets `within` and in none `without`, whose zone is one of
    `zones` (None: any), whose figures keep the `bounds`, and which have no end. `since` is the day on which it begins
    where another one stood before; `look_on` gives the day on which to judge again, by the return day of the zone.
    """

    within: Sequence[QuerySet[Any]]
    without: Sequence[QuerySet[Any]]
    zones: Sequence[int] | None
    bounds: Sequence[Bound]
    light: str
    label: str
    colour: str
    since: date
    look_on: Callable[[int | None], date]


def select(among: Among, judged: JudgedMonth, as_of: date) -> tuple[str, list[Any]]:
    """The statement for those of the projects in whose zone the month is judged on `as_of`, with its parameters."""
    text, parameters = _told(among, judged, as_of)
    return f"SELECT {', '.join(COLUMNS)} FROM ({text}) told", parameters


def _told(among: Among, judged: JudgedMonth, as_of: date) -> tuple[str, list[Any]]:
    """What `select` finds, and what the light depends on beside it."""
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


def write(among: Among, judged: JudgedMonth, as_of: date) -> tuple[str, list[Any]]:
    """The statement that writes the money half of their standings, where it is not what stands there. What is new
    begins as stale; what is there keeps its mark.
    """
    figures, parameters = _figures(among, judged, as_of)
    return f"WITH figures AS ({figures}) {_upsert({**UNLIT, 'stale': 'true'})}", parameters


def settle(
    among: Among, judged: JudgedMonth, as_of: date, outright: Outright | None
) -> Iterator[tuple[str, list[Any]]]:
    """The statements for projects that are being judged: they write the money half of the standings, and the light
    half too where `outright` settles it; the last one finds all others as `select` does. New rows are not stale.

    PostgreSQL does it in one statement, and so reckons the figures once.
    """
    figures, parameters = _figures(among, judged, as_of, outright)
    light, shown = _light(judged, outright) if outright else (UNLIT, [])
    upsert = _upsert({**light, "stale": "false"}, lit=light if outright else ())
    others = f"SELECT {', '.join(COLUMNS)} FROM figures WHERE outright IS NOT TRUE"
    if connection.vendor == "postgresql":
        yield f"WITH figures AS MATERIALIZED ({figures}), written AS ({upsert}) {others}", [*parameters, *shown]
    else:
        yield f"WITH figures AS ({figures}) {upsert}", [*parameters, *shown]
        yield f"WITH figures AS ({figures}) {others}", parameters


def _figures(among: Among, judged: JudgedMonth, as_of: date, outright: Outright | None = None) -> tuple[str, list[Any]]:
    """What `_told` finds, with the lags, and whether `outright` settles it."""
    statement, parameters = _told(among, judged, as_of)
    month = judged.month.month
    lagging = (
        f"SELECT told.*, {hundredths(f'(plan * {month} - 12 * done)', '(12 * NULLIF(plan, 0))')} AS lag_elapsed, "
        f"{hundredths('(due - done)', 'NULLIF(plan, 0)')} AS lag_planned FROM ({statement}) told"
    )
    condition, own = _condition(outright) if outright else ("false", [])
    return f"SELECT lagging.*, {condition} AS outright FROM ({lagging}) lagging", [*own, *parameters]


def _condition(outright: Outright) -> tuple[str, list[Any]]:
    """SQL that is true for what `outright` settles, with its parameters.

    Each set is asked for by itself: joined in, the sets would be walked through again for every project wherever their
    sizes are guessed wrong, as they are in a table that has just been filled.
    """
    parts, parameters = ["terminated_on IS NULL"], list[Any]()
    parts += [f"{bound.column} {bound.sign} {bound.value:d}" for bound in outright.bounds]
    if outright.zones is not None:
        part, parameters = Keys.of(outright.zones).condition("zone_id")
        parts.append(part)
    for word, sets in (("IN", outright.within), ("NOT IN", outright.without)):
        for keys in sets:
            text, own = keys.order_by().query.sql_with_params()
            parts.append(f"project_id {word} ({text})")
            parameters += own
    return " AND ".join(parts), parameters


def _light(judged: JudgedMonth, outright: Outright) -> tuple[dict[str, str], list[Any]]:
    """SQL for the columns of the light half, of a row of `figures`, with its parameters."""
    shown = {"light": outright.light, "light_label": outright.label, "colour": outright.colour}
    days = " ".join(f"WHEN {day} THEN {_quoted(outright.look_on(day))}" for day in judged.return_days)
    last = _quoted(outright.look_on(None)) if judged.without else "NULL"
    look_on = f"CASE return_day {days} ELSE {last} END" if days else last
    return (
        {
            **UNLIT,
            **dict.fromkeys(shown, "CASE WHEN outright THEN %s ELSE '' END"),
            "since": f"CASE WHEN outright THEN {_quoted(outright.since)} END",
            "look_on": f"CASE WHEN outright THEN {look_on} END",
        },
        list(shown.values()),
    )


def _upsert(light: Mapping[str, str], lit: Iterable[str] = ()) -> str:
    """The statement that writes `figures` with the columns `light` beside the money, where that is not what stands
    there. Of what stands there `lit` are written as well where the row brings a light; one that stays keeps the day it
    began.
    """
    old, new = "projects_standing", "excluded"
    changed = {name: f"{new}.{name}" for name in MONEY}
    changed |= {name: f"CASE WHEN {new}.light = '' THEN {old}.{name} ELSE {new}.{name} END" for name in lit}
    if "since" in changed:
        changed["since"] = (
            f"CASE WHEN {new}.light IN ('', {old}.light) THEN COALESCE({old}.since, {new}.since) ELSE {new}.since END"
        )
    return (
        f"INSERT INTO {old} (project_id, {', '.join([*MONEY, *light])}) "
        f"SELECT project_id, {', '.join([*MONEY, *light.values()])} FROM figures WHERE true "
        f"ON CONFLICT (project_id) DO UPDATE SET {', '.join(f'{name} = {value}' for name, value in changed.items())} "
        f"WHERE ({', '.join(f'{old}.{name}' for name in changed)}) IS DISTINCT FROM ({', '.join(changed.values())})"
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
        number = "COALESCE(date_part('month', {}), 0)"
    else:
        number = "COALESCE(CAST(strftime('%%m', {}) AS integer), 0)"
    months = {f"m_{channel}": number.format(channel) for channel in ("reported", "weekly", "press")}
    return {"step_names": names, "the_month": _quoted(month), **months}


def _step_names() -> Iterator[tuple[str, str]]:
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


def _quoted(day: date) -> str:
    """A day as SQL."""
    return f"DATE '{day}'" if connection.vendor == "postgresql" else f"'{day}'"
