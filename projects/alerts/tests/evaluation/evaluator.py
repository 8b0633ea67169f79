"""What the rules mean, a second time: plain Python, written from the texts of measures and published schemes.

It shares no code with the product and imports none of it. Facts of one subject and a rule in, and out comes the level
on a day with the numbers that its sentence has to show. Slow and simple: one subject, one day, no caches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

DAY = timedelta(days=1)
STARTED = ("started", "stats_entry", "topped_out", "completed", "trial", "produced", "at_capacity")
PRODUCED = ("produced", "at_capacity")
TRUSTED = ("press", "weekly", "reported")


# ---- Facts -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Plan:
    """An edition of a year's plan in yuan; `targets` are cumulative by month, or empty."""

    edition: int
    year: int
    amount: int
    targets: Mapping[int, int]
    effective: date
    status: str = "approved"


@dataclass(frozen=True)
class Figure:
    """What was told up to a day by a channel; one that was corrected is not `current`."""

    channel: str
    up_to: date
    amount: int | None = None
    total: int | None = None
    percent: int | None = None
    current: bool = True


@dataclass(frozen=True)
class Step:
    """A milestone. `moves`: until the day before each day, this was promised."""

    kind: str
    label: str = ""
    baseline: date | None = None
    planned: date | None = None
    done: bool = False
    first: date | None = None
    last: date | None = None
    known: date | None = None
    moves: tuple[tuple[date, date | None], ...] = ()

    @property
    def deadline(self) -> date | None:
        return self.baseline or self.planned

    def done_by(self, day: date) -> bool:
        known = self.last or self.known
        return self.done and known is not None and known <= day

    def promised_on(self, day: date) -> date | None:
        """The promise of a day: what it was before the first move after that day."""
        return next((before for on, before in sorted(self.moves, key=lambda move: move[0]) if on > day), self.planned)


@dataclass(frozen=True)
class Difficulty:
    """A problem."""

    title: str
    raised: date
    deadline: date | None = None
    closed: date | None = None
    major: bool = False

    def open_on(self, day: date) -> bool:
        return self.raised <= day and (self.closed is None or self.closed > day)


@dataclass(frozen=True)
class Facts:
    """All that is known of one project. `standstills` are first and last days, `submitted` by a month's last day."""

    return_day: int | None
    plans: tuple[Plan, ...] = ()
    figures: tuple[Figure, ...] = ()
    steps: tuple[Step, ...] = ()
    standstills: tuple[tuple[date, date | None], ...] = ()
    ended: date | None = None
    problems: tuple[Difficulty, ...] = ()
    submitted: Mapping[date, date] = field(default_factory=dict)

    def stands_still(self, day: date) -> bool:
        return any(first <= day and (last is None or day <= last) for first, last in self.standstills)

    def step(self, kind: str) -> Step | None:
        return next((step for step in self.steps if step.kind == kind and kind != "other"), None)

    def reached(self, kinds: Iterable[str], day: date) -> bool:
        return any(step.kind in kinds and step.done_by(day) for step in self.steps)


@dataclass(frozen=True)
class Unit:
    """A unit, and the projects that it stands for from the one day to the other (None: open)."""

    return_day: int | None
    projects: tuple[tuple[Facts, date | None, date | None], ...]


@dataclass(frozen=True)
class Matter:
    """A problem as a subject of its own, and the project that has it."""

    problem: Difficulty
    of: Facts

    @property
    def return_day(self) -> int | None:
        return self.of.return_day


Subject = Facts | Unit | Matter


# ---- Answers ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Value:
    """An exact value, and the numbers that its sentence shows, in their order: each with its unit; days with "date"."""

    value: Fraction
    shows: tuple[tuple[Any, str], ...] = ()


UNKNOWN, SETTLED, ELSEWHERE = "unknown", "settled", "elsewhere"
"""Nothing can be said; nothing is asked, or nothing more; not within the rule's scope."""
Verdict = Value | str


@dataclass(frozen=True)
class Answer:
    """The code of the level or none; why nothing is known, if nothing is."""

    level: str
    verdict: Verdict

    @property
    def unknown(self) -> bool:
        return self.verdict == UNKNOWN


