"""What the facts say now of some hundred projects, as far as a ledger speaks of it. A constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from projects import claims, names
from projects.ledgers.models import Ledger
from projects.ledgers.said import FIGURES, PEOPLE, PLAN, WORDS, Tab
from projects.models import (
    AnnualPlan,
    Assignment,
    Claim,
    Entry,
    Milestone,
    MonthlyTarget,
    Period,
    Problem,
    Progress,
    Project,
    Return,
)
from projects.standings.among import listed
from zones.models import Department, User, Zone

CHANNELS = (Progress.Channel.REPORTED, Progress.Channel.STATISTICS)
TAKEN_BACK = "台账导入已撤销"


@dataclass(slots=True)
class Figures:
    """What a channel tells up to a day."""

    up_to: date
    amount: int | None = None
    total: int | None = None
    percent: int | None = None
    words: str = ""
    source: int | None = None


@dataclass(slots=True)
class Plan:
    """The last edition of a year's plan; `targets` are its cumulative months."""

    edition: int
    amount: int
    carried: int | None
    targets: list[int]
    withdrawn: bool
    approved: bool


@dataclass(slots=True)
class Says:
    """What a claim says, one that is stored or one that is still to be written."""

    field: str
    certainty: str
    chosen: bool = False
    low: int | None = None
    high: int | None = None
    currency: str = ""
    qualifier: str = ""
    first: date | None = None
    last: date | None = None
    precision: str = ""
    text: str = ""
    source_id: int = 0
    chosen_by_id: int | None = None
    chosen_on: date | None = None

    @classmethod
    def of(cls, name: str, certainty: str, value: Any, *, chosen: bool = False) -> Any:
        return cls(name, certainty, chosen, **claims.columns_of(value))

    @property
    def shown(self) -> str:
        """The value as a person writes it."""
        return Claim(**{name: getattr(self, name) for name in claims.VALUES}).shown


@dataclass(slots=True)
class Held:
    """Who stands for a project."""

    user_id: int | None
    department_id: int | None
    who: str


@dataclass(slots=True)
class Known:
    """One project as the facts have it; an empty one is of a project that is to be opened."""

    project: Project | None = None
    claims: list[Any] = field(default_factory=list)  # Says, of which `projects.claims` judges as of claims
    plans: dict[int, Plan] = field(default_factory=dict)
    progress: dict[tuple[str, int, int], Figures] = field(default_factory=dict)
    reviewed: set[tuple[int, int]] = field(default_factory=set)
    milestones: dict[str, Milestone] = field(default_factory=dict)
    entries: set[tuple[str, int | None]] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)
    unsolved: set[str] = field(default_factory=set)  # of the problems, those that are not closed
    people: dict[str, list[Held]] = field(default_factory=lambda: defaultdict(list))


