"""Which notices of alerts still hold when they are about to be sent: nobody is alarmed about what is over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from projects.alerts.episodes import Kind
from projects.alerts.models import Alert, AlertEvent, Closing, Exemption, Letter, LetterEvent
from projects.notices.inbox import CHUNK
from projects.standings.among import listed

PREFIX: Final = "alert"
EXEMPTION: Final = "exemption"
LETTER: Final = "letter"
WAITS: Final = {
    LetterEvent.What.SUBMITTED: (Letter.State.SUBMITTED,),
    LetterEvent.What.SENT_BACK: (Letter.State.DRAFT,),
    LetterEvent.What.ISSUED: Letter.UNANSWERED,
    LetterEvent.What.RETURNED: Letter.UNANSWERED,
    LetterEvent.What.REPLIED: (Letter.State.REPLIED,),
}
"""In which states of a letter what a step asked for has not been done."""
WANTS_AN_ANSWER: Final = frozenset({Kind.REMINDED, Kind.PENDING, Kind.CLIMBED, Kind.BROKEN})


class _Step(NamedTuple):
    """What the key of a scan's notice says (`telling._key`): the rule, the subject, the kind of step."""

    rule_id: int
    subject: str
    kind: str


def still_true(keys: Collection[str]) -> set[str]:
    """Of these keys those that hold: an alarm as long as its alert is open, a reminder as long as nobody has answered,
    an all-clear as long as nothing was opened again. What a person did stays done.
    """
    steps = {key: step for key in keys if (step := _step(key))}
    wanted = sorted({step.subject for step in steps.values()})
    open_ones: dict[tuple[int, str], bool] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = Alert.objects.open().filter(subject_key__in=wanted[start : start + CHUNK])
        open_ones |= {
            (rule, subject): done for rule, subject, done in rows.values_list("rule", "subject_key", "answered")
        }
    return {key for key in keys if key not in steps or _holds(steps[key], open_ones)}


# ---- What is to be done --------------------------------------------------------------------------------
def to_do(keys: Collection[str]) -> set[str]:
    """Of these keys those that still ask for something: an answer to an alert that nobody has answered and that does
    not rest, a decision on an exemption or a closing that was asked for.
    """
    steps = {key: step for key in keys if (step := _step(key))}
    wanted = sorted({step.subject for step in steps.values()})
    owing: set[tuple[int, str]] = set()
    for start in range(0, len(wanted), CHUNK):
        rows = Alert.objects.unanswered().filter(subject_key__in=wanted[start : start + CHUNK])
        owing |= set(rows.values_list("rule", "subject_key"))
    answers = {key for key, step in steps.items() if (step.rule_id, step.subject) in owing}
    return answers | _asked({key for key in keys if key not in steps})


def _asked(keys: set[str]) -> set[str]:
    """Of what people asked for by a step of an alert what nobody has decided."""
    named = {key: (int(parts[1]), int(parts[2])) for key in keys if len(parts := key.split(":")) == 3}
    alerts = sorted({alert for alert, _ in named.values()})
    kinds = (AlertEvent.Kind.CLOSING_ASKED, AlertEvent.Kind.EXEMPTION_ASKED)
    rows = AlertEvent.objects.filter(alert__in=listed(alerts), kind__in=kinds)
    asked = {(alert, step): kind for alert, step, kind in rows.values_list("alert", "step", "kind")}
    open_ones = {
        kind: set(model.objects.filter(alert__in=listed(alerts), state="asked").values_list("alert", flat=True))
        for kind, model in zip(kinds, (Closing, Exemption), strict=True)
    }
    return {key for key, step in named.items() if step in asked and step[0] in open_ones[asked[step]]}


def exemption_to_do(keys: Collection[str]) -> set[str]:
    """Of notices that an exemption is asked for those of which nobody has decided."""
    named = {key: int(key.split(":")[1]) for key in keys}
    rows = Exemption.objects.filter(pk__in=listed(sorted(set(named.values()))), state="asked")
    left = set(rows.values_list("pk", flat=True))
    return {key for key, pk in named.items() if pk in left}


def letter_holds(keys: Collection[str]) -> set[str]:
    """Of steps of letters all but what asks for something in the name of a letter that was taken back."""
    named = {key: int(key.split(":")[2]) for key in keys}
    gone = LetterEvent.objects.filter(
        pk__in=listed(sorted(set(named.values()))), what__in=WAITS, letter__state=Letter.State.WITHDRAWN
    )
    over = set(gone.values_list("pk", flat=True))
    return {key for key, pk in named.items() if pk not in over}


def letter_to_do(keys: Collection[str]) -> set[str]:
    """Of steps of letters those that wait for the next one: to be issued, to be answered, to be looked at."""
    named = {key: int(key.split(":")[2]) for key in keys}
    rows = LetterEvent.objects.filter(pk__in=listed(sorted(set(named.values()))))
    steps = {pk: (what, state) for pk, what, state in rows.values_list("pk", "what", "letter__state")}
    return {key for key, pk in named.items() if pk in steps and steps[pk][1] in WAITS.get(steps[pk][0], ())}


def _holds(step: _Step, open_ones: dict[tuple[int, str], bool]) -> bool:
    answered = open_ones.get((step.rule_id, step.subject))
    if step.kind == Kind.CLOSED:
        return answered is None
    if step.kind in WANTS_AN_ANSWER:
        return answered is False
    return answered is not None


def _step(key: str) -> _Step | None:
    """None for the key of what a person did."""
    parts = key.split(":")
    return _Step(int(parts[1]), f"{parts[2]}:{parts[3]}", parts[4]) if len(parts) > 5 else None