# ---- Rules -----------------------------------------------------------------------------------------------
def exact(number: Any) -> Fraction | None:
    return None if number is None else Fraction(Decimal(str(number)))


@dataclass(frozen=True)
class Level:
    code: str
    label: str
    low: Fraction | None
    low_inclusive: bool
    high: Fraction | None
    high_inclusive: bool
    streak: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Level:
        ends = (row.get("low_inclusive", True), row.get("high_inclusive", False))
        return cls(
            row["code"], row["label"], exact(row["low"]), ends[0], exact(row["high"]), ends[1], row.get("streak", 0)
        )

    def met_by(self, value: Fraction, wider: Fraction = Fraction(0)) -> bool:
        """Whether the value lies within the bounds, each moved outward by so much."""
        if self.low is None and self.high is None:
            return not self.streak
        low, high = self.low, self.high
        above = low is None or value > low - wider or (self.low_inclusive and value == low - wider)
        below = high is None or value < high + wider or (self.high_inclusive and value == high + wider)
        return above and below


@dataclass(frozen=True)
class Rule:
    """A rule in the form in which schemes are published."""

    code: str
    measure: str
    parameters: Mapping[str, str]
    levels: tuple[Level, ...]
    min_annual_plan: int = 0
    one_step: bool = False
    hysteresis: Fraction = Fraction(0)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Rule:
        rows = sorted(row["levels"], key=lambda level: level["severity"])
        return cls(
            row["code"],
            row["measure"],
            row["parameters"],
            tuple(map(Level.of, rows)),
            row["scope"].get("min_annual_plan", 0),
            row["step_down"] == "one_step",
            exact(row["hysteresis"]) or Fraction(0),
        )

    @property
    def subject(self) -> str:
        return {"unit_quota": "unit", "problem_deadline": "problem", "problem_open": "problem"}.get(
            self.measure, "project"
        )

    def place(self, value: Fraction) -> int:
        """The gravest level that the value meets, counted from 1; 0 is none."""
        return max((n for n, level in enumerate(self.levels, 1) if level.met_by(value)), default=0)

    def bounds(self) -> set[Fraction]:
        return {bound for level in self.levels for bound in (level.low, level.high) if bound is not None}


def evaluate(subject: Subject, rule: Rule, day: date) -> Answer:
    """What the rule says of the subject on the day."""
    now = verdict(subject, rule, day)
    if not isinstance(now, Value):
        return Answer("", now)
    place = _folded(subject, rule, day, now)
    return Answer(rule.levels[place - 1].code if place else "", now)


# ---- Months ----------------------------------------------------------------------------------------------
def month_end(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def before(month: date) -> date:
    return month.replace(day=1) - DAY


def after(month: date) -> date:
    return month_end(month + DAY)


def due_on(month: date, return_day: int | None) -> date:
    """The day on which the return of a month is due, from which on the month is judged."""
    return month if return_day is None else (month + DAY).replace(day=min(return_day, after(month).day))


def judged_month(day: date, return_day: int | None) -> date:
    month = month_end(day)
    while due_on(month, return_day) > day:
        month = before(month)
    return month


def closings(day: date, return_day: int | None, count: int = 12) -> Iterator[date]:
    """The last days on which each of the judged months before was judged, the latest first."""
    month = judged_month(day, return_day)
    for _ in range(count):
        yield due_on(month, return_day) - DAY
        month = before(month)


def halves(since: date, day: date) -> int:
    """Half months: 2 for each month that is full, and 1 for whatever is beyond."""
    months = 0
    while _months_later(since, months + 1) <= day:
        months += 1
    return 2 * months + (_months_later(since, months) < day)


def _months_later(day: date, months: int) -> date:
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))


# ---- Months that bear on each other ----------------------------------------------------------------------
def _folded(subject: Subject, rule: Rule, day: date, now: Value) -> int:
    if not (rule.one_step or rule.hysteresis or any(level.streak for level in rule.levels)):
        return rule.place(now.value)
    days = [*reversed(list(closings(day, subject.return_day))), day]
    points = [(now if each == day else verdict(subject, rule, each)) for each in days]
    known = [point for point in points if point != UNKNOWN]
    raised: list[int] = []
    for number, point in enumerate(known):
        raised.append(_with_streaks(rule, point, [*raised[:number]]))
    return _descended(rule, known, raised)


