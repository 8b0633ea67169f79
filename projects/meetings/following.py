"""What becomes of a decision once it is issued: 签收, 反馈, 申请延期, 申请销号, and what office and leaders say to it.

Every step stays in the decision's log. Nobody agrees to what he asked for himself; who may do what is asked by the
doors, with the functions at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.alerts.acting import told
from projects.files.fields import File
from projects.meetings import attachments, telling
from projects.meetings.deciding import check_deadline, check_person
from projects.meetings.models import Decision, DecisionEvent
from projects.meetings.telling import Concerned
from zones import clock
from zones.models import Department, User
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may

State = Decision.State
What = DecisionEvent.What
IN_HAND: Final = (State.ISSUED, State.RECEIVED, State.WORKING)
ASKED: Final = {State.EXTENSION_ASKED: What.EXTENSION_ASKED, State.CLOSING_ASKED: What.CLOSING_ASKED}
NOTE: Final = 1000  # characters of what is told
RESULT: Final = 300  # characters of the result, and of a reason
FURTHEST: Final = timedelta(days=366)  # how much more time may be asked for


# ---- Those who have to do it -------------------------------------------------------------------------
@transaction.atomic
def receive(decision: Decision, *, by: User, expected_version: int | None = None) -> Decision:
    """签收: the matter has reached those who have to do it. Once somebody has, more of it changes nothing.

    Raises:
        StaleVersion: the decision was changed since `expected_version` was read.
        ValidationError: it is not issued, or over.
    """
    decision = _held(decision)
    if decision.state in (State.RECEIVED, State.WORKING):
        return decision
    _require(decision, expected_version, (State.ISSUED,), "签收")
    decision.state = State.RECEIVED
    _step(decision, What.RECEIVED, by)
    return decision


@transaction.atomic
def report(
    decision: Decision, note: str, *, by: User, files: Sequence[File] = (), expected_version: int | None = None
) -> Decision:
    """反馈进展, with files that show it. The same words of the same person on the same day change nothing.

    Raises as `receive` does, without words, and for a file that is not what it says (see `attachments.attach`).
    """
    decision, note = _held(decision), told(note, "note", "请写明办到哪一步、下一步做什么", NOTE)
    if _again(decision, What.REPORTED, by, note, files=files):
        return decision
    _require(decision, expected_version, Decision.UNFINISHED, "反馈")
    if decision.state in IN_HAND:
        decision.state = State.WORKING
    _attach(_step(decision, What.REPORTED, by, note), files, by)
    return decision


@transaction.atomic
def ask_extension(
    decision: Decision, deadline: date, *, reason: str, by: User, expected_version: int | None = None
) -> Decision:
    """申请延期 to `deadline`. Until a leader agrees the present deadline holds.

    Raises as `receive` does, without a reason, when there is no deadline, and for a day that is not after it, is over,
    or lies more than 366 days ahead.
    """
    decision, reason = _held(decision), told(reason, "reason", "申请延期须写明原因", RESULT)
    if _again(decision, What.EXTENSION_ASKED, by, reason, deadline):
        return decision
    _require(decision, expected_version, IN_HAND, "申请延期")
    _check_extension(decision, deadline)
    decision.state, decision.asked_deadline = State.EXTENSION_ASKED, deadline
    event = _step(decision, What.EXTENSION_ASKED, by, reason, deadline)
    telling.tell(event, Concerned(decision).leaders, f"{by}申请延期至{deadline:%Y-%m-%d}，{reason}", todo=True)
    return decision


@transaction.atomic
def ask_closing(
    decision: Decision, note: str, *, by: User, files: Sequence[File] = (), expected_version: int | None = None
) -> Decision:
    """申请销号: what was done, with evidence. Takes the place of an extension that was asked for and not yet decided.

    Raises as `report` does.
    """
    decision, note = _held(decision), told(note, "note", "请写明完成的情况和佐证", RESULT)
    if _again(decision, What.CLOSING_ASKED, by, note, files=files):
        return decision
    _require(decision, expected_version, (*IN_HAND, State.EXTENSION_ASKED), "申请销号")
    decision.state, decision.asked_deadline = State.CLOSING_ASKED, None
    event = _step(decision, What.CLOSING_ASKED, by, note)
    _attach(event, files, by)
    telling.tell(event, Concerned(decision).office, f"{by}申请销号，{note}", todo=True)
    return decision


# ---- Those who agree to it ---------------------------------------------------------------------------
@transaction.atomic
def agree(decision: Decision, *, by: User, note: str = "", expected_version: int | None = None) -> Decision:
    """同意: the deadline is moved as was asked for, or the decision is done today; its first deadline stays beside.

    Raises:
        StaleVersion: the decision was changed since `expected_version` was read.
        ValidationError: nothing is asked for, `by` asked for it himself, or the day that was asked for has passed.
    """
    decision, note = _held(decision), told(note, "note", "", RESULT)
    asked = _to_decide(decision, by, expected_version)
    if decision.state == State.EXTENSION_ASKED:
        _extend(decision, asked, by, note)
    else:
        _close(decision, asked, by, note)
    return decision


def _extend(decision: Decision, asked: DecisionEvent, by: User, note: str) -> None:
    if asked.deadline is None or asked.deadline < clock.today():
        raise ValidationError("申请延至的日期已过，请驳回后由责任单位重新申请")
    decision.state, decision.deadline, decision.asked_deadline = State.WORKING, asked.deadline, None
    event = _step(decision, What.EXTENDED, by, note, asked.deadline)
    _tell_both(event, asked, f"{by}同意延期至{asked.deadline:%Y-%m-%d}", note)


def _close(decision: Decision, asked: DecisionEvent, by: User, note: str) -> None:
    decision.state, decision.done_on, decision.result = State.DONE, clock.today(), asked.note[:RESULT]
    _tell_both(_step(decision, What.CLOSED, by, note), asked, f"{by}同意销号", note)


@transaction.atomic
def refuse(decision: Decision, *, reason: str, by: User, expected_version: int | None = None) -> Decision:
    """驳回: the extension or the closing is not agreed to; the work goes on. Raises as `agree` does, and without a
    reason.
    """
    decision, reason = _held(decision), told(reason, "reason", "驳回须写明原因", RESULT)
    asked = _to_decide(decision, by, expected_version)
    what = "延期" if decision.state == State.EXTENSION_ASKED else "销号"
    decision.state, decision.asked_deadline = State.WORKING, None
    _tell_both(_step(decision, What.REFUSED, by, reason), asked, f"{by}驳回{what}申请", reason)
    return decision


# ---- Those who follow it -----------------------------------------------------------------------------
@transaction.atomic
def urge(decision: Decision, *, by: User, note: str = "", expected_version: int | None = None) -> Decision:
    """催办: those who have to do it are told once more, at most once a day. The same person again changes nothing.

    Raises as `receive` does, and when another has urged today.
    """
    decision, note = _held(decision), told(note, "note", "", RESULT)
    today = decision.events.filter(what=What.URGED, on=clock.today()).select_related("by").first()
    if today and today.by_id == by.pk:
        return decision
    _require(decision, expected_version, IN_HAND, "催办")
    if today:
        raise ValidationError(f"{today.by}今天已催办，不必重复")
    event = _step(decision, What.URGED, by, note)
    said = "，".join(filter(None, (f"{by}催办", _until(decision), note)))
    telling.tell(event, Concerned(decision).responsible, said, todo=True, replies=telling.ANSWERS)
    return decision


@transaction.atomic
def reopen(decision: Decision, *, reason: str, by: User, expected_version: int | None = None) -> Decision:
    """撤销销号: it was not done after all. Raises as `receive` does, when it is not done, and without a reason."""
    decision, reason = _held(decision), told(reason, "reason", "撤销销号须写明原因", RESULT)
    _require(decision, expected_version, (State.DONE,), "撤销销号")
    decision.state, decision.done_on, decision.result = State.WORKING, None, ""
    event = _step(decision, What.REOPENED, by, reason)
    said = f"{by}撤销销号，{reason}"
    telling.tell(event, Concerned(decision).responsible, said, todo=True, replies=telling.ANSWERS)
    return decision


@transaction.atomic
def reassign(
    decision: Decision,
    *,
    lead: Department | None,
    helpers: Iterable[Department],
    person: User | None,
    reason: str,
    by: User,
    expected_version: int | None = None,
) -> Decision:
    """改派: others have to do it, and receive it anew; the deadline stays. Those who had it are told as well.

    Raises as `receive` does, without a reason, and when nobody is named.
    """
    decision, reason = _held(decision), told(reason, "reason", "改派须写明原因", RESULT)
    _require(decision, expected_version, Decision.UNFINISHED, "改派")
    helping = _helping(lead, helpers)
    if lead is None and person is None:
        raise ValidationError({"lead": "请指定牵头单位或责任人"})
    if person:
        check_person(person, decision)
    people, before = Concerned(decision), (decision.person_id, decision.lead_id)
    was = _named(decision)
    decision.lead, decision.person, decision.asked_deadline = lead, person, None
    decision.state = State.ISSUED
    decision.helpers.set(helping)
    event = _step(decision, What.REASSIGNED, by, f"{was}改为{_named(decision)}：{reason}")
    told_to = people.responsible | people.of(*before)
    now = Concerned(decision).responsible
    telling.tell(event, now, f"{by}改派，{event.note}", todo=True, replies=telling.ANSWERS)
    telling.tell(event, told_to - now, f"{by}改派，{event.note}")
    return decision


@transaction.atomic
def revoke(decision: Decision, *, reason: str, by: User, expected_version: int | None = None) -> Decision:
    """撤销事项: it need not be done any more; it stays on the list and counts no longer. Raises as `reopen` does."""
    decision, reason = _held(decision), told(reason, "reason", "撤销事项须写明原因", RESULT)
    _require(decision, expected_version, Decision.UNFINISHED, "撤销")
    decision.state, decision.asked_deadline = State.REVOKED, None
    event = _step(decision, What.REVOKED, by, reason)
    telling.tell(event, Concerned(decision).responsible, f"{by}撤销该事项，{reason}")
    return decision


# ---- Who may -----------------------------------------------------------------------------------------
def stands_for(user: Any, decision: Decision) -> bool:
    """Whether the matter is the person's own: he is named, or works on projects for the leading unit."""
    place = decision.project or decision.meeting
    if decision.person_id and decision.person_id == user.pk:
        return may(user, Action.READ, place)
    mine = decision.lead_id is not None and decision.lead_id == user.department_id
    return mine and may(user, Action.WRITE_ASSIGNED, place)


