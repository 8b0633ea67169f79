"""What rules ask of decisions: that they are done by their deadline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial

from projects.alerts.levels import Level
from projects.alerts.measures import Measure
from projects.alerts.months import show_day
from projects.alerts.verdicts import MISSING, Reading, Settled, Told, Unjudged, Verdict
from projects.meetings.cases import DecisionCase

NO_DEADLINE = Unjudged("decision_no_deadline", "没有完成时限，不作判定", MISSING)


class DecisionPastDeadline(Measure):
    """Days past the deadline of a decision, while it is not done; below zero the days left (议定事项: blue with two
    days left or fewer, red from the first day late, domain practice of 督办).

    A leader's agreement to an extension makes another deadline, which is judged by and told beside the first; nothing
    else moves it. From the day on which closing is asked for the days stand still: it is the office's turn, and who
    asked in time is not behind.
    """

    subject = "decision"
    code = "decision_deadline"
    label = "议定事项超过时限天数"
    help = "超过完成时限的天数，未到时限为负：还剩 2 天为 -2，当天为 0；经领导同意的延期按新时限，申请销号后不再增加"
    unit = "天"
    grain = Fraction(1)

    def judge(self, case: DecisionCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if case.done_on:
            return Settled(f"已于{show_day(case.done_on)}销号")
        if case.deadline is None:
            return NO_DEADLINE
        if case.asked_on and case.asked_on <= case.deadline:
            return Settled(f"已于{show_day(case.asked_on)}按期申请销号，待核实")
        days = ((case.asked_on or case.as_of) - case.deadline).days
        return Reading(days, 1, partial(_told, case, case.deadline, days))

    def holds_until(self, case: DecisionCase, parameters: Mapping[str, str]) -> date | None:
        return None if case.done_on or case.asked_on or case.deadline is None else case.as_of

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        if level.high is not None and level.high <= 0 and level.low is not None:
            return f"还剩{int(-level.high)}至{int(-level.low)}天"
        return f"超过时限{level.bounds(self.unit)}"


def _told(case: DecisionCase, deadline: date, days: int) -> Told:
    by, said = show_day(deadline), f"已超过时限{days}天" if days > 0 else f"还剩{-days}天" if days else "今天到期"
    if case.asked_on:
        said = f"{show_day(case.asked_on)}申请销号时{said}，待核实"
    shown = [["事项", case.name], ["完成时限", by], ["时限", said]]
    due = f"应于{by}前办结"
    if case.promised and case.promised != deadline:
        due = f"首次时限{show_day(case.promised)}，经同意延期至{by}"
        shown.insert(1, ["首次时限", show_day(case.promised)])
    body = f"{due}，{said}" if case.asked_on else f"{due}，至今未办结，{said}"
    return Told(body, (f"{due}：{said}",), {"decision_id": case.pk, "shown": shown})
