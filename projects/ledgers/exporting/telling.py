"""What the facts say of projects for a month, by the meanings that columns of ledgers have.

The month's figures are those that were told for that very month: where nothing was told the cell stays empty, and an
older figure never stands in for it. Some hundred projects at a time, in a constant number of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from projects import dates, money, plans
from projects.models import AnnualPlan, Assignment, Entry, Milestone, Problem, Progress, Project, Return
from projects.papers.sheets import Cell, Kind
from zones import clock

AT_ONCE: Final = 500  # projects
MONTHS: Final = 24  # that are offered
REPORTED, STATISTICS, WEEKLY = Progress.Channel.REPORTED, Progress.Channel.STATISTICS, Progress.Channel.WEEKLY
STEPS: Final = {
    **{"sign": "signed", "perform": "performed", "start": "started", "top": "topped_out", "completion": "completed"},
    **{"trial": "trial", "produce": "produced", "capacity": "at_capacity", "stats": "stats_entry"},
}
FLAGS: Final = {
    **{"started": "started", "completed": "completed", "produced": "produced"},
    "stats_entered": "stats_entry",
}
PEOPLE: Final = ("leader", "steward", "unit", "responsible", "liaison", "team")
NOBODY: Final = "未落实"


class When(NamedTuple):
    """The month that is told of."""

    year: int
    month: int

    @property
    def last(self) -> date:
        """Its last day."""
        return plans.month_end(self.year, self.month)

    @property
    def next(self) -> When:
        """The month after."""
        return When(self.year, self.month + 1) if self.month < 12 else When(self.year + 1, 1)

    @property
    def before(self) -> When:
        """The month before."""
        return When(self.year, self.month - 1) if self.month > 1 else When(self.year - 1, 12)


def months(latest: date) -> list[tuple[str, str]]:
    """The months that are offered, the last first: the running one or `latest`, and those before. Code and words."""
    today = max(clock.today(), latest)
    found = [When(today.year, today.month)]
    while len(found) < MONTHS:
        found.append(found[-1].before)
    return [(f"{when.last:%Y-%m}", f"{when.year}年{when.month}月") for when in found]


class Month(NamedTuple):
    """What a channel told up to a day."""

    amount: int | None
    total: int | None
    percent: int | None
    words: str


@dataclass(slots=True)
class Told:
    """One project. `progress` is by channel and month of the year, the last of each month."""

    project: Project
    when: When
    plan: AnnualPlan | None = None
    targets: dict[int, int] = field(default_factory=dict)
    progress: dict[tuple[str, int], Month] = field(default_factory=dict)
    returned: dict[int, int] = field(default_factory=dict)
    steps: dict[str, Milestone] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    entries: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def cell(self, meaning: str, month: int | None = None) -> Cell:
        """What a column of that meaning says; `month` of the year is the one told of where none is given."""
        say = SAY.get(meaning)
        return say(self, month or self.when.month) if say else None

    # -- money
    def year_done(self, month: int, channel: str = REPORTED) -> int | None:
        """What was invested from January to the month."""
        told = self.progress.get((channel, month))
        return told.amount if told else None

    def month_done(self, month: int, channel: str = REPORTED) -> int | None:
        """What was invested in the month."""
        upto = self.year_done(month, channel)
        before = 0 if month == 1 else self.year_done(month - 1, channel)
        if upto is not None and before is not None:
            return upto - before
        return self.returned.get(month) if channel == REPORTED else None

    def total_done(self, month: int) -> int | None:
        """What was invested since the project began: as told, else what was carried into the year and the year's."""
        told = self.progress.get((REPORTED, month))
        if told and told.total is not None:
            return told.total
        upto, carried = self.year_done(month), self.plan.carried if self.plan else None
        return upto + carried if upto is not None and carried is not None else None

    def done_rate(self, month: int) -> float | None:
        """Percentage of the year's plan."""
        upto = self.year_done(month)
        return 100 * upto / self.plan.amount if upto is not None and self.plan and self.plan.amount else None

    def stated(self) -> Cell:
        """The total investment as it was stated: a range and foreign money in words, all else as a figure."""
        held, foreign = self.project.investment, self.project.foreign
        if held is None:
            return money.show_amount(foreign) if foreign else None
        return held.high if held.low == held.high else money.show_amount(held)

    # -- words
    def words(self, month: int) -> str:
        """How far it is, as told for the month."""
        told = [self.progress.get((channel, month)) for channel in (REPORTED, WEEKLY)]
        return next((each.words for each in told if each and each.words), "")

    def percent(self, month: int) -> int | None:
        """The same as a percentage."""
        told = self.progress.get((REPORTED, month))
        return told.percent if told else None

    # -- steps
    def is_done(self, kind: str, day: date | None = None) -> bool:
        """Whether a step was done by the end of the month, or by `day`."""
        step = self.steps.get(kind)
        return bool(step and step.done_by(day or self.when.last))

    def deadline(self, kind: str) -> date | None:
        """Until when a step is promised."""
        step = self.steps.get(kind)
        return (step.planned or step.baseline) if step else None

    def actual(self, kind: str) -> Cell:
        """When a step was done, a day or in words."""
        span = self.steps[kind].actual if self.is_done(kind) else None
        return _day(span)

    def nature(self) -> str:
        """新开工, 续建, 竣工投产 or 预备, of the year that is told of."""
        year = self.when.year
        ends = [self.deadline("completed"), self.deadline("produced")]
        finished = any(self.is_done(kind, date(year - 1, 12, 31)) for kind in ("completed", "produced"))
        if finished or any(day and day.year == year for day in ends):
            return "竣工投产类"
        if self.is_done("started", date(year - 1, 12, 31)):
            return "续建类"
        begins = self.deadline("started")
        return "新开工类" if self.is_done("started") or (begins and begins.year == year) else "预备类"

    def build_period(self) -> str:
        """From when to when it is built, in years."""
        begin, end = (_year(self.steps.get(kind)) for kind in ("started", "completed"))
        end = end or _year(self.steps.get("produced"))
        return f"{begin}-{end}" if begin and end else f"{begin}-" if begin else ""

    @property
    def unit(self) -> str:
        """The unit that stands for it first."""
        return next(iter(self.people["unit"]), NOBODY)


