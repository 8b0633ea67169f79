"""All nine published schemes at the edges of their rules, judged in memory."""

from datetime import date
from typing import Any

import pytest

from projects.alerts import levels, measures, presets
from projects.alerts.measures.silence import Row
from projects.alerts.rulebook import problems_of
from projects.alerts.tests.measures.memory import MONDAY, ZONE, Facts, Problems, found_by, level, rules_of
from projects.alerts.tests.measures.memory import step as s

PLAN = 1_200_000
JUNE, MAY = "2023-06-30", "2023-05-31"


def june(done: int | None, **more: Any) -> Facts:
    return Facts(plan=PLAN, done={} if done is None else {JUNE: done}, **more)


def test_nothing_is_wrong_with_any_preset() -> None:
    assert [each.code for each in presets.schemes()] == [
        *("yinchuan", "wuhan", "sanya", "sanya-unit", "jiangdong", "xinhuang", "huating", "guangshan", "duban")
    ]
    for scheme in presets.schemes():
        assert [problems_of(rule) for rule in scheme.rules(ZONE)] == [[]] * len(scheme.rows)


def test_no_preset_leaves_a_value_between_its_levels() -> None:
    for scheme in presets.schemes():
        for rule in scheme.rules(ZONE):
            assert not levels.holes(levels.read(rule.levels), measures.get(rule.measure).grain), rule.code


def test_no_two_presets_share_a_code() -> None:
    codes = [row["code"] for scheme in presets.schemes() for row in scheme.rows]
    assert len(set(codes)) == len(codes)


# Of 120万元, 60万元 are due by June: by share of what is due, by points, by what is short of it.
@pytest.mark.parametrize(
    ("scheme", "done", "expected"),
    [
        ("yinchuan", 480_001, ""),
        ("yinchuan", 480_000, "yellow"),
        ("yinchuan", 240_000, "yellow"),
        ("yinchuan", 239_999, "red"),
        ("yinchuan", 1_500_000, ""),
        ("wuhan", 480_000, ""),
        ("wuhan", 479_999, "yellow"),
        ("wuhan", 360_000, "yellow"),
        ("wuhan", 359_999, "red"),
        ("wuhan", 1_500_000, ""),
    ],
)
def test_points_and_ratios_meet_their_bounds_exactly(scheme: str, done: int, expected: str) -> None:
    assert level(rules_of(scheme), june(done).on(MONDAY)) == expected


@pytest.mark.parametrize(
    ("done", "expected"),
    [(6_000_000, ""), (5_999_999, "yellow"), (3_000_000, "yellow"), (2_999_999, "red"), (0, "red"), (13_000_000, "")],
)
def test_a_shortfall_of_exactly_half_is_yellow(done: int, expected: str) -> None:
    assert level(rules_of("sanya"), Facts(plan=12_000_000, done={JUNE: done}).on(MONDAY)) == expected


def test_a_plan_below_ten_million_is_outside_the_shortfall_rule_and_one_of_ten_million_is_inside() -> None:
    assert level(rules_of("sanya"), Facts(plan=9_999_999, done={JUNE: 0}).on(MONDAY)) == "?"
    assert level(rules_of("sanya"), Facts(plan=10_000_000, done={JUNE: 0}).on(MONDAY)) == "red"


@pytest.mark.parametrize("scheme", ["yinchuan", "wuhan", "sanya", "xinhuang"])
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(), "no_plan"),
        (Facts(plan=0, done={JUNE: 0}), "zero_plan"),
        (Facts(plan=20_000_000), "no_figure"),
    ],
)
def test_without_plan_or_figure_nothing_is_judged_and_who_has_to_act_is_said(
    scheme: str, facts: Facts, code: str
) -> None:
    rules = rules_of(scheme, scope={})
    verdict = found_by(rules[:1], facts.on(MONDAY))[rules[0].code].verdict
    assert (verdict.code, verdict.mark) == (code, "缺数据")
    assert "请" in verdict.words


def test_december_is_judged_by_the_whole_plan() -> None:
    december = Facts(plan=PLAN, done={"2023-12-31": 1_080_000})
    assert level(rules_of("yinchuan"), december.on(date(2023, 12, 31))) == "yellow"
    assert level(rules_of("wuhan"), december.on(date(2023, 12, 31))) == ""


