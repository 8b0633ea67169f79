"""2023 day by day, facts coming in as they are told, ends where one scan of a fresh copy at the end does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from projects.alerts.models import Alert, AlertEvent, ScanPart, ScanRun
from projects.alerts.scan import scan
from projects.alerts.tests.evaluation import facts, schemes
from projects.alerts.tests.evaluation.evaluator import DAY, Facts, Figure, Matter, Step
from projects.alerts.tests.evaluation.loading import Rows, World, load, phase_of, problem
from projects.models import Milestone, MilestoneChange, Problem, Progress, Project, Standing, StandingMonth, Suspension
from projects.notices.models import Notice

LONG = "EVALUATION_PROJECTS" in os.environ
BEGIN, END = date(2023, 1, 1), date(2023, 12, 31)
SEED = 11
Write = Callable[[list[Project]], None]


@pytest.mark.skipif(
    connection.vendor != "sqlite" and not LONG,
    reason="the run on SQLite has lived the year; test_evaluation and scanning ask PostgreSQL what a scan says",
)
def test_a_year_day_by_day_ends_where_one_scan_of_a_fresh_copy_does(db: Any, settings: Any) -> None:
    samples = list(facts.samples(SEED, 40 if LONG else 6))
    world = load([replace(each, facts=_promises(each.facts)) for each in samples], schemes.PUBLISHED)
    due = sorted(_events(world, [each.facts for each in samples]), key=lambda event: event[0])
    for day in _days():
        while due and due[0][0] <= day:
            due.pop(0)[1]()
        settings.TRACKER_TODAY = day
        scan(day, listing=False)
    replayed, resting = _open(), Alert.objects.open().exclude(held="").count()
    assert AlertEvent.objects.exclude(kind="opened").exists()
    assert resting, "no alert rests, so that nothing is said of those"

    whole = scan(END, listing=False, whole=True)
    assert not any(whole.counts[kind] for kind in ("opened", "worsened", "eased", "changed", "closed"))
    assert _open() == replayed

    _forget()
    scan(END, listing=False)
    assert _open() == replayed
    # An alert that rests is kept though nothing can be said any more; who comes fresh cannot know of it.
    assert not Alert.objects.open().exclude(held="").exists()


def _days() -> Iterator[date]:
    """Every day of the year if there is time; else every day of a fortnight, and every twelfth of the others."""
    day = BEGIN
    while day <= END:
        if LONG or date(2023, 6, 25) <= day <= date(2023, 7, 7) or day.toordinal() % 12 == 0 or day == END:
            yield day
        day += DAY


def _open() -> dict[tuple[str, str], tuple[str, str, str]]:
    rows = Alert.objects.open().filter(held="").values_list("rule__code", "subject_key", "level", "label", "sentence")
    return {(rule, key): (level, label, sentence) for rule, key, level, label, sentence in rows}


def _forget() -> None:
    """Leave the facts alone, as nobody had ever scanned them."""
    for model in (AlertEvent, Alert, ScanPart, ScanRun, Notice, StandingMonth, Standing):
        rows = model.objects.all()
        rows._raw_delete(rows.db)


# ---- Facts as they are told ------------------------------------------------------------------------------
def _promises(whole: Facts) -> Facts:
    """What is known when the year begins: steps as they were first promised."""
    first = (replace(step, planned=step.moves[0][1] if step.moves else step.planned) for step in whole.steps)
    undone = [replace(step, done=False, first=None, last=None, known=None, moves=()) for step in first]
    return Facts(return_day=whole.return_day, steps=tuple(undone))


def _events(world: World, samples: Sequence[Facts]) -> Iterator[tuple[date, Callable[[], None]]]:
    """When something is told of a project in all its copies, and how it is written."""
    copies: list[list[Project]] = [[] for _ in samples]
    for subjects in world.subjects.values():
        keys = [int(key.partition(":")[2]) for key in subjects if key.startswith("project:")]
        rows = Project.objects.in_bulk(keys)
        for own, key in zip(copies, keys, strict=True):
            own.append(rows[key])
    for own, whole in zip(copies, samples, strict=True):
        for day, write in _told(whole):
            yield day, partial(write, own)


def _told(whole: Facts) -> Iterator[tuple[date, Write]]:
    for plan in whole.plans:
        yield plan.effective, _adding(plans=(plan,))
    for row in whole.figures:
        yield from _of_figure(row)
    for first, last in whole.standstills:
        yield first, _adding(standstills=((first, None),))
        if last:
            yield last + DAY, _changing(Suspension, {"starts": first}, ends=last)
    for step in whole.steps:
        yield from _of_step(whole, step)
    for matter in whole.problems:
        yield matter.raised, partial(_raise, matter=Matter(replace(matter, closed=None), whole))
        if matter.closed:
            settled = {"closed_on": matter.closed, "closing_note": "已解决"}
            yield matter.closed, _changing(Problem, {"title": matter.title}, **settled)
    if whole.ended:
        yield whole.ended, _changing(Project, {}, terminated_on=whole.ended, terminated_reason="投资方退出")


def _of_figure(row: Figure) -> Iterator[tuple[date, Write]]:
    """Told some days late; one that is not current any more is corrected by another, or taken back."""
    told = row.up_to + timedelta(days=row.up_to.toordinal() * 7 % 20)
    if row.current:
        yield told + 2 * DAY, _adding(figures=(row,))
        return
    yield told, _adding(figures=(replace(row, current=True),))
    yield told + DAY, _changing(Progress, {"channel": row.channel, "up_to": row.up_to, "current": True}, current=False)


def _of_step(whole: Facts, step: Step) -> Iterator[tuple[date, Write]]:
    which = {"kind": step.kind, "label": step.label}
    promises = [before for _, before in step.moves] + [step.planned]
    for (on, _), planned in zip(step.moves, promises[1:], strict=True):
        yield on, partial(_move, which=which, on=on, planned=planned)
    if step.done:
        values = {"done": True, "actual_first": step.first, "actual_last": step.last, "known_on": step.known}
        yield _reached(step), _changing(Milestone, which, **values)
        done = [other for other in whole.steps if other.done and _reached(other) <= _reached(step)]
        yield _reached(step), _changing(Project, {}, phase=phase_of(done))


def _reached(step: Step) -> date:
    return step.last or step.known or END


def _adding(**part: Any) -> Write:
    return partial(_add, part=Facts(return_day=None, **part))


def _add(projects: list[Project], part: Facts) -> None:
    rows = Rows()
    for project in projects:
        rows.facts(project, part)
    rows.write()


def _changing(model: Any, which: dict[str, Any], **values: Any) -> Write:
    return partial(_change, model=model, which=which, values=values)


def _change(projects: list[Project], model: Any, which: dict[str, Any], values: dict[str, Any]) -> None:
    way = "pk__in" if model is Project else "project__in"
    assert model.objects.filter(**{way: [project.pk for project in projects]}, **which).update(**values)


def _move(projects: list[Project], which: dict[str, Any], on: date, planned: date | None) -> None:
    steps = Milestone.objects.filter(project__in=projects, **which)
    MilestoneChange.objects.bulk_create(
        MilestoneChange(
            **{"milestone": step, "what": "planned", "on": on, "reason": "用地推迟"},
            before={"planned": step.planned.isoformat() if step.planned else None},
            after={"planned": planned.isoformat() if planned else None},
        )
        for step in steps
    )
    steps.update(planned=planned)


def _raise(projects: list[Project], matter: Matter) -> None:
    Problem.objects.bulk_create(problem(project, matter) for project in projects)