def _with_streaks(rule: Rule, point: Verdict, so_far: list[int]) -> int:
    """The place by the value, or by so many months in a row at the next milder place or above."""
    if not isinstance(point, Value):
        return 0
    place = rule.place(point.value)
    for number, level in enumerate(rule.levels, 1):
        row = [*so_far, place][-level.streak :] if level.streak else []
        if level.streak and place < number and len(row) == level.streak and min(row) >= number - 1 >= 1:
            place = number
    return place


def _descended(rule: Rule, points: list[Verdict], raised: list[int]) -> int:
    held = 0
    for point, place in zip(points, raised, strict=True):
        falling = place
        if isinstance(point, Value) and place < held:
            near = [n for n in range(place + 1, held + 1) if rule.levels[n - 1].met_by(point.value, rule.hysteresis)]
            falling = max([place, *near]) if rule.hysteresis else place
            falling = max(falling, held - 1) if rule.one_step else falling
        held = falling
    return held


# ---- One day ---------------------------------------------------------------------------------------------
def verdict(subject: Subject, rule: Rule, day: date) -> Verdict:
    """What the measure says on the day, by the strictest of the editions of the plan that bind."""
    if isinstance(subject, Unit):
        return _unit_quota(subject, day)
    if isinstance(subject, Matter):
        return _matter(subject, rule, day)
    if subject.ended and subject.ended <= day:
        return SETTLED
    if subject.stands_still(day):
        return UNKNOWN
    return _by_editions(subject, rule, day)


def _editions(facts: Facts, year: int, day: date) -> list[Plan]:
    """The editions of a year that were in force for a day at least, in their order."""
    found = [p for p in facts.plans if p.year == year and p.status == "approved" and p.effective <= day]
    found.sort(key=lambda plan: (plan.effective, plan.edition))
    return [p for p, following in zip(found, [*found, None][1:], strict=True) if not _at_once(p, following)]


def _at_once(plan: Plan, following: Plan | None) -> bool:
    return following is not None and following.effective == plan.effective


def _by_editions(facts: Facts, rule: Rule, day: date) -> Verdict:
    year = judged_month(day, facts.return_day).year
    editions = _editions(facts, year, day)
    found = _measured(facts, rule, day, editions[-1] if editions else None)
    if rule.measure not in PLANNED:
        return found
    for number, edition in enumerate(editions[:-1]):
        if _binds(facts, edition, editions[number + 1 :], day, partial(_behind, facts, rule, edition)):
            other = _measured(facts, rule, day, edition)
            found = other if _stricter(rule, other, found) else found
    return found


def _binds(facts: Facts, edition: Plan, later: list[Plan], day: date, behind: Callable[[date], bool]) -> bool:
    """Whether the project has been behind by the edition ever since another one came into effect."""
    since = later[0].effective
    months = [date(edition.year, month, 28) for month in range(1, 13)]
    turns = [due_on(month_end(month), facts.return_day) for month in months]
    checkpoints = {since, *(plan.effective for plan in later), *(turn for turn in turns if since < turn <= day)}
    in_its_year = judged_month(since, facts.return_day).year == edition.year
    return in_its_year and all(behind(each) for each in checkpoints)


def _behind(facts: Facts, rule: Rule, edition: Plan, day: date) -> bool:
    said = _measured(facts, rule, day, edition)
    return said == UNKNOWN or (isinstance(said, Value) and rule.place(said.value) > 0)


def _stricter(rule: Rule, one: Verdict, other: Verdict) -> bool:
    if not isinstance(one, Value) or not rule.place(one.value):
        return False
    if not isinstance(other, Value) or rule.place(one.value) != rule.place(other.value):
        return not isinstance(other, Value) or rule.place(one.value) > rule.place(other.value)
    return one.value < other.value if rule.measure in FALLING else one.value > other.value


def _measured(facts: Facts, rule: Rule, day: date, plan: Plan | None) -> Verdict:
    if rule.min_annual_plan and (plan is None or plan.amount < rule.min_annual_plan):
        return UNKNOWN if plan is None else ELSEWHERE
    return MEASURES[rule.measure](Asked(facts, rule.parameters, day, plan))


