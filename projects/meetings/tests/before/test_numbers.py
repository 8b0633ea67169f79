"""What changed since the last meeting is said by name, and only what changed."""

from datetime import date
from typing import Any

from projects import facts
from projects.meetings import agenda, numbers
from projects.models import Milestone, Progress, Standing

from .conftest import MONDAY


def kept(each: dict[str, list[Any]], *, done: int = 0, problems: int = 0, month: str = "2023-06-30") -> dict[str, Any]:
    return {"each": each, "investment": {"done": done, "months": [month]}, "problems": problems}


def test_changes_are_named_and_long_lists_are_counted() -> None:
    before = kept(
        {
            "1": ["甲", "signed", "yellow", None],
            "2": ["乙", "started", "red", 5],
            "3": ["丙", "started", "green", 5],
            "4": ["丁", "signed", "", None],
        },
        done=10_000_000,
    )
    now = kept(
        {
            "1": ["甲", "started", "red", None],
            "2": ["乙", "started", "green", 5],
            "3": ["丙", "started", "yellow", 5],
            **{str(n): [f"新{n}", "signed", "", None] for n in range(10, 20)},
        },
        done=12_000_000,
        problems=2,
    )
    assert numbers.changes(before, now) == [
        "累计完成投资由 1000万元 变为 1200万元",
        "未销号问题由 0 个变为 2 个",
        "新增项目 10 个：新10、新11、新12、新13、新14、新15、新16、新17等",
        "不再列入 1 个：丁",
        "新进入“已开工” 1 个：甲",
        "新增红灯 1 个：甲",
        "解除红灯 1 个：乙",
        "新增预警 1 个：丙",
    ]


def test_a_phase_that_was_taken_back_is_no_news_and_the_first_meeting_has_none() -> None:
    before, now = kept({"1": ["甲", "started", "", None]}), kept({"1": ["甲", "signed", "", None]})
    assert numbers.changes(before, now) == []
    assert numbers.changes({}, now) == []


def test_figures_of_two_years_are_not_held_against_each_other() -> None:
    december, february = (
        kept({}, done=8_000_000_000, month="2023-12-31"),
        kept({}, done=200_000_000, month="2024-01-31"),
    )
    assert numbers.changes(december, february) == []
    assert numbers.changes(december, february | {"investment": {"done": 0, "months": []}}) == []


def test_the_zones_numbers_are_those_of_its_projects(project: Any, town: Any) -> None:
    made = project("甲项目")
    facts.reach(made, Milestone.Kind.STARTED, date(2023, 3, 1))
    plan = facts.plan_year(made, 2023, 120_000_000, [10_000_000 * month for month in range(1, 13)])
    facts.approve_plan(plan, on=date(2023, 1, 10))
    facts.record(made, Progress.Channel.REPORTED, date(2023, 6, 30), amount=30_000_000)
    Standing.objects.filter(project=made).update(light="red", light_label="红色预警", severity=2)
    project("园区项目", zone=town.east_park)
    project("邻区项目", zone=town.west)
    found = numbers.of_zone(town.east, agenda.projects_of(town.east, MONDAY), MONDAY)
    assert (found["projects"], found["phases"]["started"], found["phases"]["reserved"]) == (2, 1, 1)
    assert [(each["code"], each["count"]) for each in found["lights"]] == [("red", 1), ("", 1)]
    sums = numbers.investment_of(found)
    assert (sums.plan, sums.due, sums.done, sums.lag_elapsed, sums.lag_planned) == (
        *(120_000_000, 60_000_000, 30_000_000),
        *(2500, 2500),
    )
    assert found["each"][str(made.pk)] == ["甲项目", "started", "red", 30_000_000]
