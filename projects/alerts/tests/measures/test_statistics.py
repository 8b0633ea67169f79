"""How old a figure of the statistics bureau is: it is said, and it is compared with its like alone."""

from datetime import date
from typing import Any

import pytest

from projects.alerts import measures
from projects.alerts.tests.measures.memory import MONDAY, Facts

JUNE, MARCH = "2023-06-30", "2023-03-31"
GAP: Any = measures.get("statistics_gap")


def gap(done: dict[str, int], entered: dict[str, int], share: str = "points") -> Any:
    return GAP.judge(Facts(plan=1_200_000, done=done, entered=entered).on(MONDAY), {"share": share}, ())


@pytest.mark.parametrize(
    ("entered", "said"),
    [({MARCH: 300_000}, "实际入统（截至3月31日）25.0%"), ({JUNE: 300_000}, "实际入统25.0%")],
)
def test_progress_by_an_old_statistics_figure_says_until_when_it_reaches(entered: dict[str, int], said: str) -> None:
    measure: Any = measures.get("progress_gap")
    case = Facts(plan=1_200_000, done={JUNE: 500_000}, entered=entered).on(MONDAY)
    told = measure.judge(case, {"baseline": "elapsed", "channel": "statistics"}, ()).told
    assert told.body.startswith(f"截至2023年6月，年度计划120万元，应完成50.0%，{said}，")
    day = date.fromisoformat(next(iter(entered)))
    assert ["数据截至", f"2023年{day.month}月{day.day}日"] in told.inputs["shown"]


@pytest.mark.parametrize("share", ["points", "ratio"])
def test_a_statistics_figure_older_than_the_reported_one_is_no_gap(share: str) -> None:
    verdict = gap({JUNE: 600_000}, {MARCH: 300_000}, share)
    assert (verdict.code, verdict.mark) == ("old_statistics", "缺数据")
    assert "请项目办录入同月的入统数" in verdict.words


def test_two_old_figures_of_one_month_are_compared_and_said_to_be_old() -> None:
    body = gap({"2023-03-28": 360_000}, {MARCH: 300_000}).body
    assert "上报完成（截至3月28日）36万元，入统（截至3月31日）30万元，相差6万元，占年度计划的5.0%" in body
    assert "截至2023年6月，上报完成36万元，入统30万元" in gap({JUNE: 360_000}, {"2023-06-20": 300_000}).body
