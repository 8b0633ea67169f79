"""Real workers on a real Redis and the database under test: killed, frozen, cut off, and in the wrong number.

On PostgreSQL a job can be held in the middle at will, by a lock on a row that its scan wants. SQLite has no such lock:
there it is shown that the same processes do the same work.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta

import private_redis
import pytest
import redis
from common import ROOT, Failure
from django.db import connection
from django.db.models.functions import Now
from services import Service

from projects import facts
from projects.alerts.models import Alert, ScanRun
from projects.alerts.tests.conftest import load_rules, plan_for
from projects.jobs.models import Job
from projects.jobs.posting import key_of
from projects.models import Progress
from projects.notices.models import Notice

SERVERS = os.environ.get("TEST_REDIS_URL", "")
on_postgres = pytest.mark.skipif(
    not os.environ.get("TEST_DATABASE_URL"), reason="a job is held in the middle by a row lock of PostgreSQL"
)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not SERVERS, reason="no Redis: bin/test starts one where redis-server is installed"),
]
NOW = "/admin/projects_alerts/scanrun/now/"
BEAT = ("--beat",)
BLOCKED = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


# ---- The place where they work ---------------------------------------------------------------------
@pytest.fixture
def broker():
    """A Redis of the test's own, to be stopped and emptied."""
    with private_redis.private_server(private_redis.find()) as server:
        yield server


@pytest.fixture
def place(own_database, town, broker, settings, tmp_path):
    """The environment of a worker at the test's database; leases and ticks are short. Nothing is due by itself."""
    settings.TRACKER_TODAY = date(2023, 7, 10)
    settings.CELERY_BROKER_URL = f"{broker.url}/0"
    tomorrow = Now() + timedelta(days=1)
    for kind in ("scan", "send"):
        Job.objects.create(kind=kind, slot=tomorrow, key=key_of(kind), state=Job.State.DONE)
    load_rules(town.province)
    return os.environ | {
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "DATABASE_URL": address_of_database(),
        "EMAIL_URL": f"file://{tmp_path / 'mail'}",
        "JOB_LEASE_SECONDS": "3",
        "LOG_FORMAT": "line",
        "LOG_LEVEL": "INFO",
        "TICK_SECONDS": "1",
        "TRACKER_TODAY": "2023-07-10",
        "TRACKER_VAR": str(tmp_path / "var"),
    }


def address_of_database():
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["TEST_DATABASE_URL"].rpartition("/")[0] + f"/{name}"


class Worker(Service):
    """A Celery worker with all its children, and the means to do it harm."""

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def freeze(self):
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.killpg(self.process.pid, signal.SIGCONT)


@pytest.fixture
def workers(place, tmp_path):
    """Starts workers; all are gone at the end."""
    started = []

    def start(*options, ready=True):
        command = ["celery", "-A", "tracker", "worker", "--concurrency", "1", "--loglevel", "INFO", *options]
        name = f"w{len(started)}"
        worker = Worker(name, [*command, "--hostname", f"{name}@here"], place, tmp_path / f"{name}.log")
        started.append(worker)
        if ready:
            worker.wait_until("启动", lambda: " ready." in worker.said())
        return worker

    yield start
    for worker in started:
        if not worker.ended():
            worker.kill()


# ---- Steps -----------------------------------------------------------------------------------------
def late_projects(zone, count=3):
    """Projects that a scan finds far behind."""
    made = [facts.create(name=f"{zone.short_name}{n}", zone=zone) for n in range(count)]
    for project in made:
        plan_for(project, 1_200_000)
        facts.record(project, Progress.Channel.REPORTED, date(2023, 6, 30), amount=0)
    return made


def ask(town, client, zone=None):
    """Press the button; returns the job."""
    town.sign_in(client, "chen" if zone in (None, town.east) else "wang")
    assert client.post(NOW, {"zone": (zone or town.east).pk, "from": "alert"}).status_code == 302
    return Job.objects.exclude(asked_by=None).latest("pk")


def wait_until(what, true, seconds=30):
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise Failure(what)
        time.sleep(0.05)


def wait_for(job, state, seconds=30):
    def so():
        job.refresh_from_db()
        return job.state == state

    wait_until(f"job is {job.state}, not {state}", so, seconds)


