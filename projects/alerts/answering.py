"""What the responsible ones say to an alert: 签收, "I have seen it and deal with it", and 反馈, why and until when.

Neither stops the judging: the level stays, and the next scan judges as before. An answer stops that the alert goes up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from projects.alerts import acting, escalation, leaves, telling
from projects.alerts.acting import Kind
from projects.alerts.models import REMARK, WORDS, Alert, AlertAnswer, AlertEvent
from projects.models import Problem
from projects.selecting import looked_after
from zones import clock
from zones.models import User
from zones.permissions import Action, may
from zones.scoped.querysets import visible_rows

ACKNOWLEDGEMENT = ("acknowledged", "acknowledged_on", "acknowledged_by", "acknowledged_note")
RAISING = (Kind.OPENED, Kind.WORSENED, Kind.REISSUED)
"""Steps after which an acknowledgement and an answer are wanted (again)."""
OVER = (*RAISING, Kind.BROKEN)
"""Steps after which an answer that was given counts no more."""
SEEN = (Kind.ACKNOWLEDGED, Kind.ANSWERED)
NAME = 100  # characters of a name
FURTHEST = timedelta(days=366)  # how far ahead a recovery may be promised


# ---- 签收 --------------------------------------------------------------------------------------------
@transaction.atomic
def acknowledge(
    alert: Alert, *, by: User, note: str = "", expected_steps: int | None = None, on: date | None = None
) -> Alert:
    """签收: `by` has seen the alert and deals with it, until it worsens. Gives the alert as it is stored then.

    The same person once more changes nothing, whatever the remark. Others may acknowledge as
    well: the log keeps each, the alert shows the latest. `on` is the day (today if left out).

    Raises:
        StaleVersion: the alert has taken another step than `expected_steps` since it was read.
        ValidationError: it is closed, the remark is too long, or the day is not one on which it was open.
    """
    alert = acting.held(alert)
    acting.require_steps(alert, expected_steps)
    acting.require_open(alert, "签收")
    if has_acknowledged(alert, by):
        return alert
    note, on = note.strip(), on or clock.today()
    _check(alert, note, on)
    _acknowledged(alert, by, note, on)
    acting.step(alert, Kind.ACKNOWLEDGED, f"{by}签收{alert.label}", by=by, note=note, on=on)
    alert.save(update_fields=["steps", *ACKNOWLEDGEMENT])
    return alert


def has_acknowledged(alert: Alert, user: User) -> bool:
    """Whether `user` has acknowledged or answered the alert since it was opened or last worsened. One statement."""
    mine = AlertEvent.objects.filter(alert=alert, kind__in=SEEN, by=user)
    return mine.exclude(Exists(_raised_later("step"))).exists()


def _check(alert: Alert, note: str, on: date) -> None:
    if len(note) > REMARK:
        raise ValidationError({"note": f"备注不能超过 {REMARK} 字，现有 {len(note)} 字"})
    if not alert.opened_on <= on <= clock.today():
        raise ValidationError({"on": f"签收日期应在 {alert.opened_on:%Y-%m-%d} 至今天之间"})


def _acknowledged(alert: Alert, by: User, note: str, on: date) -> None:
    alert.acknowledged = True
    alert.acknowledged_on, alert.acknowledged_by, alert.acknowledged_note = on, by, note


# ---- 反馈 --------------------------------------------------------------------------------------------
@transaction.atomic
def answer(
    alert: Alert,
    *,
    by: User,
    category: str,
    cause: str,
    measures: str,
    expected_on: date,
    responsible: str,
    plan: str = "",
    help_needed: str = "",
    expected_steps: int | None = None,
) -> AlertAnswer:
    """反馈: why the subject is behind, what was done, by when whose work mends it, and what help is needed.

    Counts as an acknowledgement. All answers stay; the same words of the same person once more change nothing. After
    the alert worsens, or the expected day has passed and nothing is better, an answer is wanted again.

    Raises:
        StaleVersion: the alert has taken another step than `expected_steps` since it was read.
        ValidationError: it is closed, something is missing or too long, or the expected day has passed or lies more
            than 366 days ahead.
    """
    alert = acting.held(alert)
    words = {
        "category": category,
        "cause": acting.told(cause, "cause", "请写明落后的原因", WORDS),
        "measures": acting.told(measures, "measures", "请写明已采取的措施", WORDS),
        "plan": acting.told(plan, "plan", "", WORDS),
        "expected_on": expected_on,
        "responsible": acting.told(responsible, "responsible", "请写明责任人", NAME),
        "help_needed": acting.told(help_needed, "help_needed", "", WORDS),
    }
    said = latest_answer(alert)
    if said and said.by_id == by.pk and all(getattr(said, name) == value for name, value in words.items()):
        return said
    acting.require_steps(alert, expected_steps)
    acting.require_open(alert, "答复")
    if category not in Problem.Category.values:
        raise ValidationError({"category": "请选择原因类别"})
    if expected_on < clock.today():
        raise ValidationError({"expected_on": "预计恢复日期不能早于今天"})
    last = clock.today() + FURTHEST
    if expected_on > last:
        raise ValidationError({"expected_on": f"预计恢复日期不能晚于 {last:%Y-%m-%d}，请填写一年以内的日期"})
    return _keep(alert, by, words)


def _keep(alert: Alert, by: User, words: dict[str, Any]) -> AlertAnswer:
    today = clock.today()
    if not alert.acknowledged:
        _acknowledged(alert, by, "", today)
    alert.answered, alert.answered_on = True, today
    escalation.stop(alert)
    true_by, change = words["expected_on"] + timedelta(days=1), leaves.next_of(alert)
    alert.look_on = min(true_by, change) if change else true_by
    sentence = f"{by}答复{alert.label}，预计{words['expected_on']:%Y-%m-%d}恢复，责任人{words['responsible']}"
    event = acting.step(alert, Kind.ANSWERED, sentence, by=by, note=words["cause"])
    alert.save(update_fields=["steps", "answered", "answered_on", "goes_up_on", "look_on", *ACKNOWLEDGEMENT])
    said = AlertAnswer.objects.create(alert=alert, step=event.step, label=alert.label, on=today, by=by, **words)
    help_wanted = f"，请求协调：{said.help_needed}" if said.help_needed else ""
    telling.tell_of_answer(alert, event, help_wanted)
    return said


def latest_answer(alert: Alert) -> AlertAnswer | None:
    """The latest answer since the alert was opened or last worsened, unless it did not come true. One statement."""
    said = AlertAnswer.objects.filter(alert=alert).exclude(Exists(_raised_later("step", OVER)))
    return said.select_related("by").order_by("-pk").first()


def _raised_later(step: str, kinds: Sequence[str] = RAISING) -> Any:
    return AlertEvent.objects.filter(alert=OuterRef("alert"), kind__in=kinds, step__gt=OuterRef(step))


# ---- Who may -----------------------------------------------------------------------------------------
def may_answer(user: Any, alert: Alert) -> bool:
    """Whether `user` answers for the subject: the office of its zone, or who stands for it himself or by his unit."""
    if may(user, Action.WRITE, alert):
        return True
    return Alert.objects.writable_by(user).filter(pk=alert.pk).exists() and stands_for(user, alert)


def stands_for(user: Any, alert: Alert) -> bool:
    """Whether the subject is the person's or his unit's today."""
    if alert.department_id and alert.department_id == user.department_id:
        return True
    if alert.project_id is None:
        return False
    rows = visible_rows(type(alert.project), user).filter(pk=alert.project_id)  # type: ignore[arg-type]
    return looked_after(rows, user, clock.today()).exists()
