"""manage.py run_jobs: for who has no scheduler, and beside one."""

import io
import json
import os
import signal
import threading

import pytest
from django.core.management import CommandError, call_command

from projects.jobs.models import Job
from projects.jobs.posting import post
from tracker.schedule import TIMETABLE


def run(*arguments):
    out = io.StringIO()
    call_command("run_jobs", *arguments, "--format", "json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.django_db
def test_it_does_what_is_due_and_what_was_asked_for(deed, town):
    job = post("deed", zone=town.east)
    (told,) = run()
    assert (told["added"], told["taken_back"], told["given_up"], told["waiting"]) == (len(TIMETABLE), 0, 0, 0)
    assert {done["kind"] for done in told["jobs"]} == {"deed", "clear_uploads", "scan", "open_meetings", "send"}
    assert told["jobs"][0] == {
        "id": job.pk,
        "kind": "deed",
        "zone": "zzgx",
        "state": "done",
        "attempts": 1,
        "outcome": "做完第 1 次",
    }
    (again,) = run()
    assert [done["kind"] for done in again["jobs"]] in ([], ["send"])


@pytest.mark.django_db
def test_it_sends_nothing_to_a_broker(deed, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    post("deed")
    assert run()[0]["waiting"] == 0


@pytest.mark.django_db
def test_it_speaks_chinese_and_a_failure_shows_in_the_exit_code(deed, capsys):
    Job.objects.create(kind="of-old", key="x")
    with pytest.raises(SystemExit) as ended:
        call_command("run_jobs")
    assert ended.value.code == 1
    said = capsys.readouterr().out
    due = len(TIMETABLE)
    assert f"新到期 {due} 项，收回中断的 0 项，放弃 0 项；执行 {due + 1} 项，尚有 0 项等待。" in said
    assert "失败　系统里没有这种任务" in said


def test_a_loop_that_makes_no_sense_is_refused(db):
    with pytest.raises(CommandError, match="--loop 的间隔须大于 0 秒"):
        call_command("run_jobs", "--loop", "0")


@pytest.mark.django_db(transaction=True)
def test_a_loop_goes_round_until_it_is_asked_to_stop(own_database, deed):
    post("deed")
    before = signal.getsignal(signal.SIGTERM)
    threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGTERM]).start()
    rounds = run("--loop", "0.2")
    assert [done["kind"] for told in rounds for done in told["jobs"]].count("deed") == 1
    assert len(rounds) > 1
    assert signal.getsignal(signal.SIGTERM) is before
