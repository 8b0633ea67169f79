"""A scan in parts: runs of subjects that any worker may take, each judged and written in one short transaction.

Who takes a part holds its row until the transaction ends, so a worker that dies leaves it to the next one.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from projects import standings
from projects.alerts import cases, episodes, guard, judging, lights, telling
from projects.alerts.cases import PROJECT, Kind, Shard, positions_on
from projects.alerts.judging import Finding
from projects.alerts.models import Alert, ScanPart, ScanRun
from projects.alerts.months import show_day
from projects.alerts.rulebook import Rulebook
from projects.alerts.scan import sieve
from projects.alerts.scan.outcome import of_part
from projects.standings.among import Among, Between, exactly
from zones import clock


class Overtaken(Exception):
    """Another scan has begun for a later day while this one was running."""


def cut(run: ScanRun, rulebook: Rulebook) -> None:
    """Cut what the run is to look at into parts."""
    kinds = [kind for kind in cases.kinds() if kind is PROJECT or rulebook.judges(kind.code) or _has_alerts(kind)]
    bounds = ((kind.code, *each) for kind in kinds for each in _bounds(run, kind))
    ScanPart.objects.bulk_create(
        (ScanPart(run=run, kind=kind, first=first, last=last) for kind, first, last in bounds), batch_size=1000
    )


def _has_alerts(kind: Kind[Any]) -> bool:
    return Alert.objects.live().filter(subject_key__startswith=f"{kind.code}:").exists()


def _bounds(run: ScanRun, kind: Kind[Any]) -> Iterator[tuple[int, int]]:
    for ids in kind.shards(run.zone, run.as_of, whole=run.whole, most=kind.part):
        yield ids[0], ids[-1]


def work(run: ScanRun, rulebook: Rulebook) -> None:
    """Do parts until none is left that nobody holds.

    Raises:
        Overtaken: a scan of a later day has begun.
    """
    while do_one(run, rulebook):
        pass


def do_one(run: ScanRun, rulebook: Rulebook) -> bool:
    """Do one part that nobody holds; whether there was one. Raises Overtaken as `work` does."""
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        rows = ScanPart.objects.select_for_update(skip_locked=skip, no_key=True)
        part = rows.filter(run=run, finished_at=None).order_by("pk").first()
        if part is None:
            return False
        with _uncollected():
            part.counts = _do(run, part, rulebook)
        ScanPart.objects.filter(pk=part.pk).update(finished_at=Now(), counts=part.counts)
    return True


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave garbage lying. What a part makes lives until its end, and the collector, which does not know that, takes a
    sixth of the time of the process to find nothing.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _do(run: ScanRun, part: ScanPart, rulebook: Rulebook) -> dict[str, int]:
    kind = cases.get(part.kind)
    if kind is None:
        return {}
    subjects = kind.subjects(run.zone, run.as_of, whole=run.whole).filter(pk__range=(part.first, part.last))
    ids = kind.take(subjects)
    if later_run(run):
        raise Overtaken(f"{show_day(run.as_of)}的判定已被更晚日期的判定取代")
    return _projects(run, ids, rulebook) if kind is PROJECT else _others(run, kind, ids, rulebook)


def _others(run: ScanRun, kind: Kind[Any], ids: list[int], rulebook: Rulebook) -> dict[str, int]:
    _, found = judged(Shard(kind, ids, run.as_of), rulebook)
    episodes.write(found)
    return of_part(found, 0, telling.tell(found.steps, rulebook, run.as_of, guard.hold_of(run)))


def _projects(run: ScanRun, ids: list[int], rulebook: Rulebook) -> dict[str, int]:
    """Projects: their standings first, as everything reads them; then, one by one, those that these do not settle."""
    if not ids:
        return {}
    these = exactly(ids)
    standings.claim(these)
    stretch = _stretch(run, ids)
    doubtful = standings.settle(stretch, run.as_of, sieve.outright(stretch, run.as_of, rulebook))
    waiting, counts = [pk for pk in ids if pk in doubtful], Counter[str]()
    for first in range(0, len(waiting), PROJECT.size):
        some = waiting[first : first + PROJECT.size]
        shard = Shard(PROJECT, some, run.as_of, {positions_on: doubtful})
        counts.update(_look_at(shard, rulebook, guard.hold_of(run)))
    if run.as_of == clock.today():
        standings.freeze_of(these)
    return counts


def _look_at(shard: Shard, rulebook: Rulebook, hold: int | None) -> dict[str, int]:
    """Projects one by one: their alerts, their lights, and who is told."""
    findings, found = judged(shard, rulebook)
    episodes.write(found)
    lights.write(lights.lights(findings, shard.cases, found.open_after()), shard.as_of)
    return of_part(found, len(shard.ids), telling.tell(found.steps, rulebook, shard.as_of, hold))


def _stretch(run: ScanRun, ids: list[int]) -> Among:
    """What a statement may be about that leaves alone the lights of those who have ended: where the run looks at all
    projects there are, they are those between its subjects, and a stretch of keys is read faster than the keys.
    """
    return Between(ids[0], ids[-1]) if run.whole and run.zone is None else exactly(ids)


def judged(shard: Shard, rulebook: Rulebook) -> tuple[list[Finding], episodes.Plan]:
    """What the rules say of the subjects of a shard, and what that changes."""
    findings = list(judging.judge(shard.cases.values(), rulebook))
    known = episodes.open_alerts(shard.kind.code, shard.ids)
    for alert in known:
        alert.rule = rulebook.rules[alert.rule_id]
    return findings, episodes.plan(findings, known, shard.as_of, ignored=rulebook.bad)


def later_run(run: ScanRun) -> ScanRun | None:
    """A scan of a later day whose zone is this one's, above it or below it."""
    return ScanRun.objects.later_than(run.as_of, run.zone).first()
