"""Rules, alerts and scans for other systems; 签收 by the API."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.alerts.models import Alert, AlertEvent, Rule, ScanRun
from projects.alerts.scan import scan
from projects.alerts.tests.conftest import JUNE, MONDAY, load_rules, on, plan_for
from projects.tests.api.calling import ids, refused, rows, url
from projects.tests.conftest import anew, kept_rows

pytestmark = pytest.mark.django_db
EARLIER = MONDAY - timedelta(days=7)


def four_alerts(town):
    """甲 red and held, 乙 yellow and the liaison's, 丙 closed again, 丁 of the west."""
    load_rules(town.province)
    made = {}
    for name, done, zone in (
        ("甲", 5, town.east),
        ("乙", 30, town.east_park),
        ("丙", 30, town.east),
        ("丁", 30, town.west),
    ):
        made[name] = facts.create(name=f"{name}号厂房项目", zone=zone)
        plan_for(made[name], 100)
        facts.record(made[name], "reported", JUNE, amount=done)
    on(EARLIER)
    facts.record(made["丙"], "reported", JUNE, amount=50)
    facts.suspend(made["甲"], starts=MONDAY, reason="资金不到位", approver="管委会主任")
    facts.assign(made["乙"], "liaison", user=town.zhang)
    facts.reach(made["乙"], "signed", date(2022, 1, 1))
    on(MONDAY)


@pytest.fixture(scope="module")
def written(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, four_alerts) as town:
        yield town


@pytest.fixture
def town(written, db):
    return anew(written)


@pytest.fixture
def alerts(town):
    """By the first letter of the project."""
    return {alert.project.name[0]: alert for alert in Alert.objects.select_related("project")}


@pytest.fixture
def chen(town, client):
    return town.sign_in(client, "chen")


def acknowledge(client, alert, told=None, etag=None):
    where = url("alerts", alert.pk)
    etag = client.get(where).headers["ETag"] if etag is None else etag
    headers = {"If-Match": etag} if etag else {}
    return client.post(f"{where}acknowledge/", told or {}, content_type="application/json", headers=headers)


# ---- Reading -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, "甲乙丙"),
        ({"open": "true"}, "甲乙"),
        ({"open": "false"}, "丙"),
        ({"held": "true"}, "甲"),
        ({"acknowledged": "true"}, "乙"),
        ({"acknowledged": "false", "open": "true"}, "甲"),
        ({"level": "red"}, "甲"),
        ({"level": "red,yellow"}, "甲乙丙"),
        ({"severity_min": "2"}, "甲"),
        ({"rule": "progress-gap"}, "甲乙丙"),
        ({"rule": "late-start"}, ""),
        ({"zone": "zzgx"}, "甲乙丙"),
        ({"zone": "zzgx-park"}, "乙"),
        ({"person": "zhang"}, "乙"),
        ({"phase": "signed"}, "乙"),
        ({"phase": "reserved,started"}, "甲丙"),
        ({"text": "甲号"}, "甲"),
        ({"text": "停缓建期间"}, "甲"),
        ({"text": "yh"}, "乙"),
        ({"opened_from": "2023-07-04"}, ""),
        ({"opened_from": "2023-07-03", "opened_to": "2023-07-03"}, "甲乙丙"),
        ({"closed_from": "2023-07-10"}, "丙"),
        ({"closed_to": "2023-07-09"}, ""),
        ({"answer_by_to": "2023-07-06"}, "甲"),
        ({"answer_by_from": "2023-07-10"}, "乙丙"),
        ({"is_demo": "true"}, ""),
    ],
)
def test_a_parameter_selects_what_it_says(town, chen, alerts, params, names):
    assert acknowledge(chen, alerts["乙"]).status_code == 200
    assert ids(chen, "alerts", **params) == {alerts[name].pk for name in names}


def test_the_gravest_come_first(chen, alerts):
    assert [row["severity"] for row in rows(chen, "alerts")] == [2, 1, 1]
    assert rows(chen, "alerts", ordering="answer_by,id")[0]["id"] == alerts["甲"].pk