@dataclass(frozen=True)
class Asked:
    """What is asked of a project: on which day, by which edition of the plan."""

    facts: Facts
    parameters: Mapping[str, str]
    day: date
    plan: Plan | None

    @property
    def month(self) -> date:
        return judged_month(self.day, self.facts.return_day)

    def figure(self, channels: Iterable[str] = TRUSTED) -> Figure | None:
        """The year's investment up to the judged month: the later month, the more trusted channel, the later day."""
        return best(self.facts, self.month, tuple(channels))

    def target(self, month: int) -> int | None:
        if self.plan is None:
            return None
        return 0 if month == 0 else self.plan.targets.get(month)


def best(facts: Facts, month: date, channels: tuple[str, ...] = TRUSTED) -> Figure | None:
    rows = [
        row
        for row in facts.figures
        if row.current and row.amount is not None and row.channel in channels
        if date(month.year, 1, 1) <= row.up_to <= month
    ]
    return max(rows, key=lambda row: (row.up_to.month, channels.index(row.channel), row.up_to), default=None)


# ---- The year's investment -------------------------------------------------------------------------------
def _shares(asked: Asked) -> tuple[Fraction, Fraction] | None:
    """What is due and what is done of the year's plan, in percent; None if nothing can be said."""
    plan, by_calendar = asked.plan, asked.parameters["baseline"] == "elapsed"
    told = asked.figure(("statistics",) if asked.parameters["channel"] == "statistics" else TRUSTED)
    if plan is None or not plan.amount or told is None or told.amount is None:
        return None
    if by_calendar and _starts_later(asked):
        return None
    target = plan.amount * Fraction(asked.month.month, 12) if by_calendar else asked.target(asked.month.month)
    return None if target is None else (100 * Fraction(target) / plan.amount, Fraction(100 * told.amount, plan.amount))


def _starts_later(asked: Asked) -> bool:
    start = asked.facts.step("started")
    started = asked.facts.reached(STARTED, asked.day)
    return not started and start is not None and start.deadline is not None and start.deadline > asked.month


def _progress_gap(asked: Asked) -> Verdict:
    shares = _shares(asked)
    if shares is None or asked.plan is None:
        return UNKNOWN
    due, done = shares
    return Value(
        due - done,
        (
            (asked.plan.amount, "yuan"),
            (due, "%"),
            (done, "%"),
            *(((abs(due - done), "个百分点"),) if due != done else ()),
        ),
    )


def _ratio_to_due(asked: Asked) -> Verdict:
    shares = _shares(asked)
    if shares is None or asked.plan is None:
        return UNKNOWN
    if not shares[0]:
        return SETTLED
    due, done = shares
    return Value(100 * done / due, ((asked.plan.amount, "yuan"), (due, "%"), (done, "%"), (100 * done / due, "%")))


def _shortfall(asked: Asked) -> Verdict:
    shares = _shares(asked)
    if shares is None or asked.plan is None:
        return UNKNOWN
    if not shares[0]:
        return SETTLED
    (due, done), short = shares, 100 * (1 - shares[1] / shares[0])
    return Value(short, ((asked.plan.amount, "yuan"), (due, "%"), (done, "%"), (short, "%")))


def _month_task_ratio(asked: Asked) -> Verdict:
    month, told = asked.month, asked.figure()
    target, earlier = asked.target(month.month), asked.target(month.month - 1)
    if asked.plan is None or not asked.plan.amount or target is None or earlier is None:
        return UNKNOWN
    if target == earlier:
        return SETTLED
    if told is None or told.amount is None or told.up_to.month != month.month:
        return UNKNOWN
    had = _done_before(asked, earlier)
    if had is None:
        return UNKNOWN
    due, done = target - earlier, told.amount - had
    ratio = Fraction(100 * done, due)
    return Value(ratio, ((due, "yuan"), (done, "yuan"), (ratio, "%")))


def _done_before(asked: Asked, had_been_due: int) -> int | None:
    if asked.month.month == 1:
        return 0
    told = best(asked.facts, before(asked.month))
    if told is None or told.amount is None:
        return None if had_been_due else 0
    return told.amount if told.up_to.month == asked.month.month - 1 else None


