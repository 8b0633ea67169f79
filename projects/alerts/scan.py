"""The scan: projects by shards, each judged and written in one short transaction.

Whoever scans again on the same day changes nothing. A day before one that was scanned is only looked at: what holds
then is answered with today's knowledge, and the alerts stay those of the later day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from projects import standings
from projects.alerts import cases, episodes, judging, lights, telling
from projects.alerts.cases import Case
from projects.alerts.episodes import SCANNED, Plan
from projects.alerts.judging import Finding
from projects.alerts.models import Alert, Rule, ScanRun
from projects.alerts.months import show_day
from projects.alerts.rulebook import Rulebook
from projects.alerts.verdicts import Unjudged
from projects.models import Project, Standing
from zones import clock
from zones.models import Zone
from zones.permissions import EVERYWHERE

SHARD = 500


class ScanRefused(Exception):
    """There is nothing to scan, or no such day. `code` is for programs, the message for officials."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Overtaken(Exception):
    """Another scan has begun for a later day while this one was running."""


@dataclass(slots=True)
class Found:
    """An alert that holds on the day."""

    project: str
    project_id: int
    code: str
    zone: str
    rule: str
    level: str
    label: str
    severity: int
    sentence: str
    opened_on: date
    held: str


@dataclass(slots=True)
class Outcome:
    """What a scan found and did. `note` says why nothing was written, if nothing was."""

    as_of: date
    judged_months: set[date] = field(default_factory=set)
    zones: set[int] = field(default_factory=set)
    projects: int = 0
    judged: int = 0
    not_judged: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    open: Counter[str] = field(default_factory=Counter)
    labels: dict[str, str] = field(default_factory=dict)
    opened: int = 0
    worsened: int = 0
    eased: int = 0
    changed: int = 0
    rested: int = 0
    resumed: int = 0
    closed: int = 0
    unchanged: int = 0
    notices: int = 0
    written: bool = False
    note: str = ""
    bad_rules: list[str] = field(default_factory=list)
    alerts: list[Found] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, Any]:
        """The numbers, as they are kept with the run."""
        return {
            **{name: getattr(self, name) for name in ("projects", "judged", *SCANNED, "unchanged", "notices")},
            "open": dict(sorted(self.open.items())),
            "not_judged": dict(sorted(self.not_judged.items())),
        }


def scan(as_of: date, zone: Zone | None = None, dry_run: bool = False, *, listing: bool = True) -> Outcome:
    """Judge the projects of `zone` and below (of all zones, if left out) on `as_of`, and write what changed.

    With `listing` the outcome names every alert that holds; without, memory does not grow with the projects.

    Raises:
        ScanRefused: a day to come, no project, no rule that is enabled.
    """
    if as_of > clock.today():
        today = show_day(clock.today())
        raise ScanRefused("future", f"不能判定{show_day(as_of)}：这一天还没有到，今天是{today}")
    rulebook = Rulebook(Rule.objects.select_related("zone").order_by("pk"))
    _require_something(zone, rulebook)
    later = _later_run(as_of, zone)
    outcome = Outcome(as_of, bad_rules=sorted(rulebook.bad.values()))
    if dry_run or later:
        outcome.note = _note(later)
        return _look(outcome, zone, rulebook, past=bool(later), listing=listing)
    return _work(outcome, zone, rulebook, listing=listing)


# ---- Working through the shards ----------------------------------------------------------------------
def _look(outcome: Outcome, zone: Zone | None, rulebook: Rulebook, *, past: bool, listing: bool) -> Outcome:
    for ids in _shards(zone, outcome.as_of):
        projects = _projects(ids)
        shard = _judged(projects, outcome.as_of, rulebook)
        _count_shard(outcome, shard)
        _count_plan(outcome, shard.plan, listing, changes=not past)
    return outcome


def _work(outcome: Outcome, zone: Zone | None, rulebook: Rulebook, *, listing: bool) -> Outcome:
    run = ScanRun.objects.create(as_of=outcome.as_of, zone=zone)
    for ids in _shards(zone, outcome.as_of):
        _work_shard(outcome, ids, rulebook, run, listing)
    outcome.written = True
    ScanRun.objects.filter(pk=run.pk).update(finished_at=Now(), counts=outcome.counts)
    return outcome


def _work_shard(outcome: Outcome, ids: list[int], rulebook: Rulebook, run: ScanRun, listing: bool) -> None:
    with transaction.atomic():
        projects = _locked(ids)
        if _later_run(outcome.as_of, run.zone):
            raise Overtaken(f"{show_day(outcome.as_of)}的判定已被更晚日期的判定取代")
        standings.refresh(Project.objects.filter(pk__in=ids), outcome.as_of)
        shard = _judged(projects, outcome.as_of, rulebook)
        episodes.write(shard.plan)
        lights.write(lights.lights(ids, shard.plan.open_after(), shard.judged), outcome.as_of)
        notices = telling.tell(shard.plan.steps, rulebook, outcome.as_of)
        if outcome.as_of == clock.today():
            standings.freeze(Project.objects.filter(pk__in=ids), outcome.as_of)
    # Counted only now: a transaction that fails leaves nothing in the outcome, either.
    outcome.notices += notices
    _count_shard(outcome, shard)
    _count_plan(outcome, shard.plan, listing, changes=True)


