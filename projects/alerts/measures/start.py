"""A start that was promised for a month and has not come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from projects.alerts.cases import Case
from projects.alerts.measures.base import Measure
from projects.alerts.months import months_missed, show_day
from projects.alerts.verdicts import MISSING, Reading, Settled, Unjudged, Verdict
from projects.models import Milestone, Phase
from projects.plans import month_end

PRODUCED = Unjudged("produced", "项目已投产，不再判定开工")
NO_DEADLINE = Unjudged("no_start_deadline", "没有计划开工时间，不判定开工", MISSING)
NOT_DUE = Fraction(-1)  # below every month missed: the planned month has not ended


class MonthsSincePlannedStart(Measure):
    """Whole calendar months gone by since the planned month of start ended without a start.

    Judged by the baseline, or, where none was approved, by the plan of today. The planned month itself is not late
    before its end, whatever day of it was named.
    """

    code = "months_since_planned_start"
    label = "逾期未开工月数"
    unit = "个月"
    help = "计划开工的月份过完以后又过了几个整月；计划月份过完当天起为 0"

    def judge(self, case: Case, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if case.phase.rank >= Phase.PRODUCED.rank:
            return PRODUCED
        milestone = case.milestone(Milestone.Kind.STARTED)
        if milestone is None or milestone.deadline is None:
            return NO_DEADLINE
        if case.phase.rank >= Phase.STARTED.rank:
            return _started(milestone)
        return _reading(case, milestone)


def _started(milestone: Milestone) -> Settled:
    day = milestone.actual_last
    return Settled(f"已于{show_day(day)}开工" if day and milestone.actual_first == day else "已开工")


def _reading(case: Case, milestone: Milestone) -> Reading:
    deadline = milestone.deadline
    missed = months_missed(deadline, case.as_of)
    planned = _by(deadline)
    promised = "首次承诺" if milestone.baseline else "计划"
    lines = (
        f"计划开工：{promised}{planned}，计划月份为{deadline.year}年{deadline.month}月",
        f"判定日期：{show_day(case.as_of)}",
        f"计划月份过后的整月数：{missed}个月" if missed is not None else "计划月份尚未过完",
    )
    body = f"{promised}{planned}开工，截至{show_day(case.as_of)}仍未开工，{_length(missed)}"
    inputs = {
        "milestone_id": milestone.pk,
        "deadline": deadline.isoformat(),
        "shown": [["计划开工", f"{promised}{planned}"], ["判定日期", show_day(case.as_of)]],
    }
    return Reading(NOT_DUE if missed is None else Fraction(missed), body, lines, inputs)


def _by(deadline: date) -> str:
    """2023年3月底前, 2023年3月5日前."""
    ends = deadline == month_end(deadline.year, deadline.month)
    return f"{deadline.year}年{deadline.month}月底前" if ends else f"{show_day(deadline)}前"


def _length(missed: int | None) -> str:
    if missed is None:
        return "尚未到期"
    return f"已逾期{missed}个整月" if missed else "已逾期不满1个月"
