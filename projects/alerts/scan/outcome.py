"""What a scan found and did, put together from what its parts did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q

from projects import standings
from projects.alerts import places, verdicts
from projects.alerts.cases import Case
from projects.alerts.episodes import SCANNED, Plan
from projects.alerts.judging import Finding
from projects.alerts.models import Alert
from projects.alerts.verdicts import Unjudged
from projects.models import Project, Standing
from zones.models import Zone


@dataclass(slots=True)
class Found:
    """An alert that holds on the day."""

    project: str
    project_id: int | None
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
    """What a scan found and did. `note` says why nothing was written, if nothing was; `waiting` why nobody is told yet,
    if somebody has to confirm first.

    `looked_at` are the projects that were judged one by one; of the others the last judgement still held, or they were
    settled by the set.
    """

    as_of: date
    judged_months: set[date] = field(default_factory=set)
    zones: int = 0
    projects: int = 0
    judged: int = 0
    looked_at: int = 0
    not_judged: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    labels: dict[str, str] = field(default_factory=dict)
    steps: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    notices: int = 0
    written: bool = False
    note: str = ""
    waiting: str = ""
    bad_rules: list[str] = field(default_factory=list)
    alerts: list[Found] = field(default_factory=list)

    def __getattr__(self, name: str) -> int:
        """How many steps of a kind were taken: `outcome.opened`, `outcome.worsened` …"""
        if name in SCANNED:
            return self.steps[name]
        raise AttributeError(name)

    @property
    def reasons(self) -> dict[str, str]:
        """The reasons in `not_judged`, in words."""
        return {code: verdicts.words_of(code) for code in self.not_judged}

    @property
    def counts(self) -> dict[str, Any]:
        """The numbers, as they are kept with the run."""
        return {
            **{name: getattr(self, name) for name in ("projects", "judged", "looked_at", "unchanged", "notices")},
            **{str(kind): self.steps[kind] for kind in SCANNED},
            "open": dict(sorted(self.open.items())),
            "not_judged": dict(sorted(self.not_judged.items())),
        }


# ---- From one part -----------------------------------------------------------------------------------
def of_part(found: Plan, looked_at: int, notices: int) -> dict[str, int]:
    """The numbers of one part, as they are kept until the last one is done. `touched` are open alerts with a step."""
    stepped = len(found.open_after()) - found.unchanged
    steps = {str(kind): found.count(kind) for kind in SCANNED}
    return {**steps, "touched": stepped, "looked_at": looked_at, "notices": notices}


def add(outcome: Outcome, parts: Iterable[Mapping[str, int]], zone: Zone | None) -> None:
    """Take over what the parts of a finished scan did, and count what stands in the database after them."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    outcome.steps.update({str(kind): total[kind] for kind in SCANNED})
    outcome.notices, outcome.looked_at = total["notices"], total["looked_at"]
    _count_standing(outcome, zone)
    for level, label, number in _open(zone).order_by().values_list("level", "label").annotate(n=Count("pk")):
        outcome.open[level] += number
        outcome.labels[level] = label
    outcome.unchanged = outcome.open.total() - total["touched"]


def _count_standing(outcome: Outcome, zone: Zone | None) -> None:
    """The projects that are open on the day; each counts once per reason for which a rule could not judge it."""
    live = Project.objects.open_on(outcome.as_of)
    live = live.filter(zone__path__startswith=zone.path) if zone else live
    by_zone = live.order_by().values_list("zone__return_day", "zone").annotate(n=Count("pk"))
    for return_day, _, number in by_zone:
        outcome.zones += 1
        outcome.projects += number
        outcome.judged_months.add(standings.judged_month(return_day, outcome.as_of))
    rows = Standing.objects.filter(project__in=live) if zone else Standing.objects.filter(_open_on(outcome.as_of))
    told = rows.order_by().values_list("unjudged").annotate(n=Count("pk"), lit=Count("pk", filter=~Q(light="")))
    for codes, number, lit in told:
        outcome.judged += lit
        outcome.not_judged.update(dict.fromkeys(codes.split(), number))


def _open_on(day: date) -> Q:
    return Q(project__terminated_on=None) | Q(project__terminated_on__gt=day)


def _open(zone: Zone | None) -> Any:
    rows = Alert.objects.open()
    if zone is None:
        return rows
    return rows.filter(Q(project__zone__path__startswith=zone.path) | Q(zone__path__startswith=zone.path))


def name_alerts(outcome: Outcome, zone: Zone | None) -> None:
    """Name every alert that is open now."""
    rows = _open(zone).order_by("pk").select_related("rule", "project__zone", "zone")
    outcome.alerts = [found(alert, outcome.as_of) for alert in rows]


# ---- From a look that writes nothing -----------------------------------------------------------------
def add_look(outcome: Outcome, cases: Iterable[Case], findings: list[Finding], plan: Plan, *, changes: bool) -> None:
    """Count one shard of which nothing was written; with `changes` also what would have changed."""
    opened = plan.open_after()
    for alert in opened:
        outcome.open[alert.level] += 1
        outcome.labels[alert.level] = alert.label
    if changes:
        outcome.steps.update({str(kind): plan.count(kind) for kind in SCANNED})
        outcome.unchanged += plan.unchanged
    live = {case.key: case for case in cases if case.kind == "project" and not case.gone}
    outcome.projects += len(live)
    outcome.looked_at += len(live)
    outcome.judged += len({finding.case.key for finding in findings if finding.judged} & live.keys())
    outcome.judged_months.update(standings.judged_month(case.return_day, outcome.as_of) for case in live.values())
    for codes in unjudged(findings).values():
        outcome.not_judged.update(code for code in codes if code != verdicts.TERMINATED.code)


def list_alerts(outcome: Outcome, plan: Plan) -> None:
    """Name the alerts of a shard that hold on the day."""
    opened = plan.open_after()
    places.fetch(opened)
    outcome.alerts += [found(alert, outcome.as_of) for alert in opened]


def unjudged(findings: Iterable[Finding]) -> dict[int, list[str]]:
    """Codes of why rules could not judge a project, by its key; sorted."""
    codes: dict[int, set[str]] = {}
    for finding in findings:
        if isinstance(finding.verdict, Unjudged) and finding.case.kind == "project":
            codes.setdefault(finding.case.pk, set()).add(finding.verdict.code)
    return {pk: sorted(own) for pk, own in codes.items()}


def found(alert: Alert, as_of: date) -> Found:
    """An alert as the outcome names it."""
    return Found(
        project=alert.subject,
        project_id=alert.project_id,
        code=alert.project.code if alert.project else "",
        zone=str(alert.place),
        rule=alert.rule.name,
        level=alert.level,
        label=alert.label,
        severity=alert.severity,
        sentence=alert.sentence,
        opened_on=min(alert.opened_on, as_of),
        held=alert.held,
    )
