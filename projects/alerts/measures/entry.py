"""A project that was started but not entered in the statistics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial

from projects.alerts.cases import ProjectCase, Step
from projects.alerts.measures.base import Measure
from projects.alerts.measures.figures import STARTED
from projects.alerts.measures.known import Fine, Known
from projects.alerts.months import halves_hold, halves_since, show_day, show_halves
from projects.alerts.verdicts import MISSING, Reading, Settled, Told, Unjudged, Verdict
from projects.models import Milestone

NOT_STARTED = Unjudged("not_started", "尚未开工，不判定入库")
START_UNKNOWN = Unjudged("start_unknown", "开工日期不详，请责任单位补填后再判定入库", MISSING)


class MonthsSinceStartWithoutEntry(Measure):
    """Months since the actual start while the statistics bureau has not entered the project. One month is exactly 1,
    and whatever is beyond it is one and a half until the second is full.

    Of a start that is known only roughly its last possible day counts.
    """

    code = "months_since_start_without_entry"
    label = "开工后未入库月数"
    unit = "个月"
    grain = Fraction(1, 2)
    help = "从实际开工日起还没有入库的月数；满整月为整数，超过整月而不满下一整月计半个月（如1个月零3天为1.5）"

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        entry = case.milestone(Milestone.Kind.STATS_ENTRY)
        if entry is not None and entry.done_by(case.as_of):
            return Settled("已入库")
        if case.phase not in STARTED:
            return NOT_STARTED
        start = case.milestone(Milestone.Kind.STARTED)
        if start is None or start.actual_last is None or not start.done_by(case.as_of):
            return START_UNKNOWN
        halves = halves_since(start.actual_last, case.as_of)
        return Reading(halves, 2, partial(_told, start, start.actual_last, halves))

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        start = case.milestone(Milestone.Kind.STARTED)
        if isinstance(self.judge(case, parameters, ()), Reading) and start and start.actual_last:
            return halves_hold(start.actual_last, case.as_of)
        return None

    def fine(self, parameters: Mapping[str, str], least: Fraction | None, known: Known) -> list[Fine]:
        return [known.entered]


def _told(start: Step, day: date, halves: int) -> Told:
    length, began = show_halves(halves), show_day(day)
    lines = (
        f"实际开工：{began}" + ("" if start.actual_first == day else "（开工日期为一段时间，取最晚一天）"),
        f"开工以来：{length}",
    )
    inputs = {
        "milestone_id": start.pk,
        "started": day.isoformat(),
        "shown": [["实际开工", began], ["开工以来", length]],
    }
    return Told(f"{began}开工，至今未入库，开工已{length}", lines, inputs)
