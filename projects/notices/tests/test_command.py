"""send_notices, from the command line and from the schedule."""

import json
import os
import signal
import threading

import pytest
from django.core.management import CommandError, call_command

from projects.jobs.posting import post
from projects.jobs.working import work
from projects.notices.models import Delivery, Notice
from projects.notices.tasks import SEND
from zones.models import User


def run(capsys, *arguments):
    call_command("send_notices", *arguments)
    return capsys.readouterr().out.strip()


def told(capsys, *arguments):
    return json.loads(run(capsys, "--format", "json", *arguments))


def test_it_composes_and_sends_and_says_so(town, tell, sink, capsys):
    tell("zhang")
    tell("chen")
    User.objects.filter(pk=town.chen.pk).update(email="")
    expected = {
        "composed": 1,
        "sent": 1,
        "retried": 0,
        "failed": 0,
        "superseded": 0,
        "waiting": 0,
        "without_address": 1,
    }
    assert told(capsys) == expected
    assert told(capsys) == expected  # who administers the account without an address hears of it
    assert told(capsys) == {**expected, "composed": 0, "sent": 0}
    assert len(sink.mails) == 2


def test_it_speaks_chinese(town, tell, sink, capsys):
    tell("zhang")
    assert run(capsys) == "新生成 1 封，发出 1 封，稍后重试 0 封，未送达 0 封，尚待发送 0 封。"


def test_a_dry_run_writes_and_sends_nothing(town, tell, sink, capsys):
    tell("zhang")
    assert told(capsys, "--dry-run")["composed"] == 1
    assert run(capsys, "--dry-run") == "将新生成 1 封；另有 0 封尚待发送。没有写入，也没有发送。"
    assert not Delivery.objects.exists()
    assert Notice.objects.waiting().count() == 1
    assert sink.mails == []


def test_a_mail_that_failed_for_good_shows_in_the_exit_code(town, tell, sink, capsys):
    tell("zhang")
    sink.replies["zhang@example.com"] = "550 no such user"
    with pytest.raises(SystemExit) as ended:
        call_command("send_notices")
    assert ended.value.code == 1
    assert "有 1 封邮件未能送达" in capsys.readouterr().err


def test_a_server_that_is_down_is_no_failure_yet(town, tell, sink, capsys):
    tell("zhang")
    sink.stop()
    summary = told(capsys)
    assert (summary["retried"], summary["waiting"], summary["failed"]) == (1, 1, 0)


@pytest.mark.parametrize("arguments", [["--loop", "0"], ["--loop", "-1"], ["--loop", "5", "--dry-run"]])
def test_a_loop_that_makes_no_sense_is_refused(db, arguments):
    with pytest.raises(CommandError, match="--loop"):
        call_command("send_notices", *arguments)


@pytest.mark.django_db(transaction=True)
def test_a_loop_goes_round_until_it_is_asked_to_stop(own_database, town, tell, sink, capsys):
    tell("zhang")
    before = signal.getsignal(signal.SIGTERM)
    threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGTERM]).start()
    call_command("send_notices", "--loop", "0.2", "--format", "json")
    rounds = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rounds[0]["sent"] == 1
    assert len(rounds) > 1
    assert sum(summary["sent"] for summary in rounds) == 1
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_job_composes_and_sends(town, tell, sink):
    tell("zhang")
    post(SEND)
    (job,) = work()
    assert (job.state, job.outcome) == ("done", "新生成 1 封，发出 1 封，稍后重试 0 封，未送达 0 封，尚待发送 0 封。")
    assert len(sink.mails) == 1
