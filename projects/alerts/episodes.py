"""Alerts as episodes: what findings change, and writing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db.models import OuterRef, Subquery

from projects.alerts import escalation, leaves, looking, places, settling
from projects.alerts.judging import Finding
from projects.alerts.models import EXEMPTED, MOVED, Alert, AlertAnswer, AlertEvent, Rule
from projects.alerts.months import show_day
from projects.alerts.rulebook import AppliedRule
from projects.alerts.verdicts import SUSPENDED, TERMINATED
from projects.models import AnnualPlan, Project
from projects.standings.among import listed
from zones import bulk
from zones.workdays import Calendar

Kind = AlertEvent.Kind
LEVEL_FIELDS = (
    *("rule", "severity", "level", "label", "colour", "level_since", "answer_by", "closed_on", "closed_reason"),
    *("steps", "acknowledged", "answered", "rung", "goes_up_on", "settled_month", "look_on"),
)
KEPT_FIELDS = ("held", "is_demo", "sentence", "evidence", "last_judged_on")
EVENT_FIELDS = ("alert_id", "step", "kind", "on", "level", "label", "severity", "sentence", "by_id", "note")
SCANNED = (
    *(Kind.OPENED, Kind.WORSENED, Kind.EASED, Kind.CHANGED, Kind.RESTED, Kind.RESUMED, Kind.CLOSED),
    *(Kind.REISSUED, Kind.CLIMBED),
)
"""Steps of a scan that it counts."""
SILENT = frozenset({Kind.RESTED, Kind.RESUMED})
"""Steps that stand in the log and are told to nobody."""
RISING = frozenset({Kind.REMINDED, Kind.PENDING, Kind.CLIMBED, Kind.BROKEN})
"""Steps of an alert that nobody answers, or of which the answer did not come true."""
NAME = 200  # characters of a subject's name
PAST = 5  # how many closed alerts are shown beside the open ones
NO_RULE = "规则已停用，或已由就近区域的规则代替"


@dataclass(slots=True)
class Step:
    """One change of one alert on a day, with the sentence that tells it; by whom and why where the facts name somebody.
    `rung` is how far up it is told.
    """

    alert: Alert
    kind: Kind
    sentence: str
    on: date
    number: int
    rung: int = 0
    by_id: int | None = None
    note: str = ""


class Word(NamedTuple):
    """What the latest answer to an alert promised: by when it is mended, and how grave it was then."""

    expected_on: date
    severity: int


@dataclass(slots=True)
class Plan:
    """What a scan of a shard changes. Nothing is written until `write`."""

    opened: list[Alert] = field(default_factory=list)
    moved: list[Alert] = field(default_factory=list)
    touched: list[Alert] = field(default_factory=list)
    kept: list[Alert] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    ended: list[Step] = field(default_factory=list)
    switched_off: list[Step] = field(default_factory=list)
    words: dict[int, Word] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    seen: set[int] = field(default_factory=set)

    def open_after(self) -> list[Alert]:
        """The alerts that are open when the plan is written."""
        return [alert for alert in [*self.opened, *self.kept] if alert.closed_on is None]

    def count(self, kind: Kind) -> int:
        return sum(step.kind == kind for step in self.steps)

    @property
    def unchanged(self) -> int:
        """Open alerts of which the judgement is what it was."""
        stepped = {id(step.alert) for step in self.steps if step.kind not in RISING}
        return sum(id(alert) not in stepped for alert in self.open_after())

    def change(self, alert: Alert) -> None:
        """The alert is written with all that a scan may change of it."""
        if alert.pk and id(alert) not in self.seen:
            self.seen.add(id(alert))
            self.moved.append(alert)

    def step(self, alert: Alert, kind: Kind, sentence: str, on: date, rung: int = 0) -> Step:
        """The alert takes a step."""
        if alert.pk:
            alert.steps += 1
        self.change(alert)
        self.steps.append(Step(alert, kind, sentence, on, alert.steps, rung))
        return self.steps[-1]


def alerts_of(project: Project, user: Any) -> tuple[list[Alert], list[Alert]]:
    """The open alerts of a project that `user` may see, the worst first, and the latest of the closed ones."""
    rows = Alert.objects.visible_to(user).filter(project=project)
    return list(rows.open().worst_first()), list(rows.exclude(closed_on=None).order_by("-closed_on", "-pk")[:PAST])


def open_alerts(kind: str, ids: Iterable[int]) -> list[Alert]:
    """The alerts of the subjects of a shard that are open, or held closed by an approval."""
    keys = listed([f"{kind}:{pk}" for pk in ids], "text")
    return list(Alert.objects.live().filter(subject_key__in=keys).order_by("pk"))


def plan(findings: Iterable[Finding], alerts: Iterable[Alert], as_of: date, ignored: Iterable[int] = ()) -> Plan:
    """What `findings` change in the open `alerts`; alerts of the rules `ignored` stay as they are.

    Asks for our exceptions to the calendar where a term begins or ends, for what was answered, and who has to do with
    it where an alert loses its project, its plan, its rule or its place: a constant number of statements.
    """
    found, waiting, taken = Plan(), [], set[int]()
    open_last = sorted(alerts, key=lambda alert: alert.closed_on is None)
    found.words = _words(open_last)
    known = {(alert.rule_id, alert.subject_key): alert for alert in open_last}
    for finding in findings:
        alert = known.pop(finding.key, None)
        if alert is not None:
            _go_on(found, alert, finding, as_of)
        else:
            waiting.append(finding)
    kept = set(ignored)
    found.kept += [alert for alert in known.values() if alert.rule_id in kept]
    moved, lost = _moved([alert for alert in known.values() if alert.rule_id not in kept])
    heirless = {(alert.rule.code, alert.subject_key): alert for alert in lost}
    for finding in waiting:
        code = (finding.applied.rule.code, finding.case.key)
        alert = moved.pop(code, None) or heirless.pop(code, None)
        if alert is not None:
            taken.add(alert.pk)
            _take_over(found, alert, finding, as_of)
        elif finding.level is not None:
            _open(found, finding, as_of)
    for alert in moved.values():
        _leave_behind(found, alert, as_of)
    for alert in lost:
        if alert.pk not in taken:
            _let_go(found, alert, as_of)
    _sign(found)
    return found


def write(found: Plan) -> None:
    """Write a plan: alerts, and their steps. Only what changed; two statements for a shard where nothing did."""
    bulk.insert(found.opened)
    bulk.update(found.moved, [*LEVEL_FIELDS, *KEPT_FIELDS])
    bulk.update([alert for alert in found.touched if id(alert) not in found.seen], KEPT_FIELDS)
    bulk.append(AlertEvent, EVENT_FIELDS, [_event(step) for step in found.steps])


# ---- An alert goes on, or does not -------------------------------------------------------------------
def _open(found: Plan, finding: Finding, as_of: date) -> None:
    case = finding.case
    alert = Alert(
        subject_key=case.key,
        subject_name=case.name[:NAME],
        project_id=case.project_id,
        department_id=case.department_id,
        zone_id=case.zone_id,
        rule=finding.applied.rule,
        opened_on=as_of,
    )
    _judge(alert, finding, as_of)
    _level(found, alert, finding, as_of)
    found.opened.append(alert)
    found.step(alert, Kind.OPENED, alert.sentence, as_of)
    _escalate(found, alert, finding, as_of)


def _go_on(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    if alert.closed_on is not None:
        _stay_closed(found, alert, finding, as_of)
        return
    found.kept.append(alert)
    if finding.level is not None:
        _stay(found, alert, finding, as_of)
    elif _rests(alert, finding, as_of):
        _rest(found, alert, finding, as_of)
    else:
        reason = _year_over(alert, finding) + finding.reason
        step = _close(found, alert, reason, finding.closing(reason), as_of)
        if finding.verdict == TERMINATED:
            found.ended.append(step)


def _stay(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    """The alert is judged again, at the same level or another."""
    kind, rested = _kind(alert, finding), alert.held
    changed = _judge(alert, finding, as_of)
    if kind:
        _level(found, alert, finding, as_of, woken=bool(rested))
        over = kind == Kind.RESUMED and rested == EXEMPTED
        found.step(alert, Kind.EXEMPTION_OVER if over else kind, ("豁免到期：" if over else "") + alert.sentence, as_of)
    elif changed:
        found.touched.append(alert)
    _escalate(found, alert, finding, as_of)


def _rest(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    """The alert stays as it was last judged; its sentence says why, and what was judged then."""
    until = leaves.last_day(finding.case, finding.applied.rule.code) if finding.mark == EXEMPTED else None
    now = "" if finding.verdict == SUSPENDED else "目前"
    why = f"经批准豁免至{show_day(until)}" if until else f"{now}{finding.reason}"
    is_new, changed = _lay_down(alert, finding.mark, why, finding.case.called, finding.case.is_demo)
    _look(found, alert, leaves.changes_on(finding.case, finding.applied.rule.code))
    if is_new:
        found.step(alert, Kind.RESTED, alert.sentence, as_of)
    elif changed:
        found.touched.append(alert)


def _lay_down(alert: Alert, mark: str, why: str, called: str, is_demo: bool) -> tuple[bool, bool]:
    """Let the alert rest; whether it did not for this reason before, and whether anything of it is new."""
    judged = alert.evidence.get("judged", alert.sentence)
    is_new = alert.held != mark
    kept = f"保留{show_day(alert.last_judged_on)}判定的{alert.label}：{judged.removeprefix(called).removeprefix('：')}"
    values = {
        "held": mark,
        "is_demo": is_demo,
        "sentence": f"{called}{why}，{kept}",
        "evidence": {**alert.evidence, "judged": judged},
    }
    if is_new:
        escalation.stop(alert)
    return is_new, _take(alert, values)


def _rests(alert: Alert, finding: Finding, as_of: date) -> bool:
    """Whether the alert stays as it is: nothing can be said now, and nobody has shown that anything is better.

    What is missing of a new year says nothing of the alert of the last one, which ends with its year.
    """
    if not finding.mark or alert.opened_on > as_of:
        return False
    return finding.verdict == SUSPENDED or finding.mark == EXEMPTED or not _year_over(alert, finding)


def _year_over(alert: Alert, finding: Finding) -> str:
    """Words that begin the reason for closing where the judged year is another one now; else nothing."""
    year, position = str(alert.evidence.get("month", ""))[:4], getattr(finding.case, "position", None)
    return f"{year}年度已结束，" if finding.mark and year and position and int(year) != position.month.year else ""


def _close(found: Plan, alert: Alert, reason: str, sentence: str, as_of: date) -> Step:
    rung = alert.rung
    alert.closed_on, alert.closed_reason = as_of, reason[:200]
    alert.last_judged_on, alert.held = as_of, ""
    escalation.stop(alert)
    return found.step(alert, Kind.CLOSED, sentence, as_of, rung)


def _stay_closed(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    """An approval holds the alert closed: until the subject has recovered, its month is over, or it is worse."""
    if finding.level is None:
        if not finding.mark:
            _forget(found, alert)
        elif alert.look_on and alert.look_on <= as_of:
            _look(found, alert, looking.look_on(finding.case, [finding]))
        return
    in_time = settling.month_of(finding.evidence, as_of) == alert.settled_month
    if in_time and finding.level.severity <= alert.severity:
        return
    found.kept.append(alert)
    alert.closed_on, alert.closed_reason, alert.settled_month = None, "", None
    alert.acknowledged = alert.answered = False
    _judge(alert, finding, as_of)
    _level(found, alert, finding, as_of, woken=True)
    alert.level_since = as_of
    why = "销号后又加重" if in_time else "销号后仍未恢复"
    found.step(alert, Kind.REISSUED, f"{why}，再次发出：{alert.sentence}", as_of)
    _escalate(found, alert, finding, as_of)


def _forget(found: Plan, alert: Alert) -> None:
    """What was closed by approval has recovered: whatever comes after is another alert."""
    alert.settled_month = alert.look_on = None
    found.change(alert)


# ---- Alerts whose rule says nothing any more ---------------------------------------------------------
def _moved(alerts: list[Alert]) -> tuple[dict[tuple[str, str], Alert], list[Alert]]:
    """Open alerts whose subject lies in a zone now where their rule does not hold, by its code and the subject; and the
    rest.
    """
    places.fetch(alerts)
    moved: dict[tuple[str, str], Alert] = {}
    rest = []
    for alert in alerts:
        if alert.closed_on is None and _is_elsewhere(alert):
            moved[alert.rule.code, alert.subject_key] = alert
        else:
            rest.append(alert)
    return moved, rest


def _is_elsewhere(alert: Alert) -> bool:
    """Whether the subject lies outside of the zone of the alert's rule."""
    return not alert.place.path.startswith(alert.rule.zone.path)


