"""Promising a step, moving the promise, reaching it, taking it back; standing still and going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from projects import dates, standings
from projects.facts.locking import locked
from projects.models import PHASE_OF, Milestone, MilestoneChange, Phase, Project, Source, Suspension
from projects.standings.among import listed
from zones import bulk, clock
from zones.models import User

What = MilestoneChange.What
KEPT = ("baseline", "planned", "done", "actual_first", "actual_last")


@transaction.atomic
def promise(
    project: Project,
    kind: str,
    deadline: date,
    *,
    label: str = "",
    by: User | None = None,
    reason: str = "",
    source: Source | None = None,
    on: date | None = None,
) -> Milestone:
    """Promise a step by a day for the first time. The same promise again changes nothing.

    Raises ValidationError when another day was promised before: that is `replan`, which asks for a reason.
    """
    milestone = _get(project, kind, label)
    if milestone.planned == deadline:
        return milestone
    if milestone.planned:
        raise ValidationError(f"“{milestone}”已有计划期限 {milestone.planned:%Y-%m-%d}，改期请用“调整计划”并写明原因")
    return _change(milestone, What.PLANNED, {"planned": deadline}, by=by, reason=reason, source=source, on=on)


@transaction.atomic
def approve(milestone: Milestone, *, by: User | None = None, on: date | None = None) -> Milestone:
    """Make the present promise the baseline, by which the step is judged ever after. Approving again changes nothing.

    Raises ValidationError when nothing was promised.
    """
    milestone = _locked(milestone)
    if milestone.baseline:
        return milestone
    if not milestone.planned:
        raise ValidationError(f"“{milestone}”还没有计划期限，不能批准")
    return _change(milestone, What.BASELINE, {"baseline": milestone.planned}, by=by, on=on)


@transaction.atomic
def replan(
    milestone: Milestone,
    deadline: date,
    *,
    reason: str,
    by: User | None = None,
    source: Source | None = None,
    on: date | None = None,
) -> Milestone:
    """Move the promise. What was promised first is the baseline from now on, if nobody approved one before.

    Raises ValidationError without a reason, when nothing was promised, or when the step is done.
    """
    milestone = _locked(milestone)
    if not reason.strip():
        raise ValidationError({"reason": "调整计划须写明原因"})
    if milestone.done:
        raise ValidationError(f"“{milestone}”已完成，不能再调整计划")
    if not milestone.planned:
        raise ValidationError(f"“{milestone}”还没有计划期限，请用“承诺期限”")
    if milestone.planned == deadline:
        return milestone
    values = {"planned": deadline, "baseline": milestone.baseline or milestone.planned}
    return _change(milestone, What.PLANNED, values, by=by, reason=reason, source=source, on=on)


@transaction.atomic
def reach(
    project: Project,
    kind: str,
    when: date | dates.DateSpan | None = None,
    *,
    label: str = "",
    by: User | None = None,
    reason: str = "",
    source: Source | None = None,
    known_on: date | None = None,
) -> Milestone:
    """The step is done: on a day, within a span of days, or (None) on a day nobody told.

    `known_on` is since when it is known, today if left out; what is known to be done within a span was done by then.
    Telling the same again, or telling less precisely, changes nothing; telling another day is a correction.
    Raises ValidationError for a day to come.
    """
    known = known_on or clock.today()
    first, last = _done_on(when, known)
    milestone = _get(project, kind, label)
    if told := _reached(milestone, first, last, known):
        return _change(milestone, *told, by=by, reason=reason, source=source, on=known_on)
    return milestone


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a project that a source tells of: promised by `deadline`, or `done`, on `when` as `reach` takes it."""

    project: Project
    kind: str
    deadline: date | None = None
    done: bool = False
    when: date | dates.DateSpan | None = None
    reason: str = ""


@transaction.atomic
def tell_steps(
    steps: Sequence[Step], *, source: Source | None = None, by: User | None = None, known_on: date | None = None
) -> list[MilestoneChange]:
    """Promise or reach steps of many projects, which the caller holds locked, by the rules of `promise`, `replan` and
    `reach`; what changed. A constant number of statements; standings are left for the caller to refresh.
    """
    known = known_on or clock.today()
    found = _of(steps)
    make = bulk.maker(Milestone)
    make_change = bulk.maker(MilestoneChange, by=by, source=source, on=known)
    changes: list[MilestoneChange] = []
    for step in steps:
        at = (step.project.pk, step.kind)
        milestone = found.get(at) or found.setdefault(at, make(project=step.project, kind=step.kind))
        told = change_of(milestone, step, known)
        if told:
            what, values = told
            before = _shown(milestone)
            for name, value in values.items():
                setattr(milestone, name, value)
            after, reason = _shown(milestone), step.reason.strip()
            changes.append(make_change(milestone=milestone, what=what, before=before, after=after, reason=reason))
    _store(changes)
    settle(sorted({change.milestone.project_id for change in changes if change.milestone.done}))
    return changes


