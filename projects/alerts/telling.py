"""Notices of what changed: to whom, how urgent, under which key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from django.urls import reverse

from projects.alerts import places
from projects.alerts.episodes import RISING, SILENT, Kind, Step
from projects.alerts.models import Alert, AlertEvent, Closing, Exemption
from projects.alerts.recipients import Recipients
from projects.alerts.rulebook import AppliedRule, Rulebook
from projects.notices import inbox
from projects.notices.inbox import Draft
from projects.notices.models import KINDS
from zones import clock
from zones.models import User
from zones.permissions import Role

WANTING = frozenset({Kind.OPENED, Kind.WORSENED, Kind.REISSUED, Kind.REMINDED, Kind.PENDING, Kind.CLIMBED, Kind.BROKEN})
ANSWERS = ("acknowledge", "answer")
DECIDES: dict[str, tuple[str, ...]] = {
    "exemption": (Role.LEADER,),
    "closing": (Role.LEADER, Role.COORDINATOR),
}


# ---- Steps of a scan ---------------------------------------------------------------------------------
def tell(steps: Iterable[Step], rulebook: Rulebook, as_of: date, hold: int | None = None) -> int:
    """Leave the notices of a shard's steps in the inboxes, under the scan's hold where it has one; how many were new.
    Belongs in the scan's transaction.
    """
    steps = [step for step in steps if step.kind not in SILENT and rulebook.applied(step.alert.rule_id)]
    if not steps:
        return 0
    places.fetch([step.alert for step in steps])
    people = Recipients((step.alert for step in steps), as_of)
    drafts = (draft for step in steps for draft in _drafts(step, people, rulebook, as_of))
    return inbox.leave(drafts, hold=hold)


def _drafts(step: Step, people: Recipients, rulebook: Rulebook, as_of: date) -> Iterator[Draft]:
    applied = rulebook.applied(step.alert.rule_id)
    if applied is None:
        return
    owing = _owing(step, people)
    for user_id in sorted(_people(step, people, applied)):
        yield _draft(
            *(step.alert, user_id, _key(step, as_of), _kind(step), step.sentence),
            urgent=_urgent(step, applied),
            todo=user_id in owing,
            replies=ANSWERS if user_id in owing else (),
        )


def _owing(step: Step, people: Recipients) -> set[int]:
    """Of whom an answer is wanted by what the step tells."""
    if step.kind not in WANTING or step.alert.answer_by is None:
        return set()
    if step.kind == Kind.PENDING:
        return people.office(step.alert)
    return people.owing(step.alert) | (people.at_rung(step.alert, step.rung) if step.kind == Kind.CLIMBED else set())


def _people(step: Step, people: Recipients, applied: AppliedRule) -> set[int]:
    if step.kind == Kind.REMINDED:
        return people.owing(step.alert)
    if step.kind == Kind.PENDING:
        return people.office(step.alert)
    if step.kind == Kind.CLIMBED:
        return people.at_rung(step.alert, step.rung)
    level = applied.level_called(step.alert.level)
    told = people.of(step.alert, applied.recipients(level))
    # Who was bothered with it is told as well that it is over.
    return told | people.at_rung(step.alert, step.rung) if step.kind == Kind.CLOSED and step.rung else told


def _kind(step: Step) -> str:
    """A kind of notice that the inbox knows, else Chinese words: of the step, or of the level that was reached."""
    if step.kind in KINDS:
        return str(step.kind)
    if step.kind in RISING:
        return step.kind.label
    return step.alert.level if step.alert.level in KINDS else step.alert.label[:20]


def _key(step: Step, as_of: date) -> str:
    """The same step of the same day has the same key, even if figures were corrected to and fro in between."""
    alert = step.alert
    key = f"alert:{alert.rule_id}:{alert.subject_key}:{step.kind}:{alert.level}:{as_of:%Y-%m-%d}"
    return f"{key}:{step.rung}" if step.kind in RISING else key


def _urgent(step: Step, applied: AppliedRule) -> bool:
    level = applied.level_called(step.alert.level)
    return bool(level and level.urgent and step.kind in (Kind.OPENED, Kind.WORSENED, Kind.REISSUED, Kind.CLIMBED))


# ---- What people do ----------------------------------------------------------------------------------
def tell_of_answer(alert: Alert, event: AlertEvent, more: str) -> int:
    """反馈: the office hears of it, and those to whom the alert has gone up."""
    people = Recipients([alert], clock.today())
    told = people.office(alert) | (people.at_rung(alert, alert.rung) if alert.rung else set())
    return _leave(alert, event, told - {event.by_id}, f"{alert.subject}：{event.sentence}{more}。")


def tell_leaders(alert: Alert, event: AlertEvent, *, besides: User) -> int:
    """申请豁免: those who may approve it."""
    told = Recipients([alert], clock.today()).nearest(alert.place.path, DECIDES["exemption"])
    return _leave(alert, event, told - {besides.pk}, f"{alert.subject}：{event.sentence}，{event.note}", todo=True)


def tell_leaders_of(exemption: Exemption, sentence: str, *, besides: User) -> int:
    """The same of an exemption that is asked for before there is an alert."""
    told = Recipients([exemption], clock.today()).nearest(exemption.place.path, DECIDES["exemption"])
    return _leave_of(exemption, told - {besides.pk}, sentence, todo=True)


def tell_asker(exemption: Exemption, sentence: str) -> int:
    """What was decided of an exemption: who asked for it."""
    return _leave_of(exemption, {exemption.asked_by_id}, f"{exemption.project or exemption.subject_name}：{sentence}")


def tell_approvers(alert: Alert, event: AlertEvent, *, besides: User) -> int:
    """申请销号: those who may approve it."""
    told = Recipients([alert], clock.today()).nearest(alert.place.path, DECIDES["closing"])
    return _leave(alert, event, told - {besides.pk}, f"{alert.subject}：{event.sentence}，{event.note}", todo=True)


def tell_closing(alert: Alert, asked: Closing, sentence: str) -> int:
    """What was decided of a closing: who asked for it."""
    draft = _draft(
        alert, asked.asked_by_id, f"closing:{asked.pk}:{asked.state}", "预警销号", f"{alert.subject}：{sentence}"
    )
    return inbox.leave([draft])


def tell_reopened(alert: Alert, event: AlertEvent, revoked: Closing) -> int:
    """撤销销号: who asked for the closing, who approved it, and who owes an answer now."""
    told = Recipients([alert], clock.today()).owing(alert) | {revoked.asked_by_id, revoked.decided_by_id or 0}
    return _leave(alert, event, told - {event.by_id, 0}, f"{alert.subject}：{event.sentence}，{event.note}")


def _leave(alert: Alert, event: AlertEvent, told: set[int], sentence: str, *, todo: bool = False) -> int:
    """By the number of the step: the same step has the same key."""
    key, kind = f"alert:{alert.pk}:{event.step}", event.get_kind_display()
    return inbox.leave(_draft(alert, user_id, key, kind, sentence, todo=todo) for user_id in sorted(told))


def _leave_of(exemption: Exemption, told: set[int], sentence: str, *, todo: bool = False) -> int:
    path = reverse("admin:projects_alerts_exemption_change", args=[exemption.pk])
    key = f"exemption:{exemption.pk}:{exemption.state}"
    return inbox.leave(
        Draft(
            user_id=user_id,
            key=key,
            kind="预警豁免",
            sentence=sentence,
            path=path,
            project_id=exemption.project_id,
            zone_id=exemption.place.pk,
            todo=todo,
        )
        for user_id in sorted(told)
    )


@cache
def _page() -> str:
    """The address of an alert's page, with its key left open: to ask for it each time takes longer than the rest."""
    return reverse("admin:projects_alerts_alert_change", args=[0]).replace("/0/", "/{}/")


def _draft(
    alert: Alert,
    user_id: int,
    key: str,
    kind: str,
    sentence: str,
    *,
    urgent: bool = False,
    todo: bool = False,
    replies: tuple[str, ...] = (),
) -> Draft:
    return Draft(
        user_id=user_id,
        key=key,
        kind=kind,
        sentence=sentence,
        path=_page().format(alert.pk),
        project_id=alert.project_id,
        zone_id=alert.place.pk,
        urgent=urgent,
        todo=todo,
        replies=replies,
    )
