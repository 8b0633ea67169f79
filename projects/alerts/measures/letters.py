"""Letters (督办单) about a step that is late, and their terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import ClassVar

from projects.alerts.cases import ProjectCase, Step
from projects.alerts.measures.base import Measure, Number
from projects.alerts.measures.steps import ALL_DONE, NO_STEPS, inputs, promised, undone
from projects.alerts.months import show_by, show_day
from projects.alerts.verdicts import Reading, Told, Verdict
from zones.workdays import Calendar


class LettersLapsed(Measure):
    """How many letters about a late step went unheeded (甘肃华亭 2017: 蓝单 → 黄单 → 红单).

    On the day after a promised day has passed the first letter is written, with a term in working days; when its
    term has passed, the next one. The value is the number of terms that have passed; the latest step counts most.
    """

    code = "letters_lapsed"
    label = "督办单逾期次数"
    unit = "次"
    grain = Fraction(1)
    help = "承诺节点逾期次日发第一张督办单，限期内未完成再发下一张；数值为已过的限期数，第一张限期内为 0"
    parameters: ClassVar = (Number("term", "每张督办单的限期", "5", 1, 60, "个工作日"),)

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if not promised(case):
            return NO_STEPS
        left = undone(case)
        if not left:
            return ALL_DONE
        deadline, step = left[0]
        if deadline >= case.as_of:
            return Reading(-1, 1, partial(_no_letter, deadline, step))
        terms = _terms(case, deadline, int(parameters["term"]))
        return Reading(len(terms) - 1, 1, partial(_letters, deadline, step, terms))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        left = undone(case)
        if not left:
            return None
        deadline = left[0][0]
        return deadline if deadline >= case.as_of else _terms(case, deadline, int(parameters["term"]))[-1]


def _terms(case: ProjectCase, deadline: date, term: int) -> list[date]:
    """The last days of all terms that have passed, and of the one that runs."""
    calendar = case.known(calendars) or Calendar()
    found = [calendar.after(deadline, term)]
    while found[-1] < case.as_of:
        found.append(calendar.after(found[-1], term))
    return found


def calendars(ids: Sequence[int], day: date) -> Mapping[int, Calendar]:
    """One calendar for all, so that our exceptions are read once."""
    return dict.fromkeys(ids, Calendar())


def _no_letter(deadline: date, step: Step) -> Told:
    return Told(f"应于{show_by(deadline)}{step!s}，尚未到期", ("没有逾期的节点",), inputs(step, deadline))


def _letters(deadline: date, step: Step, terms: Sequence[date]) -> Told:
    lapsed = len(terms) - 1
    body = f"应于{show_by(deadline)}{step!s}，至今未完成，第{lapsed + 1}张督办单限{show_day(terms[-1])}前完成"
    lines = (
        f"期限：{show_day(deadline)}",
        *(f"第{n}张督办单限期：{show_day(day)}（已过）" for n, day in enumerate(terms[:-1], start=1)),
        f"第{lapsed + 1}张督办单限期：{show_day(terms[-1])}",
    )
    return Told(body, lines, inputs(step, deadline))
