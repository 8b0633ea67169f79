"""The storm guard: what a scan finds too much of waits for a person; and what is over is told to nobody."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects import facts
from projects.alerts import guard, truth
from projects.alerts.models import Alert, ScanRun
from projects.alerts.tests.conftest import JUNE, MONDAY, on
from projects.models import Assignment, Progress
from projects.notices import composing, confirming
from projects.notices.models import Hold, Notice


@pytest.fixture(autouse=True)
def _guarded(settings):
    settings.STORM_GUARD = True


@pytest.fixture
def late(rules, project, town):
    """A project far behind, for which 张联络 stands."""
    made = project(plan=1_200_000, done=0)
    facts.assign(made, Assignment.Role.LIAISON, user=town.zhang, starts=date(2023, 1, 1))
    return made


@pytest.fixture
def scanned_before(rules):
    ScanRun.objects.create(as_of=MONDAY - timedelta(days=1), finished_at="2023-07-09T06:00:00Z")


def test_the_first_scan_of_a_database_is_told_after_somebody_has_confirmed(late, town, client):
    outcome = on()
    assert outcome.waiting == f"{outcome.notices} 条通知待确认后发出：这是第一次判定，请先核对预警是否属实"
    hold = Hold.objects.get(state="held")
    assert (hold.zone, hold.count) == (town.east, outcome.notices)
    told = set(Notice.objects.filter(key__startswith="hold:").values_list("user__username", flat=True))
    assert told == {"chen", "system"}
    for who in (town.zhang, town.gao, town.chen):
        assert not Notice.objects.visible_to(who).filter(key__startswith="alert:").exists()
    assert not composing.awaited_by().filter(user=town.zhang).exists()
    page = reverse("admin:projects_notices_hold_changelist")
    town.sign_in(client, "chen")
    client.post(page, {"action": "confirm", "_selected_action": [hold.pk]})
    assert Notice.objects.filter(key__startswith="alert:", hold=None).count() == outcome.notices
    assert composing.awaited_by().filter(user=town.zhang).exists()
    with pytest.raises(ValidationError, match="已由他人处理，现为“已确认”"):
        confirming.reject(hold, by=town.system)


def test_rejected_notices_are_not_mailed_and_the_alerts_stay(late, town):
    on()
    confirming.reject(Hold.objects.get(state="held"), by=town.system)
    assert Alert.objects.open().exists()
    assert not Notice.objects.filter(key__startswith="alert:", read_at=None).exists()
    assert not composing.awaited_by().filter(user=town.zhang).exists()


def test_a_stranger_neither_sees_nor_decides_what_waits(late, town, client):
    on()
    hold = Hold.objects.get(state="held")
    for who in ("li", "wang", "zhang", "viewer"):
        town.sign_in(client, who)
        client.post(
            reverse("admin:projects_notices_hold_changelist"), {"action": "confirm", "_selected_action": [hold.pk]}
        )
        hold.refresh_from_db()
        assert hold.state == "held", who


def test_an_ordinary_day_is_told_at_once(scanned_before, late, town):
    assert on().waiting == ""
    assert Notice.objects.visible_to(town.zhang).filter(key__startswith="alert:").exists()
    assert not Hold.objects.filter(state="held").exists()


def test_more_new_alerts_than_a_fifth_of_the_projects_wait(scanned_before, late, town, monkeypatch):
    monkeypatch.setattr(guard, "LEAST", 0)
    outcome = on()
    assert f"一次新发 {outcome.opened} 条预警（判定了 1 个项目）" in outcome.waiting
    assert not Notice.objects.visible_to(town.zhang).filter(key__startswith="alert:").exists()


def test_what_a_scan_left_that_broke_off_is_told_with_the_next(scanned_before, late, town):
    on()
    run = ScanRun.objects.latest("pk")
    ScanRun.objects.filter(pk=run.pk).update(finished_at=None)
    Hold.objects.filter(key=f"scan:{run.pk}").update(state="counting")
    Notice.objects.filter(key__startswith="alert:").update(hold=Hold.objects.get(key=f"scan:{run.pk}"))
    on()
    assert Notice.objects.visible_to(town.zhang).filter(key__startswith="alert:").exists()


def test_an_alarm_holds_while_its_alert_is_open_and_a_reminder_while_nobody_has_answered(scanned_before, late, town):
    on()
    keys = set(Notice.objects.filter(key__startswith="alert:").values_list("key", flat=True))
    alert = Alert.objects.open().first()
    base = f"alert:{alert.rule_id}:{alert.subject_key}"
    reminder, closed, deed = (f"{base}:reminded:red:2023-07-12:0", f"{base}:closed:red:2023-07-12", "alert:1:2")
    assert truth.still_true({*keys, reminder, closed, deed}) == {*keys, reminder, deed}
    Alert.objects.update(answered=True)
    assert truth.still_true({reminder}) == set()
    facts.record(late, Progress.Channel.REPORTED, JUNE, amount=600_000)
    on()
    assert truth.still_true({*keys, closed}) == {closed}
