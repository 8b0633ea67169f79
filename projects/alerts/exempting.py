"""豁免: leave for a subject to be behind. Asked for, decided by a leader, over on its last day or when it is revoked.

The alert rests meanwhile: it stays on the list with its level, is told to nobody and does not go up.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.alerts import acting, escalation, leaves, telling
from projects.alerts.acting import Kind
from projects.alerts.models import EXEMPTED, REMARK, WORDS, Alert, AlertEvent, Exemption, Rule
from projects.facts.locking import locked
from projects.models import Project
from zones import clock
from zones.models import User
from zones.models.versioned import StaleVersion
from zones.models.zone import ancestors_of
from zones.workdays import Calendar

State = Exemption.State
LONGEST = timedelta(days=366)


# ---- Asking ------------------------------------------------------------------------------------------
@transaction.atomic
def ask(
    alert: Alert,
    *,
    by: User,
    ends: date,
    reason: str,
    evidence: str,
    starts: date | None = None,
    expected_steps: int | None = None,
) -> Exemption:
    """申请豁免 of an open alert up to and including `ends`. The same words of the same person change nothing.

    Raises:
        StaleVersion: the alert has taken another step than `expected_steps` since it was read.
        ValidationError: it is closed, an application waits already, words are missing, or the days make no sense.
    """
    alert = acting.held(alert)
    words = _words(reason, evidence)
    starts = starts or clock.today()
    waiting = _waiting(alert.rule.code, alert.subject_key)
    if waiting and _same(waiting, by, ends, words):
        return waiting
    acting.require_steps(alert, expected_steps)
    acting.require_open(alert, "豁免")
    _refuse_a_second(waiting)
    _check_days(starts, ends)
    asked = Exemption.objects.create(
        rule=alert.rule,
        subject_key=alert.subject_key,
        subject_name=alert.subject,
        project=alert.project,
        zone=alert.zone,
        alert=alert,
        starts=starts,
        ends=ends,
        asked_by=by,
        asked_on=clock.today(),
        **words,
    )
    event = _log(asked, alert, Kind.EXEMPTION_ASKED, f"{by}申请豁免{alert.label}至{ends:%Y-%m-%d}", by, asked.reason)
    telling.tell_leaders(alert, event, besides=by)
    return asked


@transaction.atomic
def ask_ahead(
    project: Project, code: str, *, by: User, starts: date, ends: date, reason: str, evidence: str
) -> Exemption:
    """申请豁免 of a project from the rule with this code, before it shows an alert; of one that is open as by `ask`.

    Raises ValidationError: no such rule holds there, an application waits already, words are missing, or the days make
    no sense.
    """
    project = locked(project)
    rule = _rule_for(project, code)
    alert = Alert.objects.open().filter(project=project, subject_key=f"project:{project.pk}", rule__code=code).first()
    if alert:
        return ask(alert, by=by, starts=starts, ends=ends, reason=reason, evidence=evidence)
    words, key = _words(reason, evidence), f"project:{project.pk}"
    waiting = _waiting(code, key)
    if waiting and _same(waiting, by, ends, words):
        return waiting
    _refuse_a_second(waiting)
    _check_days(starts, ends)
    asked = Exemption.objects.create(
        rule=rule,
        subject_key=key,
        subject_name=project.name[:200],
        project=project,
        starts=starts,
        ends=ends,
        asked_by=by,
        asked_on=clock.today(),
        **words,
    )
    telling.tell_leaders_of(asked, f"{project}：{by}申请豁免“{rule}”至{ends:%Y-%m-%d}，{asked.reason}", besides=by)
    return asked


# ---- Deciding ----------------------------------------------------------------------------------------
@transaction.atomic
def approve(exemption: Exemption, *, by: User, words: str = "", expected_version: int | None = None) -> Exemption:
    """批准豁免: from today, or its first day if that is still to come, to its last day; an open alert rests at once.

    Raises:
        StaleVersion: the application was changed since it was read.
        ValidationError: it was decided already, `by` asked for it himself, or its last day has passed.
    """
    exemption, alert = _held(exemption)
    if exemption.state == State.APPROVED and exemption.decided_by_id == by.pk:
        return exemption
    _require_undecided(exemption, by, expected_version)
    today = clock.today()
    if exemption.ends < today:
        raise ValidationError(f"豁免截止日期 {exemption.ends:%Y-%m-%d} 已过，请退回后重新申请")
    _decide(exemption, State.APPROVED, by, acting.told(words, "words", "", REMARK))
    if alert:
        if exemption.starts <= today:
            alert.held = EXEMPTED
            escalation.stop(alert)
        alert.look_on = leaves.next_of(alert)
        sentence = f"{by}批准豁免{alert.label}至{exemption.ends:%Y-%m-%d}"
        _log(exemption, alert, Kind.EXEMPTION_APPROVED, sentence, by, exemption.decision)
    telling.tell_asker(exemption, f"{by}批准豁免“{exemption.rule}”至{exemption.ends:%Y-%m-%d}")
    return exemption


@transaction.atomic
def refuse(exemption: Exemption, *, by: User, reason: str, expected_version: int | None = None) -> Exemption:
    """不予豁免: the alert goes on as it was. Raises as `approve` does, and without a reason."""
    exemption, alert = _held(exemption)
    if exemption.state == State.REFUSED and exemption.decided_by_id == by.pk:
        return exemption
    _require_undecided(exemption, by, expected_version)
    _decide(exemption, State.REFUSED, by, acting.told(reason, "reason", "不予豁免须写明原因", REMARK))
    if alert:
        _log(exemption, alert, Kind.EXEMPTION_REFUSED, f"{by}不予豁免{alert.label}", by, exemption.decision)
    telling.tell_asker(exemption, f"{by}不予豁免“{exemption.rule}”：{exemption.decision}")
    return exemption


@transaction.atomic
def revoke(exemption: Exemption, *, by: User, reason: str, expected_version: int | None = None) -> Exemption:
    """撤销豁免: the subject is judged again from today on, and an answer is wanted anew if none was given.

    Raises:
        StaleVersion: it was changed since it was read.
        ValidationError: it does not hold any more, or there is no reason.
    """
    exemption, alert = _held(exemption)
    if exemption.state == State.REVOKED and exemption.revoked_by_id == by.pk:
        return exemption
    _require_version(exemption, expected_version)
    today = clock.today()
    if exemption.state != State.APPROVED or exemption.ends < today:
        raise ValidationError("这项豁免现在不起作用，无需撤销")
    exemption.revoked_reason = acting.told(reason, "reason", "撤销豁免须写明原因", REMARK)
    exemption.state, exemption.revoked_by, exemption.revoked_on = State.REVOKED, by, today
    exemption.save()
    if alert:
        _wake(alert, today)
        _log(exemption, alert, Kind.EXEMPTION_REVOKED, f"{by}撤销豁免", by, exemption.revoked_reason)
    telling.tell_asker(exemption, f"{by}撤销豁免“{exemption.rule}”：{exemption.revoked_reason}")
    return exemption


def _wake(alert: Alert, today: date) -> None:
    """The alert rests no longer, unless another leave holds; the next scan judges it again."""
    still = leaves.leaves_of(alert.subject_kind)([int(alert.subject_key.partition(":")[2])], today)
    held = [leave for each in still.values() for leave in each if leave.code == alert.rule.code]
    if alert.held == EXEMPTED and not any(leave.starts <= today for leave in held):
        alert.held = ""
        if not alert.answered:
            escalation.start(alert, acting.days_to_answer(alert), today, Calendar())
    alert.look_on = today


# ---- What the verbs share ----------------------------------------------------------------------------
def _held(exemption: Exemption) -> tuple[Exemption, Alert | None]:
    """The exemption as it is stored now and the open alert that it is about, both locked: the project, then these."""
    if exemption.project:
        locked(exemption.project)
    subject = Alert.objects.open().filter(subject_key=exemption.subject_key, rule__code=exemption.rule.code)
    alert = subject.select_related("rule", "project", "zone").first()
    alert = acting.held(alert) if alert else None
    rows = Exemption.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("rule", "project__zone", "zone", "asked_by").get(pk=exemption.pk), alert


def _require_version(exemption: Exemption, expected: int | None) -> None:
    if expected is not None and exemption.version != expected:
        raise StaleVersion(exemption)


def _require_undecided(exemption: Exemption, by: User, expected: int | None) -> None:
    _require_version(exemption, expected)
    if exemption.state != State.ASKED:
        raise ValidationError(f"这项豁免{exemption.get_state_display()}，不能再审批")
    if exemption.asked_by_id == by.pk:
        raise ValidationError("不能审批本人的申请，请由其他领导审批")


def _decide(exemption: Exemption, state: str, by: User, words: str) -> None:
    exemption.state, exemption.decision = state, words
    exemption.decided_by, exemption.decided_on = by, clock.today()
    exemption.save()


def _log(exemption: Exemption, alert: Alert, kind: Kind, sentence: str, by: User, note: str) -> AlertEvent:
    event = acting.step(alert, kind, sentence, by=by, note=note)
    alert.save(update_fields=["steps", "held", "rung", "goes_up_on", "answer_by", "look_on"])
    if exemption.alert_id is None:
        Exemption.objects.filter(pk=exemption.pk).update(alert=alert)
    return event


def _words(reason: str, evidence: str) -> dict[str, str]:
    return {
        "reason": acting.told(reason, "reason", "请写明豁免的理由", WORDS),
        "evidence": acting.told(evidence, "evidence", "请写明佐证（文件名称、文号或会议）", WORDS),
    }


def _waiting(code: str, key: str) -> Exemption | None:
    return Exemption.objects.filter(rule__code=code, subject_key=key, state=State.ASKED).first()


def _same(asked: Exemption, by: User, ends: date, words: dict[str, str]) -> bool:
    return asked.asked_by_id == by.pk and asked.ends == ends and asked.reason == words["reason"]


def _refuse_a_second(waiting: Exemption | None) -> None:
    if waiting:
        raise ValidationError(f"{waiting.asked_by}已于 {waiting.asked_on:%Y-%m-%d} 申请豁免，正待审批")


def _check_days(starts: date, ends: date) -> None:
    if ends < clock.today():
        raise ValidationError({"ends": "豁免截止日期不能早于今天"})
    if ends < starts:
        raise ValidationError({"ends": "豁免截止日期不能早于起始日期"})
    if ends - starts > LONGEST:
        raise ValidationError({"ends": "豁免一次不能超过一年"})


def _rule_for(project: Project, code: str) -> Rule:
    """The rule with this code that holds for the project: the nearest one. Raises ValidationError if there is none."""
    places = [*ancestors_of(project.zone.path), project.zone.path]
    rule = Rule.objects.filter(code=code, zone__path__in=places).order_by("-zone__path").first()
    if rule is None or not rule.enabled:
        raise ValidationError({"rule": f"该项目没有代号为“{code}”的规则"})
    return rule
