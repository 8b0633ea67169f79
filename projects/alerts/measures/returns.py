"""Returns (月报) that are late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Final

from projects.alerts.cases import ProjectCase
from projects.alerts.measures.base import Measure
from projects.alerts.months import show_day, show_month
from projects.alerts.verdicts import Reading, Settled, Told, Unjudged, Verdict
from projects.returns.lateness import Due, returns_due

NOT_OWED: Final = Unjudged("no_return_owed", "本月不需要上报月报")


class ReturnLate(Measure):
    """Days gone by since the day on which the judged month's return was due, while none was submitted, or the one that
    was has been sent back.
    """

    code = "return_late"
    label = "月报迟报天数"
    unit = "天"
    grain = Fraction(1)
    help = "判定月份的月报在截止日之后仍未上报的天数，截止日当天为 0；被退回的在重新上报以前按未报计"

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        due = case.known(returns)
        if due is None or not due.owed:
            return NOT_OWED
        if due.submitted_on:
            return Settled(f"{show_month(due.month)}月报已上报")
        days = (case.as_of - due.due_on).days
        return Reading(days, 1, partial(_late, due, days))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        due = case.known(returns)
        return case.as_of if due and due.owed and not due.submitted_on else None


def returns(ids: Sequence[int], day: date) -> Mapping[int, Due]:
    """The return that is due of each project on the day."""
    return returns_due(ids, day)


def _late(due: Due, days: int) -> Told:
    month, by = show_month(due.month), show_day(due.due_on)
    body = f"{month}月报应于{by}前上报，至今未报，" + (f"已迟报{days}天" if days else "今天截止")
    shown = [["月份", month], ["截止日", by], ["迟报", f"{days}天"]]
    return Told(body, (f"截止日：{by}，迟报{days}天",), {"return_month": due.month.isoformat(), "shown": shown})
