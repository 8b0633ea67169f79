"""Loading a scheme, what the preview says before, and what is unwise of a rule."""

from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.test import Client

from projects import facts
from projects.alerts import doubts, presets
from projects.alerts.models import Alert, Rule
from projects.alerts.preview import TooMany, preview
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on, plan_for, told
from projects.models import Assignment, Company, Milestone, Problem

pytestmark = pytest.mark.django_db

RULES = "/admin/projects_alerts/rule/"


def everything() -> list[dict[str, Any]]:
    return list(Rule.objects.order_by("pk").values())


# ---- Loading -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [scheme.code for scheme in presets.schemes()])
def test_loading_a_scheme_twice_changes_nothing(town: Any, code: str) -> None:
    first = presets.load_scheme(town.east, code, town.chen)
    before, logged = everything(), LogEntry.objects.count()
    second = presets.load_scheme(town.east, code, town.chen)
    assert (len(first.added), second.written) == (len(presets.scheme(code).rows), [])
    assert (everything(), LogEntry.objects.count()) == (before, logged)
    assert {rule.zone_id for rule in Rule.objects.all()} == {town.east.pk}


def test_the_scheme_before_is_switched_off_and_kept_and_others_are_left_alone(town: Any) -> None:
    presets.load_scheme(town.east, "yinchuan", town.chen)
    presets.load_scheme(town.east, "duban", town.chen)
    presets.load_scheme(town.west, "yinchuan", town.wang)
    found = presets.load_scheme(town.east, "wuhan", town.chen)
    assert len(found.switched_off) == 3
    east = Rule.objects.filter(zone=town.east)
    kept = {"duban-deadline", "duban-decision", "duban-letter"}
    assert set(east.filter(enabled=True).values_list("code", flat=True)) == {"wuhan-ratio", *kept}
    assert east.filter(enabled=False).count() == 3
    assert Rule.objects.filter(zone=town.west, enabled=True).count() == 3
    assert LogEntry.objects.filter(user=town.chen, change_message__endswith="“武汉”：停用").count() == 3
    back = presets.load_scheme(town.east, "yinchuan", town.chen)
    assert (len(back.revived), len(back.switched_off)) == (3, 1)


def test_a_rule_that_was_changed_is_replaced_only_with_consent(town: Any) -> None:
    presets.load_scheme(town.east, "wuhan", town.chen)
    Rule.objects.update(hold_days=9)
    before = everything()
    with pytest.raises(ValidationError, match="已有代号相同而内容不同的规则：“投资完成率偏低”"):
        presets.load_scheme(town.east, "wuhan", town.chen)
    assert everything() == before
    assert len(presets.load_scheme(town.east, "wuhan", town.chen, replace=True).replaced) == 1
    assert Rule.objects.get().hold_days == 0


def test_an_unknown_scheme_is_named(town: Any) -> None:
    with pytest.raises(ValidationError, match=r"没有“beijing”这个预警方案，可用的有：银川、武汉"):
        presets.load_scheme(town.east, "beijing", town.chen)


def test_the_page_shows_what_changes_and_loads_it_with_one_click(
    town: Any, rules: Any, project: Make, client: Client
) -> None:
    project("甲项目", plan=1_200_000, done=350_000)
    town.sign_in(client, "chen")
    asked = {"zone": town.east.pk, "scheme": "wuhan"}
    page = client.get(f"{RULES}schemes/", asked).content.decode()
    for words in ("新增“投资完成率偏低”", "红牌1个", "完成应完成量的58.3%", "投资进度落后”（河南）", "光山"):
        assert words in page, words
    assert client.post(f"{RULES}schemes/", asked).status_code == 302
    assert Rule.objects.get(zone=town.east).code == "wuhan-ratio"
    assert "载入不会有变化" in client.get(f"{RULES}schemes/", asked).content.decode()
    Rule.objects.filter(zone=town.east).update(hysteresis="2")
    assert "确认替换后再载入" in client.post(f"{RULES}schemes/", asked).content.decode()
    assert client.post(f"{RULES}schemes/", asked | {"replace": "on"}).status_code == 302
    assert Rule.objects.get(zone=town.east).hysteresis == "0"


def test_who_may_not_write_in_a_zone_loads_nothing_there(town: Any, client: Client) -> None:
    asked = {"zone": town.west.pk, "scheme": "wuhan"}
    assert town.sign_in(client, "chen").post(f"{RULES}schemes/", asked).status_code == 200
    assert town.sign_in(client, "viewer").post(f"{RULES}schemes/", asked).status_code == 403
    assert not Rule.objects.exists()