def test_one_alert_tells_its_log_and_what_it_was_judged_by(chen, alerts):
    told = chen.get(url("alerts", alerts["甲"].pk)).json()
    assert [event["kind"] for event in told["events"]] == ["opened", "rested"]
    assert told["evidence"]["lines"][0] == "完成进度：5元÷100元=5%"
    assert (told["held"], told["rule_code"], told["steps"]) == ("停缓建", "progress-gap", 2)
    assert "events" not in rows(chen, "alerts")[0]


def test_the_log_can_be_read_across_alerts(town, chen, alerts):
    acknowledge(chen, alerts["乙"], {"note": "已到现场"})
    (signed,) = rows(chen, "alert-events", person="chen")
    assert (signed["kind"], signed["note"], signed["by"], signed["by_name"]) == (
        *("acknowledged", "已到现场"),
        *("chen", "陈项目办"),
    )
    assert {row["kind"] for row in rows(chen, "alert-events", on_from="2023-07-10")} == {
        *("rested", "closed", "acknowledged"),
    }
    assert len(ids(chen, "alert-events", alert=alerts["甲"].pk, kind="opened,rested")) == 2
    assert ids(chen, "alert-events", alert=alerts["丁"].pk) == set()


def test_more_alerts_cost_no_more_statements(town, chen, alerts):
    def cost(path):
        with CaptureQueriesContext(connection) as seen:
            assert chen.get(path).status_code == 200
        return len(seen)

    lists = [f"{url(name)}?page_size=50" for name in ("alerts", "alert-events", "rules", "scans")]
    few = [cost(path) for path in lists]
    assert max(few) <= 5  # a session takes one more than a token
    for number in range(9):
        project = facts.create(name=f"另{number}号项目", zone=town.east)
        plan_for(project, 100)
        facts.record(project, "reported", JUNE, amount=number)
    on()
    assert Alert.objects.count() == 13
    assert [cost(path) for path in lists] == few


# ---- Rules ---------------------------------------------------------------------------------------------
def test_a_rule_is_told_as_data(chen):
    (told,) = rows(chen, "rules", code="progress-gap")
    assert (told["measure"], told["zone"], told["enabled"]) == ("progress_gap", "henan", True)
    assert told["parameters"]["baseline"] == "elapsed"
    assert [(each["code"], each["low"], each["low_inclusive"], each["high"]) for each in told["levels"]] == [
        ("yellow", 10, True, 30),
        ("red", 30, False, None),
    ]
    assert chen.get(url("rules", told["id"])).headers["ETag"].startswith('"1.')


def test_the_rules_of_a_zone_are_the_nearest_of_each_code(town, chen):
    rules = {rule.code: rule for rule in Rule.objects.all()}
    own = Rule.objects.create(
        zone=town.east,
        code="progress-gap",
        name="高新区自定",
        measure="progress_gap",
        levels=rules["progress-gap"].levels,
    )
    Rule.objects.create(
        zone=town.east, code="late-start", name="不用", measure="progress_gap", levels=[], enabled=False
    )
    at_city = town.sign_in(chen, "chief")
    nearest = {row["code"]: row["id"] for row in rows(at_city, "rules", in_force="zzgx-park")}
    assert nearest["progress-gap"] == own.pk
    assert "late-start" not in nearest
    assert len(nearest) == len(rules) - 1
    assert {row["id"] for row in rows(at_city, "rules", in_force="zzjk")} == {rule.pk for rule in rules.values()}


def test_a_rule_that_is_broken_is_told_without_levels(chen):
    Rule.objects.filter(code="late-start").update(levels=[{"severity": "?"}])
    assert rows(chen, "rules", code="late-start")[0]["levels"] == []


@pytest.mark.parametrize("code", ["zzjk", "nowhere"])
def test_rules_of_a_zone_that_is_not_there_or_not_ones_own_are_refused_alike(chen, code):
    answer = chen.get(url("rules"), {"in_force": code})
    assert refused(answer, 400, "invalid")[1] == {"in_force": f"没有代号为“{code}”的区域"}


