"""Steps that are late, or will be by what is promised now, and problems in their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Final

from projects.alerts.cases import ProjectCase, Step
from projects.alerts.levels import Level
from projects.alerts.measures.base import Measure
from projects.alerts.measures.steps import NO_STEPS, inputs, promised, undone
from projects.alerts.months import show_by, show_day
from projects.alerts.verdicts import Reading, Told, Verdict
from projects.models import MilestoneChange, Problem
from projects.standings.among import listed


class NodeLate(Measure):
    """0 where every step is in time, 1 where one is late by the baseline or is now promised for a later day than at
    first, 2 where a problem that is open was marked as a major one (海口江东 2020).
    """

    code = "node_late"
    label = "节点滞后"
    unit = ""
    grain = Fraction(1)
    help = "0 正常；1 有节点逾期，或现在的承诺晚于首次承诺；2 有未销号的重大问题"

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        major = case.known(major_problems)
        if major:
            return Reading(2, 1, partial(_major, major))
        moved = case.known(promised_before) or {}
        then = replace(case, steps=tuple(_as_promised(step, moved) for step in case.steps)) if moved else case
        if not promised(then):
            return NO_STEPS
        late = [(deadline, step) for deadline, step in undone(then) if _is_late(step, deadline, case.as_of)]
        return Reading(1, 1, partial(_late, late, case.as_of)) if late else Reading(0, 1, _in_time)

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        return min((deadline for deadline, _ in undone(case) if deadline >= case.as_of), default=None)

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        met = [word for value, word in MEANINGS.items() if level.met_by(value, 1)]
        return "或".join(met) or level.bounds(self.unit)


MEANINGS: Final = {0: "节点正常", 1: "节点逾期或预计逾期", 2: "有重大问题"}


def promised_before(ids: Sequence[int], day: date) -> Mapping[int, Mapping[int, date | None]]:
    """The promises of a day that were moved since, by project and milestone. One statement."""
    rows = MilestoneChange.objects.filter(
        milestone__project__in=listed(ids), what=MilestoneChange.What.PLANNED, on__gt=day
    ).order_by("-on", "-pk")
    found: dict[int, dict[int, date | None]] = {}
    for project, milestone, before in rows.values_list("milestone__project", "milestone", "before"):
        planned = before.get("planned")
        found.setdefault(project, {})[milestone] = date.fromisoformat(planned) if planned else None
    return found


def _as_promised(step: Step, moved: Mapping[int, date | None]) -> Step:
    """The step with the promise that stood on the day."""
    return step._replace(planned=moved[step.pk]) if step.pk in moved else step


def _is_late(step: Step, deadline: date, day: date) -> bool:
    forecast = step.baseline is not None and step.planned is not None and step.planned > step.baseline
    return deadline < day or forecast


def _in_time() -> Told:
    return Told("各节点均未逾期", ("没有逾期或预计逾期的节点，没有重大问题",))


def _late(late: Sequence[tuple[date, Step]], day: date) -> Told:
    deadline, step = late[0]
    past = deadline < day
    said = f"{step!s}应于{show_by(deadline)}完成，"
    said += "至今未完成" if past else f"预计{show_day(step.planned)}完成" if step.planned else ""
    more = f"，另有{len(late) - 1}个节点滞后" if len(late) > 1 else ""
    lines = tuple(f"{each!s}：应于{show_by(by)}，{'已逾期' if by < day else '预计逾期'}" for by, each in late)
    return Told(f"{said}{more}", lines, {**inputs(step, deadline), "milestone_ids": [each.pk for _, each in late]})


def _major(found: Sequence[tuple[int, str]]) -> Told:
    more = f"等{len(found)}个" if len(found) > 1 else ""
    body = f"有未销号的重大问题“{found[0][1]}”{more}"
    lines = tuple(f"重大问题：{title}" for _, title in found)
    return Told(body, lines, {"problem_ids": [pk for pk, _ in found], "shown": [["重大问题", found[0][1]]]})


def major_problems(ids: Sequence[int], day: date) -> Mapping[int, list[tuple[int, str]]]:
    """The open problems of projects that were marked as major, by project: key and title."""
    found: dict[int, list[tuple[int, str]]] = {}
    rows = Problem.objects.open_on(day).filter(project__in=listed(ids), major=True).order_by("pk")
    for project, pk, title in rows.values_list("project", "pk", "title"):
        found.setdefault(project, []).append((pk, title))
    return found