def _day(span: dates.DateSpan | None) -> Cell:
    if span is None:
        return None
    return span.first if span.first == span.last else in_words(span)


def in_words(span: dates.DateSpan) -> str:
    """A span in words; one that is a whole month, or a whole year, as that."""
    first, last = span.first, span.last
    if span.precision == "range" and first and last and first.day == 1:
        if last == plans.month_end(first.year, first.month):
            return f"{first.year}年{first.month}月"
        if (first.month, last) == (1, date(first.year, 12, 31)):
            return f"{first.year}年"
    return dates.show(span)


def _year(step: Milestone | None) -> int | None:
    if step is None:
        return None
    day = (step.actual_last or step.planned or step.baseline) if step.done else step.planned or step.baseline
    return day.year if day else None


# ---- By meaning --------------------------------------------------------------------------------------------------
Say = Callable[[Told, int], Cell]


def _carried(told: Told) -> int | None:
    return told.plan.carried if told.plan else None


def _lag(told: Told, month: int) -> float | None:
    rate = told.done_rate(month)
    return None if rate is None else round(rate - 100 * month / 12, 1)


def _month_plan(told: Told, month: int) -> int | None:
    upto, before = told.targets.get(month), told.targets.get(month - 1, 0 if month == 1 else None)
    return upto - before if upto is not None and before is not None else None


def _flag(kind: str) -> Say:
    return lambda told, month: "是" if told.is_done(kind) else "否"


def _people(role: str) -> Say:
    return lambda told, month: "、".join(told.people[role])


def _said_steps() -> dict[str, Say]:
    found: dict[str, Say] = {}
    for code, kind in STEPS.items():
        found[f"{code}_planned"] = lambda told, month, kind=kind: told.deadline(kind)
        found[f"{code}_actual"] = lambda told, month, kind=kind: told.actual(kind)
        found[f"{code}_on"] = lambda told, month, kind=kind: told.actual(kind) or told.deadline(kind)
    return found