def _take_over(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    """A rule with the same code holds now where the subject is, as it has moved or as the rules have: the same alert is
    judged by it, with its age, its acknowledgement and its answers.
    """
    before, rule = alert.rule, finding.applied.rule
    words = f"规则“{before.name}”（{before.zone}）已由“{rule.name}”（{rule.zone}）代替，接续判定。"
    if _is_elsewhere(alert):
        words = f"{finding.case.called}已移交{alert.place}，由当地规则“{rule.name}”接续判定。"
    alert.rule = rule
    found.change(alert)
    if alert.closed_on is None:
        found.step(alert, Kind.TAKEN_OVER, words, as_of)
    _go_on(found, alert, finding, as_of)


def _leave_behind(found: Plan, alert: Alert, as_of: date) -> None:
    """The subject has moved to where nothing like its rule holds: nobody escapes by that, it rests until 销号."""
    found.kept.append(alert)
    why = f"已移交{alert.place}，原规则“{alert.rule.name}”在当地不适用"
    is_new, changed = _lay_down(alert, MOVED, why, alert.subject, alert.is_demo)
    if is_new:
        found.step(alert, Kind.RESTED, alert.sentence, as_of)
    elif changed:
        found.touched.append(alert)


def _let_go(found: Plan, alert: Alert, as_of: date) -> None:
    """The rule does not hold any more where the subject is."""
    if alert.closed_on is not None:
        _forget(found, alert)
        return
    found.kept.append(alert)
    found.switched_off.append(_close(found, alert, NO_RULE, f"{NO_RULE}，预警解除。", as_of))


def _sign(found: Plan) -> None:
    """Put names to what people did: who ended the project, who withdrew the plan, who had his hand on the rule last."""
    if found.ended:
        ids = {step.alert.project_id for step in found.ended}
        ends = {project.pk: project for project in Project.objects.filter(pk__in=ids)}
        for step in found.ended:
            if project := ends.get(step.alert.project_id or 0):
                step.by_id, step.note = project.terminated_by_id, project.terminated_reason
    if found.switched_off:
        _sign_rules(found.switched_off)
    _sign_plans([step for step in found.steps if step.kind == Kind.CLOSED and step.by_id is None])


def _sign_rules(steps: list[Step]) -> None:
    """Who last changed the rule that was switched off, be it the alert's own or a nearer one with its code."""
    off = Rule.objects.filter(code__in={step.alert.rule.code for step in steps}, enabled=False).select_related("zone")
    nearest_last = sorted(off, key=lambda rule: len(rule.zone.path))
    behind = {}
    for step in steps:
        rule = step.alert.rule
        near = [each for each in nearest_last if each.code == rule.code and _covers(each, step.alert)]
        behind[id(step)] = str((near[-1] if near else rule).pk)
    of_rules = LogEntry.objects.filter(
        content_type__app_label="projects_alerts", content_type__model="rule", object_id__in=set(behind.values())
    )
    hands = dict(of_rules.order_by("pk").values_list("object_id", "user"))
    for step in steps:
        step.by_id = hands.get(behind[id(step)])


def _covers(rule: Rule, alert: Alert) -> bool:
    return bool(alert.place.path.startswith(rule.zone.path))


def _sign_plans(closed: list[Step]) -> None:
    """Who withdrew the plan by which the alert was last judged, and why."""
    plans = {id(step): _plans_of(step.alert) for step in closed}
    keys = set().union(*plans.values())
    if not keys:
        return
    rows = AnnualPlan.objects.filter(pk__in=keys, status=AnnualPlan.Status.WITHDRAWN)
    withdrawn = rows.in_bulk()
    for step in closed:
        for pk in sorted(plans[id(step)] & withdrawn.keys()):
            step.by_id, step.note = withdrawn[pk].withdrawn_by_id, withdrawn[pk].withdrawn_reason


def _plans_of(alert: Alert) -> set[int]:
    """The editions by which the alert was last judged."""
    evidence = alert.evidence
    own = (evidence.get("plan_id"), evidence.get("binding_plan_id"), evidence.get("later_plan_id"))
    return {pk for pk in (*own, *evidence.get("plan_ids", ())) if pk}


# ---- Answers that do not come true -------------------------------------------------------------------
def _words(alerts: Iterable[Alert]) -> dict[int, Word]:
    """The latest answer to each open alert that is answered. One statement; none where nobody has answered."""
    answered = [alert.pk for alert in alerts if alert.answered and alert.closed_on is None]
    if not answered:
        return {}
    then = AlertEvent.objects.filter(alert=OuterRef("alert"), step=OuterRef("step")).values("severity")[:1]
    rows = AlertAnswer.objects.filter(alert__in=answered).order_by("pk").annotate(severity=Subquery(then))
    told = rows.values_list("alert", "expected_on", "severity")
    return {pk: Word(expected_on, severity) for pk, expected_on, severity in told}


def _hold_to_word(found: Plan, alert: Alert, finding: Finding, as_of: date) -> date | None:
    """The day on which the answer has to have come true, while it is ahead. Once it has passed and the alert is no
    milder than it was answered, an answer is wanted anew.
    """
    word = found.words.get(alert.pk) if alert.answered else None
    if word is None or alert.severity < word.severity:
        return None
    if as_of <= word.expected_on:
        return word.expected_on + timedelta(days=1)
    alert.answered = False
    escalation.start(alert, _term(finding.applied, alert), as_of, found.calendar)
    words = f"{finding.case.called}“{finding.applied.rule.name}”{alert.label}答复预计 {word.expected_on:%Y-%m-%d} 恢复"
    found.step(alert, Kind.BROKEN, f"{words}，逾期未兑现，须重新答复。", as_of)
    return None


# ---- Levels, and going up ----------------------------------------------------------------------------
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


def _level(found: Plan, alert: Alert, finding: Finding, as_of: date, *, woken: bool = False) -> None:
    """Take the level over. Another gravity, or the end of a rest, begins the term for an answer anew; who worsens is to
    acknowledge and to answer again.
    """
    level = finding.level
    if level is None:
        return
    anew = woken or level.severity != alert.severity
    if alert.severity is not None and level.severity > alert.severity:
        alert.acknowledged = alert.answered = False
    if level.code != alert.level:
        alert.level_since = as_of
    alert.severity, alert.level, alert.label, alert.colour = level.severity, level.code, level.label, level.colour
    if anew and not alert.answered:
        escalation.start(alert, finding.applied.days_to_answer(level), as_of, found.calendar)


def _escalate(found: Plan, alert: Alert, finding: Finding, as_of: date) -> None:
    """Take the steps that are due of an alert that nobody answers; and note when to look next."""
    change = leaves.changes_on(finding.case, finding.applied.rule.code)
    true_by = _hold_to_word(found, alert, finding, as_of)
    if not escalation.waits(alert):
        _look(found, alert, min((each for each in (true_by, change) if each), default=None))
        return
    days, hold = _term(finding.applied, alert), finding.applied.rule.hold_days
    if not days or alert.answer_by is None:
        _look(found, alert, change)
        return
    if alert.look_on is None or alert.look_on <= as_of:
        due = escalation.due(alert.answer_by, days, hold, as_of, found.calendar)
        _climb(found, alert, due, f"{finding.case.called}“{finding.applied.rule.name}”{alert.label}", as_of)
    nearest = escalation.next_on(alert, days, hold, as_of, found.calendar)
    _look(found, alert, min((each for each in (nearest, change) if each), default=None))


def _term(applied: AppliedRule, alert: Alert) -> int | None:
    level = applied.level_called(alert.level)
    return applied.days_to_answer(level) if level else None


def _climb(found: Plan, alert: Alert, due: escalation.Due, called: str, as_of: date) -> None:
    until = f"{alert.answer_by:%Y-%m-%d}"
    if alert.answer_by and as_of <= alert.answer_by and alert.look_on:
        if as_of >= escalation.reminder_on(alert.answer_by, found.calendar):
            found.step(alert, Kind.REMINDED, f"{called}须在 {until} 前答复，尚未答复。", as_of)
        return
    for rung in range(alert.rung + 1, due.rung + 1):
        alert.rung, alert.goes_up_on = rung, None
        words = f"{called}逾期未答复（期限 {until}），上报至{Alert.Rung(rung).label}。"
        found.step(alert, Kind.CLIMBED, words, as_of, rung)
    if due.goes_up_on and due.goes_up_on != alert.goes_up_on and due.rung >= alert.rung:
        alert.goes_up_on = due.goes_up_on
        whom = Alert.Rung(alert.rung + 1).label
        words = f"{called}逾期未答复（期限 {until}），将于 {due.goes_up_on:%Y-%m-%d} 上报至{whom}。"
        found.step(alert, Kind.PENDING, words, as_of, alert.rung + 1)


def _look(found: Plan, alert: Alert, day: date | None) -> None:
    if alert.look_on != day:
        alert.look_on = day
        found.change(alert)


def _event(step: Step) -> tuple[Any, ...]:
    """The values of `EVENT_FIELDS`."""
    alert, kind = step.alert, str(step.kind)
    told = (alert.level, alert.label, alert.severity, step.sentence)
    return (alert.pk, step.number, kind, step.on, *told, step.by_id, step.note)