def test_a_project_whose_promised_start_lies_ahead_is_not_held_to_the_calendar() -> None:
    ahead = june(0, steps=(s("started", baseline="2023-09-30"),))
    now = june(0, steps=(s("started", baseline="2023-06-30"),))
    for scheme in ("yinchuan", "wuhan"):
        assert level(rules_of(scheme), ahead.on(MONDAY)) == "?"
        assert level(rules_of(scheme), now.on(MONDAY)) == "red"
        assert level(rules_of(scheme), ahead.on(date(2023, 10, 10))) == "red"
    verdict = found_by(rules_of("yinchuan"), ahead.on(MONDAY))["progress-gap"].verdict
    assert (verdict.code, verdict.mark) == ("start_ahead", "未到期")


def test_the_baseline_of_a_start_counts_and_not_what_it_was_moved_to() -> None:
    moved = june(0, steps=(s("started", baseline="2023-03-31", planned="2023-12-31"),))
    assert level(rules_of("yinchuan"), moved.on(MONDAY)) == "red"
    assert level(rules_of("yinchuan"), moved.on(MONDAY), "late-start") == "red"


def test_a_project_that_was_added_in_the_middle_of_the_year_is_held_to_its_own_targets() -> None:
    targets = [0, 0, 0, 0, 0, 0, *(200_000 * month for month in range(1, 7))]
    (rule,) = rules_of("yinchuan")[:1]
    rule.parameters = {"baseline": "planned"}
    added = Facts(plan=PLAN, targets=targets, done={"2023-08-31": 300_000})
    assert level([rule], added.on(date(2023, 9, 10))) == ""
    assert (
        level([rule], Facts(plan=PLAN, targets=targets, done={"2023-08-31": 280_000}).on(date(2023, 9, 10))) == "yellow"
    )


def test_what_is_due_of_nothing_is_no_ratio() -> None:
    targets = [0] * 11 + [PLAN]
    (rule,) = rules_of("wuhan")
    rule.parameters = {"baseline": "planned"}
    assert level([rule], Facts(plan=PLAN, targets=targets, done={JUNE: 0}).on(MONDAY)) == "?"


def test_a_stopped_project_rests_and_one_that_ended_is_over() -> None:
    assert found_by(rules_of("yinchuan"), june(0, suspended=True).on(MONDAY))["progress-gap"].mark == "停缓建"
    ended = found_by(rules_of("yinchuan"), june(0, terminated="2023-07-01").on(MONDAY))["progress-gap"]
    assert (ended.mark, ended.judged) == ("", False)


# ---- 新晃 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("may", "june", "expected"),
    [
        (500_000, 580_000, ""),
        (500_000, 579_999, "watch"),
        (500_000, 560_000, "watch"),
        (500_000, 559_999, "yellow"),
        (500_000, 490_000, "yellow"),
        (0, 600_000, ""),
    ],
)
def test_a_months_own_task(may: int, june: int, expected: str) -> None:
    assert level(rules_of("xinhuang"), Facts(plan=PLAN, done={MAY: may, JUNE: june}).on(MONDAY)) == expected


def test_the_gravest_level_of_xinhuang_is_called_a_yellow_card() -> None:
    finding = found_by(rules_of("xinhuang"), Facts(plan=PLAN, done={MAY: 0, JUNE: 0}).on(MONDAY))["xinhuang-month"]
    assert finding.sentence == (
        "甲项目：2023年6月计划完成10万元，实际完成0元，完成本月任务的0.0%（黄牌：本月完成率不足60%）。"
    )


def test_in_january_the_month_is_the_whole_year_so_far() -> None:
    january = Facts(plan=PLAN, done={"2023-01-31": 80_000})
    assert level(rules_of("xinhuang"), january.on(date(2023, 2, 10))) == ""
    assert level(rules_of("xinhuang"), Facts(plan=PLAN, done={"2023-01-31": 79_999}).on(date(2023, 2, 10))) == "watch"