SAY: Final[dict[str, Say]] = {
    "name": lambda told, month: told.project.name,
    "code": lambda told, month: told.project.code,
    "national_code": lambda told, month: told.project.national_code,
    "company": lambda told, month: told.project.company.name if told.project.company else "",
    "credit_code": lambda told, month: (told.project.company.credit_code or "") if told.project.company else "",
    "zone": lambda told, month: told.project.zone.name,
    "category": lambda told, month: told.project.get_category_display(),
    "kind": lambda told, month: told.project.get_category_display(),
    "importance": lambda told, month: told.project.get_importance_display(),
    "phase": lambda told, month: told.project.get_phase_display(),
    "content": lambda told, month: told.project.content,
    "size": lambda told, month: told.project.content,
    "nature": lambda told, month: told.nature(),
    "build_period": lambda told, month: told.build_period(),
    "batch": lambda told, month: "、".join(dict.fromkeys(row.get_batch_display() for row in told.entries)),
    "period": lambda told, month: "、".join(dict.fromkeys(str(row.period) for row in told.entries if row.period)),
    "investment": lambda told, month: told.project.investment_high,
    "annual_plan": lambda told, month: told.plan.amount if told.plan else None,
    "carried": lambda told, month: _carried(told),
    "month_plan": _month_plan,
    "plan_to_date": lambda told, month: told.targets.get(month),
    "month_done": Told.month_done,
    "year_done": Told.year_done,
    "total_done": Told.total_done,
    "stats_done": lambda told, month: told.year_done(month, STATISTICS),
    "stats_month": lambda told, month: told.month_done(month, STATISTICS),
    "done_rate": Told.done_rate,
    "lag": _lag,
    "progress": Told.words,
    "progress_percent": Told.percent,
    "problem": lambda told, month: "；".join(told.problems),
    "wanted": lambda told, month: "；".join(told.problems),
    **_said_steps(),
    **{code: _flag(kind) for code, kind in FLAGS.items()},
    **{role: _people(role) for role in PEOPLE},
}
"""What is said of a project by the meaning of the column. What is not here is left to be filled in by hand."""

KINDS: Final = {
    **dict.fromkeys(("investment", "annual_plan", "carried", "month_plan", "plan_to_date", "month_done"), Kind.MONEY),
    **dict.fromkeys(("year_done", "total_done", "stats_done", "stats_month"), Kind.MONEY),
    **dict.fromkeys(("done_rate", "progress_percent"), Kind.PERCENT),
    **dict.fromkeys(("lag", "serial"), Kind.NUMBER),
    **{f"{code}_{end}": Kind.DAY for code in STEPS for end in ("planned", "actual", "on")},
}
"""What stands in a column of a meaning, where it is not text."""


# ---- Reading -----------------------------------------------------------------------------------------------------
def tell(rows: QuerySet[Project], when: When) -> Iterator[Told]:
    """What is told of the projects, in the order of `rows`."""
    keys = rows.values_list("pk", flat=True).iterator(chunk_size=AT_ONCE)
    while chunk := list(islice(keys, AT_ONCE)):
        yield from _some(chunk, when)


def _some(keys: Sequence[int], when: When) -> list[Told]:
    projects = Project.objects.filter(pk__in=keys).select_related("zone", "company").in_bulk()
    found = {pk: Told(projects[pk], when) for pk in keys if pk in projects}
    _plans(found, when)
    _progress(found, when)
    for step in Milestone.objects.filter(project__in=keys, label=""):
        found[step.project_id].steps[step.kind] = step
    held = Assignment.objects.in_force(clock.today()).filter(project__in=keys).select_related("user", "department")
    for post in held.order_by("pk"):
        found[post.project_id].people[post.role].append(post.who)
    for entry in Entry.objects.filter(project__in=keys, left_on=None).select_related("period__series").order_by("pk"):
        found[entry.project_id].entries.append(entry)
    problems = Problem.objects.filter(project__in=keys, closed_on=None).order_by("pk")
    for pk, title in problems.values_list("project_id", "title"):
        found[pk or 0].problems.append(title)
    return list(found.values())


def _plans(found: dict[int, Told], when: When) -> None:
    """The edition that bound at the end of the month; where none did, the last that was not withdrawn."""
    rows = AnnualPlan.objects.filter(project__in=list(found), year=when.year)
    rows = rows.exclude(status=AnnualPlan.Status.WITHDRAWN).prefetch_related("targets").order_by("edition")
    rank: dict[int, Any] = {}
    for row in rows:
        binds = row.status == AnnualPlan.Status.APPROVED and row.effective_from and row.effective_from <= when.last
        order = (bool(binds), row.effective_from if binds else date.min, row.edition)
        if row.project_id not in rank or order > rank[row.project_id]:
            rank[row.project_id] = order
            told = found[row.project_id]
            told.plan, told.targets = row, {target.month: target.amount for target in row.targets.all()}


def _progress(found: dict[int, Told], when: When) -> None:
    first, keys = date(when.year, 1, 1), list(found)
    rows = Progress.objects.filter(project__in=keys, current=True, up_to__range=(first, when.last))
    columns = ("project_id", "channel", "up_to", "amount", "total", "percent", "words")
    for pk, channel, up_to, *told in rows.order_by("up_to").values_list(*columns):
        found[pk].progress[channel, up_to.month] = Month(*told)
    returns = Return.objects.filter(project__in=keys, month__range=(first, when.last), status=Return.Status.REVIEWED)
    for pk, month, amount in returns.exclude(this_month=None).values_list("project_id", "month", "this_month"):
        found[pk].returned[month.month] = amount
