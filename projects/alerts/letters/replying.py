"""签收, 反馈, and what the office says to it. The reply that is accepted becomes the answer to the letter's alerts, and
the letter is finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.alerts import answering
from projects.alerts.acting import told
from projects.alerts.letters.holding import What, held, require, step
from projects.alerts.letters.issuing import open_still
from projects.alerts.letters.telling import ANSWERS, Concerned, tell
from projects.alerts.models import REMARK, WORDS, Letter, LetterFile, LetterKind, LetterReply, Talk
from projects.alerts.models.letter import NAME
from projects.files import read
from projects.files.fields import File
from projects.models import Problem
from projects.papers import day
from zones import clock
from zones.models import User

State = Letter.State
Verdict = LetterReply.State
SLIP: Final = ("category", "cause", "measures", "plan", "responsible", "expected_on", "help_needed")
FURTHEST: Final = timedelta(days=366)  # how far ahead a recovery may be promised


# ---- To whom it is addressed -------------------------------------------------------------------------
@transaction.atomic
def receive(letter: Letter, *, by: User, expected_version: int | None = None) -> Letter:
    """签收: it has reached those to whom it is addressed. Once somebody has, more of it changes nothing.

    Raises StaleVersion, and ValidationError unless it is issued.
    """
    letter = held(letter)
    if letter.received_on and letter.is_outstanding:
        return letter
    require(letter, expected_version, (State.ISSUED,), "签收")
    letter.state = State.RECEIVED
    _received(letter, by)
    tell(step(letter, What.RECEIVED, by), Concerned(letter).office, f"{by}已签收")
    return letter


@transaction.atomic
def reply(
    letter: Letter,
    *,
    by: User,
    category: str,
    cause: str,
    measures: str,
    plan: str,
    responsible: str,
    expected_on: date,
    help_needed: str = "",
    files: Sequence[File] = (),
    expected_version: int | None = None,
) -> LetterReply:
    """反馈: the slip, with files that show it. Counts as 签收. The same slip of the same person once more is the same.

    Raises:
        StaleVersion: the letter was changed since `expected_version` was read.
        ValidationError: none is wanted, something is missing or too long, the expected day has passed or lies more than
            366 days ahead, or a file is not what it says.
    """
    letter = held(letter)
    words = {
        "category": category,
        "cause": told(cause, "cause", "请写明原因", WORDS),
        "measures": told(measures, "measures", "请写明已采取的措施", WORDS),
        "plan": told(plan, "plan", "请写明整改计划：节点和时间", WORDS),
        "responsible": told(responsible, "responsible", "请写明责任人", NAME),
        "expected_on": expected_on,
        "help_needed": told(help_needed, "help_needed", "", WORDS),
    }
    last = latest(letter)
    if last and last.state == Verdict.WAITING and _says(last, by, words, files):
        return last
    require(letter, expected_version, Letter.UNANSWERED, "反馈")
    if category not in Problem.Category.values:
        raise ValidationError({"category": "请选择原因类别"})
    today = clock.today()
    if not today <= expected_on <= today + FURTHEST:
        raise ValidationError({"expected_on": "预计恢复日期应在今天之后一年以内"})
    said = LetterReply.objects.create(letter=letter, number=last.number + 1 if last else 1, by=by, on=today, **words)
    _attach(said, files, by)
    if not letter.received_on:
        _received(letter, by)
    letter.state, letter.replied_on = State.REPLIED, today
    event = step(letter, What.REPLIED, by, said.cause)
    wanted = f"，请求协调：{said.help_needed}" if said.help_needed else ""
    office = Concerned(letter).office
    tell(event, office, f"{by}第{said.number}次反馈，预计{day(expected_on)}恢复{wanted}，请审核", todo=office)
    return said


# ---- The office --------------------------------------------------------------------------------------
@transaction.atomic
def accept(letter: Letter, *, by: User, words: str = "", expected_version: int | None = None) -> Letter:
    """审核通过: the reply answers every alert of the letter that is still open, in the name of who replied; 已办结.

    Raises:
        StaleVersion: the letter was changed since `expected_version` was read.
        ValidationError: no reply waits, `by` wrote it himself, or the day on which it promised recovery has passed.
    """
    letter, words = held(letter), told(words, "words", "", REMARK)
    last = latest(letter)
    if letter.state == State.DONE and last and last.decided_by_id == by.pk:
        return letter
    last = _to_decide(letter, by, expected_version)
    if last.expected_on < clock.today():
        raise ValidationError("反馈的预计恢复日期已过，请退回，由责任单位按现状重新反馈")
    _decide(last, Verdict.ACCEPTED, by, words)
    for alert in open_still(letter).select_related("project__zone", "zone").order_by("pk"):
        answering.answer(alert, by=last.by, **{name: getattr(last, name) for name in SLIP})
    letter.state, letter.done_on = State.DONE, clock.today()
    event = step(letter, What.ACCEPTED, by, words)
    tell(event, Concerned(letter).addressed | {last.by_id}, f"反馈已由{by}审核通过，函件办结")
    return letter


@transaction.atomic
def send_back(letter: Letter, *, reason: str, by: User, expected_version: int | None = None) -> Letter:
    """退回重报: the reply will not do; the deadline stays. Raises as `accept` does, and without a reason."""
    letter, reason = held(letter), told(reason, "reason", "退回重报须写明原因", REMARK)
    last = _to_decide(letter, by, expected_version)
    _decide(last, Verdict.RETURNED, by, reason)
    letter.state, letter.replied_on = State.RETURNED, None
    event = step(letter, What.RETURNED, by, reason)
    people = Concerned(letter).addressed | {last.by_id}
    tell(event, people, f"{by}退回反馈，请重报：{reason}", todo=people, replies=ANSWERS[1:])
    return letter


@transaction.atomic
def record_talk(
    letter: Letter,
    *,
    by: User,
    held_on: date,
    talker: str,
    talked: str,
    matter: str,
    pledge: str,
    until: date,
    held_at: time | None = None,
    expected_version: int | None = None,
) -> Talk:
    """约谈记录: what was said. The same record once more is the same; another takes its place and leaves it.

    Raises StaleVersion, and ValidationError unless it is a 约谈通知 that went out, for what is missing or too long, and
    for days that do not fit.
    """
    letter = held(letter)
    if letter.kind != LetterKind.TALK:
        raise ValidationError("只有约谈通知才有约谈记录")
    words = {
        "held_on": held_on,
        "held_at": held_at,
        "talker": told(talker, "talker", "请写明约谈人", NAME),
        "talked": told(talked, "talked", "请写明被约谈人", NAME),
        "matter": told(matter, "matter", "请写明事由", WORDS),
        "pledge": told(pledge, "pledge", "请写明表态和承诺", WORDS),
        "until": until,
    }
    last = letter.talks.order_by("-pk").first()
    if last and all(getattr(last, name) == value for name, value in words.items()):
        return last
    require(letter, expected_version, (*Letter.OUTSTANDING, State.DONE), "填写约谈记录")
    if letter.issued_on and not letter.issued_on <= held_on <= clock.today():
        raise ValidationError({"held_on": f"约谈日期应在 {letter.issued_on:%Y-%m-%d} 签发之日至今天之间"})
    if until < held_on:
        raise ValidationError({"until": "承诺期限不能早于约谈日期"})
    talk = Talk.objects.create(letter=letter, by=by, on=clock.today(), **words)
    event = step(letter, What.TALKED, by, talk.pledge)
    tell(event, Concerned(letter).addressed, f"{day(held_on)}已约谈，承诺{day(until)}前：{talk.pledge}")
    return talk


@transaction.atomic
def finish(letter: Letter, *, reason: str, by: User, expected_version: int | None = None) -> Letter:
    """办结 without a reply: nothing is behind any more. Raises StaleVersion, and ValidationError without a reason,
    while an alert of it is open, and when no reply is wanted.
    """
    letter, reason = held(letter), told(reason, "reason", "办结须写明原因", REMARK)
    require(letter, expected_version, Letter.UNANSWERED, "办结")
    if open_still(letter).exists():
        raise ValidationError("所涉预警还没有全部解除，请待责任单位反馈后审核办结")
    letter.state, letter.done_on = State.DONE, clock.today()
    event = step(letter, What.FINISHED, by, reason)
    tell(event, Concerned(letter).addressed, f"所涉预警已解除，{by}办结，不必再反馈：{reason}")
    return letter


# ---- What the verbs share ----------------------------------------------------------------------------
def latest(letter: Letter) -> LetterReply | None:
    """The latest version of the reply. One statement."""
    return letter.replies.select_related("by").order_by("-number").first()


def _received(letter: Letter, by: User) -> None:
    letter.received_on, letter.received_by = clock.today(), by


def _says(said: LetterReply, by: User, words: dict[str, Any], files: Sequence[File]) -> bool:
    """Whether it says the very same, and has the files already."""
    if said.by_id != by.pk or any(getattr(said, name) != value for name, value in words.items()):
        return False
    kept = set(said.files.values_list("digest", flat=True)) if files else set()
    return all(read(name, data).digest in kept for name, data in files)


def _attach(said: LetterReply, files: Sequence[File], by: User) -> None:
    kept: set[str] = set()
    try:
        for name, data in files:
            content = read(name, data)
            if content.digest not in kept:
                LetterFile(reply=said, uploaded_by=by).keep(name, content)
                kept.add(content.digest)
    except ValidationError as error:
        raise ValidationError({"files": error.messages}) from error


def _to_decide(letter: Letter, by: User, expected_version: int | None) -> LetterReply:
    require(letter, expected_version, (State.REPLIED,), "审核反馈")
    said = latest(letter)
    if said is None:
        raise ValidationError("没有待审核的反馈")
    if said.by_id == by.pk:
        raise ValidationError("不能审核本人填报的反馈，请由他人核实后审核")
    return said


def _decide(said: LetterReply, state: str, by: User, words: str) -> None:
    said.state, said.decision = state, words
    said.decided_by, said.decided_on = by, clock.today()
    said.save()
