"""The light of each project: its gravest open alert, green if something was judged and nothing is wrong, else none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import Q, QuerySet

from projects import standings
from projects.alerts import looking
from projects.alerts.cases import Case, ProjectCase
from projects.alerts.judging import Finding
from projects.alerts.levels import GREEN, GREEN_COLOUR, GREEN_LABEL
from projects.alerts.models import Alert, AlertEvent
from projects.alerts.verdicts import Unjudged
from projects.models import Project, Standing, StandingMonth
from projects.standings.among import listed
from zones import bulk

CODES = 200  # characters
ENDS = frozenset({AlertEvent.Kind.CLOSED, AlertEvent.Kind.CLOSING_APPROVED})


class Light(NamedTuple):
    """What a standing shows. `since` is None for a green that is to keep the day it began. `unjudged` and `look_on` as
    on `Standing`.
    """

    severity: int = 0
    light: str = ""
    light_label: str = ""
    colour: str = ""
    since: date | None = None
    unjudged: str = ""
    look_on: date | None = None


DARK = Light()
ALL_WELL = Light(0, GREEN, GREEN_LABEL, GREEN_COLOUR)


def lights(findings: Iterable[Finding], cases: Mapping[int, Case], alerts: Iterable[Alert]) -> dict[int, Light]:
    """The light of each project of a shard, by what the rules said of it and the alerts that are open now."""
    worst: dict[int, Alert] = {}
    for alert in alerts:
        pk = alert.project_id or 0
        if pk not in worst or _graver(alert, worst[pk]):
            worst[pk] = alert
    of_project: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        of_project[finding.case.pk].append(finding)
    return {pk: _light(worst.get(pk), case, of_project[pk]) for pk, case in cases.items()}


def write(wanted: Mapping[int, Light], as_of: date) -> int:
    """Write the light half of the standings that changed; how many did."""
    there = Standing.objects.filter(project__in=listed(list(wanted))).values_list("project", *Light._fields)
    lit = ((pk, Light._make(shown), wanted[pk]) for pk, *shown in there)
    changed = [(pk, *new) for pk, shown, light in lit if (new := _following(shown, light, as_of)) != shown]
    bulk.change(Standing, Light._fields, changed)
    return len(changed)


def by_light_on(projects: QuerySet[Project], day: date) -> Counter[str]:
    """How many projects showed each light on a day before today; "" is none.

    As it was kept if `day` is the end of a month that was closed, else the light of the gravest alert that was open
    then; who had none may have been green or not judged. A constant number of statements for every shard.
    """
    counts: Counter[str] = Counter()
    for ids in standings.shards(projects):
        kept = dict(StandingMonth.objects.filter(project__in=listed(ids), month=day).values_list("project", "light"))
        worst = _worst_on(ids, day)
        counts.update(kept.get(pk, worst.get(pk, (0, ""))[1]) for pk in ids)
    return counts


def _worst_on(ids: list[int], day: date) -> dict[int, tuple[int, str]]:
    """Severity and level of the gravest alert of each project on a day, by the steps up to then."""
    # One that is open today may have been closed then, and issued again since.
    open_then = Q(alert__closed_on=None) | Q(alert__closed_on__gt=day)
    steps = AlertEvent.objects.filter(open_then, alert__project__in=listed(ids), on__lte=day)
    steps = steps.filter(alert__subject_key__startswith=f"{ProjectCase.kind}:").order_by("alert", "step")
    last = {alert: rest for alert, *rest in steps.values_list("alert", "alert__project", "severity", "level", "kind")}
    worst: dict[int, tuple[int, str]] = {}
    for project, severity, level, kind in last.values():
        if kind not in ENDS:
            worst[project] = max(worst.get(project, (0, "")), (severity, level))
    return worst


def _graver(alert: Alert, held: Alert) -> bool:
    return (-alert.severity, alert.level_since) < (-held.severity, held.level_since)


def _light(alert: Alert | None, case: Case, findings: list[Finding]) -> Light:
    codes = sorted({finding.verdict.code for finding in findings if isinstance(finding.verdict, Unjudged)})
    judged = any(finding.judged for finding in findings)
    shown = ALL_WELL if judged else DARK
    if alert is not None:
        shown = Light(alert.severity, alert.level, alert.label, alert.colour, alert.level_since)
    return shown._replace(unjudged=" ".join(codes)[:CODES], look_on=looking.look_on(case, findings))


def _following(shown: Light, light: Light, as_of: date) -> Light:
    """The light as it follows what was shown: a green that stays keeps the day it began."""
    if light.light != GREEN:
        return light
    return light._replace(since=shown.since if shown.light == GREEN and shown.since else as_of)
