"""The officials' screens of alerts and rules."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.alerts.forms import rows_of
from projects.alerts.models import Alert, Rule
from projects.alerts.tests.conftest import Make, on
from projects.models import Source
from zones.models import Appointment, User

pytestmark = pytest.mark.django_db

ALERTS = "/admin/projects_alerts/alert/"
RULES = "/admin/projects_alerts/rule/"
RUNS = "/admin/projects_alerts/scanrun/"


def test_the_list_shows_open_ones_the_gravest_first(town: Any, rules: Any, project: Make, client: Client) -> None:
    project("黄色项目", plan=100, done=30), project("红色项目", plan=100, done=0)
    mended = project("已好项目", plan=100, done=0)
    on()
    facts.record(mended, "reported", date(2023, 6, 30), amount=60)
    on()
    town.sign_in(client, "viewer")
    page = client.get(ALERTS).content.decode()
    assert page.index("红色项目") < page.index("黄色项目")
    assert "已好项目" not in page
    assert "已好项目" in client.get(ALERTS, {"state": "closed"}).content.decode()
    assert "黄色项目" not in client.get(ALERTS, {"level": "red"}).content.decode()
    assert "■" in page


def test_a_stranger_finds_neither_list_rows_nor_the_page(town: Any, rules: Any, project: Make, client: Client) -> None:
    project("东区项目", plan=100, done=0)
    on()
    page = f"{ALERTS}{Alert.objects.get().pk}/change/"
    town.sign_in(client, "li")
    assert "东区项目" not in client.get(ALERTS).content.decode()
    assert client.get(page).status_code == 404
    town.sign_in(client, "chief")
    assert client.get(page).status_code == 200


def test_the_page_explains_rule_figures_arithmetic_sources_and_steps(
    town: Any, rules: Any, project: Make, client: Client
) -> None:
    project("甲", plan=1_200_000, done=240_000)
    on()
    town.sign_in(client, "gao")
    page = client.get(f"{ALERTS}{Alert.objects.get().pk}/change/").content.decode()
    for words in (
        "应完成50.0%，实际20.0%，落后30.0个百分点",
        "落后10至30个百分点",
        "← 本项目达到",
        "24万元÷120万元=20%",
        "2023年度计划（第1版）",
        "完成投资（报表）",
        "银川",
        "发出",
    ):
        assert words in page, words


def test_a_source_of_the_zone_above_is_not_named(town: Any, rules: Any, project: Make, client: Client) -> None:
    made = project("园区项目", plan=100, zone=town.east_park)
    source = Source.objects.create(kind=Source.Kind.REPORT, title="全区内部简报", zone=town.east)
    facts.record(made, "reported", date(2023, 6, 30), amount=0, source=source)
    on()
    parker = User.objects.create_user("parker", password="x")
    Appointment.objects.create(user=parker, zone=town.east_park, role="viewer", starts=date(2020, 1, 1))
    client.force_login(parker)
    page = client.get(f"{ALERTS}{Alert.objects.get().pk}/change/").content.decode()
    assert "完成投资（报表）" in page
    assert "全区内部简报" not in page


def test_the_figure_that_was_judged_is_shown_and_not_another_of_its_amount(
    town: Any, rules: Any, project: Make, client: Client
) -> None:
    made = project("甲", plan=100)
    facts.record(made, "weekly", date(2023, 6, 30), amount=10)
    facts.record(made, "reported", date(2023, 6, 10), amount=10, by=town.zhang)
    on()
    facts.record(made, "reported", date(2023, 6, 25), amount=10, by=town.gao)
    town.sign_in(client, "chief")
    page = client.get(f"{ALERTS}{Alert.objects.get().pk}/change/").content.decode()
    assert f"{town.zhang} 填报，截至 2023-06-10" in page
    assert "截至 2023-06-25" not in page


def test_thirty_alerts_cost_as_many_statements_as_three(town: Any, rules: Any, project: Make, client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ALERTS).status_code == 200
        return len(queries)

    town.sign_in(client, "gao")
    for number in range(3):
        facts.assign(project(f"甲{number}", plan=100, done=0), "unit", department=town.east_office)
    on()
    cost()
    three = cost()
    for number in range(27):
        facts.assign(project(f"乙{number}", plan=100, done=0), "unit", department=town.east_office)
    on()
    assert cost() == three


def test_an_empty_list_says_what_to_do(town: Any, client: Client) -> None:
    town.sign_in(client, "chen")
    assert "还没有判定过" in client.get(ALERTS).content.decode()


def test_counts_of_a_scan_are_shown_only_to_who_sees_all_it_looked_at(
    town: Any, rules: Any, project: Make, client: Client
) -> None:
    project(plan=100, done=0)
    on()
    on(zone=town.east)
    town.sign_in(client, "chen")
    page = client.get(RUNS).content.decode()
    assert page.count("含其他区域") == 1
    assert page.count("1 个项目") == 1


def alike(value: Any) -> Any:
    """Those who are told in any order."""
    if isinstance(value, dict):
        return {name: alike(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((alike(each) for each in value), key=str)
    return value


# ---- Rules ---------------------------------------------------------------------------------------------
def typed(rule: Rule, **changes: Any) -> dict[str, Any]:
    """The form of a rule as a browser sends it back."""
    data: dict[str, Any] = {
        "seen_version": rule.version,
        "name": rule.name,
        "measure": rule.measure,
        "enabled": "on",
        "source": rule.source,
        "min_annual_plan": "",
        "parameter_progress_gap_baseline": "elapsed",
        "parameter_progress_gap_channel": "reported",
        "step_down": rule.step_down,
        "hysteresis": rule.hysteresis,
        "hold_days": rule.hold_days,
    }
    for number, row in enumerate(rows_of(rule)):
        for name, value in row.items():
            if value:
                data[f"levels-{number}-{name}"] = "on" if value is True else value
    return {**data, **changes}


@pytest.fixture
def mine(town: Any, rules: Any) -> Rule:
    """A rule of the east's own."""
    rule = rules["progress-gap"]
    rule.pk, rule.zone = None, town.east
    rule._state.adding = True
    rule.full_clean()
    rule.save()
    return rule