def _statistics_gap(asked: Asked) -> Verdict:
    told, entered = asked.figure(), asked.figure(("statistics",))
    if told is None or entered is None or told.amount is None or entered.amount is None:
        return UNKNOWN
    if entered.up_to.month < told.up_to.month:
        return UNKNOWN
    by_ratio = asked.parameters["share"] == "ratio"
    whole = told.amount if by_ratio else asked.plan.amount if asked.plan else 0
    if not whole:
        return SETTLED if by_ratio else UNKNOWN
    gap = Fraction(100 * (told.amount - entered.amount), whole)
    more = told.amount - entered.amount
    return Value(gap, ((told.amount, "yuan"), (entered.amount, "yuan"), (more, "yuan"), (gap, "%")))


# ---- Steps -----------------------------------------------------------------------------------------------
def _late_start(asked: Asked) -> Verdict:
    if asked.facts.reached(STARTED, asked.day):
        return SETTLED
    start = asked.facts.step("started")
    if start is None or start.deadline is None:
        return UNKNOWN
    over = month_end(start.deadline) + DAY
    if asked.day < over:
        return SETTLED
    months = (asked.day.year - over.year) * 12 + asked.day.month - over.month
    return Value(Fraction(months), ((start.deadline, "date"), *(((Fraction(months), "个整月"),) if months else ())))


