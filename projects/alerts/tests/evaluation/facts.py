"""Random projects, with amounts on, just above and just below the bounds on purpose; everything follows from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from projects.alerts.tests.evaluation.evaluator import Difficulty, Facts, Figure, Plan, Step, after, month_end

RETURN_DAYS = (None, 5, 15, 31)
UNITS = 3  # to each zone
FIRST, LAST = date(2022, 11, 1), date(2024, 2, 29)
JANUARY, DECEMBER = date(2022, 10, 31), date(2024, 1, 31)
AMOUNTS = (240_000_000, 12_000_000, 10_000_000, 9_999_999, 53_634_700, 1_200_000, 1_000_003, 1200, 12, 1)
GAPS = tuple(Fraction(points, 100) for points in (0, 10, 30))
SHARES = tuple(Fraction(percent, 100) for percent in (100, 80, 60, 50))
KINDS = ("signed", "permit", "started", "stats_entry", "topped_out", "completed", "produced", "other")


class Chance(Random):
    """What decides of one project. `day` is often near a day on which somebody will look."""

    def __init__(self, seed: int, number: int, looked_at: Sequence[date]) -> None:
        super().__init__(f"{seed}/{number}")
        self._looked_at = looked_at

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        """A day between two, quite often the end of its month."""
        near = self.choice(self._looked_at) + timedelta(days=round(self.gauss(-3, 20)))
        if self.random() < 0.5 and first <= near <= last:
            return near
        day = first + timedelta(days=self.randint(0, (last - first).days))
        return min(month_end(day), last) if self.random() < 0.3 else day


@dataclass(frozen=True)
class Sample:
    """A random project, and for which of its zone's units it counts from when to when."""

    facts: Facts
    unit: int
    starts: date | None
    ends: date | None


def samples(seed: int, count: int) -> Iterator[Sample]:
    """So many projects; those of a smaller count are the first of a greater one."""
    looked_at = days(seed)
    for number in range(count):
        yield _sample(Chance(seed, number, looked_at))


def days(seed: int, count: int = 3) -> list[date]:
    """Days to look at, in their order: month ends, days around those on which returns are due, and any others."""
    random = Random(f"days {seed}")
    found: set[date] = set()
    while len(found) < count:
        month = month_end(date(2023, random.randint(1, 12), 1) if random.random() < 0.85 else date(2024, 1, 1))
        told = (month.replace(day=random.choice((1, 4, 5, 10, 14, 15, 28))), month, month - timedelta(days=1))
        found.add(random.choice(told))
    return sorted(found)


def _sample(random: Chance) -> Sample:
    plans = tuple(_plans(random))
    facts = Facts(
        return_day=random.choice(RETURN_DAYS),
        plans=plans,
        figures=tuple(_figures(random, plans)),
        steps=tuple(_steps(random)),
        standstills=tuple(_standstills(random)),
        ended=random.day() if random.random() < 0.06 else None,
        problems=tuple(_problems(random)),
        submitted={
            month: month + timedelta(days=random.randint(0, 40)) for month in _months() if random.random() < 0.7
        },
    )
    starts = random.day() if random.random() < 0.3 else None
    ends = random.day() if random.random() < 0.2 else None
    if starts and ends and ends < starts:
        starts, ends = ends, starts
    return Sample(facts, random.randrange(UNITS), starts, ends)


def _months() -> Iterator[date]:
    month = month_end(FIRST)
    while month <= DECEMBER:
        yield month
        month = after(month)


# ---- Money -----------------------------------------------------------------------------------------------
def _plans(random: Chance) -> Iterator[Plan]:
    for year, chance in ((2022, 0.3), (2023, 0.9), (2024, 0.4)):
        if random.random() > chance:
            continue
        amount = random.choice((*AMOUNTS, 0, random.randint(1, 10**10)))
        editions = random.choice((1, 1, 1, 1, 2, 2, 3)) if year == 2023 else 1
        for edition in range(1, editions + 1):
            if edition > 1:
                amount = amount * random.choice((0, 1, 2, 3, 4, 4, 5, 8)) // 4
            effective = random.day(date(year - 1, 12, 20), date(year, 12, 31 if edition > 1 else 1))
            if edition == 1 and random.random() < 0.8:
                effective = date(year, 1, 10)
            status = random.choice(("approved",) * 12 + ("draft", "withdrawn"))
            yield Plan(edition, year, amount, dict(_targets(random, amount)), effective, status)