def may_answer(user: Any, decision: Decision) -> bool:
    """Whether `user` reports on it and asks for more time or its closing: whose it is, or the office for them."""
    return stands_for(user, decision) or may(user, Action.RUN_MEETING, decision.meeting)


def may_agree(user: Any, decision: Decision) -> bool:
    """Whether `user` decides what is asked for now: leaders of more time, the office or they of the closing."""
    if asked_by(decision) == user.pk:
        return False
    if may(user, Action.APPROVE, decision.meeting):
        return True
    return decision.state == State.CLOSING_ASKED and may(user, Action.RUN_MEETING, decision.meeting)


def may_follow(user: Any, decision: Decision) -> bool:
    """Whether `user` urges, opens again and reassigns: the office and the leaders of the meeting's zone."""
    return any(may(user, action, decision.meeting) for action in (Action.RUN_MEETING, Action.APPROVE))


def may_revoke(user: Any, decision: Decision) -> bool:
    """Whether `user` takes back what was issued: as the minutes, a leader's to do."""
    return may(user, Action.APPROVE, decision.meeting)


def waiting(decision: Decision) -> DecisionEvent | None:
    """The step that asks for what waits to be decided. One statement, or none."""
    what = ASKED.get(State(decision.state))
    if what is None:
        return None
    return decision.events.filter(what=what).select_related("by").order_by("-pk").first()


