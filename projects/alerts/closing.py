"""销号: closing an alert that the scan would keep open. Asked for with evidence, approved by another.

It stays closed while its month lasts and nothing graver is found; if the subject is still behind after that, the scan
issues the same alert again. What recovers by itself needs none of this.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.alerts import acting, escalation, settling, telling
from projects.alerts.acting import Kind
from projects.alerts.models import REMARK, WORDS, Alert, Closing
from zones import clock
from zones.models import User
from zones.permissions import Action, may
from zones.workdays import Calendar

State = Closing.State
CLOSED = ("steps", "closed_on", "closed_reason", "settled_month", "goes_up_on", "look_on", "held", "answer_by", "rung")


@transaction.atomic
def ask(alert: Alert, *, by: User, evidence: str, expected_steps: int | None = None) -> Closing:
    """申请销号, with evidence in words. The same words of the same person once more change nothing.

    Raises:
        StaleVersion: the alert has taken another step than `expected_steps` since it was read.
        ValidationError: it is closed, an application waits already, or there is no evidence.
    """
    alert = acting.held(alert)
    evidence = acting.told(evidence, "evidence", "请写明销号的佐证：已完成什么、有何材料、由谁核实", WORDS)
    waiting = waiting_of(alert)
    if waiting and waiting.asked_by_id == by.pk and waiting.reason == evidence:
        return waiting
    acting.require_steps(alert, expected_steps)
    acting.require_open(alert, "销号")
    if waiting:
        raise ValidationError(f"{waiting.asked_by}已于 {waiting.asked_on:%Y-%m-%d} 申请销号，正待审批")
    asked = Closing.objects.create(
        alert=alert, reason=evidence, asked_by=by, asked_on=clock.today(), severity=alert.severity, label=alert.label
    )
    event = acting.step(alert, Kind.CLOSING_ASKED, f"{by}申请销号", by=by, note=evidence)
    alert.save(update_fields=["steps"])
    telling.tell_approvers(alert, event, besides=by)
    return asked


@transaction.atomic
def approve(alert: Alert, *, by: User, words: str = "", expected_steps: int | None = None) -> Closing:
    """批准销号: the alert is closed today. The light follows at once.

    Raises:
        StaleVersion: the alert has taken another step than `expected_steps` since it was read.
        ValidationError: nothing waits for approval, `by` asked for it himself, or the alert has worsened since.
    """
    alert = acting.held(alert)
    done = _decided(alert, State.APPROVED, by)
    if done and alert.closed_on:
        return done
    asked = _to_decide(alert, by, expected_steps)
    if alert.severity > asked.severity:
        raise ValidationError(f"申请后已加重为{alert.label}，请退回，待重新核实后再申请")
    _decide(asked, State.APPROVED, by, acting.told(words, "words", "", REMARK))
    today, judged = clock.today(), not alert.held
    escalation.stop(alert)
    alert.closed_on, alert.held = today, ""
    alert.closed_reason = f"经{by}批准销号：{asked.reason}"[:200]
    alert.settled_month = settling.month_of(alert.evidence, today)
    alert.look_on = settling.over_on(alert.settled_month, alert.evidence, alert.place.return_day)
    acting.step(alert, Kind.CLOSING_APPROVED, f"{by}批准销号：{asked.reason}", by=by, note=asked.decision)
    alert.save(update_fields=CLOSED)
    acting.relight(alert, judged=judged)
    telling.tell_closing(alert, asked, f"{by}批准销号")
    return asked


@transaction.atomic
def refuse(alert: Alert, *, by: User, reason: str, expected_steps: int | None = None) -> Closing:
    """退回销号: the alert stays open. Raises as `approve` does, and without a reason."""
    alert = acting.held(alert)
    done = _decided(alert, State.REFUSED, by)
    if done and done.decision == reason.strip():
        return done
    asked = _to_decide(alert, by, expected_steps)
    _decide(asked, State.REFUSED, by, acting.told(reason, "reason", "退回销号须写明原因", REMARK))
    acting.step(alert, Kind.CLOSING_REFUSED, f"{by}退回销号申请", by=by, note=asked.decision)
    alert.save(update_fields=["steps"])
    telling.tell_closing(alert, asked, f"{by}退回销号申请：{asked.decision}")
    return asked


@transaction.atomic
def reopen(alert: Alert, *, by: User, reason: str, expected_steps: int | None = None) -> Alert:
    """撤销销号: the approval is taken back, the same alert is open again, and wants an answer anew if none was given.

    Raises:
        StaleVersion: the alert has taken another step than `expected_steps` since it was read.
        ValidationError: it was not closed by approval, is behind no more, or there is no reason.
    """
    alert = acting.held(alert)
    latest = Closing.objects.filter(alert=alert).order_by("-pk").first()
    if latest and latest.state == State.REVOKED and latest.revoked_by_id == by.pk and not alert.closed_on:
        return alert
    acting.require_steps(alert, expected_steps)
    if not can_reopen(alert) or latest is None:
        raise ValidationError("该预警不是经批准销号的，或此后已恢复，不能撤销销号")
    latest.revoked_reason = acting.told(reason, "reason", "撤销销号须写明原因", REMARK)
    today = clock.today()
    latest.state, latest.revoked_by, latest.revoked_on = State.REVOKED, by, today
    latest.save()
    alert.closed_on, alert.closed_reason, alert.settled_month = None, "", None
    if not alert.answered:
        escalation.start(alert, acting.days_to_answer(alert), today, Calendar())
    alert.look_on = today
    event = acting.step(alert, Kind.REOPENED, f"{by}撤销销号", by=by, note=latest.revoked_reason)
    alert.save(update_fields=CLOSED)
    acting.relight(alert)
    telling.tell_reopened(alert, event, latest)
    return alert


def may_decide(user: Any, alert: Alert) -> bool:
    """Whether `user` approves of closings there: leaders and coordinators; of his own application another decides."""
    return any(may(user, action, alert) for action in (Action.APPROVE, Action.REVIEW))


def can_reopen(alert: Alert) -> bool:
    """Whether an approval holds the alert closed."""
    return bool(alert.closed_on and alert.settled_month)


def waiting_of(alert: Alert) -> Closing | None:
    """The application that waits for approval. One statement."""
    return Closing.objects.filter(alert=alert, state=State.ASKED).select_related("asked_by").first()


def _decided(alert: Alert, state: str, by: User) -> Closing | None:
    """The latest application, if `by` has decided it in this way already."""
    latest = Closing.objects.filter(alert=alert).select_related("asked_by").order_by("-pk").first()
    return latest if latest and latest.state == state and latest.decided_by_id == by.pk else None


def _to_decide(alert: Alert, by: User, expected_steps: int | None) -> Closing:
    acting.require_steps(alert, expected_steps)
    asked = waiting_of(alert)
    if asked is None:
        raise ValidationError("没有待审批的销号申请")
    acting.require_open(alert, "审批销号")
    if asked.asked_by_id == by.pk:
        raise ValidationError("不能审批本人的申请，请由他人核实后审批")
    return asked


def _decide(asked: Closing, state: str, by: User, words: str) -> None:
    asked.state, asked.decision = state, words
    asked.decided_by, asked.decided_on = by, clock.today()
    asked.save()
