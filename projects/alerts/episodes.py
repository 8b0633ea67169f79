"""Alerts as episodes: what findings change, and writing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from projects.alerts.judging import Finding
from projects.alerts.models import Alert, AlertEvent
from projects.alerts.months import show_day
from projects.alerts.verdicts import SUSPENDED
from projects.models import Project

Kind = AlertEvent.Kind
LEVEL_FIELDS = (
    "severity",
    "level",
    "label",
    "colour",
    "level_since",
    "answer_by",
    "closed_on",
    "closed_reason",
    "steps",
    "acknowledged",
)
KEPT_FIELDS = ("held", "is_demo", "sentence", "evidence", "last_judged_on")
SCANNED = tuple(kind for kind in Kind if kind != Kind.ACKNOWLEDGED)
"""Steps that a scan takes."""
SILENT = frozenset({Kind.RESTED, Kind.RESUMED})
"""Steps that stand in the log and are told to nobody."""
PAST = 5  # how many closed alerts are shown beside the open ones
NO_RULE = "规则已停用，或已由就近区域的规则代替"


@dataclass(slots=True)
class Step:
    """One change of one alert on a day, with the sentence that tells it."""

    alert: Alert
    kind: Kind
    sentence: str
    on: date


@dataclass(slots=True)
class Plan:
    """What a scan of a shard changes. Nothing is written until `write`."""

    opened: list[Alert] = field(default_factory=list)
    moved: list[Alert] = field(default_factory=list)
    touched: list[Alert] = field(default_factory=list)
    kept: list[Alert] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def open_after(self) -> list[Alert]:
        """The alerts that are open when the plan is written."""
        return [alert for alert in [*self.opened, *self.kept] if alert.closed_on is None]

    def count(self, kind: Kind) -> int:
        return sum(step.kind == kind for step in self.steps)

    @property
    def unchanged(self) -> int:
        """Open alerts without a step."""
        return len(self.open_after()) - sum(step.kind != Kind.CLOSED for step in self.steps)


def alerts_of(project: Project, user: Any) -> tuple[list[Alert], list[Alert]]:
    """The open alerts of a project that `user` may see, the worst first, and the latest of the closed ones."""
    rows = Alert.objects.visible_to(user).filter(project=project)
    return list(rows.open().worst_first()), list(rows.exclude(closed_on=None).order_by("-closed_on", "-pk")[:PAST])


def open_alerts(project_ids: Iterable[int]) -> list[Alert]:
    """The open alerts of a shard."""
    return list(Alert.objects.open().filter(project__in=project_ids).order_by("pk"))


def plan(findings: Iterable[Finding], alerts: Iterable[Alert], as_of: date, ignored: Iterable[int] = ()) -> Plan:
    """What `findings` change in the open `alerts`; alerts of the rules `ignored` stay as they are."""
    found, known = Plan(), {(alert.rule_id, alert.subject_key): alert for alert in alerts}
    kept = set(ignored)
    for finding in findings:
        alert = known.pop(finding.key, None)
        if alert is not None:
            _go_on(found, alert, finding, as_of)
        elif finding.level is not None:
            _open(found, finding, as_of)
    for alert in known.values():
        found.kept.append(alert)
        if alert.rule_id not in kept:
            _close(found, alert, NO_RULE, f"{NO_RULE}，预警解除。", as_of)
    return found


def write(found: Plan) -> None:
    """Write a plan: alerts, and their steps. Only what changed; two statements for a shard where nothing did."""
    Alert.objects.bulk_create(found.opened)
    if found.moved:
        Alert.objects.bulk_update(found.moved, [*LEVEL_FIELDS, *KEPT_FIELDS])
    if found.touched:
        Alert.objects.bulk_update(found.touched, KEPT_FIELDS)
    AlertEvent.objects.bulk_create(_event(step) for step in found.steps)


def _open(found: Plan, finding: Finding, as_of: date) -> None:
    project = finding.case.project
    alert = Alert(
        subject_key=finding.subject_key,
        project=project,
        rule=finding.applied.rule,
        opened_on=as_of,
    )
    _judge(alert, finding, as_of)
    _level(alert, finding, as_of)
    found.opened.append(alert)
    found.steps.append(Step(alert, Kind.OPENED, alert.sentence, as_of))


def _go_on(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    found.kept.append(alert)
    if finding.level is not None:
        _stay(found, alert, finding, as_of)
    elif _rests(alert, finding, as_of):
        _rest(found, alert, finding, as_of)
    else:
        reason = _year_over(alert, finding) + finding.reason
        _close(found, alert, reason, finding.closing(reason), as_of)


def _stay(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    """The alert is judged again, at the same level or another."""
    kind = _kind(alert, finding)
    since = alert.level_since if finding.level and finding.level.code == alert.level else as_of
    changed = _judge(alert, finding, as_of)
    if kind:
        _level(alert, finding, as_of, since=since)
        _move(found, alert, kind, alert.sentence, as_of)
    elif changed:
        found.touched.append(alert)


def _rest(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    """The alert stays as it was last judged; its sentence says why, and what was judged then."""
    judged = alert.evidence.get("judged", alert.sentence)
    is_new = alert.held != finding.mark
    now = "" if finding.verdict == SUSPENDED else "目前"
    kept = f"保留{show_day(alert.last_judged_on)}判定的{alert.label}：{judged.removeprefix(finding.called)}"
    values = {
        "held": finding.mark,
        "is_demo": finding.case.is_demo,
        "sentence": f"{finding.called}{now}{finding.reason}，{kept}",
        "evidence": {**alert.evidence, "judged": judged},
    }
    changed = _take(alert, values)
    if is_new:
        _move(found, alert, Kind.RESTED, alert.sentence, as_of)
    elif changed:
        found.touched.append(alert)


def _rests(alert: Alert, finding: Finding, as_of: date) -> bool:
    """Whether the alert stays as it is: nothing can be said now, and nobody has shown that anything is better.

    What is missing of a new year says nothing of the alert of the last one, which ends with its year.
    """
    if not finding.mark or alert.opened_on > as_of:
        return False
    return finding.verdict == SUSPENDED or not _year_over(alert, finding)


def _year_over(alert: Alert, finding: Finding) -> str:
    """Words that begin the reason for closing where the judged year is another one now; else nothing."""
    year = str(alert.evidence.get("month", ""))[:4]
    return f"{year}年度已结束，" if finding.mark and year and int(year) != finding.case.position.month.year else ""


def _close(found: Plan, alert: Alert, reason: str, sentence: str, as_of: date) -> None:
    alert.closed_on, alert.closed_reason = as_of, reason[:200]
    alert.last_judged_on, alert.held = as_of, ""
    _move(found, alert, Kind.CLOSED, sentence, as_of)


def _move(found: Plan, alert: Alert, kind: Kind, sentence: str, as_of: date) -> None:
    alert.steps += 1
    found.moved.append(alert)
    found.steps.append(Step(alert, kind, sentence, as_of))


def _kind(alert: Alert, finding: Finding) -> Kind | None:
    """What kind of step a new judgement is; None where everything stays. To be asked before it is taken over."""
    level = finding.level
    if level is None or (level.severity, level.code, level.label, level.colour) == _shown(alert):
        return Kind.RESUMED if alert.held else None
    if level.severity == alert.severity:
        return Kind.CHANGED
    return Kind.WORSENED if level.severity > alert.severity else Kind.EASED


def _shown(alert: Alert) -> tuple[Any, ...]:
    return alert.severity, alert.level, alert.label, alert.colour


def _judge(alert: Alert, finding: Finding, as_of: date) -> bool:
    """Take over what was judged; whether anything of it is new."""
    values = {
        "held": "",
        "is_demo": finding.case.is_demo,
        "sentence": finding.sentence,
        "evidence": finding.evidence,
        "last_judged_on": as_of,
    }
    return _take(alert, values)


def _take(alert: Alert, values: dict[str, Any]) -> bool:
    changed = any(getattr(alert, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(alert, name, value)
    return changed


def _level(alert: Alert, finding: Finding, as_of: date, since: date | None = None) -> None:
    level = finding.level
    if level is None:
        return
    alert.acknowledged = alert.acknowledged and level.severity <= alert.severity
    alert.severity, alert.level, alert.label, alert.colour = level.severity, level.code, level.label, level.colour
    alert.level_since = since or as_of
    days = finding.days_to_answer
    alert.answer_by = alert.level_since + days if days else None


def _event(step: Step) -> AlertEvent:
    alert = step.alert
    return AlertEvent(
        alert=alert,
        step=alert.steps,
        kind=step.kind,
        on=step.on,
        level=alert.level,
        label=alert.label,
        severity=alert.severity,
        sentence=step.sentence,
    )