@pytest.mark.parametrize(
    ("done", "code"), [({MAY: 1}, "no_figure_of_month"), ({JUNE: 1}, "no_figure_before"), ({}, "no_figure")]
)
def test_a_month_without_its_two_figures_is_not_judged(done: dict[str, int], code: str) -> None:
    assert found_by(rules_of("xinhuang"), Facts(plan=PLAN, done=done).on(MONDAY))["xinhuang-month"].verdict.code == code


def test_a_first_figure_counts_whole_where_nothing_had_been_due_and_a_month_without_task_is_none() -> None:
    targets = [0] * 5 + [100_000] * 6 + [PLAN]
    assert level(rules_of("xinhuang"), Facts(plan=PLAN, targets=targets, done={JUNE: 80_000}).on(MONDAY)) == ""
    july = Facts(plan=PLAN, targets=targets, done={JUNE: 80_000, "2023-07-31": 80_000})
    assert level(rules_of("xinhuang"), july.on(date(2023, 8, 10))) == "?"


# ---- Starts and entries --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "expected"),
    [("2023-03-31", ""), ("2023-04-01", "yellow"), ("2023-06-30", "yellow"), ("2023-07-01", "red")],
)
def test_a_start_planned_for_march_is_late_from_april_and_red_from_july(day: str, expected: str) -> None:
    facts = Facts(steps=(s("started", baseline="2023-03-15"),))
    assert level(rules_of("yinchuan"), facts.on(date.fromisoformat(day)), "late-start") == expected


def test_a_start_is_settled_by_the_start_and_by_production() -> None:
    started = Facts(steps=(s("started", baseline="2023-03-31", done="2023-07-05"),))
    produced = Facts(steps=(s("started", baseline="2023-03-31"), s("produced", done="2023-05-01")))
    assert found_by(rules_of("yinchuan"), started.on(MONDAY))["late-start"].reason == "已于2023年7月5日开工"
    assert level(rules_of("yinchuan"), produced.on(MONDAY), "late-start") == ""


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2023-07-10", ""), ("2023-07-11", "yellow"), ("2023-08-10", "yellow"), ("2023-08-11", "red")],
)
def test_a_month_to_the_day_is_not_more_than_a_month(day: str, expected: str) -> None:
    facts = Facts(steps=(s("started", done="2023-06-10"),))
    assert level(rules_of("yinchuan"), facts.on(date.fromisoformat(day)), "no-stats-entry") == expected


# ---- 江东 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("steps", "major", "expected"),
    [
        ((s("permit", baseline="2023-07-10"),), (), ""),
        ((s("permit", baseline="2023-07-09"),), (), "yellow"),
        ((s("permit", baseline="2023-07-09", done="2023-07-01"),), (), ""),
        ((s("permit", baseline="2023-09-30"),), ((3, "土地未交付"),), "red"),
        ((), ((3, "土地未交付"),), "red"),
        ((), (), "?"),
    ],
)
def test_a_node_that_is_late_or_forecast_late_or_a_major_problem(steps: Any, major: Any, expected: str) -> None:
    assert level(rules_of("jiangdong"), Facts(steps=steps, major=major).on(MONDAY)) == expected


def test_a_promise_that_was_moved_is_late_from_the_day_it_was_moved() -> None:
    moved = {"2023-07-05": {6: date(2023, 9, 30)}}
    facts = Facts(steps=(s("permit", baseline="2023-09-30", planned="2023-10-31"),), promised_before=moved)
    days = (date(2023, 7, 4), date(2023, 7, 5), date(2023, 7, 29), date(2023, 7, 31))
    assert [level(rules_of("jiangdong"), facts.on(day)) for day in days] == ["", "yellow", "yellow", "red"]
    assert (
        "应于2023年9月底前完成，预计2023年10月31日完成"
        in found_by(rules_of("jiangdong"), facts.on(days[1]))["jiangdong-node"].sentence
    )