def test_a_coordinator_changes_bounds_recipients_and_scope_in_plain_fields(
    town: Any, mine: Rule, client: Client
) -> None:
    town.sign_in(client, "chen")
    changes = {
        "levels-0-low": "5.5",
        "levels-0-days": "10",
        "levels-0-told": ["assigned:liaison", "above:leader"],
        "phases": ["started"],
        "min_annual_plan": "1000",
    }
    answer = client.post(f"{RULES}{mine.pk}/change/", typed(mine, **changes))
    assert answer.status_code == 302, answer.context["errors"]
    mine.refresh_from_db()
    assert mine.levels[0]["low"] == "5.5"
    assert [level["code"] for level in mine.levels] == ["yellow", "red"]
    assert mine.days_to_answer == {"yellow": 10, "red": 3}
    assert mine.recipients["yellow"] == {"assigned": ["liaison"], "zone": [], "above": ["leader"]}
    assert mine.scope == {"phases": ["started"], "min_annual_plan": 10_000_000}
    assert mine.parameters == {"baseline": "elapsed", "channel": "reported"}


@pytest.mark.parametrize("bound", ["0.00001", "123456789012.123456", "29.999999"])
def test_a_bound_is_kept_and_shown_to_the_last_decimal(town: Any, mine: Rule, client: Client, bound: str) -> None:
    town.sign_in(client, "chen")
    changes = {"levels-0-low": bound, "levels-0-high": "", "levels-1-label": "", "levels-1-low": ""}
    answer = client.post(f"{RULES}{mine.pk}/change/", typed(mine, **changes))
    assert answer.status_code == 302, answer.context["errors"]
    mine.refresh_from_db()
    assert mine.levels[0]["low"] == bound
    assert f'value="{bound}"' in client.get(f"{RULES}{mine.pk}/change/").content.decode()


