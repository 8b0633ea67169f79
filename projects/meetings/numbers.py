"""The zone's numbers as a meeting sees them, and what changed since the last one. Money in yuan."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet

from projects import statistics
from projects.admin import columns
from projects.meetings.models import Decision
from projects.models import Phase, Problem, Project
from zones import clock
from zones.models import Zone

NAMED: Final = 8  # projects by name in one sentence of what changed; the rest are counted


def of_zone(zone: Zone, projects: QuerySet[Project], day: date) -> dict[str, Any]:
    """The numbers of the zone on `day`, ready to be kept as JSON: investment, phases, lights, open problems, decisions.

    `each` says of every project, by its key, its name, phase, light and the year's figure in yuan: what `changes`
    compares. A constant number of statements (for a day before today: for every shard of projects).
    """
    rows = projects.order_by().values_list(
        *("pk", "name", "phase", "standing__light", "standing__light_label", "standing__colour"),
        *("standing__severity", "standing__done"),
    )
    each: dict[str, list[Any]] = {}
    phases: Counter[str] = Counter()
    lights: Counter[tuple[int, str, str, str]] = Counter()
    for pk, name, phase, light, label, colour, severity, done in rows:
        each[str(pk)] = [name, phase, light or "", done]
        phases[phase] += 1
        lights[-(severity or 0), light or "", label or "", colour or ""] += 1
    sums = statistics.investment(projects) if day >= clock.today() else statistics.investment_on(projects, day)
    decisions = Decision.objects.filter(meeting__zone=zone)
    return {
        "day": day.isoformat(),
        "projects": len(each),
        "phases": {phase.value: phases[phase.value] for phase in Phase},
        "lights": [
            {"code": code, "label": label, "colour": colour, "count": count}
            for (_, code, label, colour), count in sorted(lights.items())
        ],
        "investment": {**asdict(sums), "months": [month.isoformat() for month in sums.months]},
        "problems": Problem.objects.open_on(day).filter(project__in=projects.order_by().values("pk")).count(),
        "decisions": dict(Counter(decisions.binding().values_list("state", flat=True))),
        "overdue_decisions": decisions.overdue(day).count(),
        "each": each,
    }


def investment_of(kept: dict[str, Any]) -> statistics.Investment:
    """The sums as they were kept by `of_zone`."""
    sums = kept["investment"]
    return statistics.Investment(**{**sums, "months": [date.fromisoformat(month) for month in sums["months"]]})


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What changed between the numbers of two meetings, as sentences that can be read out; none where nothing did."""
    if not before or not now:
        return []
    old, new = before["each"], now["each"]
    both = [pk for pk in new if pk in old]
    told = [
        *_moved(before, now),
        _named("新增项目", [new[pk][0] for pk in new if pk not in old]),
        _named("不再列入", [old[pk][0] for pk in old if pk not in new]),
        *(
            _named(f"新进入“{phase.label}”", [new[pk][0] for pk in both if _entered(old[pk][1], new[pk][1], phase)])
            for phase in Phase
        ),
        _named("新增红灯", [new[pk][0] for pk in both if new[pk][2] == "red" != old[pk][2]]),
        _named("解除红灯", [new[pk][0] for pk in both if old[pk][2] == "red" != new[pk][2]]),
        _named("新增预警", [new[pk][0] for pk in both if _is_well(old[pk][2]) and _is_behind(new[pk][2])]),
        _named("解除预警", [new[pk][0] for pk in both if _is_behind(old[pk][2]) and _is_well(new[pk][2])]),
    ]
    return [sentence for sentence in told if sentence]


def _moved(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Sums that are not what they were."""
    was, done = before["investment"]["done"], now["investment"]["done"]
    same = _year(before) == _year(now)
    problems = before["problems"], now["problems"]
    return [
        f"累计完成投资由 {columns.brief(was)} 变为 {columns.brief(done)}" if same and was != done else "",
        f"未销号问题由 {problems[0]} 个变为 {problems[1]} 个" if problems[0] != problems[1] else "",
    ]


def _year(kept: dict[str, Any]) -> str:
    """The year that the sums are of; "" where no project has a plan."""
    months = kept["investment"]["months"]
    return months[-1][:4] if months else ""


def _entered(before: str, now: str, phase: Phase) -> bool:
    return now == phase.value and Phase(now).rank > Phase(before).rank


def _is_behind(light: str) -> bool:
    return light not in ("", "green", "red")


def _is_well(light: str) -> bool:
    return light in ("", "green")


def _named(what: str, names: list[str]) -> str:
    if not names:
        return ""
    rest = "等" if len(names) > NAMED else ""
    return f"{what} {len(names)} 个：{'、'.join(names[:NAMED])}{rest}"
