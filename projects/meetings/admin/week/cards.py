"""A project's week as a card: what stands there or was typed, what was promised, what the checks say of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db.models import OuterRef, QuerySet, Subquery

from projects import standings
from projects.admin import columns
from projects.meetings import filing, saving
from projects.meetings.filing import Week
from projects.meetings.models import Attachment, Meeting, Update
from projects.models import Problem, Progress
from zones import clock

CELLS: Final = ("words", "amount", "percent", "next_step", "help_wanted")
PROBLEM: Final = ("problem", "category", "deadline")
FOLDED: Final = ("help_wanted", *PROBLEM)
LABELS: Final = {
    "words": "本周进展",
    "amount": "年内累计完成投资（万元）",
    "percent": "形象进度（%）",
    "next_step": "下周计划",
    "help_wanted": "需协调事项",
    "problem": "新出现的问题",
    "category": "问题类别",
    "deadline": "希望解决的时限",
    "photo": "照片",
}
CATEGORIES: Final = [("", "请选择类别"), *Problem.Category.choices]
RECALLED: Final = timedelta(days=60)  # how long what was promised is held up to anybody
WEEKLY: Final = Progress.Channel.WEEKLY


@dataclass(slots=True)
class Card:
    """A project's week on the screen. `stored` are its cells as they stand, `typed` as they are shown; `key` is the
    number under which the next save will be known.
    """

    project: Any
    week: Week
    update: Update
    stored: dict[str, str]
    typed: dict[str, str]
    promised: str = ""
    photos: list[Attachment] = field(default_factory=list)
    key: UUID = field(default_factory=uuid4)
    said: str = ""
    is_open: bool = False
    errors: dict[str, list[str]] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def pk(self) -> int:
        return self.project.pk

    @property
    def prefix(self) -> str:
        return f"p{self.pk}-"

    @property
    def base(self) -> str:
        """What stood in the cells when the page was made, to be sent back with what is typed."""
        return json.dumps(self.stored, ensure_ascii=False)

    @property
    def for_week(self) -> str:
        """The meeting that the page told of; see `is_of`."""
        meeting = self.week.meeting
        return f"m{meeting.pk}" if meeting else f"d{self.week.held_on:%Y-%m-%d}"

    def is_of(self, told: str) -> bool:
        """Whether this is still the meeting of a page that was made a while ago."""
        return told in (self.for_week, f"d{self.week.held_on:%Y-%m-%d}")

    @property
    def is_told(self) -> bool:
        """Whether anything has been told of the week, by whom ever."""
        return bool(self.update.filed_at or self.update.progress_id or self.stored["words"])

    @property
    def is_unfinished(self) -> bool:
        """Whether something of it has still to be read or sent."""
        return bool(self.errors or self.doubts or self.lines)

    @property
    def is_unfolded(self) -> bool:
        return any(self.typed.get(name) or name in self.errors for name in FOLDED)

    @property
    def told_before(self) -> str:
        """The year's figure as it was told before this week."""
        if self.project.told_amount is None:
            return ""
        day = self.project.told_up_to
        return f"上次 {columns.brief(self.project.told_amount)}（截至{day.month}月{day.day}日）"

    @property
    def plan(self) -> str:
        standing = getattr(self.project, "standing", None)
        return f"年度计划 {columns.brief(standing.plan)}" if standing and standing.plan else ""

    @property
    def light(self) -> Any:
        return columns.light_of(getattr(self.project, "standing", None))

    @property
    def others(self) -> list[str]:
        """Errors that belong to no cell."""
        return self.errors.get("", [])


def told_projects(projects: QuerySet[Any], today: date) -> QuerySet[Any]:
    """The projects, each with the latest figure of its year but for the coming meeting's, and the day of it."""
    before = Progress.objects.filter(
        project=OuterRef("pk"), current=True, amount__isnull=False, channel__in=list(standings.TRUST)
    ).filter(up_to__lte=today, up_to__year=today.year)
    # What was told for the coming meeting is what stands in the cells: it is not compared with itself.
    before = before.exclude(update__meeting__held_on__gte=today)
    latest = before.order_by("-up_to", "-pk")
    return projects.select_related("zone", "standing").annotate(
        told_amount=Subquery(latest.values("amount")[:1]), told_up_to=Subquery(latest.values("up_to")[:1])
    )


