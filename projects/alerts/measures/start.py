"""A start that was promised for a month and has not come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial

from projects.alerts.cases import ProjectCase, Step
from projects.alerts.measures.base import Measure
from projects.alerts.measures.figures import PRODUCED, STARTED
from projects.alerts.measures.known import Fine, Known
from projects.alerts.months import month_end, months_missed, show_by, show_day
from projects.alerts.verdicts import MISSING, Reading, Settled, Told, Unjudged, Verdict
from projects.models import Milestone

ALREADY_PRODUCED = Settled("已投产，不再判定开工")
NO_DEADLINE = Unjudged("no_start_deadline", "没有计划开工时间，请责任单位填报后再判定开工", MISSING)
NOT_DUE = -1  # below every month missed: the planned month has not ended


class MonthsSincePlannedStart(Measure):
    """Whole calendar months gone by since the planned month of start ended without a start.

    Judged by the baseline, or, where none was approved, by the plan of today. The planned month itself is not late
    before its end, whatever day of it was named.
    """

    code = "months_since_planned_start"
    label = "逾期未开工月数"
    unit = "个月"
    grain = Fraction(1)
    help = "计划开工的月份过完以后又过了几个整月；计划月份过完当天起为 0"

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if case.phase in PRODUCED:
            return ALREADY_PRODUCED
        milestone = case.milestone(Milestone.Kind.STARTED)
        if milestone is None or milestone.deadline is None:
            # A start that is known but was never promised is no start that is missing.
            return Settled("已开工") if case.phase in STARTED else NO_DEADLINE
        if case.phase in STARTED:
            return _started(milestone)
        missed = months_missed(milestone.deadline, case.as_of)
        return Reading(NOT_DUE if missed is None else missed, 1, partial(_told, milestone, milestone.deadline, missed))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        milestone = case.milestone(Milestone.Kind.STARTED)
        if milestone is None or milestone.deadline is None or case.phase in STARTED:
            return None
        deadline = milestone.deadline
        ends = month_end(deadline.year, deadline.month)
        return ends if case.as_of <= ends else month_end(case.as_of.year, case.as_of.month)

    def fine(self, parameters: Mapping[str, str], least: Fraction | None, known: Known) -> list[Fine]:
        return [known.started]


def _started(milestone: Step) -> Settled:
    day = milestone.actual_last
    return Settled(f"已于{show_day(day)}开工" if day and milestone.actual_first == day else "已开工")


def _told(milestone: Step, deadline: date, missed: int | None) -> Told:
    planned, kind = show_by(deadline), "首次承诺" if milestone.baseline else "当前计划"
    lines = (
        f"计划开工：{planned}（{kind}），计划月份为{deadline.year}年{deadline.month}月",
        f"计划月份过后的整月数：{missed}个月" if missed is not None else "计划月份尚未过完",
    )
    body = f"应于{planned}开工（{kind}），{_length(missed)}"
    late = "未到期" if missed is None else f"{missed}个月"
    shown = [["计划开工", f"{planned}（{kind}）"], ["逾期整月数", late]]
    return Told(body, lines, {"milestone_id": milestone.pk, "deadline": deadline.isoformat(), "shown": shown})


def _length(missed: int | None) -> str:
    if missed is None:
        return "尚未到期"
    return f"至今未开工，已逾期{missed}个整月" if missed else "至今未开工，已逾期不满1个月"
