"""Subjects and presets in memory: facts in plain values, judged without any database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from projects.alerts import editions, judging, leaves, presets
from projects.alerts.cases import Kind, ProblemCase, ProjectCase, Shard, Step
from projects.alerts.cases.projects import batches_on
from projects.alerts.judging import Finding
from projects.alerts.measures import letters, node_late, problem, returns, silence, task
from projects.alerts.models import Rule
from projects.alerts.rulebook import Rulebook
from projects.models import PHASE_OF, Phase
from projects.plans import even_targets
from projects.returns.lateness import Due, due_day
from projects.standings import Position, judged_month
from zones.models import Zone
from zones.workdays import Calendar

ZONE = Zone(pk=1, code="zone", name="高新区", path="/zone/")
MONDAY = date(2023, 7, 10)


class Plain(Calendar):
    """The published calendar without exceptions of ours."""

    def __init__(self) -> None:
        super().__init__()
        self._exceptions = {}


def step(kind: str, baseline: str = "", planned: str = "", done: str = "", label: str = "", pk: int = 0) -> Step:
    """A milestone by its days, written as 2023-03-31."""
    days = [date.fromisoformat(day) if day else None for day in (baseline, planned, done)]
    return Step(
        pk=pk or len(kind),
        project_id=1,
        kind=kind,
        label=label,
        baseline=days[0],
        planned=days[1] or days[0],
        done=bool(done),
        actual_first=days[2],
        actual_last=days[2],
        known_on=days[2],
    )


@dataclass
class Facts:
    """Of one project: yuan by month's end, steps, what was told, problems. Even targets unless others are given."""

    plan: int | None = None
    targets: list[int] | None = None
    done: dict[str, int] = field(default_factory=dict)
    entered: dict[str, int] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    told: tuple[silence.Row, ...] = ()
    major: tuple[tuple[int, str], ...] = ()
    promised_before: dict[str, dict[int, date]] = field(default_factory=dict)  # until a day, by milestone
    submitted: tuple[str, ...] = ()
    suspended: bool = False
    terminated: str = ""
    return_day: int | None = None

    def on(self, day: date) -> ProjectCase:
        """The project on a day."""
        case = Shard(InMemory(self), [1], day).cases[1]
        assert isinstance(case, ProjectCase)
        return case

    def position(self, day: date) -> Position:
        month = judged_month(self.return_day, day)
        told = _latest(self.done, month)
        entered = _latest(self.entered, month)
        targets = None if self.plan is None else self.targets or even_targets(self.plan)
        return Position(
            project_id=1,
            month=month,
            plan=self.plan,
            due=targets[month.month - 1] if targets else None,
            plan_id=None if self.plan is None else 7,
            done=told[1] if told else None,
            done_up_to=told[0] if told else None,
            done_channel="reported" if told else "",
            done_statistics=entered[1] if entered else None,
            done_statistics_up_to=entered[0] if entered else None,
        )


def _latest(figures: dict[str, int], month: date) -> tuple[date, int] | None:
    known = [(date.fromisoformat(day), amount) for day, amount in figures.items()]
    return max(((day, amount) for day, amount in known if day <= month and day.year == month.year), default=None)


class InMemory(Kind[ProjectCase]):
    """One project, of which everything is known."""

    code = "project"
    label = "项目"

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def subjects(self, zone: Any, as_of: date, *, whole: bool) -> Any:
        raise NotImplementedError

    def load(self, shard: Shard) -> Iterator[ProjectCase]:
        facts, day = self.facts, shard.as_of
        shard._known = self._known_on(day)
        reached = [PHASE_OF[each.kind] for each in facts.steps if each.kind in PHASE_OF and each.done_by(day)]
        yield ProjectCase(
            shard=shard,
            pk=1,
            name="甲项目",
            path=ZONE.path,
            return_day=facts.return_day,
            is_demo=False,
            until=None,
            code="P-1",
            position=facts.position(day),
            terminated_on=date.fromisoformat(facts.terminated) if facts.terminated else None,
            suspended=facts.suspended,
            phase=max(reached, key=lambda phase: phase.rank, default=Phase.RESERVED),
            steps=facts.steps,
            milestones={each.kind: each for each in facts.steps if each.kind != "other"},
        )

    def _known_on(self, day: date) -> dict[Any, dict[int, Any]]:
        facts, month = self.facts, judged_month(self.facts.return_day, day)
        targets = facts.targets or (even_targets(facts.plan) if facts.plan is not None else [])
        submitted = next((date.fromisoformat(each) for each in facts.submitted if each <= day.isoformat()), None)
        return {
            batches_on: {},
            editions.replanned: {},
            leaves.leaves_of("project"): {},
            task.targets: {1: {7: dict(enumerate(targets, start=1))}},
            silence.last_told: {1: silence.last_of(row for row in facts.told if row.up_to <= day)},
            node_late.major_problems: {1: list(facts.major)} if facts.major else {},
            node_late.promised_before: {1: self._promised_before(day)},
            letters.calendars: {1: Plain()},
            returns.returns: {1: Due(1, month, due_day(facts.return_day, month), submitted, True)},
        }

    def _promised_before(self, day: date) -> dict[int, date]:
        found: dict[int, date] = {}
        for until, moved in self.facts.promised_before.items():
            if day < date.fromisoformat(until):
                found |= moved
        return found


class Problems(Kind[ProblemCase]):
    """One problem of which everything is known."""

    code = "problem"
    label = "问题"

    def __init__(self, raised: str, deadline: str = "", closed: str = "") -> None:
        self.days = [date.fromisoformat(day) if day else None for day in (raised, deadline, closed)]

    def subjects(self, zone: Any, as_of: date, *, whole: bool) -> Any:
        raise NotImplementedError

    def load(self, shard: Shard) -> Iterator[ProblemCase]:
        shard._known = {leaves.leaves_of("problem"): {}, problem.deadlines_told: {}}
        raised, deadline, closed = self.days
        assert raised
        yield ProblemCase(
            shard=shard,
            pk=1,
            name="管线未迁改",
            path=ZONE.path,
            return_day=None,
            is_demo=False,
            until=None,
            of_project=1,
            project_name="甲项目",
            in_zone=1,
            of_department=None,
            raised_on=raised,
            deadline=deadline,
            closed_on=closed,
            terminated_on=None,
        )

    def on(self, day: date) -> ProblemCase:
        case = Shard(self, [1], day).cases[1]
        assert isinstance(case, ProblemCase)
        return case


def rules_of(scheme: str, **changes: Any) -> list[Rule]:
    """The rules of a preset, with other values where they are given."""
    found = presets.scheme(scheme).rules(ZONE)
    for pk, rule in enumerate(found, start=1):
        rule.pk = pk
        for name, value in changes.items():
            setattr(rule, name, value)
    return found


def found_by(rules: list[Rule], case: Any) -> dict[str, Finding]:
    """What the rules find, by the code of the rule."""
    book = Rulebook(rules)
    assert not book.bad, book.bad
    return {finding.applied.rule.code: finding for finding in judging.judge([case], book)}


def level(rules: list[Rule], case: Any, code: str = "") -> str:
    """The level that a rule finds (of several, the one with this code): its code, "" for none, "?" for unjudged."""
    finding = found_by(rules, case)[code or rules[0].code]
    if not finding.judged:
        return "?"
    return finding.level.code if finding.level else ""