# ---- Preview -------------------------------------------------------------------------------------------
def test_the_preview_is_the_next_scan_with_resting_alerts_and_all(town: Any, rules: Any, project: Make) -> None:
    rest, worse = project("停工项目", plan=100, done=0), project("红项目", plan=100, done=0)
    project("黄项目", plan=100, done=30), project("好项目", plan=100, done=50)
    project("西区项目", plan=100, done=0, zone=town.west)
    on()
    facts.suspend(rest, starts=MONDAY, reason="资金", approver="高主任")
    facts.record(worse, "reported", JUNE, amount=60)
    seen = preview(town.east, [rules["progress-gap"]], town.chen, MONDAY)
    assert seen.summary == "按此阈值，今天黄色预警1个、红色预警1个（看了4个对象）"
    assert [(line.alert.subject, line.value, line.held) for line in seen.lines] == [
        ("停工项目", "", "停缓建"),
        ("黄项目", "20个百分点", ""),
    ]
    assert Alert.objects.open().filter(project=worse).exists()
    on()
    scanned = Alert.objects.open().filter(project__zone=town.east).worst_first()
    assert [alert.sentence for alert in scanned] == [line.alert.sentence for line in seen.lines]


def test_a_preview_of_a_city_leaves_out_zones_with_a_rule_of_their_own_and_what_one_may_not_see(
    town: Any, rules: Any, project: Make
) -> None:
    project("东区项目", plan=100, done=0), project("西区项目", plan=100, done=0, zone=town.west)
    city = Rule(zone=town.city, code="progress-gap", **_columns(rules["progress-gap"]))
    assert len(preview(town.city, [city], town.chief, MONDAY).alerts) == 2
    assert len(preview(town.city, [city], town.chen, MONDAY).alerts) == 1
    Rule.objects.create(zone=town.west, code="progress-gap", **_columns(rules["progress-gap"]))
    assert len(preview(town.city, [city], town.chief, MONDAY).alerts) == 1


