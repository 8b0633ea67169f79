"""Whether people are told: the probe, the command for cron, the command for whoever looks."""

import json
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db.models.functions import Now
from django.utils import timezone

from projects.alerts.models import ScanRun
from projects.alerts.tests.conftest import load_rules
from projects.notices import breaker, sending
from projects.notices.inbox import Draft, leave
from projects.notices.models import ChannelState, Delivery
from tracker import health


@pytest.fixture
def told(town, settings, tmp_path):
    """A message that waits; everything else is as it should be."""
    settings.TRACKER_TODAY, settings.VAR_DIR = date(2023, 7, 10), tmp_path
    settings.OPERATORS = ["ops@example.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    leave([Draft(town.zhang.pk, "a1", "red", "项目落后了。", "/admin/")])
    breaker.suspend("mail", by=town.system, reason="搬家")
    sending.send_notices()
    breaker.resume("mail")


def answer(client):
    page = client.get("/healthz/alerts")
    return page.status_code, page.json()["wrong"]


def watch(capsys):
    try:
        call_command("watch_notices", "--format", "json")
    except SystemExit as end:
        code = end.code
    else:
        code = 0
    return code, json.loads(capsys.readouterr().out)["mailed"]


def test_silence_is_seen_wherever_it_comes_from(told, client, town):
    assert answer(client) == (200, [])
    Delivery.objects.update(created_at=Now() - timedelta(minutes=31))
    assert answer(client) == (503, ["oldest_due"])
    breaker.suspend("mail", by=town.system, reason="搬家")  # whoever did that knows
    assert answer(client) == (200, [])
    ChannelState.objects.update(looked_at=Now() - timedelta(minutes=31))
    assert answer(client) == (503, ["last_round"])


def test_a_morning_without_a_scan_is_seen_where_there_is_something_to_judge(told, client, town):
    from projects import facts

    facts.create(name="东部传感器产业园项目", zone=town.east)
    assert answer(client) == (200, [])
    load_rules(town.province)
    assert answer(client) == (503, ["last_scan"])
    run = ScanRun.objects.create(as_of=date(2023, 7, 10), finished_at=timezone.now())
    assert answer(client) == (200, [])
    ScanRun.objects.filter(pk=run.pk).update(finished_at=Now() - timedelta(hours=27))
    assert answer(client) == (503, ["last_scan"])


def test_cron_mails_the_operators_once_and_once_more_when_it_is_over(told, capsys, monkeypatch):
    assert watch(capsys) == (0, False)
    ChannelState.objects.update(looked_at=Now() - timedelta(minutes=31))
    assert watch(capsys) == (1, True)
    assert watch(capsys) == (1, False)
    ChannelState.objects.update(looked_at=Now())
    assert watch(capsys) == (0, True)
    assert watch(capsys) == (0, False)
    monkeypatch.setattr(health, "_scans_are_due", lambda: 1 / 0)  # as when the database is away
    assert watch(capsys) == (1, True)
    assert [message.subject for message in mail.outbox] == [
        "【告警】通知系统：半小时以上没有人发送通知",
        "【恢复】通知系统恢复正常",
        "【告警】通知系统：数据库连不上",
    ]
    assert mail.outbox[0].to == ["ops@example.com"]


def test_the_state_of_the_channels_is_told_to_people_and_programs(told, capsys, town):
    call_command("notices_status", "--format", "json")
    found = json.loads(capsys.readouterr().out)
    (queue,) = found["channels"]
    assert (queue["channel"], queue["waiting"], queue["dead"], found["held"]) == ("mail", 1, 0, 0)
    breaker.suspend("mail", by=town.system, reason="搬家")
    call_command("notices_status")
    assert "电子邮件：已停用；待发 1 条" in capsys.readouterr().out