def cards(projects: Iterable[Any], posted: Mapping[str, str] | None = None) -> list[Card]:
    """The cards of those of the projects whose zone meets; typed ones where `posted` holds what was sent. A constant
    number of statements.
    """
    found = list(projects)
    weeks = filing.weeks_of(found, clock.today())
    updates = _updates(found, weeks)
    told = saving.standing_of(updates.values())
    promised, photos = _promised(weeks), _photos(updates.values())
    made = []
    for project in found:
        if project.pk not in weeks:
            continue
        row = updates[project.pk]
        stored = _stored(row, told.get(project.pk))
        typed = dict(stored) if posted is None else _typed(project, posted)
        made.append(
            Card(project, weeks[project.pk], row, stored, typed, promised.get(project.pk, ""), photos.get(row.pk, []))
        )
    return made


def judge(card: Card) -> None:
    """What can be said of what is typed on the card, before anything is written."""
    values, refused = saving.read({name: card.typed[name] for name in CELLS})
    card.errors = {name: [sentence] for name, sentence in refused.items()}
    card.doubts = saving.doubts(card.update, values)


def gain(card: Card) -> str:
    """What the typed figure adds to the one before it, in words; "" where nothing can be compared."""
    amount = saving.read({"amount": card.typed["amount"]})[0].get("amount")
    standing = getattr(card.project, "standing", None)
    plan, before = standing.plan if standing else None, card.project.told_amount
    said = []
    if amount is not None and before is not None and amount >= before:
        said.append(f"比上次多 {columns.brief(amount - before)}" if amount > before else "与上次相同")
    if amount is not None and plan:
        said.append(f"占年度计划 {columns.percent(amount, plan)}")
    return "，".join(said)


def _updates(projects: list[Any], weeks: Mapping[int, Week]) -> dict[int, Update]:
    """The row of each project in its meeting; one that is not stored where there is none yet."""
    meetings = {week.meeting.pk: week.meeting for week in weeks.values() if week.meeting}
    rows = Update.objects.filter(meeting__in=meetings, project__in=[project.pk for project in projects])
    stored = {(row.meeting_id, row.project_id): row for row in rows.select_related("progress", "filed_by")}
    found = {}
    for project in projects:
        if week := weeks.get(project.pk):
            meeting = week.meeting or Meeting(zone=week.zone, held_on=week.held_on)
            row = stored.get((meeting.pk, project.pk)) or Update(meeting=meeting, project=project)
            row.meeting, row.project = meeting, project
            found[project.pk] = row
    return found


def _stored(row: Update, told: Progress | None) -> dict[str, str]:
    shown = saving.shown(saving.values_with(row, told))
    return {name: shown[name] for name in CELLS}


def _typed(project: Any, posted: Mapping[str, str]) -> dict[str, str]:
    # A form sends line ends of its own.
    return {name: posted.get(f"p{project.pk}-{name}", "").replace("\r\n", "\n") for name in (*CELLS, *PROBLEM)}


def _promised(weeks: Mapping[int, Week]) -> dict[int, str]:
    """What the last meeting was told would be done until this one, by project."""
    held = {pk: week.held_on for pk, week in weeks.items()}
    if not held:
        return {}
    rows = Update.objects.filter(project__in=held, meeting__kind=Meeting.Kind.WEEKLY).exclude(next_step="")
    rows = rows.filter(meeting__held_on__gte=min(held.values()) - RECALLED).exclude(
        meeting__state=Meeting.State.CANCELLED
    )
    found: dict[int, str] = {}
    for pk, day, words in rows.order_by("-meeting__held_on", "-pk").values_list(
        "project", "meeting__held_on", "next_step"
    ):
        if day < held[pk]:
            found.setdefault(pk, words)
    return found


def _photos(updates: Iterable[Update]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    keys = [row.pk for row in updates if row.pk]
    for each in Attachment.objects.filter(update__in=keys, removed_at=None) if keys else ():
        found.setdefault(each.update_id or 0, []).append(each)
    return found