def asked_by(decision: Decision) -> int | None:
    """Who asked for what waits to be decided."""
    asked = waiting(decision)
    return asked.by_id if asked else None


# ---- What the verbs share ----------------------------------------------------------------------------
def _held(decision: Decision) -> Decision:
    rows = Decision.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("meeting__zone", "project__zone", "lead", "person").get(pk=decision.pk)


def _require(decision: Decision, expected_version: int | None, states: Sequence[str], what: str) -> None:
    if expected_version is not None and decision.version != expected_version:
        raise StaleVersion(decision)
    if decision.state == State.DRAFT:
        raise ValidationError(f"会议纪要还没有签发，签发下发后才能{what}")
    if decision.state not in states:
        raise ValidationError(f"该事项{decision.get_state_display()}，不能{what}")


def _to_decide(decision: Decision, by: User, expected_version: int | None) -> DecisionEvent:
    _require(decision, expected_version, Decision.UNFINISHED, "审批")
    asked = waiting(decision)
    if asked is None:
        raise ValidationError("没有待审批的申请")
    if asked.by_id == by.pk:
        raise ValidationError("不能审批本人的申请，请由他人核实后审批")
    return asked


def _check_extension(decision: Decision, deadline: date) -> None:
    if decision.deadline is None:
        raise ValidationError("该事项没有完成时限，不必申请延期")
    if deadline <= decision.deadline:
        raise ValidationError({"deadline": f"应晚于现在的完成时限 {decision.deadline:%Y-%m-%d}"})
    check_deadline(deadline)
    last = clock.today() + FURTHEST
    if deadline > last:
        raise ValidationError({"deadline": f"不能晚于 {last:%Y-%m-%d}，请填写一年以内的日期"})


