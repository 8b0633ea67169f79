"""What of decisions waits for a person: on 我的待办, beside what alerts want of him."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.urls import reverse

from projects.alerts.admin.todo import MOST, Item, Work, offer
from projects.meetings import following, selecting
from projects.meetings.models import Decision
from projects.meetings.recording import HEAVY


def works(user: Any) -> Iterator[Work]:
    """His own decisions that are not done, and what others ask of him. A constant number of statements."""
    rows = Decision.objects.visible_to(user)
    mine = selecting.of_person(rows, user)
    yield _work("待签收的议定事项", mine.filter(state=Decision.State.ISSUED))
    yield _work("我的议定事项", mine.filter(state__in=following.IN_HAND[1:]))
    yield _work("待审批的议定事项", selecting.to_agree(rows, user), asked=True)


def _work(title: str, rows: Any, *, asked: bool = False) -> Work:
    total = rows.count()
    order = (F("deadline").asc(nulls_last=True), "pk")
    first = rows.select_related("meeting__zone", "project").defer(*HEAVY).order_by(*order)[:MOST] if total else []
    return Work(title, total, [_item(row, asked=asked) for row in first])


def _item(row: Decision, *, asked: bool) -> Item:
    about = [str(row.meeting), *([str(row.project)] if row.project else [])]
    until = f"至 {row.asked_deadline:%Y-%m-%d}" if row.asked_deadline else ""
    return Item(
        what=row.matter[:100],
        why=" · ".join([*([f"{row.get_state_display()}{until}"] if asked else []), *about]),
        url=reverse("admin:projects_meetings_decision_change", args=[row.pk]),
        by=row.deadline,
    )


offer(works)
