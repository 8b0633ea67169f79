"""Notices of what changed: to whom, how urgent, under which key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.urls import reverse

from projects.alerts.episodes import SILENT, Kind, Step
from projects.alerts.recipients import Recipients
from projects.alerts.rulebook import AppliedRule, Rulebook
from projects.notices import inbox
from projects.notices.inbox import Draft
from projects.notices.models import KINDS


def tell(steps: Iterable[Step], rulebook: Rulebook, as_of: date) -> int:
    """Leave the notices of a shard's steps in the inboxes; how many were new. Belongs in the scan's transaction."""
    steps = [step for step in steps if step.kind not in SILENT and rulebook.applied(step.alert.rule_id)]
    if not steps:
        return 0
    people = Recipients({step.alert.project for step in steps}, as_of)
    return inbox.leave(draft for step in steps for draft in _drafts(step, people, rulebook, as_of))


def _drafts(step: Step, people: Recipients, rulebook: Rulebook, as_of: date) -> Iterator[Draft]:
    applied = rulebook.applied(step.alert.rule_id)
    if applied is None:
        return
    alert = step.alert
    level = applied.level_called(alert.level)
    for user_id in sorted(people.of(alert.project, applied.recipients(level))):
        yield Draft(
            user_id=user_id,
            key=_key(step, as_of),
            kind=_kind(step),
            sentence=step.sentence,
            path=reverse("admin:projects_alerts_alert_change", args=[alert.pk]),
            project_id=alert.project_id,
            zone_id=alert.project.zone_id,
            urgent=_urgent(step, applied),
        )


def _kind(step: Step) -> str:
    """A kind of notice that the inbox knows, else the label of the level, which is Chinese."""
    if step.kind in KINDS:
        return str(step.kind)
    return step.alert.level if step.alert.level in KINDS else step.alert.label[:20]


def _key(step: Step, as_of: date) -> str:
    """The same step of the same day has the same key, even if figures were corrected to and fro in between."""
    alert = step.alert
    return f"alert:{alert.rule_id}:{alert.subject_key}:{step.kind}:{alert.level}:{as_of:%Y-%m-%d}"


def _urgent(step: Step, applied: AppliedRule) -> bool:
    level = applied.level_called(step.alert.level)
    return bool(level and level.urgent and step.kind in (Kind.OPENED, Kind.WORSENED))