class Surroundings:
    """What does not depend on the project: people, units, rounds, and earlier editions of this ledger."""

    def __init__(self, ledger: Ledger, tabs: Sequence[Tab]) -> None:
        zone = ledger.zone
        self.meanings = {meaning for tab in tabs for meaning in tab.meanings}
        self.years = sorted({column.year for tab in tabs for _, column, _, _ in tab.columns if column.year})
        self.by_row = "month" in self.meanings
        self.rounds = self._wants("batch", "period") or any(tab.table.round for tab in tabs)
        self.earlier = _earlier(ledger, tabs)
        self.periods: dict[int, Period] = {}
        for period in reversed(Period.objects.for_zone(zone).filter(year=None)) if self.rounds else ():
            self.periods[period.number] = period
        wants_people = self.meanings & {*PEOPLE, "problem_units"}
        self.departments = _departments(zone) if wants_people else {}
        self.users = _users(zone) if wants_people else {}

    def _wants(self, *codes: str) -> bool:
        return bool(self.meanings & set(codes))

    def load(self, pks: Sequence[int]) -> dict[int, Known]:
        """What is known of these projects, by key."""
        if not pks:
            return {}
        keys, found = listed(pks), {pk: Known() for pk in pks}
        projects = list(Project.objects.filter(pk__in=keys).select_related("company"))
        zones = Zone.objects.in_bulk({project.zone_id for project in projects})  # few, and of many projects
        for project in projects:
            project.zone, found[project.pk].project = zones[project.zone_id], project
        stated = Claim.objects.filter(project__in=keys).order_by("pk")
        for pk, *told in stated.values_list("project_id", *Says.__slots__):
            found[pk].claims.append(Says(*told))
        for row in Milestone.objects.filter(project__in=keys, label=""):
            found[row.project_id].milestones[row.kind] = row
        if self.meanings & (PLAN | FIGURES):
            self._plans(keys, found)
        if self.meanings & (FIGURES | set(WORDS)):
            self._progress(keys, found)
        if self.rounds:
            entries = Entry.objects.filter(project__in=keys, left_on=None)
            for pk, batch, period in entries.values_list("project_id", "batch", "period_id"):
                found[pk].entries.add((batch, period))
        if self._wants("problem", "wanted"):
            problems = Problem.objects.filter(project__in=keys).exclude(closing_note=TAKEN_BACK)
            for owner, title, closed_on in problems.values_list("project_id", "title", "closed_on"):
                found[owner or 0].problems.add(title)
                if closed_on is None:
                    found[owner or 0].unsolved.add(title)
        if self.meanings & set(PEOPLE):
            called = ("user__display_name", "user__username", "department__short_name", "department__name", "post")
            posts = Assignment.objects.filter(project__in=keys, ends=None)
            for pk, role, user, unit, *names_ in posts.values_list(
                "project_id", "role", "user_id", "department_id", *called
            ):
                found[pk].people[role].append(Held(user, unit, next(filter(None, names_), "")))
        return found

    def _plans(self, keys: Any, found: dict[int, Known]) -> None:
        rows = AnnualPlan.objects.filter(project__in=keys).order_by("edition")
        if self.years and not self.by_row:
            rows = rows.filter(year__in=self.years)
        plans: dict[int, Plan] = {}
        told = ("id", "project_id", "year", "status", "edition", "amount", "carried")
        for pk, project, year, status, edition, amount, carried in rows.values_list(*told):
            withdrawn, approved = status == AnnualPlan.Status.WITHDRAWN, status == AnnualPlan.Status.APPROVED
            plans[pk] = found[project].plans[year] = Plan(edition, amount, carried, [], withdrawn, approved)
        if self._wants("month_plan", "plan_to_date"):
            targets = MonthlyTarget.objects.filter(plan__in=listed(list(plans))).order_by("plan", "month")
            for pk, amount in targets.values_list("plan_id", "amount"):
                plans[pk].targets.append(amount)

    def _progress(self, keys: Any, found: dict[int, Known]) -> None:
        rows = Progress.objects.filter(project__in=keys, current=True, channel__in=CHANNELS).order_by("up_to")
        reviewed = Return.objects.filter(project__in=keys, status=Return.Status.REVIEWED)
        if self.years and not self.by_row and not self.meanings & set(WORDS):
            rows = rows.filter(Q(*(Q(up_to__year=year) for year in self.years), _connector=Q.OR))
        told = ("project_id", "channel", "up_to", "amount", "total", "percent", "words", "source_id")
        for pk, channel, up_to, amount, total, percent, words, source in rows.values_list(*told):
            kept = Figures(up_to, amount, total, percent, words, source)
            found[pk].progress[channel, up_to.year, up_to.month] = kept
        for pk, month in reviewed.values_list("project_id", "month"):
            found[pk].reviewed.add((month.year, month.month))

    def department(self, name: str) -> Department | None:
        """The unit of that name, if it is exactly one."""
        return _only(self.departments.get(names.tidy(name), ()))

    def user(self, name: str) -> User | None:
        """The person of that name, if it is exactly one."""
        return _only(self.users.get(names.tidy(name), ()))


def _only(found: Collection[Any]) -> Any:
    return next(iter(found)) if len(found) == 1 else None


def _departments(zone: Zone) -> dict[str, set[Department]]:
    near = Q(zone__path__in=[zone.path, *zone.ancestor_paths]) | Q(zone__path__startswith=zone.path)
    found: dict[str, set[Department]] = defaultdict(set)
    for row in Department.objects.filter(near, active=True):
        for name in {row.name, row.short_name} - {""}:
            found[names.tidy(name)].add(row)
    return found


def _users(zone: Zone) -> dict[str, set[User]]:
    paths = [zone.path, *zone.ancestor_paths]
    near = Q(department__zone__path__in=paths) | Q(department__zone__path__startswith=zone.path)
    near |= Q(appointments__zone__path__in=paths) | Q(appointments__zone__path__startswith=zone.path)
    found: dict[str, set[User]] = defaultdict(set)
    for row in User.objects.filter(near, is_active=True).exclude(display_name="").distinct():
        found[names.tidy(row.display_name)].add(row)
    return found


def _earlier(ledger: Ledger, tabs: Sequence[Tab]) -> frozenset[int]:
    """Sources of imported ledgers of the zone with the same headings that are of no later month: this one is their
    next edition, and what they stated gives way to it unless somebody preferred it.
    """
    prints = {tab.table.fingerprint for tab in tabs}
    when = max(_when(tab.table.year, tab.table.month) for tab in tabs) if tabs else (0, 0)
    rows = Ledger.objects.filter(zone=ledger.zone, state=Ledger.State.IMPORTED).exclude(pk=ledger.pk)
    return frozenset(
        source
        for source, about in rows.values_list("source_id", "about")
        if any(
            table["fingerprint"] in prints and _when(table["year"], table["month"]) <= when
            for table in about.get("tables", ())
        )
    )


def _when(year: int | None, month: int | None) -> tuple[int, int]:
    return year or 0, month or 0


def near_names(rows: Iterable[Held]) -> str:
    """Who stands there now, for a sentence."""
    return "、".join(row.who for row in rows)
