"""What stood in a meeting when it was closed, as plain data: its rows, its numbers, what was decided.

The minutes are drafted and set from this alone. A decision that is extended next week, a figure that is corrected, a
unit that changes its name leave no trace in it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, Final

from projects import dates
from projects.meetings import agenda, numbers, saving, touring
from projects.meetings.models import Attachment, Decision, Meeting, Topic
from projects.models import Milestone, MilestoneChange, Problem, Progress
from zones import clock

VERSION: Final = 1  # of the shape of what is returned
HEAVY: Final = ("meeting__record", "meeting__numbers")
"""What a list of rows of meetings need not read: all that a meeting kept, once per row."""


def freeze(meeting: Meeting) -> dict[str, Any]:
    """The record of the meeting, ready to be kept as JSON: days ISO, money yuan. A constant number of statements."""
    day = min(meeting.held_on, clock.today())
    decisions = _decisions(meeting)
    before = agenda.previous(meeting)
    now = numbers.of_zone(meeting.zone, agenda.projects_of(meeting.zone, day), day)
    earlier = agenda.earlier_decisions(meeting).select_related("meeting__zone", "lead").defer(*HEAVY)
    topics = meeting.topics.filter(state=Topic.State.APPROVED).select_related("project", "department")
    return {
        "version": VERSION,
        "day": day.isoformat(),
        "organ": meeting.zone.name_on(meeting.held_on),
        "earlier": [_earlier(each, day) for each in earlier],
        "numbers": now,
        "changes": numbers.changes(before.record.get("numbers") or before.numbers, now) if before else [],
        "rows": _rows(meeting),
        "stops": _stops(meeting),
        "topics": [_topic(each) for each in topics],
        "decisions": decisions,
        "annexes": _annexes(meeting, decisions),
    }


# ---- Parts -------------------------------------------------------------------------------------------
def _rows(meeting: Meeting) -> list[dict[str, Any]]:
    reached, problems = _reached(meeting), _problems(meeting)
    rows = list(meeting.updates.select_related("project", "progress").order_by("place", "pk"))
    told = saving.standing_of(rows)
    return [
        {
            "update": row.pk,
            "project": row.project_id,
            "name": row.project.name,
            "section": row.section,
            "place": row.place,
            "why": row.why,
            "words": row.words,
            "next_step": row.next_step,
            "help_wanted": row.help_wanted,
            **_figures(told.get(row.project_id) if row.progress else None),
            "reached": reached[row.project_id],
            "problems": problems[row.project_id],
        }
        for row in rows
    ]


def _figures(told: Progress | None) -> dict[str, Any]:
    return {
        "up_to": told.up_to.isoformat() if told else None,
        "amount": told.amount if told else None,
        "total": told.total if told else None,
        "percent": told.percent if told else None,
    }


def _reached(meeting: Meeting) -> dict[int, list[str]]:
    """By project the steps that the meeting was told of and that are done."""
    told = MilestoneChange.objects.filter(source=meeting.source_id, what=MilestoneChange.What.REACHED)
    found: dict[int, list[str]] = defaultdict(list)
    for step in Milestone.objects.filter(pk__in=told.values("milestone"), done=True).order_by("actual_last", "pk"):
        when = _span(step.actual_first, step.actual_last)
        found[step.project_id].append(f"{step}（{when}）" if when else f"{step}（日期不详）")
    return found


def _span(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return ""
    return dates.show(dates.DateSpan(first, last, "day" if first == last else "range"))


def _problems(meeting: Meeting) -> dict[Any, list[str]]:
    """By project the problems that were raised in the meeting."""
    found: dict[Any, list[str]] = defaultdict(list)
    told = Problem.objects.filter(source=meeting.source_id, project__isnull=False).order_by("pk")
    for project, title in told.values_list("project", "title"):
        found[project].append(title)
    return found


def _stops(meeting: Meeting) -> list[dict[str, Any]]:
    """Of a tour: the marks of its stops, by update."""
    if meeting.kind != Meeting.Kind.TOUR:
        return []
    return [
        {"update": stop.update.pk, "marks": len(stop.marks), "mean": stop.shown, "rank": stop.rank}
        for stop in touring.stops(meeting)
        if stop.marks
    ]


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "id": topic.pk,
        "title": topic.title,
        "text": topic.text,
        "tried": topic.tried,
        "department": str(topic.department) if topic.department else "",
        "project": topic.project.name if topic.project else "",
    }


def _decisions(meeting: Meeting) -> list[dict[str, Any]]:
    rows = meeting.decisions.select_related("project", "lead", "person").prefetch_related("helpers")
    return [
        {
            "id": row.pk,
            "number": row.number,
            "project_id": row.project_id,
            "project": row.project.name if row.project else "",
            "topic": row.topic_id,
            "matter": row.matter,
            "lead": row.lead.name if row.lead else "",
            "helpers": [unit.name for unit in row.helpers.all()],
            "person": str(row.person) if row.person else "",
            "deadline": row.deadline.isoformat() if row.deadline else None,
        }
        for row in rows.order_by("number")
    ]


def _earlier(decision: Decision, day: date) -> dict[str, Any]:
    return {
        "id": decision.pk,
        "meeting": str(decision.meeting),
        "number": decision.number,
        "matter": decision.matter,
        "lead": str(decision.lead) if decision.lead else "",
        "state": decision.state,
        "deadline": decision.deadline.isoformat() if decision.deadline else None,
        "overdue": bool(decision.is_unfinished and decision.deadline and decision.deadline < day),
    }


def _annexes(meeting: Meeting, decisions: list[dict[str, Any]]) -> list[str]:
    papers = Attachment.objects.filter(topic__meeting=meeting, topic__state=Topic.State.APPROVED, removed_at=None)
    names = papers.order_by("topic__place", "topic", "pk").values_list("name", flat=True)
    return [*(["议定事项清单"] if decisions else []), *names]