def test_a_preview_that_would_take_too_long_says_what_to_do(
    town: Any, rules: Any, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.alerts.preview.MOST", 1)
    project("甲"), project("乙")
    with pytest.raises(TooMany, match="高新区及其下级超过1个项目，预览等待太久：请选择下级区域"):
        preview(town.east, [rules["progress-gap"]], town.chen, MONDAY)


def _columns(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in presets.COLUMNS}


# ---- Other subjects ------------------------------------------------------------------------------------
def test_a_unit_misses_its_quota_and_after_two_months_it_is_red(town: Any, project: Make, settings: Any) -> None:
    presets.load_scheme(town.east, "sanya-unit", None)
    silent, busy = project("没报项目"), project("在报项目")
    for each in (silent, busy):
        plan_for(each, 1_200_000)
        facts.assign(each, Assignment.Role.UNIT, department=town.east_office, starts=date(2023, 1, 1))
    for month, day, amount in ((4, 30, 500_000), (5, 31, 700_000), (6, 30, 710_000)):
        facts.record(busy, "reported", date(2023, month, day), amount=amount)
    (found,) = on().alerts
    assert (found.project, found.level, found.zone) == ("高新经发局", "yellow", "高新区")
    assert found.sentence == (
        "高新经发局：2023年6月任务20万元（2个项目），完成1万元，欠19万元；没报项目没有填报，按未完成计"
        "（黄牌：本月任务未完成）。"
    )
    settings.TRACKER_TODAY = date(2023, 8, 10)
    (found,) = on(date(2023, 8, 10)).alerts
    assert found.level == "red"
    assert found.sentence.endswith("（红牌：连续2个月达到黄牌）。")


def test_a_problem_of_a_company_has_its_zone(town: Any) -> None:
    presets.load_scheme(town.east, "duban", None)
    company = Company.objects.create(zone=town.east, name="格力电器")
    about = {"zone": town.east, "title": "用工缺口", "category": "labour", "raised_on": date(2023, 7, 1)}
    Problem.objects.create(company=company, deadline=date(2023, 7, 11), **about)
    (found,) = _scanned_with_a_project(town)
    assert (found.project, found.level, found.zone, found.project_id) == ("用工缺口", "blue", "高新区", None)


def _scanned_with_a_project(town: Any) -> Any:
    facts.create(name="某项目", zone=town.east)
    return on().alerts


def test_a_major_problem_turns_the_node_red(town: Any, project: Make) -> None:
    presets.load_scheme(town.east, "jiangdong", None)
    made = project()
    facts.promise(made, Milestone.Kind.PERMIT, date(2023, 12, 31))
    assert told(on()) == {}
    about = {"title": "土地未交付", "category": "land", "raised_on": date(2023, 7, 3)}
    facts.raise_problem(made, major=True, **about)
    (found,) = on().alerts
    assert found.sentence == "格力智慧物流中心：有未销号的重大问题“土地未交付”（红灯：有重大问题）。"


def test_a_problem_is_marked_as_major_where_it_is_told(town: Any, project: Make, client: Client) -> None:
    made = project()
    town.sign_in(client, "chen")
    typed = {"title": "土地未交付", "category": "land", "major": "on", "raised_on": "2023-07-03"}
    assert client.post(f"/admin/projects/project/{made.pk}/problem/", typed).status_code == 302
    assert Problem.objects.get().major
    assert "重大" in client.get("/admin/projects/problem/").content.decode()


def test_a_return_that_is_late_is_told_by_its_days(town: Any, project: Make) -> None:
    row = {"severity": 1, "code": "yellow", "label": "迟报", "colour": "#ca8a04", "low": 1, "low_inclusive": True}
    Rule.objects.create(zone=town.east, code="late-return", name="月报迟报", measure="return_late", levels=[row])
    project(plan=1_200_000)
    (found,) = on().alerts
    assert "2023年6月月报应于2023年6月30日前上报，至今未报，已迟报10天（迟报：1天及以上）" in found.sentence


# ---- What is unwise ------------------------------------------------------------------------------------
def said_of(rule: Rule) -> str:
    return "\n".join(doubts.warnings_of(rule))


def test_of_a_preset_only_who_is_not_there_is_said(town: Any, rules: Any, project: Make) -> None:
    made = project()
    for role in ("liaison", "responsible", "leader"):
        facts.assign(made, role, user=town.gao if role == "leader" else town.zhang)
    facts.assign(made, "unit", department=town.east_office)
    assert said_of(rules["progress-gap"]) == ""


def test_groups_that_reach_nobody_or_nobody_by_mail_are_named(town: Any, rules: Any) -> None:
    type(town.chen).objects.filter(username__in=("chen", "wang")).update(email="")
    said = said_of(rules["progress-gap"])
    assert "黄色预警、红色预警的告知对象“联络员”今天没有人，通知不到任何人" in said
    assert "告知对象“本区域项目办”都没有邮箱，只能在系统里看到：王项目办、陈项目办" in said


def test_holes_silence_and_missing_days_are_named(town: Any, rules: Any) -> None:
    rule = rules["progress-gap"]
    rule.levels[1]["low"] = 40
    rule.recipients = {"yellow": {"assigned": [], "zone": [], "above": []}}
    rule.days_to_answer, rule.hold_days = {}, 2
    said = said_of(rule)
    assert "“黄色预警”和“红色预警”之间有空档" in said
    assert "“黄色预警”没有告知对象" in said
    assert "“黄色预警”没有答复天数" in said


def test_a_rule_beside_one_that_says_the_same_is_named(town: Any, rules: Any) -> None:
    above = rules["late-start"]
    double = Rule(zone=town.east, code="own", **_columns(above))
    assert "与“逾期未开工”（河南，代号 late-start）的指标、参数相同" in said_of(double)
    double.scope = {"phases": ["signed"]}
    assert "late-start" in said_of(double)
    above.scope = {"phases": ["started"]}
    above.save()
    assert "late-start" not in said_of(double)
    # With its code in the nearer zone it takes the other's place.
    assert "late-start" not in said_of(Rule(zone=town.east, code="late-start", **_columns(above)))


def test_the_list_marks_rules_of_which_something_is_unwise(town: Any, rules: Any, client: Client) -> None:
    town.sign_in(client, "chen")
    assert "有提醒" not in client.get(RULES).content.decode()
    Rule.objects.create(zone=town.east, code="own", **_columns(rules["late-start"]))
    assert client.get(RULES).content.decode().count("有提醒") == 1
    assert "有提醒" not in town.sign_in(client, "viewer").get(RULES).content.decode()