def test_a_rule_of_five_levels_keeps_them_and_takes_a_sixth(town: Any, mine: Rule, client: Client) -> None:
    town.sign_in(client, "chen")
    rows = {}
    for number in range(5):
        rows |= {f"levels-{number}-label": f"{number + 1}级", f"levels-{number}-low": str(number * 10)}
        rows |= {f"levels-{number}-high": str(number * 10 + 10), f"levels-{number}-colour": "#dc2626"}
    assert client.post(f"{RULES}{mine.pk}/change/", typed(mine, **rows)).status_code == 302
    mine.refresh_from_db()
    assert [level["label"] for level in mine.levels] == ["1级", "2级", "3级", "4级", "5级"]
    assert "levels-5-label" in client.get(f"{RULES}{mine.pk}/change/").content.decode()
    sixth = {"levels-5-label": "6级", "levels-5-low": "50", "levels-5-colour": "#dc2626"}
    answer = client.post(f"{RULES}{mine.pk}/change/", typed(mine, name="改名", **sixth))
    assert answer.status_code == 302, answer.context["errors"]
    mine.refresh_from_db()
    assert (mine.name, len(mine.levels), len({level["code"] for level in mine.levels})) == ("改名", 6, 6)


def test_saving_a_rule_as_it_is_changes_nothing_of_it(town: Any, mine: Rule, client: Client) -> None:
    town.sign_in(client, "chen")
    before = Rule.objects.filter(pk=mine.pk).values("levels", "recipients", "days_to_answer", "scope").get()
    page = client.get(f"{RULES}{mine.pk}/change/")
    assert "黄色预警" in page.content.decode()
    assert 'name="_preview"' in page.content.decode()
    assert client.post(f"{RULES}{mine.pk}/change/", typed(mine)).status_code == 302
    after = Rule.objects.filter(pk=mine.pk).values("levels", "recipients", "days_to_answer", "scope").get()
    assert alike(after) == alike(before)


def test_who_may_only_read_a_rule_is_offered_no_preview_of_it(town: Any, mine: Rule, client: Client) -> None:
    page = town.sign_in(client, "gao").get(f"{RULES}{mine.pk}/change/").content.decode()
    assert "黄色预警" in page
    assert 'name="_preview"' not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"levels-0-high": "40"}, "范围重叠"),
        ({"levels-0-low": "十"}, "不是数字"),
        ({"levels-0-days": "几天"}, "答复天数应是整数"),
        ({"levels-0-days": "999"}, "答复天数应是 1 到 366 的整数"),
        ({"min_annual_plan": "很多"}, "不是能读懂的金额"),
        ({"levels-1-streak": "两个月"}, "连续月数应是整数"),
        ({"levels-1-streak": "40"}, "连续月数应是 2 到 12 的整数"),
        ({"hysteresis": "-1"}, "回差应是不小于零的数"),
        ({"hysteresis": "一点"}, "回差应是不小于零的数"),
        ({"measure": "ratio_to_due"}, "数值越小越重，级别的界限正好相反"),
        ({"measure": "letters_lapsed", "parameter_letters_lapsed_term": "0"}, "应是 1 到 60 的整数"),
        ({"measure": "since_milestone", "parameter_since_milestone_followed": "signed"}, "不能是同一个节点"),
    ],
)
def test_what_a_rule_cannot_mean_is_refused_in_words(
    town: Any, mine: Rule, client: Client, changes: dict[str, Any], words: str
) -> None:
    town.sign_in(client, "chen")
    answer = client.post(f"{RULES}{mine.pk}/change/", typed(mine, **changes))
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_a_streak_numbers_and_folds_are_kept(town: Any, mine: Rule, client: Client) -> None:
    town.sign_in(client, "chen")
    changes = {
        "measure": "letters_lapsed",
        "parameter_letters_lapsed_term": "10",
        "levels-0-low": "0",
        "levels-0-high": "1",
        "levels-1-low": "",
        "levels-1-streak": "2",
        "step_down": "one_step",
        "hysteresis": "0.5",
        "hold_days": "3",
    }
    answer = client.post(f"{RULES}{mine.pk}/change/", typed(mine, **changes))
    assert answer.status_code == 302, answer.context["errors"]
    mine.refresh_from_db()
    assert (mine.parameters, mine.levels[1]["streak"]) == ({"term": "10"}, 2)
    assert (mine.step_down, mine.hysteresis, mine.hold_days) == ("one_step", "0.5", 3)
    page = client.get(f"{RULES}{mine.pk}/change/").content.decode()
    assert "连续2个月达到黄色预警" in client.get(RULES).content.decode()
    assert 'name="levels-1-streak" value="2"' in page