# ---- Scans ---------------------------------------------------------------------------------------------
def test_a_scan_of_more_than_ones_own_zone_tells_no_numbers(town, client, alerts):
    scan(MONDAY, zone=town.east)
    own = ScanRun.objects.get(zone=town.east)
    whole = ScanRun.objects.filter(zone=None).latest("pk")

    def told(who):
        return {row["id"]: row["counts"] for row in rows(town.sign_in(client, who), "scans", finished="true")}

    assert told("chen")[whole.pk] is None
    assert told("chen")[own.pk]["projects"] == 3
    assert told("root")[whole.pk]["projects"] == 4
    assert set(told("wang")) == set(ScanRun.objects.filter(zone=None).values_list("pk", flat=True))


# ---- Acknowledging -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status"), [("chen", 200), ("zhang", 200), ("gao", 200), ("viewer", 403), ("wang", 404)]
)
def test_who_deals_with_a_project_acknowledges_its_alert(town, client, alerts, who, status):
    etag = f'"{alerts["乙"].steps}"'
    answer = acknowledge(town.sign_in(client, who), alerts["乙"], {"note": "已到现场"}, etag)
    assert answer.status_code == status, answer.content.decode()
    assert Alert.objects.get(pk=alerts["乙"].pk).acknowledged is (status == 200)
    if status == 200:
        told = answer.json()
        assert (told["acknowledged"], told["acknowledged_by"], told["acknowledged_note"]) == (True, who, "已到现场")
        assert told["events"][-1]["kind"] == "acknowledged"
        assert answer.headers["ETag"].startswith(f'"{told["steps"]}.')


def test_an_alert_that_moved_on_since_it_was_read_is_not_acknowledged(town, chen, alerts):
    etag = chen.get(url("alerts", alerts["乙"].pk)).headers["ETag"]
    facts.record(alerts["乙"].project, "reported", JUNE, amount=1)
    on()
    assert "重新读取" in refused(acknowledge(chen, alerts["乙"], etag=etag), 412, "version_stale")[0]
    assert "If-Match" in refused(acknowledge(chen, alerts["乙"], etag=""), 428, "version_required")[0]
    assert not AlertEvent.objects.filter(kind="acknowledged").exists()


def test_acknowledging_twice_changes_nothing(chen, alerts):
    first = acknowledge(chen, alerts["乙"], {"note": "一"}).json()
    assert acknowledge(chen, alerts["乙"], {"note": "二"}).json() == first


def test_what_is_over_needs_no_acknowledging(chen, alerts):
    assert "无需签收" in refused(acknowledge(chen, alerts["丙"]), 400, "invalid")[0]


def test_a_remark_that_is_too_long_or_misspelt_is_refused_with_its_field(chen, alerts):
    assert "note" in refused(acknowledge(chen, alerts["乙"], {"note": "长" * 301}), 400, "invalid")[1]
    assert refused(acknowledge(chen, alerts["乙"], {"remark": "x"}), 400, "invalid")[1] == {
        "remark": "没有这一项，可用的有：note"
    }
    assert not Alert.objects.get(pk=alerts["乙"].pk).acknowledged


def test_a_scheme_is_loaded_into_a_zone_of_ones_own_and_no_other(town, client):
    def load(who, **told):
        town.sign_in(client, who)
        body = {"zone": town.east.code, "scheme": "wuhan"} | told
        return client.post(f"{url('rules')}load-scheme/", body, "application/json")

    before = list(Rule.objects.values())
    assert load("zhang").status_code == 403
    assert set(refused(load("chen", scheme="none"), 400, "invalid")[1]) == {"scheme"}
    for code in (town.west.code, "nowhere"):
        assert refused(load("chen", zone=code), 400, "invalid")[1] == {"zone": "没有这个区域"}
    assert list(Rule.objects.values()) == before
    told = load("chen").json()["rules"]
    own = Rule.objects.filter(zone=town.east)
    assert {(row["id"], row["code"], row["outcome"]) for row in told} == {(r.pk, r.code, "added") for r in own}
    assert {row["outcome"] for row in load("chen").json()["rules"]} == {"same"}
    changed = own.order_by("pk").first()
    changed.name = "自拟"
    changed.save()
    assert "代号相同而内容不同" in refused(load("chen"), 400, "invalid")[0]
    assert "replaced" in {row["outcome"] for row in load("chen", replace=True).json()["rules"]}
    assert {row["outcome"] for row in load("chen", scheme="yinchuan").json()["rules"]} == {"added", "switched_off"}
