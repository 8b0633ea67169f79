"""The scan: subjects in parts, each judged and written in one short transaction.

Whoever scans again on the same day changes nothing. A day before one that was scanned is only looked at: what holds
then is answered with today's knowledge, and the alerts stay those of the later day.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.forms.models import model_to_dict

from projects.alerts import cases, guard
from projects.alerts.cases import Shard
from projects.alerts.models import Rule, ScanPart, ScanRun
from projects.alerts.months import show_day
from projects.alerts.rulebook import Rulebook
from projects.alerts.scan import outcome as outcomes
from projects.alerts.scan import parts
from projects.alerts.scan.outcome import Found, Outcome
from projects.alerts.scan.parts import Overtaken
from projects.models import Period, Project
from zones import clock
from zones.models import WorkdayOverride, Zone
from zones.permissions import EVERYWHERE

__all__ = ["Found", "Outcome", "Overtaken", "ScanRefused", "begin", "finish", "help_with", "scan"]

FORGOTTEN = timedelta(days=1)  # then nobody works on a run any more that broke off
JUDGEMENT = 1
"""Counted up when the same rules and facts are judged otherwise than before: then everything is looked at again."""


class ScanRefused(Exception):
    """There is nothing to scan, or no such day. `code` is for programs, the message for officials."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def scan(
    as_of: date, zone: Zone | None = None, dry_run: bool = False, *, listing: bool = True, whole: bool = False
) -> Outcome:
    """Judge the projects of `zone` and below (of all zones, if left out) on `as_of`, and write what changed.

    Looks at those whose last judgement may not hold any more, or at all if `whole`. With `listing` the outcome names
    every alert that holds; without, memory does not grow with the projects.

    Raises:
        ScanRefused: a day to come, no project, no rule that is enabled.
        Overtaken: a scan of a later day began meanwhile.
    """
    rulebook = _ready(as_of, zone)
    later = ScanRun.objects.later_than(as_of, zone).first()
    if dry_run or later:
        return _look(as_of, zone, rulebook, later, listing=listing)
    run = _begin(as_of, zone, rulebook, whole=whole)
    parts.work(run, rulebook)
    outcome = finish(run)
    if outcome is None:
        # Who helps with the run is at its last part, and finishes it.
        outcome = _outcome(run, rulebook)
    if listing:
        outcomes.name_alerts(outcome, zone)
    return outcome


# ---- Working -----------------------------------------------------------------------------------------
def begin(as_of: date, zone: Zone | None = None, *, whole: bool = False) -> ScanRun | None:
    """Cut a scan into parts that any number of processes then do (`help_with`); None if there is nothing to write, as a
    later day was judged. Raises ScanRefused as `scan` does.
    """
    rulebook = _ready(as_of, zone)
    if ScanRun.objects.later_than(as_of, zone).exists():
        return None
    return _begin(as_of, zone, rulebook, whole=whole)


def help_with(run: ScanRun) -> Outcome | None:
    """Do parts of a run until nobody needs help; what came of all of it, for who did the last one, else None.

    Raises Overtaken if a scan of a later day has begun.
    """
    parts.work(run, _rulebook())
    return finish(run)


def finish(run: ScanRun) -> Outcome | None:
    """Close the run if all its parts are done and nobody has; what came of it, else None."""
    with transaction.atomic():
        open_run = ScanRun.objects.select_for_update(no_key=True, of=("self",)).filter(pk=run.pk, finished_at=None)
        if open_run.first() is None or ScanPart.objects.filter(run=run, finished_at=None).exists():
            return None
        outcome = _outcome(run, _rulebook())
        outcome.waiting = guard.settle(run, outcome.opened, outcome.judged)
        ScanRun.objects.filter(pk=run.pk).update(finished_at=Now(), counts=outcome.counts)
        ScanPart.objects.filter(run=run).delete()
    return outcome


def _begin(as_of: date, zone: Zone | None, rulebook: Rulebook, *, whole: bool) -> ScanRun:
    basis = _basis(rulebook)
    with transaction.atomic():
        ScanPart.objects.filter(run__started_at__lt=Now() - FORGOTTEN).delete()
        known = whole or ScanRun.objects.covering(zone).values_list("basis", flat=True).first() != basis
        run = ScanRun.objects.create(as_of=as_of, zone=zone, whole=known, basis=basis)
        guard.begin(run)
        parts.cut(run, rulebook)
    return run


def _basis(rulebook: Rulebook) -> str:
    """What stands for all that is judged by beside the facts of projects: rules, zones, calendar, rounds."""
    told = [
        JUDGEMENT,
        [model_to_dict(rule) for rule in rulebook.rules.values()],
        list(Zone.objects.order_by("pk").values_list("pk", "path", "return_day")),
        list(WorkdayOverride.objects.order_by("pk").values_list("date", "is_working")),
        list(Period.objects.order_by("pk").values_list("pk", "first")),
    ]
    return hashlib.sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()


def _outcome(run: ScanRun, rulebook: Rulebook) -> Outcome:
    outcome = Outcome(run.as_of, written=True, bad_rules=sorted(rulebook.bad.values()))
    outcomes.add(outcome, ScanPart.objects.filter(run=run).values_list("counts", flat=True), run.zone)
    return outcome


# ---- Looking -----------------------------------------------------------------------------------------
def _look(as_of: date, zone: Zone | None, rulebook: Rulebook, later: ScanRun | None, *, listing: bool) -> Outcome:
    outcome = Outcome(as_of, bad_rules=sorted(rulebook.bad.values()), note=_note(later))
    paths: set[str] = set()
    for kind in cases.kinds():
        for ids in kind.shards(zone, as_of, whole=True):
            shard = Shard(kind, ids, as_of)
            findings, plan = parts.judged(shard, rulebook)
            outcomes.add_look(outcome, shard.cases.values(), findings, plan, changes=later is None)
            paths.update(case.path for case in shard.cases.values() if kind is cases.PROJECT and not case.gone)
            if listing:
                outcomes.list_alerts(outcome, plan)
    outcome.zones = len(paths)
    return outcome


# ---- What to refuse, and what only to look at --------------------------------------------------------
def _ready(as_of: date, zone: Zone | None) -> Rulebook:
    if as_of > clock.today():
        today = show_day(clock.today())
        raise ScanRefused("future", f"不能判定{show_day(as_of)}：这一天还没有到，今天是{today}")
    rulebook = _rulebook()
    _require_something(zone, rulebook)
    return rulebook


def _rulebook() -> Rulebook:
    return Rulebook(Rule.objects.select_related("zone").order_by("pk"))


def _require_something(zone: Zone | None, rulebook: Rulebook) -> None:
    where = f"{zone}及其下级" if zone else "系统里"
    projects = Project.objects.filter(zone__path__startswith=zone.path) if zone else Project.objects.all()
    if not projects.exists():
        raise ScanRefused("no_projects", f"{where}还没有项目，没有可判定的内容")
    if rulebook.concerns(zone.path if zone else EVERYWHERE):
        return
    if rulebook.bad:
        raise ScanRefused("bad_rules", "；".join(sorted(rulebook.bad.values())))
    raise ScanRefused("no_rules", f"{where}没有启用的预警规则，请先在“预警规则”里设置")


def _note(later: ScanRun | None) -> str:
    if later is None:
        return "试运行：只查看结果，没有写入"
    return f"已判定到{show_day(later.as_of)}，早于这一天的判定只供查看，没有写入"
