"""Which edition of the year's plan a project is judged by: re-planning eases nothing while it is behind.

The edition in force always binds. An earlier one of the same year binds beside it as long as the project is behind by
it: from the day on which the next edition came into effect, and at every checkpoint since (the first day on which a
month of the year is judged, and the day on which a later edition came into effect), it had a level of the rule by that
edition. Of the editions that bind, the one that judges the strictest is what is said. So a stricter edition binds at
once, and a milder one takes over when the project is behind no more by those before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from projects.alerts import months
from projects.alerts.cases import PROJECT, Case, ProjectCase, Shard
from projects.alerts.levels import Level
from projects.alerts.months import show_day
from projects.alerts.verdicts import Reading, Told, Unjudged, Verdict
from projects.models import AnnualPlan, MonthlyTarget
from projects.plans import month_end
from projects.standings import judged_month
from projects.standings.among import listed

if TYPE_CHECKING:
    from projects.alerts.rulebook import AppliedRule


@dataclass(frozen=True, slots=True)
class Edition:
    """One approved edition of a year's plan: yuan, and its cumulative targets by month, if it was cut down."""

    pk: int
    number: int
    year: int
    effective_from: date
    amount: int
    targets: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Replanned:
    """A project with more than one edition in a year, and the shard of its like, to look at other days."""

    editions: Sequence[Edition]
    shard: Shard

    def of_year(self, year: int, day: date) -> list[Edition]:
        """The editions of a year that had come into effect by a day and were in force for a day at least, in order."""
        found = [each for each in self.editions if each.year == year and each.effective_from <= day]
        following = [*found, None][1:]
        return [
            each
            for each, later in zip(found, following, strict=True)
            if later is None or later.effective_from > each.effective_from
        ]


def strictest(case: Case, applied: AppliedRule) -> Verdict:
    """What the rule says of the case, by the strictest of the editions that bind."""
    found = plain(case, applied)
    by_plan = applied.measure.planned or applied.rule.scope.get("min_annual_plan")
    if not by_plan or not isinstance(case, ProjectCase):
        return found
    known = case.known(replanned)
    if known is None:
        return found
    for older, later in pairwise(known.of_year(case.position.month.year, case.as_of)):
        by_older = plain(_by(case, older), applied)
        if _worse(by_older, found, applied) and _binds(case, older, later, known, applied):
            found = _naming(by_older, older, later)
    return found


def binding(case: ProjectCase, behind: Callable[[ProjectCase], bool]) -> Iterator[ProjectCase]:
    """The case by each edition that binds where no rule judges the project itself: as it is, and as if an earlier
    edition were in force as long as it has been `behind` by that one at every checkpoint.
    """
    yield case
    known = case.known(replanned)
    if known is None:
        return
    for older, later in pairwise(known.of_year(case.position.month.year, case.as_of)):
        if judged_month(case.return_day, later.effective_from).year != older.year:
            continue
        past = [known.shard.on(day).cases.get(case.pk) for day in _checkpoints(case, older, later, known)]
        if all(isinstance(each, ProjectCase) and behind(_by(each, older)) for each in past):
            yield _by(case, older)


def plain(case: Case, applied: AppliedRule) -> Verdict:
    """What the rule says of the case as it is."""
    return applied.outside(case) or applied.measure.judge(case, applied.parameters, applied.marks)


def replanned(ids: Sequence[int], day: date) -> Mapping[int, Replanned]:
    """The projects that have more than one edition of this year or the last in effect. One statement if none has."""
    years = (day.year - 1, day.year)
    rows = AnnualPlan.objects.binding_on(day).filter(project__in=listed(ids), year__in=years).order_by()
    again = sorted(set(rows.filter(edition__gt=1).values_list("project", flat=True)))
    if not again:
        return {}
    targets: dict[int, dict[int, int]] = defaultdict(dict)
    plans = rows.filter(project__in=again)
    for plan, month, amount in MonthlyTarget.objects.filter(plan__in=plans).values_list("plan", "month", "amount"):
        targets[plan][month] = amount
    found: dict[int, list[Edition]] = defaultdict(list)
    columns = ("project", "pk", "edition", "year", "effective_from", "amount")
    for project, pk, number, year, effective_from, amount in plans.values_list(*columns):
        found[project].append(Edition(pk, number, year, effective_from, amount, targets[pk]))
    shard = Shard(PROJECT, again, day)
    order = {pk: sorted(each, key=lambda one: (one.year, one.effective_from, one.number)) for pk, each in found.items()}
    return {pk: Replanned(each, shard) for pk, each in order.items()}


def _by(case: ProjectCase, edition: Edition) -> ProjectCase:
    """The case as if the edition were in force."""
    position = case.position
    due = edition.targets.get(position.month.month)
    return replace(case, position=position._replace(plan=edition.amount, due=due, plan_id=edition.pk))


def _binds(case: ProjectCase, older: Edition, later: Edition, known: Replanned, applied: AppliedRule) -> bool:
    """Whether the project has been behind by an edition ever since the next one came into effect."""
    if judged_month(case.return_day, later.effective_from).year != older.year:
        return False
    return all(_behind(known, case.pk, day, older, applied) for day in _checkpoints(case, older, later, known))


def _checkpoints(case: ProjectCase, older: Edition, later: Edition, known: Replanned) -> Iterator[date]:
    """The days on which an edition has to prove that it still binds, the latest first."""
    turns = {months.judged_from(month_end(older.year, month), case.return_day) for month in range(1, 13)}
    effective = {each.effective_from for each in known.of_year(older.year, case.as_of)}
    days = (day for day in turns | effective if later.effective_from <= day <= case.as_of)
    yield from sorted(days, reverse=True)


def _behind(known: Replanned, pk: int, day: date, edition: Edition, applied: AppliedRule) -> bool:
    """Whether the project had a level on a day by an edition; where nothing could be said, it has not caught up."""
    past = known.shard.on(day).cases.get(pk)
    if not isinstance(past, ProjectCase):
        return False
    verdict = plain(_by(past, edition), applied)
    if isinstance(verdict, Unjudged):
        return bool(verdict.mark)
    return _level(verdict, applied) is not None


def _level(verdict: Verdict, applied: AppliedRule) -> Level | None:
    return applied.ladder.of(verdict.numerator, verdict.denominator) if isinstance(verdict, Reading) else None


def _worse(one: Verdict, other: Verdict, applied: AppliedRule) -> bool:
    """Whether one verdict has a level and judges stricter than the other."""
    level, held = _level(one, applied), _level(other, applied)
    if level is None or not isinstance(one, Reading):
        return False
    if held is None or not isinstance(other, Reading) or level.severity != held.severity:
        return held is None or level.severity > held.severity
    off = one.numerator * other.denominator - other.numerator * one.denominator
    return off > 0 if applied.measure.rises else off < 0


def _naming(verdict: Verdict, older: Edition, later: Edition) -> Verdict:
    """The verdict with words that say which edition binds, and since when the next one stands beside it."""
    if not isinstance(verdict, Reading):
        return verdict
    return Reading(verdict.numerator, verdict.denominator, partial(_told, verdict, older, later))


def _told(verdict: Reading, older: Edition, later: Edition) -> Told:
    body, lines, inputs = verdict.told
    since = show_day(later.effective_from)
    words = f"按第{older.number}版计划判定，第{later.number}版{since}生效时仍落后，赶上以前不因调整计划减轻"
    kept = {**inputs, "binding_plan_id": older.pk, "later_plan_id": later.pk}
    return Told(f"{body}，按第{older.number}版计划（第{later.number}版{since}起生效）", (*lines, words), kept)
