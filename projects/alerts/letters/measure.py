"""What rules ask of letters: that they are replied to in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial

from projects.alerts.letters.cases import LetterCase
from projects.alerts.levels import Level
from projects.alerts.measures import Measure
from projects.alerts.months import show_day
from projects.alerts.verdicts import Reading, Settled, Told, Verdict


class LetterReplyDue(Measure):
    """Days past the term of a letter, while no reply is given; below zero the days left (blue with two days left or
    fewer, red from the first day late, as of other things that are followed up).

    From the day of a reply on it is the office's turn: what was replied to in time is not behind, and of a late one the
    days stand still. A reply that is sent back counts no more.
    """

    subject = "letter"
    code = "letter_reply"
    label = "函件反馈超过时限天数"
    help = "超过反馈时限的天数，未到时限为负：还剩 2 天为 -2，当天为 0；已反馈待审核的不再增加，退回重报的接着算"
    unit = "天"
    grain = Fraction(1)

    def judge(self, case: LetterCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if case.done_on:
            return Settled(f"已于{show_day(case.done_on)}办结")
        if case.replied_on and case.replied_on <= case.reply_by:
            return Settled(f"已于{show_day(case.replied_on)}按期反馈，待审核")
        days = ((case.replied_on or case.as_of) - case.reply_by).days
        return Reading(days, 1, partial(_told, case, days))

    def holds_until(self, case: LetterCase, parameters: Mapping[str, str]) -> date | None:
        return None if case.done_on or case.replied_on else case.as_of

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        if level.high is not None and level.high <= 0 and level.low is not None:
            return f"还剩{int(-level.high)}至{int(-level.low)}天"
        return f"超过时限{level.bounds(self.unit)}"


def _told(case: LetterCase, days: int) -> Told:
    by, said = show_day(case.reply_by), f"已超过时限{days}天" if days > 0 else f"还剩{-days}天" if days else "今天到期"
    if case.replied_on:
        said = f"{show_day(case.replied_on)}反馈时{said}，待审核"
    body = f"应于{by}前反馈，{said}" if case.replied_on else f"应于{by}前反馈，至今未反馈，{said}"
    shown = [["函件", case.name], ["反馈时限", by], ["时限", said]]
    return Told(body, (f"应于{by}前反馈：{said}",), {"letter_id": case.pk, "shown": shown})