def _step(
    decision: Decision, what: DecisionEvent.What, by: User, note: str = "", deadline: date | None = None
) -> DecisionEvent:
    """Save the decision as it is now, and keep the step."""
    decision.save()
    return DecisionEvent.objects.create(
        decision=decision, what=what, on=clock.today(), by=by, note=note[:NOTE], deadline=deadline
    )


def _again(
    decision: Decision,
    what: DecisionEvent.What,
    by: User,
    note: str,
    deadline: date | None = None,
    files: Sequence[File] = (),
) -> bool:
    """Whether the latest step says the very same, and has the files already."""
    last = decision.events.order_by("-pk").first()
    said = (what, by.pk, note, deadline, clock.today())
    if last is None or (last.what, last.by_id, last.note, last.deadline, last.on) != said:
        return False
    kept = set(last.attachments.values_list("digest", flat=True)) if files else set()
    return all(hashlib.sha256(data).hexdigest() in kept for _, data in files)


def _attach(event: DecisionEvent, files: Sequence[File], by: User) -> None:
    try:
        for name, data in files:
            attachments.attach(event, name, data, by=by)
    except ValidationError as error:
        raise ValidationError({"files": error.messages}) from error


def _tell_both(event: DecisionEvent, asked: DecisionEvent, sentence: str, note: str) -> None:
    """Who asked for it, and all who have to do it."""
    people = Concerned(event.decision).responsible | ({asked.by_id} if asked.by_id else set())
    telling.tell(event, people, "，".join(filter(None, (sentence, note))))


def _helping(lead: Department | None, helpers: Iterable[Department]) -> list[Department]:
    chosen = list(helpers)
    if lead in chosen:
        raise ValidationError({"helpers": f"{lead}已是牵头单位，不必再列为配合单位"})
    return chosen


def _named(decision: Decision) -> str:
    """Those who have to do it, by name."""
    return "、".join(str(each) for each in (decision.lead, decision.person) if each) or "（未明确）"


def _until(decision: Decision) -> str:
    if decision.deadline is None:
        return ""
    late = (clock.today() - decision.deadline).days
    said = f"已逾期{late}天" if late > 0 else f"还剩{-late}天" if late else "今天到期"
    return f"完成时限{decision.deadline:%Y-%m-%d}，{said}"
