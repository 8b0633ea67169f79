"""Doing a job: what is written of it when it goes well, and when it does not."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models import F
from django.db.models.functions import Now

from projects.jobs import kinds, watch
from projects.jobs.models import Job
from projects.jobs.posting import post
from projects.jobs.working import claim, work

# Who fails may need another connection, and threads have their own.
threads = pytest.mark.django_db(transaction=True)


def now_due():
    Job.objects.filter(state="waiting").update(due_at=Now())


def fail(job, stopping):
    raise RuntimeError("password=secret")


# ---- One after the other ---------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_job_is_done_once_and_says_what_came_of_it(deed):
    job = post("deed")
    assert [(done.pk, done.state, done.outcome) for done in work()] == [(job.pk, "done", "做完第 1 次")]
    assert work(job.pk) == []
    job.refresh_from_db()
    assert job.started_at <= job.finished_at
    assert (job.leased_until, job.attempts, deed.done) == (None, 1, [job.pk])


@pytest.mark.django_db
def test_only_the_job_that_is_named_is_done(deed):
    first, second = post("deed"), post("deed", parameters={"n": 2})
    work(second.pk)
    assert deed.done == [second.pk]
    assert work()[0].pk == first.pk


@threads
def test_a_failure_waits_a_while_and_is_tried_again(deed, caplog):
    job = post("deed")
    deed.acts = [fail]
    assert [failed.state for failed in work()] == ["waiting"]
    assert work() == [], "not at once"
    job.refresh_from_db()
    assert job.outcome == f"程序出错，详情见日志（任务编号 {job.pk}）"
    assert "password=secret" in caplog.text
    now_due()
    assert [(done.state, done.attempts) for done in work()] == [("done", 2)]


@threads
def test_after_three_failures_the_job_has_failed_until_a_later_one_succeeds(deed):
    post("deed")
    deed.acts = [fail, fail, fail]
    for _ in range(3):
        now_due()
        work()
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("failed", 3)
    assert job.outcome.startswith("试了 3 次都没有做完：程序出错")
    assert watch.unresolved(Job.objects.all()).get() == job
    post("deed")
    work()
    assert not watch.unresolved(Job.objects.all()).exists()


@pytest.mark.django_db
def test_a_kind_that_no_room_knows_any_more_fails_with_a_sentence():
    Job.objects.create(kind="of-old", key="x")
    assert [(job.state, job.outcome) for job in work()] == [("failed", "系统里没有这种任务，可能来自另一个版本")]


@pytest.mark.django_db
def test_who_takes_too_long_is_stopped_at_his_next_statement(deed, monkeypatch):
    quick = kinds.Kind("deed", "试办", deed, timedelta(seconds=0.1))
    monkeypatch.setitem(kinds._kinds, "deed", quick)
    post("deed")
    seen = []

    def dawdle(job, stopping):
        time.sleep(0.2)
        seen.append(stopping())
        Job.objects.count()

    deed.acts = [dawdle]
    (job,) = work()
    assert (job.state, job.outcome, seen, deed.done) == ("waiting", "超过 1 分钟没有做完", [True], [])


@pytest.mark.django_db
def test_a_process_that_is_to_end_gives_its_job_back_at_once(deed):
    post("deed")

    def interrupted(job, stopping):
        raise KeyboardInterrupt

    deed.acts = [interrupted]
    with pytest.raises(KeyboardInterrupt):
        work()
    assert [(job.state, job.attempts) for job in work()] == [("done", 2)]


@pytest.mark.django_db
def test_no_job_is_begun_when_the_process_is_to_stop(deed):
    post("deed")
    assert work(stopping=lambda: True) == []


# ---- Leases, on connections of their own -----------------------------------------------------------
@threads
def test_the_lease_is_renewed_while_the_function_runs(own_database, deed, settings):
    settings.JOB_LEASE_SECONDS = 1
    post("deed")
    lying = []

    def last(job, stopping):
        for _ in range(6):
            time.sleep(0.25)
            lying.append(Job.objects.left_lying().exists())

    deed.acts = [last]
    assert [(job.state, job.attempts) for job in work()] == [("done", 1)]
    assert lying == [False] * 6


@threads
def test_who_lost_his_job_is_stopped_and_ends_nothing(own_database, deed, settings):
    settings.JOB_LEASE_SECONDS = 1
    post("deed")
    reached = []

    def overtaken(job, stopping):
        Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1, leased_until=Now() + timedelta(minutes=1))
        deadline = time.monotonic() + 10
        while not stopping() and time.monotonic() < deadline:
            time.sleep(0.02)
        reached.append("before")
        Job.objects.count()
        reached.append("after")

    deed.acts = [overtaken]
    (job,) = work()
    assert (job.state, job.attempts, job.outcome) == ("running", 2, "")
    assert reached == ["before"]


@threads
def test_three_workers_at_once_do_every_job_once(own_database, deed):
    jobs = {post("deed", parameters={"n": n}).pk for n in range(12)}
    at_once(work)
    assert sorted(deed.done) == sorted(jobs)
    assert not Job.objects.exclude(state="done", attempts=1).exists()


@threads
def test_three_workers_that_reach_for_one_job_get_it_once(own_database, deed):
    job = post("deed")
    assert [found for found in at_once(lambda: claim(job.pk)) if found] == [job]


@threads
def test_three_who_ask_at_once_leave_one_job(own_database, deed):
    assert len({job.pk for job in at_once(lambda: post("deed"))}) == 1
    assert Job.objects.count() == 1


def at_once(act, workers=3):
    """What `act` returns in each of several threads that begin together."""
    gate = threading.Barrier(workers)

    def one(_):
        gate.wait(10)
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(workers)))