def _of(steps: Sequence[Step]) -> dict[tuple[int, str], Milestone]:
    projects = listed([step.project.pk for step in steps])
    rows = Milestone.objects.select_for_update(no_key=True).filter(project__in=projects, label="").order_by("pk")
    return {(row.project_id, row.kind): row for row in rows}


def change_of(milestone: Milestone, step: Step, known: date) -> tuple[str, dict[str, Any]] | None:
    """What of the milestone the step would change: what it is called, and the values; None for nothing. Raises
    ValidationError for a day to come, and where a promise would move without a reason.
    """
    if step.done:
        return _reached(milestone, *_done_on(step.when, known), known)
    if step.deadline is None or step.deadline == milestone.planned or milestone.done:
        return None
    if not milestone.planned:
        return What.PLANNED, {"planned": step.deadline}
    if not step.reason.strip():
        raise ValidationError({"reason": "调整计划须写明原因"})
    return What.PLANNED, {"planned": step.deadline, "baseline": milestone.baseline or milestone.planned}


def _store(changes: Sequence[MilestoneChange]) -> None:
    rows = list({id(change.milestone): change.milestone for change in changes}.values())
    new = [row for row in rows if row.pk is None]
    moved = [row for row in rows if row.pk is not None]
    bulk.insert(new)
    for row in moved:
        row.version += 1
    bulk.update(moved, [*KEPT, "known_on", "version"])
    for change in changes:
        change.milestone = change.milestone  # whose key is known by now
    bulk.insert(changes)


def settle(projects: Sequence[int]) -> None:
    """Keep the cached phases of projects (keys, held locked) true."""
    keys = listed(projects)
    rows = Milestone.objects.done_by(clock.today()).filter(project__in=keys).values_list("project_id", "kind")
    phases: dict[int, Phase] = dict.fromkeys(projects, Phase.RESERVED)
    for pk, kind in rows:
        phases[pk] = max(phases[pk], PHASE_OF.get(kind, Phase.RESERVED), key=lambda phase: phase.rank)
    held = Project.objects.filter(pk__in=keys).values_list("pk", "phase")
    # Nobody edits a phase: who is editing something else of the project is not told that it has moved.
    bulk.change(Project, ["phase"], [(pk, phases[pk]) for pk, phase in held if phase != phases[pk]])


@transaction.atomic
def undo(milestone: Milestone, *, reason: str, by: User | None = None) -> Milestone:
    """The step was told to be done by mistake. Raises ValidationError without a reason or when it is not done."""
    milestone = _locked(milestone)
    if not reason.strip():
        raise ValidationError("撤销完成须写明原因")
    if not milestone.done:
        raise ValidationError(f"“{milestone}”尚未完成，无需撤销")
    values = {"done": False, "actual_first": None, "actual_last": None, "known_on": None}
    return _change(milestone, What.UNDONE, values, by=by, reason=reason)


@transaction.atomic
def take_back(*changes: MilestoneChange, reason: str, by: User | None = None) -> None:
    """What was told of a step by these changes, in their order, was a mistake: it is as it was before the first.

    A step of which nothing is known then, and of which nobody ever told but reports, is gone with them. Raises
    ValidationError when the step is not as the last of them left it.
    """
    first, last = changes[0], changes[-1]
    milestone = _locked(last.milestone)
    if not left_by(last, milestone):
        raise ValidationError(f"节点“{milestone}”此后又有变动，不能撤销")
    told = {name: _day(first.before.get(name)) for name in KEPT}
    others = milestone.changes.exclude(pk__in=[change.pk for change in changes])
    heard = others.exclude(source__kind=Source.Kind.REPORT).exists() or others.filter(pk__lt=first.pk).exists()
    if not any(told.values()) and not heard:
        milestone.changes.all().delete()
        milestone.delete()
        _settle(milestone.project)
        return
    if not told["done"]:
        told["known_on"] = None
    what = What.CORRECTED if told["done"] else What.UNDONE
    _change(milestone, what, told, by=by, reason=reason, source=last.source)


def left_by(change: MilestoneChange, milestone: Milestone) -> bool:
    """Whether the step is as the change left it: nobody has moved it since, or whoever did has taken that back."""
    return _shown(milestone) == change.after


@transaction.atomic
def suspend(
    project: Project,
    *,
    starts: date,
    reason: str,
    kind: str = Suspension.Kind.STOPPED,
    approver: str,
    by: User | None = None,
    source: Source | None = None,
) -> Suspension:
    """The project stands still from a day on, by the word of `approver`.

    Raises ValidationError without a reason or an approver, or when it stood or stands still on that day already.
    """
    locked(project)
    _refuse_overlap(project, starts)
    suspension = Suspension(
        project=project, kind=kind, starts=starts, reason=reason.strip(), approver=approver.strip(), source=source
    )
    suspension.recorded_by = by
    suspension.full_clean()
    suspension.save()
    return suspension