def test_two_yellow_months_in_a_row_turn_red() -> None:
    # Without a return day June is judged until 29 July, and July from its last day on.
    facts = Facts(steps=(s("permit", baseline="2023-07-09"),))
    july, august = date(2023, 7, 29), date(2023, 7, 31)
    assert [level(rules_of("jiangdong"), facts.on(day)) for day in (july, august)] == ["yellow", "red"]
    finding = found_by(rules_of("jiangdong"), facts.on(august))["jiangdong-node"]
    assert finding.sentence.endswith("至今未完成（红灯：连续2个月达到黄灯）。")
    assert finding.evidence["lines"][-1] == "2023年6月：黄灯；2023年7月：黄灯"


# ---- 华亭 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-06-30", ""),
        ("2023-07-01", "blue"),
        ("2023-07-07", "blue"),
        ("2023-07-08", "yellow"),
        ("2023-07-14", "yellow"),
        ("2023-07-15", "red"),
        ("2023-08-15", "red"),
    ],
)
def test_letters_lapse_after_five_working_days_each(day: str, expected: str) -> None:
    facts = Facts(steps=(s("permit", baseline="2023-06-30"),))
    assert level(rules_of("huating"), facts.on(date.fromisoformat(day))) == expected


def test_letters_know_the_days_that_are_made_up_for_a_holiday() -> None:
    # 国庆 2023: off from 29 September to 6 October, worked on Saturday 7 and Sunday 8 October.
    facts = Facts(steps=(s("permit", baseline="2023-09-27"),))
    assert level(rules_of("huating"), facts.on(date(2023, 10, 10))) == "blue"
    assert level(rules_of("huating"), facts.on(date(2023, 10, 11))) == "yellow"


# ---- 光山 ----------------------------------------------------------------------------------------------
def row(up_to: str, amount: int | None = None, percent: int | None = None, channel: str = "weekly") -> Row:
    return Row(channel, date.fromisoformat(up_to), amount, None, percent)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((row("2023-07-05", 10),), ""),
        ((row("2023-06-26", 10),), "yellow"),
        ((row("2023-06-27", 10),), ""),
        ((row("2023-06-19", 10), row("2023-07-09", 10)), "red"),
        ((row("2023-06-20", 10), row("2023-07-09", 9)), "yellow"),
        ((row("2023-06-19", 10, 20), row("2023-07-09", 10, 21)), ""),
        ((row("2022-12-31", 500), row("2023-07-09", 10)), ""),
        ((), "red"),
    ],
)
def test_weeks_without_real_progress(told: tuple[Row, ...], expected: str) -> None:
    facts = Facts(steps=(s("started", done="2023-01-05"),), told=told)
    assert level(rules_of("guangshan"), facts.on(MONDAY)) == expected


def test_silence_is_asked_of_projects_under_construction_alone() -> None:
    assert level(rules_of("guangshan"), Facts().on(MONDAY)) == "?"
    produced = Facts(steps=(s("started", done="2022-01-05"), s("produced", done="2023-01-05")))
    assert level(rules_of("guangshan"), produced.on(MONDAY)) == ""
    topped = Facts(steps=(s("started", done="2022-01-05"), s("topped_out", done="2023-07-01")))
    assert level(rules_of("guangshan"), topped.on(MONDAY)) == ""


# ---- 督办 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "expected"),
    [("2023-07-07", ""), ("2023-07-08", "blue"), ("2023-07-10", "blue"), ("2023-07-11", "red"), ("2024-07-11", "red")],
)
def test_a_matter_near_its_deadline_and_past_it(day: str, expected: str) -> None:
    matter = Problems("2023-07-01", "2023-07-10")
    assert level(rules_of("duban"), matter.on(date.fromisoformat(day))) == expected


def test_a_matter_is_told_by_its_project_and_ends_when_it_is_settled() -> None:
    finding = found_by(rules_of("duban"), Problems("2023-07-01", "2023-07-08").on(MONDAY))["duban-deadline"]
    assert finding.sentence == (
        "甲项目的问题“管线未迁改”：应于2023年7月8日前销号，至今未销号，已超过时限2天（红色预警：超过时限1天及以上）。"
    )
    settled = found_by(rules_of("duban"), Problems("2023-07-01", "2023-07-08", "2023-07-10").on(MONDAY))
    assert settled["duban-deadline"].reason == "已于2023年7月10日销号"
    assert level(rules_of("duban"), Problems("2023-07-01").on(MONDAY)) == "?"
