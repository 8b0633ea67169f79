"""工作台: what it counts, and what it tells whom."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.alerts.models import Alert, Rule
from projects.models import Period, Series, Standing
from projects.tests import filling

HOME = "/admin/"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TRACKER_TODAY = filling.TODAY


def alert(project, severity=2, day=date(2023, 7, 3), **more):
    rule, _ = Rule.objects.get_or_create(
        code="progress", zone=project.zone, defaults={"name": "投资进度落后", "measure": "progress_gap", "levels": []}
    )
    values = {
        "subject_key": f"project:{project.pk}",
        "level": "red",
        "label": "红色预警",
        "colour": "#dc2626",
        "opened_on": day,
        "level_since": day,
        "last_judged_on": day,
        "sentence": f"{project.name}落后时序进度。",
    }
    return Alert.objects.create(project=project, rule=rule, severity=severity, **values | more)


def test_a_part_of_a_planned_whole_is_not_added_twice(town, client):
    whole = filling.project(town.east, plan=200_000_000, done=90_000_000)
    facts_of = {"plan": 50_000_000, "done": 20_000_000}
    filling.project(town.east, parent=whole, **facts_of)
    town.sign_in(client, "gao")
    money = client.get(HOME).context["home"].money
    assert (money.plan, money.done, money.counted.value) == ("2亿元", "9000万元", 1)
    assert client.get(money.counted.url).context["cl"].result_count == 1


def test_behind_is_judged_on_whole_yuan(town, client):
    project = filling.project(town.east, plan=120_000_001, done=60_000_000)
    town.sign_in(client, "gao")
    money = client.get(HOME).context["home"].money
    assert (money.behind, money.lag_elapsed) == (True, "持平")
    facts.record(project, "reported", filling.JUNE, amount=60_000_001)
    assert client.get(HOME).context["home"].money.behind is False


def test_rounds_of_two_series_are_told_apart(town, client):
    for name, zone in (("三个一批", town.province), ("集中开工", town.city)):
        series = Series.objects.create(code=f"s{zone.pk}", name=name, zone=zone)
        facts.enter(filling.project(town.east), "sign", Period.objects.create(series=series, number=7))
    home = town.sign_in(client, "gao").get(HOME).context["home"]
    assert {line.name for line in home.rounds[:2]} == {"三个一批 第7期", "集中开工 第7期"}


def test_investment_counts_only_projects_with_plan_and_figure(town, client):
    filling.project(town.east, plan=100_000_000, done=30_000_000)
    filling.project(town.east, plan=200_000_000, done=90_000_000)
    filling.project(town.east, plan=999_000_000, done=None)
    filling.project(town.east, plan=None, done=77_000_000)
    money = town.sign_in(client, "gao").get(HOME).context["home"].money
    assert (money.plan, money.due, money.done, money.rate) == ("3亿元", "1.5亿元", "1.2亿元", "40.0%")
    assert (money.lag_elapsed, money.elapsed) == ("落后 10.0 个百分点", "50.0%")
    assert (money.counted.value, money.without_figure.value, money.without_plan.value) == (2, 1, 1)
    assert money.fraction == "1.2亿元 ÷ 3亿元"
    assert money.title == "截至2023年6月"


def test_zones_that_report_on_other_days_are_named(town, client):
    town.west.return_day = 20
    town.west.save()
    filling.project(town.east)
    filling.project(town.west)
    title = town.sign_in(client, "chief").get(HOME).context["home"].money.title
    assert title == "截至2023年5月至2023年6月（各区域月报截止日不同）"


def test_a_terminated_project_counts_nowhere(town, client):
    facts.terminate(filling.full(town.east), on=date(2023, 4, 1), reason="企业放弃投资")
    home = town.sign_in(client, "gao").get(HOME).context["home"]
    assert home.live.value == 0
    assert [number.value for number in home.urgent[:2]] == [0, 0]
    assert not home.empty


def test_a_step_that_a_later_one_overtook_is_not_overdue(town, client):
    project = filling.project(town.east)
    facts.promise(project, "started", date(2023, 3, 1))
    facts.promise(project, "permit", date(2023, 3, 1))
    town.sign_in(client, "gao")
    assert client.get(HOME).context["home"].urgent[0].value == 2
    facts.reach(project, "produced", date(2023, 6, 1))
    assert client.get(HOME).context["home"].urgent[0].value == 1


def test_a_project_that_stands_still_has_nothing_overdue(town, client):
    project = filling.project(town.east)
    facts.promise(project, "started", date(2023, 3, 1))
    facts.suspend(project, starts=date(2023, 5, 1), reason="资金不到位", approver="管委会主任")
    assert town.sign_in(client, "gao").get(HOME).context["home"].urgent[0].value == 0


def test_a_light_of_other_rules_is_shown_as_well(town, client):
    project = filling.project(town.east)
    filling.light(project, "blue", "蓝色提醒", "#2563eb", 1)
    blue = {"code": "blue", "label": "蓝色提醒", "colour": "#2563eb", "severity": 1}
    Rule.objects.create(zone=town.province, code="calm", name="提醒", measure="progress_gap", levels=[blue])
    town.sign_in(client, "gao")
    numbers = {number.label: number for number in client.get(HOME).context["home"].lights}
    assert numbers["蓝色提醒"].value == 1
    assert client.get(numbers["蓝色提醒"].url).context["cl"].result_count == 1


def test_a_project_without_a_standing_is_not_judged(town, client):
    Standing.objects.filter(project=filling.project(town.east)).delete()
    town.sign_in(client, "gao")
    numbers = {number.label: number for number in client.get(HOME).context["home"].lights}
    assert numbers["未判定"].value == 1
    assert client.get(numbers["未判定"].url).context["cl"].result_count == 1


@pytest.mark.parametrize(
    ("more", "said", "late"),
    [
        ({}, "未签收", False),
        ({"answer_by": date(2023, 7, 12)}, "未答复 · 答复期限 2023-07-12 还有 2 天 · 未签收", False),
        (
            {"answer_by": date(2023, 7, 6), "rung": 1, "acknowledged": True},
            "逾期未答复 · 答复期限 2023-07-06 逾期 4 天 · 已上报至责任单位 · 已签收",
            True,
        ),
        ({"answer_by": date(2023, 7, 6), "answered": True, "rung": 1}, "已答复", False),
        ({"answer_by": date(2023, 7, 6), "held": "豁免"}, "豁免", False),
    ],
)
def test_a_line_of_an_alert_says_who_is_waited_for(town, client, more, said, late):
    project = filling.project(town.east)
    alert(project, **more)
    town.sign_in(client, "gao")
    for url in (HOME, f"/admin/projects/project/{project.pk}/change/"):
        page = client.get(url).content.decode()
        assert f"本级自 2023-07-03 起 · {said}<" in re.sub(r"<(?!/span></span>)[^>]*>", "", page), url
        assert ('<b class="tk-late">逾期未答复</b>' in page) is late


@pytest.mark.parametrize(("who", "job"), [("system", "用户"), ("security", "任职"), ("audit", "任职记录")])
def test_administrators_see_their_jobs_and_no_business_numbers(town, client, who, job):
    filling.full(town.east)
    page = town.sign_in(client, who).get(HOME)
    home = page.context["home"]
    assert job in [line.title for line in home.jobs]
    assert (home.business, home.live, home.money, home.alerts) == (False, None, None, [])
    assert "在库项目" not in page.content.decode()
    assert all(client.get(line.url).status_code == 200 for line in home.jobs)


def test_who_has_no_appointment_is_told_whom_to_ask(town, client):
    page = town.sign_in(client, "nobody").get(HOME).content.decode()
    assert "您还没有任职" in page
    assert "在库项目" not in page


@pytest.mark.parametrize(("who", "words"), [("chen", "新建一个项目"), ("gao", "项目由项目办建档")])
def test_an_empty_zone_is_told_what_to_do_first(town, client, who, words):
    assert words in town.sign_in(client, who).get(HOME).content.decode()


@pytest.mark.parametrize("shown", [True, False])
def test_a_demonstration_says_so(town, client, settings, shown):
    settings.TRACKER_DEMO = shown
    page = town.sign_in(client, "gao").get(HOME).content.decode()
    assert ("演示环境" in page) is shown


def test_more_projects_cost_no_more_statements(town, client):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(HOME).status_code == 200
        return len(seen)

    town.sign_in(client, "zhang")
    for project in filling.many(town.east, 3, user=town.zhang):
        alert(project)
    client.get(HOME)
    few = cost()
    for project in filling.many(town.east, 8, user=town.zhang):
        alert(project)
    assert cost() == few