@dataclass(frozen=True, slots=True)
class _Shard:
    """What was found in one shard, and what it changes."""

    cases: list[Case]
    findings: list[Finding]
    plan: Plan

    @property
    def judged(self) -> set[int]:
        """Projects of which at least one rule could say something."""
        return {finding.case.project.pk for finding in self.findings if finding.judged}


def _judged(projects: list[Project], as_of: date, rulebook: Rulebook) -> _Shard:
    loaded = cases.load(projects, as_of)
    findings = list(judging.judge(loaded, rulebook))
    by_id = {project.pk: project for project in projects}
    known = episodes.open_alerts(by_id)
    for alert in known:
        alert.project, alert.rule = by_id[alert.project_id], rulebook.rules[alert.rule_id]
    return _Shard(loaded, findings, episodes.plan(findings, known, as_of, ignored=rulebook.bad))


def _projects(ids: list[int]) -> list[Project]:
    return list(Project.objects.filter(pk__in=ids).select_related("zone").order_by("pk"))


def _locked(ids: list[int]) -> list[Project]:
    """The projects, locked in the order of their keys, so that two scans wait for each other and never cross.

    Who only refers to a project (a new figure, a new milestone) need not wait. SQLite has no row locks: there the
    whole transaction is the lock.
    """
    rows = Project.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return list(rows.select_related("zone").order_by("pk"))


def _shards(zone: Zone | None, as_of: date) -> Iterator[list[int]]:
    rows, last = _concerned(zone, as_of).order_by("pk"), 0
    while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:SHARD]):
        yield ids
        last = ids[-1]


def _concerned(zone: Zone | None, as_of: date) -> QuerySet[Project]:
    """Projects that are open on the day, and those that are not but still show an alert or a light."""
    alerts = Alert.objects.open().filter(project=OuterRef("pk"))
    lit = Standing.objects.filter(project=OuterRef("pk")).exclude(light="")
    rows = Project.objects.open_on(as_of) | Project.objects.filter(Q(Exists(alerts)) | Q(Exists(lit)))
    return rows.filter(zone__path__startswith=zone.path) if zone else rows


# ---- What to refuse, and what only to look at --------------------------------------------------------
def _require_something(zone: Zone | None, rulebook: Rulebook) -> None:
    where = f"{zone}及其下级" if zone else "系统里"
    projects = Project.objects.filter(zone__path__startswith=zone.path) if zone else Project.objects.all()
    if not projects.exists():
        raise ScanRefused("no_projects", f"{where}还没有项目，没有可判定的内容")
    if rulebook.concerns(zone.path if zone else EVERYWHERE):
        return
    if rulebook.bad:
        raise ScanRefused("bad_rules", "；".join(sorted(rulebook.bad.values())))
    raise ScanRefused("no_rules", f"{where}没有启用的预警规则，请先在“预警规则”里设置")


def _later_run(as_of: date, zone: Zone | None) -> ScanRun | None:
    """A scan of a later day whose zone is this one, above it or below it."""
    runs = ScanRun.objects.filter(as_of__gt=as_of).order_by("-as_of")
    if zone:
        above = Q(zone=None) | Q(zone__path__in=[*zone.ancestor_paths, zone.path])
        runs = runs.filter(above | Q(zone__path__startswith=zone.path))
    return runs.first()


def _note(later: ScanRun | None) -> str:
    if later is None:
        return "试运行：只查看结果，没有写入"
    return f"已判定到{show_day(later.as_of)}，早于这一天的判定只供查看，没有写入"


# ---- Counting ----------------------------------------------------------------------------------------
def _count_shard(outcome: Outcome, shard: _Shard) -> None:
    """Count the projects that are open on the day; a project counts once per reason for which it was not judged."""
    live = {case.project.pk: case for case in shard.cases if not case.terminated}
    outcome.projects += len(live)
    outcome.judged += len(shard.judged & live.keys())
    outcome.zones.update(case.project.zone_id for case in live.values())
    outcome.judged_months.update(case.position.month for case in live.values())
    reasons: set[tuple[int, str]] = set()
    for finding in shard.findings:
        if isinstance(finding.verdict, Unjudged) and finding.case.project.pk in live:
            reasons.add((finding.case.project.pk, finding.verdict.code))
            outcome.reasons[finding.verdict.code] = finding.verdict.words
    outcome.not_judged.update(code for _, code in reasons)


def _count_plan(outcome: Outcome, found: Plan, listing: bool, *, changes: bool) -> None:
    for alert in found.open_after():
        outcome.open[alert.level] += 1
        outcome.labels[alert.level] = alert.label
        if listing:
            outcome.alerts.append(_found(alert, outcome.as_of))
    if not changes:
        return
    for kind in SCANNED:
        setattr(outcome, kind.value, getattr(outcome, kind.value) + found.count(kind))
    outcome.unchanged += found.unchanged


def _found(alert: Alert, as_of: date) -> Found:
    return Found(
        project=alert.project.name,
        project_id=alert.project_id,
        code=alert.project.code,
        zone=str(alert.project.zone),
        rule=alert.rule.name,
        level=alert.level,
        label=alert.label,
        severity=alert.severity,
        sentence=alert.sentence,
        opened_on=min(alert.opened_on, as_of),
        held=alert.held,
    )