def _targets(random: Chance, amount: int) -> Iterator[tuple[int, int]]:
    """Cumulative, never falling, ending at the plan; rarely none at all."""
    how = random.random()
    if how < 0.05:
        return
    begins = random.randint(2, 9) if how < 0.3 else 0
    weights = [0 if month <= begins else random.choice((0, 1, 2)) if how > 0.75 else 1 for month in range(1, 12)] + [1]
    for month in range(1, 13):
        yield month, amount * sum(weights[:month]) // sum(weights)


def _figures(random: Chance, plans: tuple[Plan, ...]) -> Iterator[Figure]:
    told = {}
    silent_from = random.day() if random.random() < 0.25 else LAST
    close = random.choice((0.9, 0.6, 0.2))
    done = 0
    for month in _months():
        if month > silent_from:
            break
        done = _near(random, plans, month, 0 if month.month == 1 else done, close)
        for row in _month(random, month, done):
            told.setdefault((row.channel, row.up_to, row.current), row)
    yield from told.values()


def _near(random: Chance, plans: tuple[Plan, ...], month: date, done: int, close: float) -> int:
    """The year's investment at the end of a month, near a bound of one of the year's plans."""
    own = [plan for plan in plans if plan.year == month.year and plan.amount]
    if not own or random.random() > close:
        return max(0, done + random.randint(-(done // 20), 2_000_000))
    plan = random.choice(own)
    targets = plan.targets or {n: plan.amount * n // 12 for n in range(1, 13)}
    due = Fraction(plan.amount * month.month, 12)
    task = targets[month.month] - (targets[month.month - 1] if month.month > 1 else 0)
    wanted = random.choice(
        (
            *(due - plan.amount * gap for gap in GAPS),
            *(targets[month.month] - plan.amount * gap for gap in GAPS),
            *(due * share for share in SHARES),
            *(done + task * share for share in (*SHARES, *SHARES)),
        )
    )
    return max(0, int(wanted) + random.choice((-1, 0, 0, 0, 1)))


def _month(random: Chance, month: date, done: int) -> Iterator[Figure]:
    middle = month.replace(day=random.randint(8, 24))
    percent = random.choice((None, None, min(100, done // 500_000)))
    total = random.choice((None, None, done + 5_000_000))
    if random.random() < 0.75:
        yield Figure("reported", random.choice((month, month, middle)), done, total, percent)
    if random.random() < 0.1:
        yield Figure("reported", month, done * 3 + 7, current=False)
    if random.random() < 0.2:
        yield Figure("weekly", middle, random.choice((None, done - done // 10)), None, percent)
    if random.random() < 0.1:
        yield Figure("press", month, done + 1)
    if random.random() < 0.4:
        yield Figure("statistics", month, random.choice((done, done * 9 // 10, done * 7 // 10, 0)))


# ---- Steps, standstills, problems ------------------------------------------------------------------------
def _steps(random: Chance) -> Iterator[Step]:
    for kind in KINDS:
        chance = {"started": 0.9, "stats_entry": 0.4, "produced": 0.15}.get(kind, 0.2)
        if random.random() < chance:
            yield _step(random, kind)


def _step(random: Chance, kind: str) -> Step:
    planned = random.day() if random.random() < 0.8 else None
    moves: list[tuple[date, date | None]] = []
    baseline = planned if random.random() < 0.6 else None
    if planned and random.random() < 0.3:
        moves.append((random.day(), planned))
        planned = random.day()
    first = last = known = None
    done = random.random() < (0.7 if kind == "started" else 0.6)
    if done:
        known = last = first = random.day()
        how = random.random()
        if how < 0.1:
            first = last = None
        elif how < 0.25:
            first, last = last.replace(day=1), month_end(last)
            known = last
    label = "设备安装" if kind == "other" else ""
    return Step(kind, label, baseline, planned, done, first, last, known, tuple(moves))


def _standstills(random: Chance) -> Iterator[tuple[date, date | None]]:
    if random.random() < 0.2:
        first = random.day()
        yield first, random.choice((None, first + timedelta(days=random.randint(0, 90))))


def _problems(random: Chance) -> Iterator[Difficulty]:
    for number in range(random.choice((0, 0, 1, 2))):
        raised = random.day()
        deadline = max(raised, random.day()) if random.random() < 0.8 else None
        closed = max(raised, random.day()) if random.random() < 0.6 else None
        yield Difficulty(f"问题{number + 1}", raised, deadline, closed, random.random() < 0.1)