def _no_entry(asked: Asked) -> Verdict:
    entry, start = asked.facts.step("stats_entry"), asked.facts.step("started")
    if entry is not None and entry.done_by(asked.day):
        return SETTLED
    if start is None or not start.done_by(asked.day) or start.last is None:
        return UNKNOWN
    gone = halves(start.last, asked.day)
    return Value(Fraction(gone, 2), ((start.last, "date"), *(((Fraction(gone // 2), "个月"),) if gone > 1 else ())))


def _since_milestone(asked: Asked) -> Verdict:
    step, follows = asked.facts.step(asked.parameters["event"]), asked.parameters["followed"]
    planned = asked.parameters["basis"] == "planned"
    awaited = asked.facts.step(follows) if follows != "nothing" else step if planned else None
    if awaited is not None and awaited.done_by(asked.day):
        return SETTLED
    if step is None or not (planned or step.done_by(asked.day)):
        return UNKNOWN
    since = step.deadline if planned else step.last
    if since is None or since > asked.day:
        return UNKNOWN
    gone, days = halves(since, asked.day), (asked.day - since).days
    if asked.parameters["counted"] == "months":
        return Value(Fraction(gone, 2), ((since, "date"),))
    return Value(Fraction(days), ((since, "date"), (Fraction(days), "天")))


def _late_steps(facts: Facts, day: date) -> list[tuple[date, Step]]:
    found = [(step.deadline, step) for step in facts.steps if step.deadline and not step.done_by(day)]
    return sorted(found, key=lambda each: each[0])


def _due_soon(asked: Asked) -> Verdict:
    ahead = [deadline for deadline, _ in _late_steps(asked.facts, asked.day) if deadline >= asked.day]
    if not ahead or (ahead[0] - asked.day).days > int(asked.parameters["horizon"]):
        return UNKNOWN
    days = (ahead[0] - asked.day).days
    return Value(Fraction(days), ((ahead[0], "date"), *(((Fraction(days), "天"),) if days else ())))


def _node_late(asked: Asked) -> Verdict:
    day = asked.day
    major = [problem for problem in asked.facts.problems if problem.major and problem.open_on(day)]
    if major:
        return Value(Fraction(2))
    promised = [(step, step.baseline or step.promised_on(day)) for step in asked.facts.steps]
    promised = [(step, deadline) for step, deadline in promised if deadline]
    if not promised:
        return UNKNOWN
    late = sorted(
        deadline
        for step, deadline in promised
        if deadline and not step.done_by(day) and (deadline < day or _forecast_late(step, day))
    )
    return Value(Fraction(1), ((late[0], "date"),)) if late else Value(Fraction(0))


def _forecast_late(step: Step, day: date) -> bool:
    planned = step.promised_on(day)
    return step.baseline is not None and planned is not None and planned > step.baseline


def _letters(asked: Asked) -> Verdict:
    late = _late_steps(asked.facts, asked.day)
    if not late:
        return SETTLED
    deadline, term = late[0][0], int(asked.parameters["term"])
    if deadline >= asked.day:
        return SETTLED
    lapsed, ends = 0, working_days_after(deadline, term)
    while ends < asked.day:
        lapsed, ends = lapsed + 1, working_days_after(ends, term)
    return Value(Fraction(lapsed), ((deadline, "date"), (Fraction(lapsed + 1), "张"), (ends, "date")))


def _silence(asked: Asked) -> Verdict:
    facts, day = asked.facts, asked.day
    if not facts.reached(STARTED, day) or facts.reached(PRODUCED, day):
        return SETTLED
    found = [step.last for step in facts.steps if step.last and step.done_by(day)]
    found += _rises(facts, day) if asked.parameters["what"] == "real" else _words(facts, day)
    if not found:
        return UNKNOWN
    last = max(found)
    weeks = asked.parameters["counted"] == "weeks"
    value = Fraction((day - last).days // 7 if weeks else (day - last).days)
    return Value(value, ((last, "date"), (value, "周" if weeks else "天")))


def _words(facts: Facts, day: date) -> list[date]:
    return [row.up_to for row in facts.figures if row.current and row.up_to <= day]


def _rises(facts: Facts, day: date) -> list[date]:
    """The days up to which a cumulative figure was above all it had been by the same channel."""
    found, most = [], {}
    rows = [row for row in facts.figures if row.current and row.up_to <= day]
    for row in sorted(rows, key=lambda row: row.up_to):
        for name, value in (
            (f"amount of {row.up_to.year}", row.amount),
            ("total", row.total),
            ("percent", row.percent),
        ):
            if value is not None and value > most.get((row.channel, name), 0):
                most[row.channel, name] = value
                found.append(row.up_to)
    return found


# ---- Returns and figures that are not there --------------------------------------------------------------
def _return_late(asked: Asked) -> Verdict:
    facts, month = asked.facts, asked.month
    building = facts.reached(STARTED, month) and not facts.reached(PRODUCED, month)
    if (facts.ended and facts.ended <= month) or not (building or _editions(facts, month.year, month)):
        return SETTLED
    submitted = facts.submitted.get(month)
    if submitted and submitted <= asked.day:
        return SETTLED
    due = due_on(month, facts.return_day)
    days = (asked.day - due).days
    return Value(Fraction(days), ((month, "month"), (due, "date"), *(((Fraction(days), "天"),) if days else ())))


def _missing_figure(asked: Asked) -> Verdict:
    facts, month = asked.facts, asked.month
    if facts.reached(PRODUCED, asked.day):
        return SETTLED
    building = facts.reached(STARTED, asked.day)
    if asked.parameters["what"] == "plan":
        days = (asked.day - date(month.year, 1, 1)).days
        return Value(Fraction(days), ((Fraction(days), "天"),)) if building and not asked.plan else SETTLED
    told = asked.figure()
    if not (building or asked.plan) or (told is not None and told.up_to.month == month.month):
        return SETTLED
    due = due_on(month, facts.return_day)
    days = (asked.day - due).days
    return Value(Fraction(days), ((month, "month"), (due, "date"), (Fraction(days), "天")))


# ---- Units and problems ----------------------------------------------------------------------------------
def _unit_quota(unit: Unit, day: date) -> Verdict:
    due = done = 0
    planned_anew = False
    for facts, starts, ends in unit.projects:
        here = (starts is None or starts <= day) and (ends is None or day <= ends)
        if not here or facts.stands_still(day) or (facts.ended and facts.ended <= day):
            continue
        year = judged_month(day, facts.return_day).year
        planned_anew |= any(plan.year == year and _anew(plan, day) for plan in facts.plans)
        parts = [part for part in _parts(facts, _editions(facts, year, day), day) if part]
        if parts:
            due, done = due + max(parts)[0], done + max(parts)[1]
    if not due:
        return UNKNOWN if planned_anew else SETTLED
    return Value(Fraction(int(done < due)), ((due, "yuan"), (done, "yuan"), (due - done, "yuan")))


def _anew(plan: Plan, day: date) -> bool:
    return plan.status == "withdrawn" or (plan.status == "approved" and plan.edition > 1 and plan.effective <= day)


def _parts(facts: Facts, editions: list[Plan], day: date) -> Iterator[tuple[int, int] | None]:
    """Due and done in the month, by each edition that binds."""
    for number, edition in enumerate(editions):
        later = editions[number + 1 :]
        if not later or _binds(facts, edition, later, day, partial(_month_missed, facts, edition)):
            yield _part(facts, edition, day)


def _month_missed(facts: Facts, edition: Plan, day: date) -> bool:
    part = _part(facts, edition, day)
    return part is not None and part[1] < part[0]


def _part(facts: Facts, edition: Plan, day: date) -> tuple[int, int] | None:
    asked = Asked(facts, {}, day, edition)
    month, told = asked.month, asked.figure()
    target, earlier = asked.target(month.month), asked.target(month.month - 1)
    if target is None or earlier is None:
        return None
    if told is None or told.amount is None or told.up_to.month != month.month:
        return target - earlier, 0
    had = best(facts, before(month)) if month.month > 1 else None
    return target - earlier, told.amount - (had.amount or 0 if had else 0)


def _matter(matter: Matter, rule: Rule, day: date) -> Verdict:
    problem = matter.problem
    if not problem.open_on(day) or (matter.of.ended and matter.of.ended <= day):
        return SETTLED
    if rule.measure == "problem_open":
        days = (day - problem.raised).days
        return Value(Fraction(days), ((problem.raised, "date"), (Fraction(days), "天")))
    if problem.deadline is None:
        return UNKNOWN
    days = (day - problem.deadline).days
    return Value(Fraction(days), ((problem.deadline, "date"), *(((Fraction(abs(days)), "天"),) if days else ())))


MEASURES: dict[str, Callable[[Asked], Verdict]] = {
    "progress_gap": _progress_gap,
    "ratio_to_due": _ratio_to_due,
    "shortfall": _shortfall,
    "month_task_ratio": _month_task_ratio,
    "statistics_gap": _statistics_gap,
    "months_since_planned_start": _late_start,
    "months_since_start_without_entry": _no_entry,
    "since_milestone": _since_milestone,
    "due_soon": _due_soon,
    "node_late": _node_late,
    "letters_lapsed": _letters,
    "silence": _silence,
    "return_late": _return_late,
    "missing_figure": _missing_figure,
}
PLANNED = ("progress_gap", "ratio_to_due", "shortfall", "month_task_ratio", "statistics_gap")
FALLING = ("ratio_to_due", "month_task_ratio", "due_soon")


# ---- Working days ----------------------------------------------------------------------------------------
# 国务院办公厅关于部分节假日安排的通知, 2022 to 2024: first and last day off; days worked for them.
_OFF = """
2022-01-01 2022-01-03  2022-01-31 2022-02-06  2022-04-03 2022-04-05  2022-04-30 2022-05-04  2022-06-03 2022-06-05
2022-09-10 2022-09-12  2022-10-01 2022-10-07  2022-12-31 2023-01-02  2023-01-21 2023-01-27  2023-04-05 2023-04-05
2023-04-29 2023-05-03  2023-06-22 2023-06-24  2023-09-29 2023-10-06  2024-01-01 2024-01-01  2024-02-10 2024-02-17
2024-04-04 2024-04-06  2024-05-01 2024-05-05  2024-06-10 2024-06-10  2024-09-15 2024-09-17  2024-10-01 2024-10-07
"""
_WORKED = """
2022-01-29 2022-01-30 2022-04-02 2022-04-24 2022-05-07 2022-10-08 2022-10-09 2023-01-28 2023-01-29 2023-04-23
2023-05-06 2023-06-25 2023-10-07 2023-10-08 2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14
2024-09-29 2024-10-12
"""
_ENDS = [date.fromisoformat(day) for day in _OFF.split()]
_SPANS = list(zip(_ENDS[::2], _ENDS[1::2], strict=True))
WORKED = {date.fromisoformat(day) for day in _WORKED.split()}


def working_days_after(day: date, count: int) -> date:
    while count:
        day += DAY
        off = any(first <= day <= last for first, last in _SPANS)
        count -= day in WORKED or (day.weekday() < 5 and not off)
    return day
