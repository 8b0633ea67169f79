"""Which notices of alerts still hold when they are about to be sent: nobody is alarmed about what is over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from projects.alerts.episodes import Kind
from projects.alerts.models import Alert
from projects.notices.inbox import CHUNK

PREFIX: Final = "alert"
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
