"""Time gone by since a step of a project, while what was to follow has not come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar, Final

from projects.alerts.cases import ProjectCase, Step
from projects.alerts.measures.base import Measure, Parameter
from projects.alerts.months import halves_hold, halves_since, show_day, show_halves
from projects.alerts.verdicts import MISSING, Reading, Settled, Told, Unjudged, Verdict
from projects.models import Milestone

NOTHING: Final = "nothing"
PLANNED: Final = "planned"
MONTHS: Final = "months"
KINDS: Final = tuple((kind.value, str(kind.label)) for kind in Milestone.Kind if kind != Milestone.Kind.OTHER)
NAMES: Final = dict(KINDS)


class SinceMilestone(Measure):
    """Days or months since any milestone, until the one that was to follow is done.

    Counted from the actual day (its last possible one), or from the promised one: the baseline, else the plan of
    today. Where nothing is named to follow, a promise waits for the step itself, and a step that is done counts on.
    Months are counted like those without a statistics entry: exact on the day, and a half beyond it.
    """

    code = "since_milestone"
    label = "节点以来的时间"
    unit = "天"
    grain = Fraction(1, 2)
    help = "从某节点起算，到应随后完成的节点还没有完成的天数或月数；如签约后未开工、开工后未办结手续"
    parameters: ClassVar = (
        Parameter("event", "起算节点", (("signed", NAMES["signed"]), *(each for each in KINDS if each[0] != "signed"))),
        Parameter("followed", "应随后完成", ((NOTHING, "（不要求）"), *KINDS)),
        Parameter("counted", "时间单位", (("days", "天"), (MONTHS, "月"))),
        Parameter("basis", "起算日", (("actual", "实际完成日"), (PLANNED, "承诺日期"))),
    )

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        waiting = _awaited(case, parameters)
        if waiting is not None and waiting.done_by(case.as_of):
            return Settled(f"{waiting}已完成")
        began = _began(case, parameters)
        if isinstance(began, Unjudged):
            return began
        step, day = began
        if day > case.as_of:
            return Unjudged("not_yet", f"承诺的{step}日期未到，不判定")
        halves, days = halves_since(day, case.as_of), (case.as_of - day).days
        if parameters["counted"] == MONTHS:
            return Reading(halves, 2, partial(_told, step, day, parameters, show_halves(halves)))
        return Reading(days, 1, partial(_told, step, day, parameters, f"满{days}天"))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        verdict, began = self.judge(case, parameters, ()), _began(case, parameters)
        if isinstance(began, Unjudged) or isinstance(verdict, Settled):
            return None
        _, day = began
        if day > case.as_of:
            return date.fromordinal(day.toordinal() - 1)
        return halves_hold(day, case.as_of) if parameters["counted"] == MONTHS else case.as_of

    def unit_by(self, parameters: Mapping[str, str]) -> str:
        return "个月" if parameters.get("counted") == MONTHS else self.unit

    def problems(self, parameters: Any) -> list[str]:
        found = super().problems(parameters)
        if not found and self.filled(parameters)["event"] == parameters.get("followed"):
            found.append("“起算节点”和“应随后完成”不能是同一个节点")
        return found


def _awaited(case: ProjectCase, parameters: Mapping[str, str]) -> Step | None:
    """The step that ends the waiting, if it is there."""
    kind = parameters["followed"]
    if kind == NOTHING:
        kind = parameters["event"] if parameters["basis"] == PLANNED else ""
    return case.milestone(kind) if kind else None


def _began(case: ProjectCase, parameters: Mapping[str, str]) -> tuple[Step, date] | Unjudged:
    kind = parameters["event"]
    step = case.milestone(kind)
    name = NAMES[kind]
    if parameters["basis"] == PLANNED:
        if step is None or step.deadline is None:
            return Unjudged("no_promise", f"没有承诺{name}的时间，请责任单位填报后再判定", MISSING)
        return step, step.deadline
    if step is None or not step.done_by(case.as_of):
        return Unjudged("event_ahead", f"尚未{name}，不判定")
    if step.actual_last is None:
        return Unjudged("event_unknown", f"{name}日期不详，请责任单位补填后再判定", MISSING)
    return step, step.actual_last


def _told(step: Step, day: date, parameters: Mapping[str, str], length: str) -> Told:
    kind = parameters["followed"]
    if parameters["basis"] == PLANNED:
        began, kind = f"承诺{show_day(day)}{step}", step.kind if kind == NOTHING else kind
    else:
        began = f"{show_day(day)}{step}"
    missing = "" if kind == NOTHING else f"至今未{NAMES[kind]}，"
    body = f"{began}，{missing}已{length}"
    inputs = {
        "milestone_id": step.pk,
        "since": day.isoformat(),
        "shown": [["起算", began], ["至今", length], *([] if kind == NOTHING else [["应随后完成", NAMES[kind]]])],
    }
    return Told(body, (f"起算：{began}", f"至今：{length}"), inputs)