@transaction.atomic
def resume(suspension: Suspension, *, ends: date, by: User | None = None) -> Suspension:
    """The project goes on; `ends` is the last day of standing still. Raises ValidationError when it ended before."""
    locked(suspension.project)
    suspension.refresh_from_db()
    if suspension.ends:
        raise ValidationError("该停缓建已经结束")
    suspension.ends, suspension.ended_by = ends, by
    suspension.full_clean()
    suspension.save(update_fields=["ends", "ended_by"])
    return suspension


def phase_on(project: Project, day: date) -> Phase:
    """The furthest phase that the milestones done by `day` prove."""
    kinds = Milestone.objects.done_by(day).filter(project=project).values_list("kind", flat=True)
    return max((PHASE_OF[kind] for kind in kinds if kind in PHASE_OF), key=lambda p: p.rank, default=Phase.RESERVED)


def _refuse_overlap(project: Project, starts: date) -> None:
    if project.suspensions.filter(Q(ends=None) | Q(ends__gte=starts)).exists():
        raise ValidationError("该项目已在停缓建中，或与此前的停缓建时间重叠")


def _get(project: Project, kind: str, label: str) -> Milestone:
    asked = Milestone(project=project, kind=kind, label=label)
    asked.clean_fields(exclude=["project"])
    if label or kind == Milestone.Kind.OTHER:
        asked.full_clean(exclude=["project"], validate_unique=False)
    locked(project)
    milestone, _ = Milestone.objects.get_or_create(project=project, kind=kind, label=label)
    return _locked(milestone)


def _locked(milestone: Milestone) -> Milestone:
    return Milestone.objects.select_for_update(no_key=True).select_related("project").get(pk=milestone.pk)


def _done_on(when: date | dates.DateSpan | None, known: date) -> tuple[date | None, date | None]:
    first, last = _days(when, known)
    if max(filter(None, (first, last, known))) > clock.today():
        raise ValidationError({"when": "完成日期不能晚于今天"})
    return first, last


def _reached(
    milestone: Milestone, first: date | None, last: date | None, known: date
) -> tuple[str, dict[str, Any]] | None:
    """What changes when the step is told to be done; None when that says nothing more."""
    if milestone.done and not _tells_more(milestone, first, last):
        return None
    what = What.CORRECTED if milestone.done else What.REACHED
    return what, {"done": True, "actual_first": first, "actual_last": last, "known_on": milestone.known_on or known}


def _days(when: date | dates.DateSpan | None, known: date) -> tuple[date | None, date | None]:
    """First and last day it may have been, cut off at the day on which it was known to be done."""
    if when is None:
        return None, None
    if isinstance(when, date):
        return when, when
    within = when.last and (when.first is None or when.first <= known) and when.last > known
    return when.first, known if within else when.last


def _tells_more(milestone: Milestone, first: date | None, last: date | None) -> bool:
    """Whether days are told that differ from the known ones, and are not merely vaguer than these."""
    if (first, last) in ((None, None), (milestone.actual_first, milestone.actual_last)):
        return False
    known_first, known_last = milestone.actual_first, milestone.actual_last
    if known_first is None or known_last is None:
        return True
    return not ((first is None or first <= known_first) and (last is None or known_last <= last))


def _change(
    milestone: Milestone,
    what: str,
    values: dict[str, Any],
    *,
    by: User | None,
    reason: str = "",
    source: Source | None = None,
    on: date | None = None,
) -> Milestone:
    before = _shown(milestone)
    for name, value in values.items():
        setattr(milestone, name, value)
    milestone.full_clean(exclude=["project"])
    milestone.save(update_fields=list(values))
    MilestoneChange.objects.create(
        milestone=milestone,
        what=what,
        before=before,
        after=_shown(milestone),
        reason=reason.strip(),
        source=source,
        on=on or clock.today(),
        by=by,
    )
    _settle(milestone.project)
    return milestone


def _day(kept: Any) -> Any:
    """A value of KEPT as it was before it was stored."""
    return date.fromisoformat(kept) if isinstance(kept, str) else kept


def _shown(milestone: Milestone) -> dict[str, Any]:
    values = {name: getattr(milestone, name) for name in KEPT}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _settle(project: Project) -> None:
    """Keep the cached phase and the standing true."""
    phase = phase_on(project, clock.today())
    if phase != project.phase:
        project.phase = phase
        project.save(update_fields=["phase"])
    standings.refresh(Project.objects.filter(pk=project.pk), clock.today())
