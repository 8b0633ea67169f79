"""签收: who may, what it keeps, what it does not stop, and the screen of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from projects import facts
from projects.alerts.answering import acknowledge
from projects.alerts.models import Alert, AlertEvent
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on
from zones.models.versioned import StaleVersion

pytestmark = pytest.mark.django_db
TOMORROW = MONDAY + timedelta(days=1)


@pytest.fixture
def yellow(town: Any, rules: Any, project: Make) -> Alert:
    """An open alert of the east, of which 张联络 takes care."""
    facts.assign(project(plan=100, done=30), "liaison", user=town.zhang)
    on()
    return Alert.objects.get()


def worsen(settings: Any, alert: Alert, day: date = TOMORROW) -> None:
    facts.record(alert.project, "reported", JUNE, amount=0)
    settings.TRACKER_TODAY = day
    on(day)


def kinds(alert: Alert) -> list[str]:
    return list(AlertEvent.objects.filter(alert=alert).order_by("step").values_list("kind", flat=True))


# ---- The verb ------------------------------------------------------------------------------------------
def test_an_acknowledgement_stands_on_the_alert_and_in_its_log(town: Any, yellow: Alert) -> None:
    acknowledge(yellow, by=town.zhang, note=" 本周到现场核实 ")
    alert = Alert.objects.get()
    assert (alert.acknowledged_on, alert.acknowledged_by, alert.acknowledged_note) == (
        MONDAY,
        town.zhang,
        "本周到现场核实",
    )
    assert (alert.acknowledged, alert.steps, alert.level) == (True, 2, "yellow")
    event = AlertEvent.objects.get(kind="acknowledged")
    assert (event.step, event.by, event.note, event.label) == (2, town.zhang, "本周到现场核实", alert.label)
    assert event.sentence == f"张联络签收{alert.label}"


def test_the_same_person_once_more_changes_nothing(town: Any, yellow: Alert) -> None:
    for note in ("第一次", "第二次"):
        acknowledge(yellow, by=town.zhang, note=note)
    assert Alert.objects.get().acknowledged_note == "第一次"
    assert kinds(yellow) == ["opened", "acknowledged"]


def test_another_person_is_kept_as_well_and_shown_as_the_latest(town: Any, yellow: Alert) -> None:
    for who in (town.zhang, town.gao, town.zhang):
        acknowledge(yellow, by=who)
    assert Alert.objects.get().acknowledged_by == town.gao
    assert kinds(yellow) == ["opened", "acknowledged", "acknowledged"]


def test_a_closed_alert_is_not_acknowledged(town: Any, yellow: Alert) -> None:
    facts.record(yellow.project, "reported", JUNE, amount=60)
    on()
    with pytest.raises(ValidationError, match="已于 2023-07-10 解除，无需签收"):
        acknowledge(yellow, by=town.zhang)


def test_what_was_read_too_long_ago_is_refused(town: Any, yellow: Alert) -> None:
    acknowledge(yellow, by=town.gao, expected_steps=1)
    with pytest.raises(StaleVersion):
        acknowledge(yellow, by=town.zhang, expected_steps=1)
    assert acknowledge(yellow, by=town.zhang, expected_steps=2).steps == 3


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"note": "长" * 301}, "不能超过 300 字，现有 301 字"),
        ({"on": TOMORROW}, "2023-07-10 至今天之间"),
        ({"on": MONDAY - timedelta(days=1)}, "2023-07-10 至今天之间"),
    ],
)
def test_a_remark_too_long_or_a_day_outside_is_refused(
    town: Any, yellow: Alert, told: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        acknowledge(yellow, by=town.zhang, **told)
    assert kinds(yellow) == ["opened"]


# ---- With the scan -------------------------------------------------------------------------------------
def test_a_scan_that_changes_nothing_keeps_it(town: Any, yellow: Alert, settings: Any) -> None:
    acknowledge(yellow, by=town.zhang, note="在办")
    settings.TRACKER_TODAY = TOMORROW
    assert on(TOMORROW).unchanged == 1
    alert = Alert.objects.get()
    assert (alert.acknowledged, alert.acknowledged_note, alert.steps) == (True, "在办", 2)


def test_an_alert_that_worsens_wants_acknowledging_again(town: Any, yellow: Alert, settings: Any) -> None:
    acknowledge(yellow, by=town.zhang)
    worsen(settings, yellow)
    alert = Alert.objects.get()
    assert (alert.level, alert.acknowledged, alert.acknowledgement) == ("red", False, "加重后未签收")
    assert alert.acknowledged_by == town.zhang
    acknowledge(alert, by=town.zhang)
    assert Alert.objects.get().acknowledged
    assert kinds(alert) == ["opened", "acknowledged", "worsened", "acknowledged"]


def test_an_alert_that_eases_stays_acknowledged_and_one_that_worsens_then_does_not(
    town: Any, rules: Any, project: Make, settings: Any
) -> None:
    made = project(plan=100, done=0)
    on()
    acknowledge(Alert.objects.get(), by=town.chen)
    facts.record(made, "reported", JUNE, amount=30)
    on()
    assert (Alert.objects.get().level, Alert.objects.get().acknowledged) == ("yellow", True)
    worsen(settings, Alert.objects.get())
    assert (Alert.objects.get().level, Alert.objects.get().acknowledged) == ("red", False)


def test_steps_rise_with_every_event_of_whatever_kind(town: Any, yellow: Alert, settings: Any) -> None:
    acknowledge(yellow, by=town.zhang)
    worsen(settings, yellow)
    facts.suspend(yellow.project, starts=TOMORROW, reason="资金", approver="领导", by=town.chen)
    on(TOMORROW)
    facts.terminate(yellow.project, on=TOMORROW, reason="不再建设", by=town.chen)
    on(TOMORROW)
    assert kinds(yellow) == ["opened", "acknowledged", "worsened", "rested", "closed"]
    assert Alert.objects.get().steps == 5


def test_a_scan_counts_no_acknowledgement_as_its_own(town: Any, yellow: Alert) -> None:
    acknowledge(yellow, by=town.zhang)
    assert "acknowledged" not in on().counts


# ---- Who may -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["zhang", "chen", "gao", "chief"])
def test_liaison_coordinator_and_leaders_may(town: Any, yellow: Alert, client: Client, who: str) -> None:
    client = town.sign_in(client, who)
    assert client.post(*told(client, yellow)).status_code == 302
    assert Alert.objects.get().acknowledged_by == getattr(town, who)


@pytest.mark.parametrize(("who", "answer"), [("viewer", 403), ("li", 404), ("wang", 404), ("system", 404)])
def test_nobody_else_may(town: Any, yellow: Alert, client: Client, who: str, answer: int) -> None:
    town.sign_in(client, who)
    assert client.post(f"{page(yellow)}acknowledge/", {"steps": 1}).status_code == answer
    assert not Alert.objects.get().acknowledged


def test_a_liaison_who_is_not_assigned_sees_no_button(town: Any, rules: Any, project: Make, client: Client) -> None:
    project(plan=100, done=0)
    on()
    alert = Alert.objects.get()
    town.sign_in(client, "zhang")
    assert 'id="acknowledge"' not in shown(client, alert)
    assert client.post(f"{page(alert)}acknowledge/", {"steps": 1}).status_code == 403


def test_may_not_write_is_not_to_see(town: Any, yellow: Alert) -> None:
    assert Alert.objects.writable_by(town.gao).get() == yellow
    assert not Alert.objects.writable_by(town.viewer).exists()
    assert not Alert.objects.visible_to(town.li).exists()


# ---- The screen ----------------------------------------------------------------------------------------
def page(alert: Alert) -> str:
    return f"/admin/projects_alerts/alert/{alert.pk}/"


def shown(client: Client, alert: Alert) -> str:
    return client.get(f"{page(alert)}change/").content.decode()


def told(client: Client, alert: Alert, **typed: Any) -> tuple[str, dict[str, Any]]:
    """Where the button leads, and what it sends, as the page stands now."""
    answering = client.get(f"{page(alert)}change/").context["acknowledging"]
    return answering["url"], {"steps": answering["form"]["steps"].value(), "note": "", **typed}


def test_the_page_shows_who_acknowledged_when_and_with_what_remark(town: Any, yellow: Alert, client: Client) -> None:
    town.sign_in(client, "gao")
    assert "还没有人签收" in shown(client, yellow)
    answer = client.post(*told(client, yellow, note="请项目办周五前报原因"), follow=True)
    html = answer.content.decode()
    assert next(str(message) for message in answer.context["messages"]).startswith("已签收。")
    assert "2023-07-10 高主任签收：请项目办周五前报原因" in html
    assert f"高主任签收{yellow.label}：请项目办周五前报原因" in html
    assert 'id="acknowledge"' not in html


def test_opening_the_address_of_the_button_changes_nothing(town: Any, yellow: Alert, client: Client) -> None:
    town.sign_in(client, "gao")
    assert yellow.sentence in client.get(f"{page(yellow)}acknowledge/").content.decode()
    assert not Alert.objects.get().acknowledged


def test_a_button_pressed_twice_acknowledges_once(town: Any, yellow: Alert, client: Client) -> None:
    town.sign_in(client, "gao")
    url, data = told(client, yellow, note="收到")
    client.post(url, data)
    again = client.post(url, data, follow=True)
    assert [str(message) for message in again.context["messages"]][-1] == "您此前已签收，没有变化"
    assert kinds(yellow) == ["opened", "acknowledged"]


def test_a_form_of_another_site_is_refused(town: Any, yellow: Alert) -> None:
    client = town.sign_in(Client(enforce_csrf_checks=True), "gao")
    assert client.post(f"{page(yellow)}acknowledge/", {"steps": 1}).status_code == 403


def test_who_has_not_seen_the_new_level_is_asked_again_and_keeps_the_remark(
    town: Any, yellow: Alert, client: Client, settings: Any
) -> None:
    town.sign_in(client, "gao")
    url, data = told(client, yellow, note="催办")
    worsen(settings, yellow)
    answer = client.post(url, data)
    html = answer.content.decode()
    assert "这条预警刚有变化，现为红色预警、未签收，请核对后再签收" in html
    assert 'value="催办"' in html
    assert not Alert.objects.get().acknowledged
    form = answer.context["form"]
    assert client.post(url, {name: form[name].value() for name in form.fields}).status_code == 302
    assert Alert.objects.get().acknowledged


def test_a_form_without_its_hidden_half_is_refused_in_words(town: Any, yellow: Alert, client: Client) -> None:
    town.sign_in(client, "gao")
    assert "请回到预警重新签收" in client.post(f"{page(yellow)}acknowledge/", {}).content.decode()


def test_the_list_tells_and_filters_who_is_still_to_acknowledge(
    town: Any, rules: Any, project: Make, client: Client
) -> None:
    seen, unseen = project("已看项目", plan=100, done=0), project("未看项目", plan=100, done=0)
    on()
    acknowledge(Alert.objects.get(project=seen), by=town.gao)
    town.sign_in(client, "chen")
    everything = client.get("/admin/projects_alerts/alert/").content.decode()
    assert '已签收 <span class="tk-sub">高主任</span>' in everything
    for chosen, found, missing in (("yes", seen, unseen), ("no", unseen, seen)):
        html = client.get("/admin/projects_alerts/alert/", {"acknowledged": chosen}).content.decode()
        assert found.name in html
        assert missing.name not in html


def test_a_closed_alert_offers_no_button(town: Any, yellow: Alert, client: Client) -> None:
    facts.record(yellow.project, "reported", JUNE, amount=60)
    on()
    town.sign_in(client, "gao")
    assert Alert.objects.get().closed_on
    assert 'id="acknowledge"' not in shown(client, yellow)
