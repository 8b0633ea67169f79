"""The papers for those who sit in the meeting: last week's decisions, the numbers, and every project in its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import OuterRef, Prefetch, Subquery

from projects.admin import columns
from projects.meetings import agenda, numbers
from projects.meetings.models import Attachment, Decision, DecisionEvent, Meeting, Topic, Update
from projects.models import Assignment, Phase, Suspension

Held = Assignment.Role
Section = Update.Section
RESPONSIBLE: Final = (Held.LEADER, Held.UNIT)
STATES: Final = [
    *(Decision.State.CLOSING_ASKED, Decision.State.EXTENSION_ASKED, Decision.State.WORKING),
    *(Decision.State.RECEIVED, Decision.State.ISSUED, Decision.State.DONE),
]
"""In which order earlier decisions are read out; within each the earliest deadline first."""


@dataclass(frozen=True, slots=True)
class Row:
    """A project on paper: figures as of the judged month, and what was told of its week."""

    update: Update
    project: Any
    marks: str
    light: str
    phase: str
    leader: str
    unit: str
    plan: str
    done: str
    rate: str
    lag: str
    why: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the agenda; `quiet` where one line per project is enough."""

    title: str
    quiet: bool
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that the template shows."""

    meeting: Meeting
    money: list[tuple[str, str]]
    phases: list[tuple[str, int]]
    lights: list[tuple[str, int]]
    facts: list[tuple[str, int]]
    changes: list[str]
    previous: Meeting | None
    decisions: list[tuple[str, list[Decision]]]
    topics: list[Topic]
    waiting_topics: int
    parts: list[Part]


def build(meeting: Meeting) -> Pack:
    """The pack of a meeting, of its agenda and numbers as they were made; a constant number of statements."""
    previous = agenda.previous(meeting)
    kept = meeting.numbers
    topics = Topic.objects.filter(meeting=meeting).select_related("project", "department", "proposed_by")
    papers = Prefetch("attachments", queryset=Attachment.objects.filter(removed_at=None))
    return Pack(
        meeting=meeting,
        money=_money(kept),
        phases=[(str(Phase(code).label), count) for code, count in kept.get("phases", {}).items() if count],
        lights=[
            (columns.light(each["code"], each["label"], each["colour"]), each["count"])
            for each in kept.get("lights", [])
        ],
        facts=_facts(kept),
        changes=numbers.changes(previous.numbers, kept) if previous else [],
        previous=previous,
        decisions=_decisions(meeting),
        topics=list(topics.filter(state=Topic.State.APPROVED).prefetch_related(papers).order_by("place", "pk")),
        waiting_topics=topics.filter(state=Topic.State.PROPOSED).count(),
        parts=_parts(meeting),
    )


def _money(kept: dict[str, Any]) -> list[tuple[str, str]]:
    if not kept:
        return []
    money = numbers.investment_of(kept)
    elapsed = f"{100 * money.elapsed / (12 * money.plan):.1f}%" if money.plan else columns.NOTHING
    return [
        ("年度计划投资", columns.brief(money.plan)),
        ("累计完成", columns.brief(money.done)),
        ("完成率", columns.percent(money.done, money.plan)),
        ("时序进度", elapsed),
        ("对时序", columns.lag(money.lag_elapsed)),
        ("按计划应完成", columns.brief(money.due)),
        ("对计划", columns.lag(money.lag_planned)),
    ]


def _facts(kept: dict[str, Any]) -> list[tuple[str, int]]:
    if not kept:
        return []
    money = kept["investment"]
    return [
        ("在库项目", kept["projects"]),
        ("有计划有数据", money["counted"]),
        ("有计划缺数据", money["without_figure"]),
        ("未下达计划", money["without_plan"]),
        ("未销号问题", kept["problems"]),
    ]


def _decisions(meeting: Meeting) -> list[tuple[str, list[Decision]]]:
    last = DecisionEvent.objects.filter(decision=OuterRef("pk")).exclude(note="").order_by("-pk").values("note")[:1]
    rows = agenda.earlier_decisions(meeting).annotate(last_note=Subquery(last))
    by_state: dict[str, list[Decision]] = defaultdict(list)
    for row in rows.select_related("meeting__zone", "project", "lead", "person").order_by("deadline", "pk"):
        by_state[row.state].append(row)
    return [(str(state.label), by_state[state.value]) for state in STATES if state.value in by_state]


def _parts(meeting: Meeting) -> list[Part]:
    updates = meeting.updates.select_related("project__zone", "project__standing").order_by("place", "pk")
    rows = list(updates)
    keys = [row.project_id for row in rows]
    still = set(Suspension.objects.in_force(meeting.held_on).filter(project__in=keys).values_list("project", flat=True))
    stands = _responsible(meeting, keys)
    if meeting.kind != Meeting.Kind.WEEKLY:
        return [Part("项目", False, [_row(row, stands[row.project_id], still) for row in rows])] if rows else []
    parts = {section: Part(str(section.label), section == Section.REST) for section in Section}
    for row in rows:
        parts[Section(row.section)].rows.append(_row(row, stands[row.project_id], still))
    return [part for part in parts.values() if part.rows]


def _responsible(meeting: Meeting, keys: Iterable[int]) -> dict[int, dict[str, list[str]]]:
    held = Assignment.objects.in_force(meeting.held_on).filter(project__in=list(keys), role__in=RESPONSIBLE)
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in held.select_related("user", "department"):
        found[row.project_id][row.role].append(row.who)
    return found


def _row(update: Update, stands: dict[str, list[str]], still: set[int]) -> Row:
    project = update.project
    standing = getattr(project, "standing", None)
    return Row(
        update=update,
        project=project,
        marks=columns.marks(project, suspended=project.pk in still),
        light=columns.light_of(standing),
        phase=project.get_phase_display(),
        leader="、".join(stands[Held.LEADER]),
        unit="、".join(stands[Held.UNIT]),
        plan=columns.brief(standing.plan if standing else None),
        done=columns.brief(standing.done if standing else None),
        rate=columns.percent(standing.done, standing.plan) if standing else columns.NOTHING,
        lag=columns.lag(standing.lag_elapsed if standing else None),
        why=update.why.splitlines(),
    )
