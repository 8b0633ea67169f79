"""Promising a step, moving the promise, reaching it, taking it back; standing still and going on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from projects import dates, standings
from projects.facts.locking import locked
from projects.models import PHASE_OF, Milestone, MilestoneChange, Phase, Project, Source, Suspension
from zones import clock
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
    first, last = _days(when, known)
    if max(filter(None, (first, last, known))) > clock.today():
        raise ValidationError({"when": "完成日期不能晚于今天"})
    milestone = _get(project, kind, label)
    if milestone.done and not _tells_more(milestone, first, last):
        return milestone
    what = What.CORRECTED if milestone.done else What.REACHED
    values = {"done": True, "actual_first": first, "actual_last": last, "known_on": milestone.known_on or known}
    return _change(milestone, what, values, by=by, reason=reason, source=source, on=known_on)


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
def take_back(change: MilestoneChange, *, reason: str, by: User | None = None) -> Milestone:
    """What was told of a step by this change was a mistake: it is as it was before.

    Raises ValidationError when the step was changed again since.
    """
    milestone = _locked(change.milestone)
    if milestone.changes.filter(pk__gt=change.pk).exists():
        raise ValidationError(f"节点“{milestone}”此后又有变动，不能撤销")
    values = {name: change.before.get(name) for name in KEPT}
    told = {name: date.fromisoformat(day) if isinstance(day, str) else day for name, day in values.items()}
    if not told["done"]:
        told["known_on"] = None
    what = What.CORRECTED if told["done"] else What.UNDONE
    return _change(milestone, what, told, by=by, reason=reason)


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
