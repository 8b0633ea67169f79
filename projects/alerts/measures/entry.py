"""A project that was started but not entered in the statistics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from projects.alerts.cases import Case
from projects.alerts.measures.base import Measure
from projects.alerts.months import months_since, show_day, show_length
from projects.alerts.verdicts import MISSING, Reading, Settled, Unjudged, Verdict
from projects.models import Milestone, Phase

NOT_STARTED = Unjudged("not_started", "尚未开工，不判定入库")
START_UNKNOWN = Unjudged("start_unknown", "开工日期不详，不判定入库", MISSING)


class MonthsSinceStartWithoutEntry(Measure):
    """Months since the actual start while the statistics bureau has not entered the project. One month is exactly 1.

    Of a start that is known only roughly its last possible day counts.
    """

    code = "months_since_start_without_entry"
    label = "开工后未入库月数"
    unit = "个月"
    help = "从实际开工日起算，到判定日还没有入库的月数"

    def judge(self, case: Case, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        entry = case.milestone(Milestone.Kind.STATS_ENTRY)
        if entry is not None and entry.done_by(case.as_of):
            return Settled("已入库")
        if case.phase.rank < Phase.STARTED.rank:
            return NOT_STARTED
        start = case.milestone(Milestone.Kind.STARTED)
        if start is None or not start.done_by(case.as_of) or start.actual_last is None:
            return START_UNKNOWN
        return _reading(case, start, start.actual_last)


def _reading(case: Case, start: Milestone, day: date) -> Reading:
    length, began = show_length(day, case.as_of), show_day(day)
    body = f"{began}开工，截至{show_day(case.as_of)}仍未入库，开工已{length}"
    lines = (
        f"实际开工：{began}" + ("" if start.actual_first == day else "（开工日期为一段时间，取最晚一天）"),
        f"判定日期：{show_day(case.as_of)}",
        f"开工至判定日：{length}",
    )
    inputs = {
        "milestone_id": start.pk,
        "started": day.isoformat(),
        "shown": [["实际开工", began], ["判定日期", show_day(case.as_of)], ["开工以来", length]],
    }
    return Reading(months_since(day, case.as_of), body, lines, inputs)
