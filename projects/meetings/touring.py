"""Meetings about chosen projects: which are taken up and in which order, and on a tour (观摩) what each is given by
those who go. The weekly meeting's rows are made by its agenda, and not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.meetings import agenda, opening
from projects.meetings.deciding import going
from projects.meetings.models import Mark, Meeting, Update
from projects.models import Project
from zones.models import User
from zones.permissions import Action, may

FULL: Final = 100  # points
MARKING: Final = (Action.RUN_MEETING, Action.APPROVE)


@dataclass(frozen=True, slots=True)
class Stop:
    """A project that is visited: its row, who gave how much, the mean and the place by it (equal means share one)."""

    update: Update
    marks: list[Mark]
    mean: Fraction | None
    rank: int | None

    @property
    def shown(self) -> str:
        """The mean with one decimal, half rounded up; "" while nobody has marked."""
        if self.mean is None:
            return ""
        tenths = (20 * self.mean.numerator + self.mean.denominator) // (2 * self.mean.denominator)
        return f"{tenths // 10}.{tenths % 10}"


# ---- The rows --------------------------------------------------------------------------------------
@transaction.atomic
def add_stop(meeting: Meeting, project: Project, *, by: User | None) -> Update:
    """Take a project up, as the last one; one that is there already stays where it is.

    Raises ValidationError: the meeting is over or makes its own agenda, the project is of another zone or has ended.
    """
    meeting = _chosen(meeting)
    if not project.zone.path.startswith(meeting.zone.path):
        raise ValidationError({"project": "该项目不属于开会的区域，请另选项目"})
    if project.terminated_on:
        raise ValidationError({"project": "该项目已终止，请另选项目"})
    rows = _rows(meeting)
    known = next((row for row in rows if row.project_id == project.pk), None)
    if known:
        return known
    told = agenda.facts_of(Project.objects.filter(pk=project.pk), meeting.held_on, opening.DUE_WITHIN)
    line = agenda.arrange(told, meeting.held_on)[0]
    added = Update.objects.create(
        meeting=meeting, project=project, section=line.section, why=line.why, place=len(rows) + 1
    )
    _number([*rows, added])
    return added


@transaction.atomic
def drop_stop(update: Update, *, by: User | None) -> None:
    """Leave a project out again. Raises ValidationError when something has been told, marked or decided of it."""
    meeting = _chosen(update.meeting)
    if update.words or update.next_step or update.help_wanted or update.progress_id or _is_used(update):
        raise ValidationError(f"“{update.project}”已有填写内容或评分，不能移出")
    update.delete()
    _number(_rows(meeting))


@transaction.atomic
def move_stop(update: Update, steps: int, *, by: User | None) -> None:
    """Put a project earlier (`steps` below zero) or later; beyond the ends it stays at the end."""
    rows = _rows(_chosen(update.meeting))
    at = next((at for at, row in enumerate(rows) if row.pk == update.pk), None)
    if at is None:
        raise ValidationError("该项目已被移出，请刷新页面")
    moved = rows.pop(at)
    rows.insert(max(0, at + steps), moved)
    _number(rows)


def _chosen(meeting: Meeting) -> Meeting:
    meeting = going(meeting)
    if meeting.kind == Meeting.Kind.WEEKLY:
        raise ValidationError("周例会的项目由系统按议程排列，不必挑选")
    return meeting


def _rows(meeting: Meeting) -> list[Update]:
    return list(meeting.updates.order_by("place", "pk"))


def _number(rows: Iterable[Update]) -> None:
    for place, row in enumerate(rows, start=1):
        if row.place != place:
            Update.objects.filter(pk=row.pk).update(place=place)


def _is_used(update: Update) -> bool:
    decided = update.meeting.decisions.filter(project=update.project_id)
    return any(rows.exists() for rows in (update.saves, update.marks, update.attachments, decided))


# ---- Marks -----------------------------------------------------------------------------------------
@transaction.atomic
def mark(update: Update, points: int | None, *, words: str = "", by: User) -> Mark | None:
    """Give a visited project 0 to 100 points; given again they replace one's own, and None takes them back.

    Raises ValidationError: no tour, the tour is over, or points and words out of bounds.
    """
    if going(update.meeting).kind != Meeting.Kind.TOUR:
        raise ValidationError("只有观摩会可以评分")
    own = update.marks.filter(by=by).first() or Mark(update=update, by=by)
    if points is None:
        if words.strip():
            raise ValidationError({"points": "写了评语，请同时给出 0 到 100 的得分"})
        if own.pk:
            own.delete()
        return None
    if (own.points, own.words) == (points, words.strip()):
        return own
    own.points, own.words = points, words.strip()
    own.full_clean(exclude=["update", "by"])
    own.save()
    return own


def may_mark(user: Any, meeting: Meeting) -> bool:
    """Whether the person gives points: who runs the meeting, and the leaders of its zone."""
    return any(may(user, action, meeting) for action in MARKING)


def stops(meeting: Meeting) -> list[Stop]:
    """The projects in their order with what they were given. Two statements, however many there are."""
    rows = list(meeting.updates.select_related("project__zone", "project__standing").order_by("place", "pk"))
    marks: dict[int, list[Mark]] = {row.pk: [] for row in rows}
    for each in Mark.objects.filter(update__meeting=meeting).select_related("by").order_by("pk"):
        marks[each.update_id].append(each)
    means = {pk: _mean(given) for pk, given in marks.items()}
    known = [mean for mean in means.values() if mean is not None]
    return [Stop(row, marks[row.pk], means[row.pk], _rank(means[row.pk], known)) for row in rows]


def _mean(marks: list[Mark]) -> Fraction | None:
    return Fraction(sum(each.points for each in marks), len(marks)) if marks else None


def _rank(mean: Fraction | None, known: list[Fraction]) -> int | None:
    return None if mean is None else 1 + sum(other > mean for other in known)
