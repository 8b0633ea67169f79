"""Problems that stay open, and those whose time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from projects.alerts.cases import ProblemCase
from projects.alerts.levels import Level
from projects.alerts.measures.base import Measure
from projects.alerts.months import show_day
from projects.alerts.verdicts import MISSING, Reading, Settled, Told, Unjudged, Verdict
from projects.models import ProblemEvent

NO_DEADLINE = Unjudged("no_deadline", "没有完成时限，请项目办定下时限后再判定", MISSING)


class _OfProblem(Measure):
    """What is asked of a problem until it is settled; it changes every day."""

    subject = "problem"
    unit = "天"
    grain = Fraction(1)

    def judge(self, case: ProblemCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if case.is_closed and case.closed_on:
            return Settled(f"已于{show_day(case.closed_on)}销号")
        return self.days(case)

    def holds_until(self, case: ProblemCase, parameters: Mapping[str, str]) -> date | None:
        return case.as_of if not case.is_closed and isinstance(self.days(case), Reading) else None

    def days(self, case: ProblemCase) -> Verdict:
        """The days of a problem that is open."""
        raise NotImplementedError


class ProblemOpen(_OfProblem):
    """Days since a problem was raised, while it is open."""

    code = "problem_open"
    label = "问题未销号天数"
    help = "问题提出以来还没有销号的天数，提出当天为 0"

    def days(self, case: ProblemCase) -> Verdict:
        return Reading((case.as_of - case.raised_on).days, 1, partial(_open, case))


class ProblemPastDeadline(_OfProblem):
    """Days past the first deadline of a problem, while it is open; below zero the days left (督办事项: blue with two
    days left or fewer, red from the first day late). As with the baseline of a milestone, moving it eases nothing.
    """

    code = "problem_deadline"
    label = "问题超过时限天数"
    help = "超过首次完成时限的天数，未到时限为负：还剩 2 天为 -2，当天为 0；调整时限不改变判定"

    def days(self, case: ProblemCase) -> Verdict:
        deadlines = case.known(deadlines_told) or Deadlines(case.deadline, case.deadline)
        if deadlines.first is None:
            return NO_DEADLINE
        return Reading((case.as_of - deadlines.first).days, 1, partial(_deadline, case, deadlines.first, deadlines.now))

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        if level.high is not None and level.high <= 0 and level.low is not None:
            return f"还剩{int(-level.high)}至{int(-level.low)}天"
        return f"超过时限{level.bounds(self.unit)}"


class Deadlines(NamedTuple):
    """What was promised of a problem by a day: the first deadline that was ever set, and the one that stood then."""

    first: date | None
    now: date | None


def deadlines_told(ids: Sequence[int], day: date) -> Mapping[int, Deadlines]:
    """The deadlines of problems by their log; none of one that has no log. One statement."""
    found: dict[int, Deadlines] = {}
    steps = ProblemEvent.objects.filter(problem__in=ids, on__lte=day).order_by("problem", "pk")
    for pk, deadline in steps.values_list("problem", "deadline"):
        before = found.get(pk)
        found[pk] = Deadlines(before.first if before and before.first else deadline, deadline)
    return found


def _open(case: ProblemCase) -> Told:
    days, raised = (case.as_of - case.raised_on).days, show_day(case.raised_on)
    shown = [["提出日期", raised], ["至今", f"{days}天"]]
    return Told(f"{raised}提出，至今未销号，已{days}天", (f"{raised}至今：{days}天",), _inputs(case, shown))


def _deadline(case: ProblemCase, first: date, now: date | None) -> Told:
    days, by = (case.as_of - first).days, show_day(first)
    said = f"已超过时限{days}天" if days > 0 else f"还剩{-days}天" if days else "今天到期"
    if now is None or now == first:
        shown = [["完成时限", by], ["时限", said]]
        return Told(f"应于{by}前销号，至今未销号，{said}", (f"完成时限：{by}，{said}",), _inputs(case, shown))
    shown = [["首次时限", by], ["现时限", show_day(now)], ["时限", said]]
    moved = f"首次时限{by}，现时限{show_day(now)}"
    return Told(f"{moved}，至今未销号，按首次时限{said}", (f"{moved}：按首次时限{said}",), _inputs(case, shown))


def _inputs(case: ProblemCase, shown: list[list[str]]) -> dict[str, object]:
    return {"problem_id": case.pk, "shown": [["问题", case.name], *shown]}
