"""Random projects written straight into the tables, thousands at a time, each once for every scheme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max, Min

from projects.alerts import presets
from projects.alerts.models import Rule as StoredRule
from projects.alerts.tests.evaluation.evaluator import Facts, Figure, Matter, Rule, Step, Subject, Unit
from projects.alerts.tests.evaluation.facts import RETURN_DAYS, UNITS, Sample
from projects.models import (
    PHASE_OF,
    AnnualPlan,
    Assignment,
    Milestone,
    MilestoneChange,
    MonthlyTarget,
    Phase,
    Problem,
    Progress,
    Project,
    Return,
    ReturnEvent,
    Suspension,
)
from zones.models import Department, Zone

BATCH = 2000
TABLES = (
    *(Project, Problem, Assignment, AnnualPlan, MonthlyTarget, Progress, Milestone, MilestoneChange, Suspension),
    *(Return, ReturnEvent),
)


@dataclass
class World:
    """What was written: the subjects of each scheme by the key that alerts have, its rules, and its own zone."""

    subjects: dict[str, dict[str, Subject]]
    rules: dict[str, list[Rule]]
    zones: dict[str, Zone]


@dataclass
class Places:
    """The zones of one scheme, one for each return day, and their units."""

    city: Zone
    zones: list[Zone]
    units: list[Department]

    @classmethod
    def create(cls, top: Zone, code: str) -> Places:
        city = Zone.objects.create(code=code, kind=Zone.Kind.CITY, name=f"{code}市", parent=top)
        kept = {"kind": Zone.Kind.ZONE, "parent": city}
        zones = [
            Zone.objects.create(code=f"{code}-{day or 0}", name=f"{code}开发区{day}", return_day=day, **kept)
            for day in RETURN_DAYS
        ]
        units = [
            Department.objects.create(zone=zone, name=f"{zone.code}第{n}局") for zone in zones for n in range(UNITS)
        ]
        return cls(city, zones, units)

    def of(self, sample: Sample) -> tuple[Zone, Department]:
        number = RETURN_DAYS.index(sample.facts.return_day)
        return self.zones[number], self.units[number * UNITS + sample.unit]


def load(samples: Sequence[Sample], schemes: Mapping[str, Sequence[Mapping[str, Any]]]) -> World:
    """Write the samples once for each scheme (its rules as data, by its code), with a zone for each return day."""
    top = Zone.objects.create(code="top", kind=Zone.Kind.PROVINCE, name="河南省")
    world, original = World({}, {}, {}), None
    for number, (code, rules) in enumerate(schemes.items()):
        places = Places.create(top, code)
        adopt(places.city, code, rules)
        original = original or Original.write(samples, places)
        original.copy(number, places)
        world.subjects[code] = original.subjects(number, places)
        world.rules[code] = [Rule.of(row) for row in rules]
        world.zones[code] = places.city
    with connection.cursor() as cursor:
        # As the database does by itself before long; it knows nothing of so many rows that were never committed.
        for statement in (*connection.ops.sequence_reset_sql(no_style(), TABLES), "ANALYZE"):
            cursor.execute(statement)
    return world


def adopt(zone: Zone, code: str, rules: Sequence[Mapping[str, Any]]) -> None:
    """Let the zone have the rules: those of a published scheme by the door that officials take."""
    if code in {scheme.code for scheme in presets.schemes()}:
        presets.load_scheme(zone, code, None)
        return
    for row in rules:
        rule = StoredRule(zone=zone, **row)
        rule.full_clean()
        rule.save()


@dataclass
class Original:
    """The samples as they were written for the first scheme. The database itself copies them for the others."""

    samples: Sequence[Sample]
    places: Places
    projects: list[int]
    matters: list[tuple[int, Matter]]
    spans: dict[Any, tuple[int, int]]  # first and last key, by table

    @classmethod
    def write(cls, samples: Sequence[Sample], places: Places) -> Original:
        rows = Rows()
        projects = rows.projects([(places.of(sample)[0], sample) for sample in samples])
        matters = []
        for made, sample in zip(projects, samples, strict=True):
            rows.assign(made, places.of(sample)[1], sample)
            rows.facts(made, sample.facts)
            matters += [(made, Matter(each, sample.facts)) for each in sample.facts.problems]
        problems = Problem.objects.bulk_create((problem(*each) for each in matters), batch_size=BATCH)
        rows.write()
        spans = {model: model.objects.aggregate(first=Min("pk"), last=Max("pk")) for model in TABLES}
        return cls(
            samples,
            places,
            [made.pk for made in projects],
            [(row.pk, matter) for row, (_, matter) in zip(problems, matters, strict=True)],
            {model: (span["first"], span["last"]) for model, span in spans.items() if span["first"]},
        )

    def shift(self, model: Any, number: int) -> int:
        """By how much the keys of the copy with this number are greater."""
        first, last = self.spans.get(model, (0, 0))
        return number * (last - first + 1)

    def copy(self, number: int, places: Places) -> None:
        """Write everything once more for another scheme; nothing for the first one."""
        if not number:
            return
        shifts = {model: self.shift(model, number) for model in TABLES}
        shifts |= {
            Zone: places.zones[0].pk - self.places.zones[0].pk,
            Department: places.units[0].pk - self.places.units[0].pk,
        }
        with connection.cursor() as cursor:
            for model, span in self.spans.items():
                fields = model._meta.concrete_fields
                columns = ", ".join(f'"{field.column}"' for field in fields)
                copied = ", ".join(_copied(field, model, shifts, number) for field in fields)
                table = model._meta.db_table
                cursor.execute(
                    f"INSERT INTO {table} ({columns}) SELECT {copied} FROM {table} WHERE id BETWEEN %s AND %s", span
                )

    def subjects(self, number: int, places: Places) -> dict[str, Subject]:
        """The subjects of the copy with this number, by the key that their alerts have."""
        found: dict[str, Subject] = {}
        by_unit: dict[int, list[tuple[Facts, date | None, date | None]]] = defaultdict(list)
        for pk, sample in zip(self.projects, self.samples, strict=True):
            found[f"project:{pk + self.shift(Project, number)}"] = sample.facts
            by_unit[places.of(sample)[1].pk].append((sample.facts, sample.starts, sample.ends))
        found |= {f"problem:{pk + self.shift(Problem, number)}": matter for pk, matter in self.matters}
        for unit in places.units:
            found[f"unit:{unit.pk}"] = Unit(unit.zone.return_day, tuple(by_unit[unit.pk]))
        return found


def _copied(field: Any, model: Any, shifts: Mapping[Any, int], number: int) -> str:
    column = f'"{field.column}"'
    if field.primary_key:
        return f"{column} + {shifts[model]}"
    if field.is_relation:
        return f"{column} + {shifts.get(field.related_model, 0)}"
    return f"{column} || '-{number}'" if field.unique else column


class Rows:
    """Rows that wait to be written together."""

    def __init__(self) -> None:
        self._waiting: dict[Any, list[Any]] = defaultdict(list)
        self._number = 0

    def write(self) -> None:
        """In the order in which they refer to each other."""
        for model in TABLES:
            model.objects.bulk_create(self._waiting.pop(model, []), batch_size=BATCH)

    def projects(self, placed: Iterable[tuple[Zone, Sample]]) -> list[Project]:
        made = []
        for zone, sample in placed:
            self._number += 1
            name = f"项目{self._number}"
            facts = sample.facts
            made.append(
                Project(
                    **{"code": name, "serial": self._number, "name": name, "key": name, "initials": "xm"},
                    **{"zone": zone, "phase": phase_of(facts.steps), "terminated_on": facts.ended},
                    terminated_reason="投资方退出" if facts.ended else "",
                )
            )
        return Project.objects.bulk_create(made, batch_size=BATCH)

    def assign(self, project: Project, unit: Department, sample: Sample) -> None:
        self._waiting[Assignment].append(
            Assignment(
                project=project,
                role=Assignment.Role.UNIT,
                department=unit,
                starts=sample.starts,
                ends=sample.ends,
            )
        )

    def facts(self, project: Project, facts: Facts) -> None:
        self._plans(project, facts)
        self._waiting[Progress] += [progress(project, row) for row in facts.figures]
        for step in facts.steps:
            self._step(project, step)
        self._waiting[Suspension] += [
            Suspension(project=project, starts=first, ends=last, reason="资金不到位", approver="管委会主任")
            for first, last in facts.standstills
        ]
        for month, on in facts.submitted.items():
            row = Return(
                **{"project": project, "month": month, "status": "submitted", "year_to_date": 0},
                **{"submitted_on": on, "late_days": 0},
            )
            self._waiting[Return].append(row)
            self._waiting[ReturnEvent].append(ReturnEvent(monthly_return=row, what="submitted", on=on))

    def _plans(self, project: Project, facts: Facts) -> None:
        for each in facts.plans:
            gone = (
                {"withdrawn_on": each.effective, "withdrawn_reason": "单位有误"} if each.status == "withdrawn" else {}
            )
            plan = AnnualPlan(
                **{"project": project, "year": each.year, "edition": each.edition, "amount": each.amount},
                **{"status": each.status, "effective_from": each.effective},
                **(gone if each.status == "withdrawn" else {}),
                reason="调整规模" if each.edition > 1 else "",
            )
            self._waiting[AnnualPlan].append(plan)
            self._waiting[MonthlyTarget] += [
                MonthlyTarget(plan=plan, month=month, amount=amount) for month, amount in each.targets.items()
            ]

    def _step(self, project: Project, step: Step) -> None:
        row = Milestone(
            **{"project": project, "kind": step.kind, "label": step.label},
            **{"baseline": step.baseline, "planned": step.planned},
            **{"done": step.done, "actual_first": step.first, "actual_last": step.last, "known_on": step.known},
        )
        self._waiting[Milestone].append(row)
        promises = [before for _, before in step.moves] + [step.planned]
        self._waiting[MilestoneChange] += [
            MilestoneChange(
                **{"milestone": row, "what": "planned", "on": on, "reason": "用地推迟"},
                before={"planned": before.isoformat() if before else None},
                after={"planned": following.isoformat() if following else None},
            )
            for (on, before), following in zip(step.moves, promises[1:], strict=True)
        ]


def problem(project: Project, matter: Matter) -> Problem:
    each = matter.problem
    return Problem(
        **{"zone_id": project.zone_id, "project": project, "title": each.title, "category": "land"},
        **{"raised_on": each.raised, "deadline": each.deadline, "closed_on": each.closed, "major": each.major},
        closing_note="已解决" if each.closed else "",
    )


def progress(project: Project, row: Figure) -> Progress:
    return Progress(
        **{"project": project, "channel": row.channel, "up_to": row.up_to, "amount": row.amount},
        **{"total": row.total, "percent": row.percent, "current": row.current},
    )


def phase_of(steps: Iterable[Step]) -> Phase:
    """The furthest phase that the steps prove."""
    proved = [PHASE_OF[step.kind] for step in steps if step.done and step.kind in PHASE_OF]
    return max(proved, key=lambda phase: phase.rank, default=Phase.RESERVED)
