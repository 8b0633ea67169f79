"""How the months before bear on a level: streaks, stepping down one level a month, coming back far enough.

The level on a day is a fold over the closings of the twelve judged months before, each on the last day on which it
was judged, and the day itself. So it follows from facts alone: replaying a year day by day and jumping to its end give
the same. Months of which nothing could be said, but nothing better was shown either, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from projects.alerts import editions, leaves, levels
from projects.alerts.cases import Case
from projects.alerts.levels import Level
from projects.alerts.months import before, judged_until, show_month
from projects.alerts.rulebook import MONTHS_BACK, AppliedRule
from projects.alerts.verdicts import Reading, Settled, Unjudged, Verdict
from projects.standings import judged_month

NONE: Final = -1  # below the mildest level


@dataclass(frozen=True, slots=True)
class Folded:
    """Why the level is not what the value alone says, in words; nothing where it is. `lines` name the months."""

    why: str = ""
    lines: tuple[str, ...] = ()


NOTHING_FOLDED: Final = Folded()


class Point(NamedTuple):
    """One judged month at its closing: the level by its value alone, as its place in the rule's levels."""

    month: date
    reading: Reading | None
    place: int


def fold(case: Case, applied: AppliedRule, reading: Reading) -> tuple[Level | None, Folded]:
    """The level of a subject whose value on the day is `reading`, and why."""
    month = judged_month(case.return_day, case.as_of)
    now = Point(month, reading, _place(applied, reading))
    if not applied.looks_back and not any(level.streak for level in applied.levels[now.place + 1 :]):
        return _level(applied, now.place), NOTHING_FOLDED
    points = [*reversed(list(_before(case, applied, month))), now]
    streaked = streaks([point.place for point in points], applied.levels)
    settled = descend(points, streaked, applied)
    level = _level(applied, settled[-1])
    if settled[-1] == now.place:
        return level, NOTHING_FOLDED
    return level, _why(points, streaked, settled, applied)


def _before(case: Case, applied: AppliedRule, month: date) -> Iterator[Point]:
    """The months before, the latest first, as far back as they can matter."""
    known = 0
    for _ in range(MONTHS_BACK):
        month = before(month)
        past = case.on(judged_until(month, case.return_day))
        verdict = _said(past, applied) if past else Settled("")
        if isinstance(verdict, Unjudged) and verdict.mark:
            continue
        reading = verdict if isinstance(verdict, Reading) else None
        place = _place(applied, reading) if reading else NONE
        yield Point(month, reading, place)
        known += 1
        if not applied.looks_back and (place == NONE or known == applied.longest_streak):
            return


def _said(case: Case, applied: AppliedRule) -> Verdict:
    return case.at_rest or leaves.exempted(case, applied.rule.code) or editions.strictest(case, applied)


def streaks(places: Sequence[int], rule_levels: Sequence[Level]) -> list[int]:
    """The places with streaks counted, the mildest first: so many in a row at the next milder level or above it."""
    found = list(places)
    for place, level in enumerate(rule_levels):
        if not level.streak:
            continue
        run = 0
        for at, held in enumerate(tuple(found)):
            run = run + 1 if held >= place - 1 else 0
            if run >= level.streak:
                found[at] = max(held, place)
    return found


def descend(points: Sequence[Point], places: Sequence[int], applied: AppliedRule) -> list[int]:
    """The places as they follow one another: a level that falls stays within the rule's hysteresis of its bound, and
    falls by one level at most from month to month where the rule says so. What is settled falls at once.
    """
    found: list[int] = []
    held = NONE
    for point, place in zip(points, places, strict=True):
        if point.reading is None:
            held = NONE
        else:
            low = max(place, _kept(point.reading, held, applied))
            held = max(low, held - 1) if applied.one_step else low
        found.append(held)
    return found


def _kept(reading: Reading, held: int, applied: AppliedRule) -> int:
    """The gravest level, up to the one that held, from whose bounds the value has not come back far enough."""
    if not applied.hysteresis:
        return NONE
    wide = [level.widened(applied.hysteresis) for level in applied.levels[: held + 1]]
    met = (place for place, level in enumerate(wide) if level.met_by(reading.numerator, reading.denominator))
    return max(met, default=NONE)


def _why(points: Sequence[Point], streaked: Sequence[int], settled: Sequence[int], applied: AppliedRule) -> Folded:
    place = settled[-1]
    level = applied.levels[place]
    if place == streaked[-1]:
        why = f"连续{level.streak}个月达到{applied.levels[place - 1].label}"
        return Folded(why, (_said_of(points[-level.streak :], [point.place for point in points], applied),))
    last = f"上月为{applied.levels[settled[-2]].label}"
    if place == _kept(points[-1].reading, settled[-2], applied) if points[-1].reading else False:
        back = f"{levels.number(applied.hysteresis)}{applied.measure.unit_by(applied.parameters)}"
        why = f"{applied.bounds(level)}，{last}，回到界限以内{back}才减轻"
    else:
        why = f"每月最多降一级，{last}"
    return Folded(why, (_said_of(points[-2:], settled, applied),))


def _said_of(points: Sequence[Point], places: Sequence[int], applied: AppliedRule) -> str:
    """2023年5月：黄色预警；2023年6月：红色预警."""
    tail = places[len(places) - len(points) :]
    named = ((show_month(point.month), _level(applied, place)) for point, place in zip(points, tail, strict=True))
    return "；".join(f"{month}：{level.label if level else levels.GREEN_LABEL}" for month, level in named)


def _place(applied: AppliedRule, reading: Reading) -> int:
    level = applied.ladder.of(reading.numerator, reading.denominator)
    return NONE if level is None else applied.levels.index(level)


def _level(applied: AppliedRule, place: int) -> Level | None:
    return None if place == NONE else applied.levels[place]
