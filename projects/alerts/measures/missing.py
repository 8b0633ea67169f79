"""Figures that should be there and are not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial
from typing import ClassVar

from projects.alerts.cases import ProjectCase
from projects.alerts.measures.base import Measure, Parameter
from projects.alerts.measures.figures import PRODUCED, STARTED, same_month
from projects.alerts.months import judged_from, show_day, show_month
from projects.alerts.verdicts import Reading, Settled, Told, Unjudged, Verdict


class MissingFigure(Measure):
    """Days for which a figure has been missing: of the judged month since its return was due, or the year's plan
    since the year began. Asked of projects under construction; of a figure also where there is a plan of the year.
    """

    code = "missing_figure"
    label = "缺数据天数"
    unit = "天"
    grain = Fraction(1)
    help = "判定月份的完成投资（报表、周报、报道均可，入统数不算）到期后仍缺的天数，或年度计划自 1 月 1 日起仍缺的天数"
    parameters: ClassVar = (Parameter("what", "缺什么", (("figure", "本月完成投资"), ("plan", "年度计划"))),)

    def judge(self, case: ProjectCase, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        if case.phase in PRODUCED:
            return Settled("已投产，不再要求填报")
        if parameters["what"] == "plan":
            return _plan(case)
        return _figure(case)

    def holds_until(self, case: ProjectCase, parameters: Mapping[str, str]) -> date | None:
        return case.as_of if isinstance(self.judge(case, parameters, ()), Reading) else None


def _plan(case: ProjectCase) -> Verdict:
    year = case.position.month.year
    if case.phase not in STARTED:
        return Unjudged("no_plan_owed", "尚未开工，不要求年度计划")
    if case.position.plan is not None:
        return Settled(f"已有{year}年度计划")
    days = (case.as_of - date(year, 1, 1)).days
    body = f"{year}年度计划至今没有批准，已缺{days}天"
    shown = [["年度", str(year)], ["自 1 月 1 日起", f"{days}天"]]
    return Reading(days, 1, partial(Told, body, (f"{year}年1月1日起{days}天",), {"year": year, "shown": shown}))


def _figure(case: ProjectCase) -> Verdict:
    position = case.position
    if case.phase not in STARTED and position.plan is None:
        return Unjudged("no_figure_owed", "尚未开工，也没有年度计划，不要求完成投资数据")
    if position.done_up_to is not None and same_month(position.done_up_to, position.month):
        return Settled(f"已有{show_month(position.month)}的完成投资数据")
    due = judged_from(position.month, case.return_day)
    return Reading((case.as_of - due).days, 1, partial(_no_figure, case, due))


def _no_figure(case: ProjectCase, due: date) -> Told:
    position, days = case.position, (case.as_of - due).days
    month, told = show_month(position.month), position.done_up_to
    last = f"最近数据截至{show_day(told)}" if told else "本年度没有任何数据"
    body = f"缺{month}的完成投资数据，{last}，应于{show_day(due)}填报，已缺{days}天"
    shown = [["缺数据月份", month], ["应于", show_day(due)], ["最近数据", last]]
    inputs = {"missing_month": position.month.isoformat(), "progress_id": position.done_progress, "shown": shown}
    return Told(body, (f"应于{show_day(due)}填报，已缺{days}天",), inputs)
