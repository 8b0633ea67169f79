"""Steps that come near."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import ClassVar

from projects.alerts.cases import ProjectCase, Step
from projects.alerts.levels import Level
from projects.alerts.measures.base import Measure, Number
from projects.alerts.measures.steps import ALL_DONE, NO_STEPS, inputs, promised, undone
from projects.alerts.months import ONE_DAY, show_day
from projects.alerts.verdicts import Reading, Told, Unjudged, Verdict


class DueSoon(Measure):
    """Days left to the next promised step whose day has not passed. 0 is the day itself."""

    code = "due_soon"
    label = "距下一节点天数"
    unit = "天"
    grain = Fraction(1)
    help = "到下一个承诺节点还剩的天数，当天为 0；已过期的节点不在此列"
    parameters: ClassVar = (Number("horizon", "提前量", "30", 1, 366, "天以内才判定"),)
    rises = False

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if not promised(case):
            return NO_STEPS
        left = undone(case)
        ahead = [each for each in left if each[0] >= case.as_of]
        if not ahead:
            return Unjudged("nothing_ahead", "没有尚未到期的承诺节点") if left else ALL_DONE
        deadline, step = ahead[0]
        days = (deadline - case.as_of).days
        if days > int(parameters["horizon"]):
            return Unjudged("nothing_near", f"{parameters['horizon']}天内没有到期的承诺节点")
        return Reading(days, 1, partial(_due_soon, deadline, step, days))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        ahead = [deadline for deadline, _ in undone(case) if deadline >= case.as_of]
        if not ahead:
            return None
        near = ahead[0] - timedelta(days=int(parameters["horizon"]))
        return case.as_of if near <= case.as_of else near - ONE_DAY

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        return f"还剩{level.bounds(self.unit)}"


def _due_soon(deadline: date, step: Step, days: int) -> Told:
    body = f"应于{show_day(deadline)}前{step!s}，" + (f"还剩{days}天" if days else "今天到期")
    return Told(body, (f"期限：{show_day(deadline)}，还剩{days}天",), inputs(step, deadline))
