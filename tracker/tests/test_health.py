"""/healthz, /readyz and /healthz/jobs: for machines, without signing in, without telling anything."""

import shutil
import socket
import time
from datetime import date, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from projects.alerts.models import ScanRun
from projects.jobs.models import Job, Tick
from projects.jobs.ticking import tick
from tracker import health


@pytest.mark.django_db
def test_the_root_leads_to_the_officials_screens(client):
    assert client.get("/").headers["location"] == "/admin/"


def test_alive_asks_no_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.django_db
def test_ready_names_every_part(client):
    tick(wake=False)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok"},
        "background": {"state": "ok", "tick_age_seconds": 0, "overdue": 0},
        "last_scan": None,
    }


@pytest.mark.django_db
def test_ready_tells_how_old_the_latest_finished_scan_is(client):
    ScanRun.objects.create(as_of=date(2023, 7, 9), finished_at=timezone.now() - timezone.timedelta(hours=1))
    ScanRun.objects.create(as_of=date(2023, 7, 10))
    scan = client.get("/readyz").json()["last_scan"]
    assert scan["as_of"] == "2023-07-09"
    assert 3600 <= scan["age_seconds"] < 3700


@pytest.mark.django_db
def test_a_queue_that_is_gone_makes_it_unready(client, settings):
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]
    shutil.rmtree(folder)
    try:
        answer = client.get("/readyz")
    finally:
        shutil.os.makedirs(folder)
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == "not writable"
    assert folder not in answer.content.decode()


@pytest.mark.django_db
def test_a_database_that_fails_makes_it_unready_and_tells_no_secret(client, monkeypatch):
    def broken():
        raise RuntimeError("password=secret host=10.0.0.1")

    monkeypatch.setitem(health.CHECKS, "database", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "failed"
    assert "secret" not in answer.content.decode()


@pytest.fixture
def silent():
    """A port at which somebody listens and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield server.getsockname()[1]


@pytest.mark.parametrize("absent", [True, False])
@pytest.mark.django_db
def test_a_broker_that_does_not_answer_is_found_out_within_seconds(client, settings, silent, absent):
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{1 if absent else silent}/0"
    started = time.monotonic()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["broker"]) == (503, "failed")
    assert time.monotonic() - started < 4


@pytest.mark.django_db
def test_unapplied_migrations_make_it_unready(client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "pending")


# ---- The background ------------------------------------------------------------------------------
def age(minutes):
    Tick.objects.update_or_create(pk=Tick.ONLY, defaults={"at": timezone.now() - timedelta(minutes=minutes)})


def wait_for(minutes):
    Job.objects.create(kind="scan", key=str(minutes), due_at=timezone.now() - timedelta(minutes=minutes))


@pytest.mark.django_db
def test_pages_are_served_without_a_background_and_ready_says_so(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["background"] == {"state": "late", "tick_age_seconds": None, "overdue": 0}
    age(minutes=4)
    answer = client.get("/readyz").json()
    assert (answer["status"], answer["background"]["state"]) == ("degraded", "late")
    assert 240 <= answer["background"]["tick_age_seconds"] < 300


@pytest.mark.django_db
def test_a_job_that_nobody_does_is_overdue_after_five_minutes(client):
    age(minutes=0)
    wait_for(minutes=4)
    assert client.get("/readyz").json()["status"] == "ok"
    wait_for(minutes=6)
    assert client.get("/readyz").json()["background"] | {"tick_age_seconds": 0} == {
        "state": "overdue",
        "tick_age_seconds": 0,
        "overdue": 1,
    }


@pytest.mark.parametrize(("minutes", "status"), [(None, 503), (31, 503), (29, 200)])
@pytest.mark.django_db
def test_the_watch_is_woken_after_half_an_hour_without_a_tick(client, minutes, status):
    if minutes:
        age(minutes)
    answer = client.get("/healthz/jobs")
    assert (answer.status_code, answer.json()["status"]) == (status, "ok" if status == 200 else "stalled")


@pytest.mark.parametrize(("minutes", "status"), [(31, 503), (29, 200)])
@pytest.mark.django_db
def test_the_watch_is_woken_by_a_job_that_waits_for_half_an_hour(client, minutes, status):
    age(minutes=0)
    wait_for(minutes)
    assert client.get("/healthz/jobs").status_code == status


@pytest.mark.django_db
def test_the_watch_is_woken_by_a_worker_that_died_and_was_not_replaced(client):
    age(minutes=0)
    Job.objects.create(kind="scan", key="x", state="running", leased_until=Now() - timedelta(minutes=31))
    assert client.get("/healthz/jobs").json()["overdue"] == 1


@pytest.mark.django_db
def test_the_watch_is_woken_when_the_database_fails_and_hears_no_secret(client, monkeypatch):
    def broken():
        raise RuntimeError("password=secret host=10.0.0.1")

    monkeypatch.setattr(health.watch, "tick_age", broken)
    answer = client.get("/healthz/jobs")
    assert (answer.status_code, answer.json()) == (503, {"status": "failed"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/healthz/jobs"])
@pytest.mark.django_db
def test_health_is_asked_without_tls_and_only_read(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code in (200, 503)
    assert client.post(path).status_code == 405