@contextmanager
def held(project):
    """Nobody can scan past this project: another connection has it locked."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM projects_project WHERE id = %s FOR UPDATE", [project.pk])
        yield
    finally:
        other.close()


def in_the_middle():
    """Whether a scan waits for the project."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {BLOCKED}")
        return cursor.fetchone()[0] == 1


def done_once(zone, alerts=3):
    """Whether one scan of the zone was brought to an end, and everybody was told once."""
    told = list(Notice.objects.values_list("user", "key"))
    assert ScanRun.objects.filter(zone=zone, finished_at__isnull=False).count() == 1
    assert Alert.objects.count() == alerts
    assert told
    assert len(told) == len(set(told))


# ---- What they do ----------------------------------------------------------------------------------
def test_a_job_asked_for_in_the_browser_is_done_by_the_worker(place, workers, town, client):
    late_projects(town.east)
    worker = workers()
    job = ask(town, client)
    wait_for(job, "done", seconds=10)
    assert "3个项目，其中3个作了判定；新发3条" in job.outcome
    assert job.attempts == 1
    done_once(town.east)
    assert "Traceback" not in worker.said()


def test_any_number_of_schedulers_do_a_thing_once(place, workers, town):
    late_projects(town.east)
    Job.objects.all().delete()
    several = [workers(*BEAT, ready=False) for _ in range(2)]
    by_hand = [subprocess.Popen([sys.executable, ROOT / "manage.py", "run_jobs"], env=place) for _ in range(2)]
    assert [process.wait(60) for process in by_hand] == [0, 0]
    for worker in several:
        worker.wait_until("检查", lambda worker=worker: "tick" in worker.said().partition(" ready.")[2])
    wait_until("no scan", lambda: Job.objects.filter(kind="scan", state="done").exists())
    assert Job.objects.filter(kind="scan").count() == 1
    done_once(None)


@on_postgres
def test_a_worker_killed_in_the_middle_is_replaced_and_the_job_done_once(place, workers, town, client):
    first, *_ = late_projects(town.east)
    job = ask(town, client)
    with held(first):
        worker = workers(*BEAT)
        wait_until("no scan", in_the_middle)
        worker.kill()
    workers(*BEAT)
    wait_for(job, "done")
    assert job.attempts == 2
    done_once(town.east)


@on_postgres
def test_a_worker_frozen_beyond_its_lease_ends_nothing_that_another_did(place, workers, town, client):
    first, *_ = late_projects(town.east)
    job = ask(town, client)
    with held(first):
        frozen = workers(*BEAT)
        wait_until("no scan", in_the_middle)
        frozen.freeze()
    workers(*BEAT)
    wait_for(job, "done")
    outcome = job.outcome
    frozen.thaw()
    frozen.wait_until("放弃", lambda: "attempt 1 failed" in frozen.said() or "was taken for dead" in frozen.said())
    job.refresh_from_db()
    assert (job.state, job.attempts, job.outcome) == ("done", 2, outcome)
    done_once(town.east)


@on_postgres
def test_jobs_that_wait_survive_a_redis_that_lost_everything(place, workers, town, client, broker):
    late_projects(town.east), late_projects(town.west)
    jobs = [ask(town, client, zone) for zone in (town.east, town.west)]
    with redis.Redis.from_url(broker.url) as link:
        assert link.llen("tracker") == 2
        link.flushall()
    workers(*BEAT)
    for job in jobs:
        wait_for(job, "done")


@on_postgres
def test_a_redis_that_is_gone_holds_up_nobody_and_the_work_is_done_when_it_is_back(
    place, workers, town, client, broker
):
    late_projects(town.east)
    workers(*BEAT)
    broker.stop()
    begun = time.monotonic()
    job = ask(town, client)
    assert time.monotonic() - begun < 3
    assert client.get("/readyz").status_code == 503
    broker.start()
    wait_for(job, "done", seconds=60)
    assert job.attempts == 1
    done_once(town.east)


@on_postgres
def test_a_worker_whose_database_went_away_in_the_middle_tries_again(place, workers, town, client):
    first, *_ = late_projects(town.east)
    worker = workers(*BEAT)
    with held(first):
        job = ask(town, client)
        wait_until("no scan", in_the_middle)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) {BLOCKED}")
        wait_for(job, "waiting")
    assert job.outcome == f"程序出错，详情见日志（任务编号 {job.pk}）"
    Job.objects.filter(pk=job.pk).update(due_at=Now())
    wait_for(job, "done")
    assert job.attempts == 2
    assert not worker.ended()
    done_once(town.east)
