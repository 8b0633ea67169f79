"""Asking for jobs, and the tick that finds what is due."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from projects.jobs import watch
from projects.jobs.models import Job, Tick
from projects.jobs.posting import post
from projects.jobs.ticking import tick
from projects.jobs.working import work
from tracker.schedule import TIMETABLE

pytestmark = pytest.mark.django_db
FRIDAY, MONDAY = datetime(2023, 7, 7, 1, 0, tzinfo=UTC), datetime(2023, 7, 10, 1, 0, tzinfo=UTC)


def looked(now=None):
    return tick(now, wake=False)


def slots(kind):
    return list(Job.objects.filter(kind=kind).order_by("slot").values_list("slot", flat=True))


# ---- Asking --------------------------------------------------------------------------------------
def test_who_asks_twice_gets_the_job_that_waits(deed, town):
    first = post("deed", by=town.chen, zone=town.east, parameters={"b": 1, "a": 2})
    again = post("deed", by=town.gao, zone=town.east, parameters={"a": 2, "b": 1})
    assert (again.pk, again.asked_by) == (first.pk, town.chen)
    assert post("deed", zone=town.west, parameters={"a": 2, "b": 1}).pk != first.pk
    assert post("deed", zone=town.east).pk != first.pk


def test_who_asks_while_one_is_done_gets_another(deed):
    first = post("deed")
    deed.acts = [lambda job, stopping: post("deed")]
    assert [job.state for job in work()] == ["done", "done"]
    assert Job.objects.filter(kind="deed").exclude(pk=first.pk).count() == 1


def test_the_database_has_room_for_one_equal_job(deed):
    job = post("deed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="deed", key=job.key)


def test_a_job_that_waits_to_be_tried_again_is_the_one_that_is_given_back(deed):
    job = post("deed")
    Job.objects.update(attempts=1)
    assert post("deed").pk == job.pk


def test_a_kind_that_nobody_knows_or_that_is_not_made_by_hand_is_refused(town):
    with pytest.raises(ValueError, match="registered"):
        post("dead")
    with pytest.raises(ValueError, match="by people"):
        post("send", by=town.chen)


# ---- The timetable -------------------------------------------------------------------------------
def test_one_moment_makes_one_job_however_often_somebody_looks():
    assert looked(MONDAY).added == len(TIMETABLE)
    assert looked(MONDAY).added == looked(MONDAY + timedelta(seconds=5)).added == 0
    assert slots("scan") == [datetime(2023, 7, 9, 21, 30, tzinfo=UTC)]
    assert slots("send") == [MONDAY]


def test_a_second_scheduler_that_looked_at_the_same_moment_adds_nothing():
    looked(MONDAY)
    Job.objects.bulk_create([Job(kind="scan", slot=slots("scan")[0], key="other")], ignore_conflicts=True)
    assert len(slots("scan")) == 1


def test_after_a_weekend_without_scheduler_there_is_one_scan():
    looked(FRIDAY)
    work()
    Job.objects.update(started_at=FRIDAY)
    assert looked(MONDAY).added == len(TIMETABLE)
    assert slots("scan") == [datetime(2023, 7, 6, 21, 30, tzinfo=UTC), datetime(2023, 7, 9, 21, 30, tzinfo=UTC)]


def test_after_a_weekend_without_workers_there_is_one_scan():
    for hours in range(72):
        looked(FRIDAY + timedelta(hours=hours))
    assert len(slots("scan")) == len(slots("send")) == 1
    work()
    assert looked(MONDAY).added == 0, "the scan of this morning is done by the one that waited"


def test_a_minute_is_added_when_the_one_before_is_through():
    looked(MONDAY)
    later = MONDAY + timedelta(minutes=1)
    assert looked(later).added == 0
    work()
    Job.objects.update(started_at=MONDAY)
    assert looked(later).added == 1
    assert slots("send")[-1] == later


def test_a_look_without_a_day_is_by_the_clock_of_the_database():
    looked()
    assert Tick.objects.count() == 1
    assert abs((slots("send")[0] - Tick.objects.get().at).total_seconds()) < 60
    assert watch.tick_age() < timedelta(seconds=30)


# ---- Taking back, forgetting -----------------------------------------------------------------------
def leave_lying(job, attempts):
    gone = {"state": Job.State.RUNNING, "leased_until": Now() - timedelta(seconds=1), "attempts": attempts}
    Job.objects.filter(pk=job.pk).update(**gone)


def test_what_a_dead_worker_left_waits_again_and_is_done(deed):
    job = post("deed")
    leave_lying(job, attempts=1)
    assert work() == []
    assert looked().taken_back == 1
    assert [(done.pk, done.state, done.attempts) for done in work() if done.kind == "deed"] == [(job.pk, "done", 2)]


def test_a_job_whose_every_worker_died_is_given_up_with_a_sentence(deed):
    job = post("deed")
    leave_lying(job, attempts=3)
    assert looked().given_up == 1
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "试了 3 次都没有做完：执行任务的进程中断了")


def test_a_worker_that_is_heard_of_keeps_its_job(deed):
    job = post("deed")
    Job.objects.update(state=Job.State.RUNNING, leased_until=Now() + timedelta(seconds=60), attempts=3)
    looked()
    job.refresh_from_db()
    assert job.state == "running"


def test_routine_is_forgotten_after_a_week_and_nothing_else():
    looked(MONDAY)
    work()
    old = Now() - timedelta(days=8)
    Job.objects.filter(kind="send").update(slot=old)
    Job.objects.filter(kind="scan").update(slot=Now() - timedelta(days=9))
    waiting = Job.objects.create(kind="send", slot=datetime(2023, 1, 1, tzinfo=UTC), key="w")
    looked(MONDAY)
    assert list(Job.objects.filter(kind="send", state="done")) == []
    assert Job.objects.filter(pk=waiting.pk).exists()
    assert Job.objects.filter(kind="scan", state="done").count() == 1