def test_what_a_rule_would_say_is_shown_before_it_is_saved(
    town: Any, mine: Rule, project: Make, client: Client
) -> None:
    project("甲项目", plan=100, done=36), project("乙项目", plan=100, done=5)
    on()
    before = list(Alert.objects.values())
    town.sign_in(client, "chen")
    changes = {"levels-0-low": "14", "levels-0-label": "橙色", "name": "试试", "_preview": "1"}
    answer = client.post(f"{RULES}{mine.pk}/change/", typed(mine, **changes))
    page = answer.content.decode()
    assert "按此阈值，今天橙色1个、红色预警1个（看了2个对象）" in page
    assert "甲项目：截至2023年6月" in page
    assert 'value="试试"' in page
    assert not answer.context["errors"]
    mine.refresh_from_db()
    assert (mine.name, list(Alert.objects.values())) == ("投资进度落后", before)
    wrong = typed(mine, **{**changes, "levels-0-high": "40"})
    assert "范围重叠" in client.post(f"{RULES}{mine.pk}/change/", wrong).content.decode()


def test_a_new_rule_is_previewed_in_the_zone_that_was_chosen(town: Any, project: Make, client: Client) -> None:
    project("甲项目", plan=100, done=0)
    town.sign_in(client, "chen")
    levels = {"levels-0-label": "蓝色提醒", "levels-0-colour": "#1d4ed8", "levels-0-low": "5"}
    new = Rule(zone=town.east, name="新规则", measure="progress_gap")
    page = client.post(f"{RULES}add/", typed(new, zone=town.east.pk, code="own", _preview="1", **levels))
    assert "今天蓝色提醒1个" in page.content.decode()
    assert not Rule.objects.exists()


def test_what_is_unwise_stands_on_the_page_of_the_rule(town: Any, mine: Rule, client: Client) -> None:
    town.sign_in(client, "chen")
    assert "“联络员”今天没有人" in client.get(f"{RULES}{mine.pk}/change/").content.decode()
    # It names people: whoever only reads the rule is not told.
    town.sign_in(client, "viewer")
    assert "“联络员”今天没有人" not in client.get(f"{RULES}{mine.pk}/change/").content.decode()


def test_a_rule_of_the_zone_above_can_be_read_and_not_changed(town: Any, rules: Any, client: Client) -> None:
    town.sign_in(client, "chen")
    page = client.get(f"{RULES}{rules['late-start'].pk}/change/")
    assert page.status_code == 200
    assert "3个月及以上" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


def test_a_new_rule_of_an_own_zone(town: Any, rules: Any, client: Client) -> None:
    town.sign_in(client, "chen")
    new = Rule(zone=town.east, name="新规则", measure="progress_gap")
    levels = {"levels-0-label": "蓝色提醒", "levels-0-colour": "#1d4ed8", "levels-0-low": "5"}
    data = typed(new, zone=town.east.pk, code="own", **levels)
    answer = client.post(f"{RULES}add/", data)
    assert answer.status_code == 302, answer.context["errors"]
    made = Rule.objects.get(code="own")
    assert (made.zone, made.levels[0]["label"], made.levels[0]["severity"]) == (town.east, "蓝色提醒", 1)
