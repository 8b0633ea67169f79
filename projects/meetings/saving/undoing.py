"""Taking back one's own last save."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import dates, facts
from projects.facts.locking import locked
from projects.meetings import deciding
from projects.meetings.deciding import going
from projects.meetings.models import Decision, Meeting, Saved, Topic, Update
from projects.meetings.saving import log, notes, steps, week
from projects.models import Milestone, Problem, Project
from zones import clock
from zones.models import Department, User

REASON: Final = "会上误录，已撤销"
NOTHING: Final = "没有可以撤销的操作"
REFUSED: Final = "refused"
Left = dict[str, Any]


@transaction.atomic
def undo(meeting: Meeting, key: UUID, by: User | None) -> Saved:
    """Take back the last save of this person that was not taken back yet; the save that does so.

    Asked again it goes one further back; the same `key` once more changes nothing. A save that somebody has written
    over since stays as it is: the answer's `told` then says why by `REFUSED`, and the next undo goes past it. Raises
    ValidationError: the meeting is over, there is nothing to take back, or the key is that of another save.
    """
    meeting = going(meeting)
    if before := Saved.objects.filter(key=key).first():
        if before.meeting_id != meeting.pk or before.undoes_id is None:
            raise ValidationError(log.ELSEWHERE)
        return before
    last = last_of(meeting, by)
    if last is None:
        raise ValidationError(NOTHING)
    try:
        with transaction.atomic():
            told, stood = _WAYS[last.do](meeting, last, by)
    except ValidationError as error:
        told, stood = {REFUSED: error.messages[0]}, {}
    return log.keep(meeting, last.update, key, last.do, told, stood, by, undoes=last)


def last_of(meeting: Meeting, by: User | None) -> Saved | None:
    """The save that `undo` takes back."""
    own = meeting.saves.filter(by=by, undoes=None, undone_by=None)
    return own.select_related("update").order_by("-pk").first()


def _fill(meeting: Meeting, last: Saved, by: User | None) -> tuple[Left, Left]:
    row = Update.objects.select_related("project", "progress").get(saves=last)
    row.project, row.meeting = locked(row.project), meeting
    now = week.values_of(row)
    if any(now[name] != value for name, value in last.told.items()):
        raise ValidationError(f"{row.project}的这一项已被改写，不能撤销，请直接修改")
    week.write(row, last.before, by)
    return last.before, last.told


def _note(meeting: Meeting, last: Saved, by: User | None) -> tuple[Left, Left]:
    now = notes.notes_of(meeting)
    if any(now[name] != value for name, value in last.told.items()):
        raise ValidationError("会议记录的这一项已被改写，不能撤销，请直接修改")
    notes.write(meeting, last.before)
    return last.before, last.told


def _reach(meeting: Meeting, last: Saved, by: User | None) -> tuple[Left, Left]:
    milestone = Milestone.objects.select_related("project").get(pk=last.told["milestone"])
    locked(milestone.project)
    milestone.refresh_from_db()
    if any(value != last.told[name] for name, value in steps.step_values(milestone).items()):
        raise ValidationError(f"“{milestone}”已被改写，不能撤销，请到项目页面更正")
    if not last.before["done"]:
        facts.undo(milestone, reason=REASON, by=by)
    elif last.before["actual_first"] is None and last.before["actual_last"] is None:
        raise ValidationError(f"“{milestone}”此前已完成、日期不详，不能再撤回日期，请到项目页面更正")
    else:
        first, last_day = (_day(last.before[name]) for name in ("actual_first", "actual_last"))
        when = first if first and first == last_day else dates.DateSpan(first, last_day, "range")
        facts.reach(milestone.project, milestone.kind, when, label=milestone.label, by=by, reason=REASON)
    return last.before, last.told


def _problem(meeting: Meeting, last: Saved, by: User | None) -> tuple[Left, Left]:
    facts.close_problem(Problem.objects.get(pk=last.told["problem"]), on=clock.today(), note=REASON, by=by)
    return {}, last.told


def _decide(meeting: Meeting, last: Saved, by: User | None) -> tuple[Left, Left]:
    decision = _as_left(last)
    deciding.drop(decision, by=by)
    return {}, last.told


def _revise(meeting: Meeting, last: Saved, by: User | None) -> tuple[Left, Left]:
    deciding.revise(_as_left(last), by=by, **_told(last.before))
    return {**last.before, "decision": last.told["decision"]}, last.told


def _drop(meeting: Meeting, last: Saved, by: User | None) -> tuple[Left, Left]:
    told = _told(last.before)
    decision = deciding.decide(meeting, told.pop("matter"), by=by, **told)
    return {**last.before, "decision": decision.pk}, {}


_WAYS: Final[dict[str, Callable[[Meeting, Saved, User | None], tuple[Left, Left]]]] = {
    week.FILL: _fill,
    notes.NOTE: _note,
    steps.REACH: _reach,
    steps.PROBLEM: _problem,
    steps.DECIDE: _decide,
    steps.REVISE: _revise,
    steps.DROP: _drop,
}


def _as_left(last: Saved) -> Decision:
    """The decision, if it still says what the save left."""
    decision = Decision.objects.filter(pk=last.told["decision"]).first()
    said = steps.decision_values(decision) if decision else {}
    if decision is None or any(said[name] != value for name, value in last.told.items() if name in said):
        raise ValidationError("这条议定事项已被改写或删除，不能撤销，请直接修改")
    return decision


def _told(kept: Left) -> Any:
    """What the log keeps of a decision, for `deciding`."""
    return {
        "matter": kept["matter"],
        "project": Project.objects.filter(pk=kept["project"]).first(),
        "topic": Topic.objects.filter(pk=kept["topic"]).first(),
        "lead": Department.objects.filter(pk=kept["lead"]).first(),
        "helpers": list(Department.objects.filter(pk__in=kept["helpers"])),
        "person": User.objects.filter(pk=kept["person"]).first(),
        "deadline": _day(kept["deadline"]),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
