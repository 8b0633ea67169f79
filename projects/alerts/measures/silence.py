"""Projects under construction of which nothing is heard, or nothing real."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import ClassVar, Final, NamedTuple

from projects.alerts.cases import ProjectCase
from projects.alerts.measures.base import Measure, Parameter
from projects.alerts.measures.figures import PRODUCED, STARTED
from projects.alerts.months import show_day
from projects.alerts.verdicts import MISSING, Reading, Settled, Told, Unjudged, Verdict
from projects.models import Progress
from projects.standings.among import listed

REAL: Final = "real"
WEEKS: Final = "weeks"
WEEK: Final = 7
NOT_STARTED: Final = Unjudged("not_under_construction", "尚未开工，不判定进展")
START_UNKNOWN: Final = Unjudged(
    "nothing_known_since", "开工日期不详，也没有填报过进展，请责任单位补填后再判定", MISSING
)
ALREADY_PRODUCED: Final = Settled("已投产，不再判定进展")


class Last(NamedTuple):
    """The last day of which anything was told, and the last on which something real had happened, each with words."""

    word: date | None
    real: date | None
    what: str


class Silence(Measure):
    """Whole weeks, or days, since the last word or the last real progress of a project that was started and does not
    produce yet (河南光山 2019: two weeks, three weeks without real progress).

    Real is that the cumulative investment or the per cent rose above all it had been by the same channel, or that a
    step was reached. Where nothing was ever told, the start counts.
    """

    code = "silence"
    label = "没有进展的时间"
    unit = "周"
    grain = Fraction(1)
    help = "已开工未投产的项目，最近一次实质进展（累计完成额或形象进度上升、完成节点）或最近一次填报以来的整周数或天数"
    parameters: ClassVar = (
        Parameter("what", "看什么", ((REAL, "实质进展"), ("word", "任何填报"))),
        Parameter("counted", "时间单位", ((WEEKS, "整周"), ("days", "天"))),
    )

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if case.phase in PRODUCED:
            return ALREADY_PRODUCED
        if case.phase not in STARTED:
            return NOT_STARTED
        last = _last(case, parameters)
        if last is None:
            return START_UNKNOWN
        day, what = last
        value = (case.as_of - day).days
        if parameters["counted"] == WEEKS:
            value //= WEEK
        return Reading(value, 1, partial(_told, day, what, value, parameters))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        last = _last(case, parameters) if case.phase in STARTED and case.phase not in PRODUCED else None
        if last is None:
            return None
        if parameters["counted"] != WEEKS:
            return case.as_of
        gone = (case.as_of - last[0]).days // WEEK
        return last[0] + timedelta(days=WEEK * (gone + 1) - 1)

    def unit_by(self, parameters: Mapping[str, str]) -> str:
        return "天" if parameters.get("counted") == "days" else self.unit


def _last(case: ProjectCase, parameters: Mapping[str, str]) -> tuple[date, str] | None:
    """The day from which silence counts, and what was on it."""
    told = case.known(last_told)
    real = parameters["what"] == REAL
    found = [(step.actual_last, f"{step}") for step in case.steps if step.actual_last and step.done_by(case.as_of)]
    if told is not None:
        day = told.real if real else told.word
        found += [(day, told.what if real else "填报")] if day else []
    return max(found, key=lambda each: each[0], default=None)


def last_told(ids: Sequence[int], day: date) -> Mapping[int, Last]:
    """What progress told of projects last, up to a day. One statement."""
    rows = Progress.objects.filter(project__in=listed(ids), current=True, up_to__lte=day).order_by("up_to", "pk")
    by_project: dict[int, list[Row]] = defaultdict(list)
    for row in rows.values_list("project_id", "channel", "up_to", "amount", "total", "percent"):
        by_project[row[0]].append(Row._make(row[1:]))
    return {pk: last_of(found) for pk, found in by_project.items()}


class Row(NamedTuple):
    """A row of progress; see `projects.models.Progress`."""

    channel: str
    up_to: date
    amount: int | None
    total: int | None
    percent: int | None


def last_of(rows: Iterable[Row]) -> Last:
    """The last word and the last rise in rows by ascending day. The year's amount begins anew with each year."""
    most: dict[tuple[str, str, int], int] = {}
    word = real = None
    what = ""
    for row in rows:
        word = row.up_to
        values = (("累计完成额上升", row.up_to.year, row.amount), ("累计完成额上升", 0, row.total))
        for name, year, value in (*values, ("形象进度上升", 0, row.percent)):
            if value is not None and value > most.get((row.channel, name, year), 0):
                most[row.channel, name, year] = value
                real, what = row.up_to, name
    return Last(word, real, what)


def _told(day: date, what: str, value: int, parameters: Mapping[str, str]) -> Told:
    real = parameters["what"] == REAL
    length = f"{value}周" if parameters["counted"] == WEEKS else f"{value}天"
    name = "实质进展" if real else "填报"
    last = f"最近一次{name}为{show_day(day)}" + (f"（{what}）" if real or what != "填报" else "")
    body = f"{last}，此后已{length}没有{'实质进展' if real else '任何填报'}"
    if not value:
        body = f"{last}，此后不满1{'周' if parameters['counted'] == WEEKS else '天'}"
    inputs = {"since": day.isoformat(), "shown": [[f"最近一次{name}", f"{show_day(day)} {what}"], ["至今", length]]}
    return Told(body, (last, f"至今：{length}"), inputs)
