"""送签, 签发, 撤回: a leader signs and sends what the office has drafted. Nothing is told before, and from then on the
paper is what it is.

Whether `by` may do it is for the doors to see to (`holding.may_draft`, `holding.may_issue`).
"""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from projects import papers
from projects.alerts.acting import told
from projects.alerts.letters import drafting, paper
from projects.alerts.letters.holding import What, held, require, step
from projects.alerts.letters.telling import ANSWERS, Concerned, tell
from projects.alerts.models import REMARK, Alert, AlertQuerySet, Letter, Letterhead, LetterKind
from zones import clock
from zones.models import User

State = Letter.State
SENT: Final = tuple(state for state in State if state not in (*Letter.DRAFTS, State.DROPPED))


@transaction.atomic
def submit(letter: Letter, *, by: User, expected_version: int | None = None) -> Letter:
    """送签: the draft is ready for a leader. Once it is, more of it changes nothing.

    Raises StaleVersion, and ValidationError for what a letter cannot go out with.
    """
    letter = held(letter)
    if letter.state == State.SUBMITTED:
        return letter
    require(letter, expected_version, (State.DRAFT,), "送签")
    _fit(letter)
    letter.state = State.SUBMITTED
    event = step(letter, What.SUBMITTED, by)
    leaders = Concerned(letter).leaders
    tell(event, leaders, f"{by}送签，请核对签发", todo=leaders)
    return letter


@transaction.atomic
def send_back(letter: Letter, *, reason: str, by: User, expected_version: int | None = None) -> Letter:
    """退回修改: the leader wants it otherwise. Raises as `submit` does, and without a reason."""
    letter, reason = held(letter), told(reason, "reason", "退回修改须写明意见", REMARK)
    require(letter, expected_version, (State.SUBMITTED,), "退回修改")
    letter.state = State.DRAFT
    office = Concerned(letter).office
    tell(step(letter, What.SENT_BACK, by, reason), office, f"{by}退回修改：{reason}", todo=office)
    return letter


@transaction.atomic
def drop(letter: Letter, *, reason: str, by: User, expected_version: int | None = None) -> Letter:
    """作废: a draft that will not go out. It has no number, so none is missing. Raises as `send_back` does."""
    letter, reason = held(letter), told(reason, "reason", "作废须写明原因", REMARK)
    require(letter, expected_version, Letter.DRAFTS, "作废")
    letter.state = State.DROPPED
    step(letter, What.DROPPED, by, reason)
    return letter


@transaction.atomic
def issue(letter: Letter, *, by: User, sure: bool = False, expected_version: int | None = None) -> Letter:
    """签发: number and freeze the letter, and tell those to whom it is addressed.

    Issued again by the same leader, nothing changes. Who drafted it issues it only where the zone has no other leader.
    `sure` says that it goes out although an alert of it is closed.

    Raises:
        StaleVersion: the letter was changed since `expected_version` was read.
        ValidationError: it is no draft, is not complete, another should issue it, or (under "sure") an alert of it is
            closed meanwhile.
    """
    letter = held(letter)
    if letter.issued_by_id == by.pk and letter.state in SENT:
        return letter
    require(letter, expected_version, Letter.DRAFTS, "签发")
    _fit(letter)
    if (over := closed_since(letter)) and not sure:
        raise ValidationError({"sure": f"{said_of(over)}。仍要发出的，请勾选“仍然签发”"})
    people = Concerned(letter)
    if letter.drafted_by_id == by.pk and people.leaders - {by.pk}:
        raise ValidationError("起草和签发应由不同的人办理，请由其他领导签发")
    _number(letter)
    data = papers.write(paper.blocks(letter, code=letter.code, issued_on=clock.today()), paper.CALLED)
    papers.freeze(letter, data, by)
    letter.state = State.ISSUED
    event = step(letter, What.ISSUED, by)
    said = f"已由{by}签发，请签收并于{papers.day(letter.reply_by)}前反馈"
    if letter.kind == LetterKind.TALK and letter.talk_on:
        when = f"{papers.day(letter.talk_on)}{papers.hour(letter.talk_at)}"
        said = f"已由{by}签发，{when}在{letter.talk_place}约谈{letter.talked}，请签收"
    addressed, urgent = people.addressed, letter.kind != LetterKind.REMINDER
    tell(event, addressed | people.office, said, urgent=urgent, todo=addressed, replies=ANSWERS)
    return letter


@transaction.atomic
def withdraw(letter: Letter, *, reason: str, by: User, expected_version: int | None = None) -> Letter:
    """撤回: it need not be answered any more. It keeps its number and its paper. Raises as `send_back` does, and once
    it is finished.
    """
    letter, reason = held(letter), told(reason, "reason", "撤回须写明原因", REMARK)
    require(letter, expected_version, Letter.OUTSTANDING, "撤回")
    letter.state = State.WITHDRAWN
    people = Concerned(letter)
    tell(step(letter, What.WITHDRAWN, by, reason), people.addressed | people.office, f"已由{by}撤回：{reason}")
    return letter


# ---- Its paper ---------------------------------------------------------------------------------------
def paper_of(letter: Letter) -> list[papers.Block]:
    """The paper as it stands: the draft, or the one that was issued."""
    return paper.blocks(letter, code=letter.code, issued_on=letter.issued_on)


def word_of(letter: Letter) -> bytes:
    """The Word file: of a draft as it stands, of an issued letter the very file that a leader issued.

    Raises ValidationError if that file is gone or is another now.
    """
    if not letter.issued_on:
        return papers.write(paper_of(letter), paper.CALLED)
    return papers.frozen(letter, "函件")


def closed_since(letter: Letter) -> list[Alert]:
    """Alerts of the letter that are closed by now."""
    return list(letter.alerts.exclude(closed_on=None).select_related("project").order_by("closed_on", "pk"))


def open_still(letter: Letter) -> AlertQuerySet:
    """Alerts of the letter that are open."""
    return Alert.objects.open().filter(letters=letter)


def said_of(over: list[Alert]) -> str:
    """That alerts are closed, in a sentence."""
    each = "、".join(f"“{alert.subject}”{alert.label}（{alert.closed_on:%Y-%m-%d} 解除）" for alert in over)
    return f"所涉预警已解除：{each}"


# ---- What the verbs share ----------------------------------------------------------------------------
def _fit(letter: Letter) -> None:
    """Raise ValidationError for what is not complete, in one sentence: there is no field to say it at."""
    try:
        drafting.check(letter)
    except ValidationError as broken:
        raise ValidationError(f"请先修改函件：{'；'.join(broken.messages)}") from broken


def _number(letter: Letter) -> None:
    """The next number of its head, kind and year; two that are issued at once wait for each other at the head."""
    head: Any = Letterhead.objects.select_for_update(no_key=True).get(pk=letter.head_id)
    letter.prefix, letter.year = getattr(head, letter.kind), clock.today().year
    sent = Letter.objects.filter(head=head, kind=letter.kind, year=letter.year)
    letter.number = (sent.aggregate(last=Max("number"))["last"] or 0) + 1
