"""A row's own fields, saved as they are typed, by several people at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import facts
from projects.facts.locking import locked
from projects.meetings.deciding import going
from projects.meetings.models import Saved, Update
from projects.meetings.saving import log
from projects.meetings.saving.checks import WEEKLY, doubts, told_up_to
from projects.meetings.saving.reading import FIELDS, FIGURES, TEXTS, fitting
from projects.models import Progress
from zones.models import User

FILL = "fill"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two wrote in one field: what was sent and is not kept, what stands there, and who wrote that when."""

    mine: Any
    theirs: Any
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a save: the row as it stands now, its `values`, which fields were `written` now, and which were
    not: those that another has written meanwhile, and those that look like a slip (a sentence each).
    """

    update: Update
    values: dict[str, Any]
    written: tuple[str, ...]
    conflicts: dict[str, Conflict]
    doubts: dict[str, str]

    @property
    def is_complete(self) -> bool:
        """Whether everything that was sent stands there now."""
        return not self.conflicts and not self.doubts


@transaction.atomic
def fill(
    update: Update,
    key: UUID,
    told: Mapping[str, Any],
    base: Mapping[str, Any],
    by: User | None,
    *,
    sure: bool = False,
) -> Answer:
    """Write what is `told` of the week by the names of `FIELDS` (texts, yuan, percent; see `reading.read`), field by
    field against `base`, what stood there when it was typed.

    A field that stands as told is left alone; one that stands as in `base` is written; one that another has changed
    meanwhile is a conflict and left to the person, unless he did not change it himself. What looks like a slip is
    written only when he is `sure`. The same `key` once more writes nothing. Figures and words make one Progress, whose
    source is the meeting, and rewrite it from then on.

    Raises ValidationError: the meeting is over, a text is too long, or what the facts refuse.
    """
    meeting = going(update.meeting)
    project = locked(update.project)
    row = Update.objects.select_related("progress").get(pk=update.pk)
    row.meeting, row.project = meeting, project
    now = values_of(row)
    stood = {name: base.get(name, "" if name in TEXTS else None) for name in FIELDS}
    wanted = {name: value for name, value in _fitting(told).items() if value not in (now[name], stood[name])}
    if before := log.known(key, meeting, row, FILL):
        wanted = {name: value for name, value in wanted.items() if name not in before.told}
    conflicts = _conflicts(row, {name: value for name, value in wanted.items() if now[name] != stood[name]}, now)
    if before:
        return Answer(row, now, (), conflicts, {})
    changed = {name: value for name, value in wanted.items() if name not in conflicts}
    doubtful: dict[str, str] = {}
    if not sure and set(changed) & set(FIGURES):
        doubtful = {name: said for name, said in doubts(row, now | changed).items() if name in changed}
        changed = {name: value for name, value in changed.items() if name not in doubtful}
    if changed:
        write(row, changed, by)
        log.keep(meeting, row, key, FILL, changed, {name: now[name] for name in changed}, by)
    return Answer(row, values_of(row), tuple(changed), conflicts, doubtful)


def write(row: Update, changed: Mapping[str, Any], by: User | None) -> None:
    """Write fields of a row whose meeting and project are locked, and the Progress that it makes."""
    now = values_of(row)
    for name in set(changed) & set(TEXTS):
        setattr(row, name, changed[name])
    if set(changed) & {*FIGURES, "words"}:
        _tell(row, {name: value for name, value in {**now, **changed}.items() if name in (*FIGURES, "words")}, by)
    row.save()


def values_of(update: Update) -> dict[str, Any]:
    """What stands in a row's fields, by the names of `FIELDS`: texts, yuan, percent."""
    return values_with(update, standing_of([update]).get(update.project_id))


def values_with(update: Update, told: Progress | None) -> dict[str, Any]:
    """The same, where `told` is the row of facts that stands for it."""
    figures = {name: getattr(told, name) if told else None for name in FIGURES}
    return {name: getattr(update, name) for name in TEXTS} | figures


def standing_of(updates: Iterable[Update]) -> dict[int, Progress]:
    """By project the row of facts that the figures of its update are read from; at most one statement. Of every project
    there is one update.
    """
    rows = list(updates)
    days = {row.project_id: day_of(row) for row in rows if not _own(row)}
    told: dict[int, list[Progress]] = defaultdict(list)
    if days:
        weekly = Progress.objects.filter(project__in=days, up_to__in=set(days.values()), channel=WEEKLY, current=True)
        for each in weekly:
            told[each.project_id].append(each)
    found = {row.project_id: standing_among(row, told[row.project_id]) for row in rows}
    return {pk: each for pk, each in found.items() if each}


def standing_among(update: Update, told: Iterable[Progress]) -> Progress | None:
    """The row's own figures; else, of those `told` of its project, what corrected them or was told of the same day."""
    day = day_of(update)
    others = (each for each in told if each.channel == WEEKLY and each.up_to == day and each.current)
    return _own(update) or next(others, None)


def day_of(update: Update) -> date:
    """The day that the row's figures hold for."""
    return update.progress.up_to if update.progress else told_up_to(update.meeting)


def _own(update: Update) -> Progress | None:
    return update.progress if update.progress and update.progress.current else None


def _tell(row: Update, told: dict[str, Any], by: User | None) -> None:
    """Make, rewrite or take back the row of facts, so that it says what the fields say."""
    own = _own(row)
    up_to = told_up_to(row.meeting)
    if own and own.up_to.year < up_to.year:
        up_to = own.up_to  # filed in December, it stays the old year's figure when January's meeting writes on
    if told["words"] == "" and all(told[name] is None for name in FIGURES):
        if own:
            facts.retract(own, by=by)
            row.progress = None
    elif own:
        row.progress = facts.restate(own, up_to, told, by=by)
    else:
        made, _ = facts.record(row.project, WEEKLY, up_to, source=row.meeting.source, by=by, **told)
        # Two meetings on one day may tell the same: it stands once, with the meeting that told it first.
        row.progress = None if Update.objects.filter(progress=made).exclude(pk=row.pk).exists() else made


def _fitting(told: Mapping[str, Any]) -> dict[str, Any]:
    fit, refused = {}, {}
    for name in FIELDS:
        if name not in told:
            continue
        try:
            fit[name] = fitting(name, told[name] or "") if name in TEXTS else told[name]
        except ValidationError as error:
            refused[name] = error.messages
    if refused:
        raise ValidationError(refused)
    return fit


def _conflicts(row: Update, told: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Conflict]:
    saves = _last_saves(row, told)
    last = {name: saves.get(name) for name in told}
    return {
        name: Conflict(value, now[name], who(saved), saved.at if saved else None)
        for (name, value), saved in zip(told.items(), last.values(), strict=True)
    }


def _last_saves(row: Update, names: Iterable[str]) -> dict[str, Saved]:
    if not names:
        return {}
    found: dict[str, Saved] = {}
    for saved in row.saves.filter(do=FILL).select_related("by").order_by("-pk")[:100]:
        for name in saved.told:
            found.setdefault(name, saved)
    return found


def who(saved: Saved | None) -> str:
    """Who saved, for those who are told of it."""
    if saved is None:
        return "他人"
    return str(saved.by) if saved.by else "系统"
