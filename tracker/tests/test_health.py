"""/healthz and /readyz: for machines, without signing in, without telling anything."""

import shutil
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from projects.alerts.models import ScanRun
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
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok"},
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


@pytest.mark.django_db
def test_a_broker_out_of_reach_answers_within_seconds(client, settings, monkeypatch):
    from tracker.celery import app

    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    started = timezone.now()
    answer = client.get("/readyz")
    assert answer.json()["checks"]["broker"] == "failed"
    assert (timezone.now() - started).total_seconds() < 10


@pytest.mark.django_db
def test_unapplied_migrations_make_it_unready(client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "pending")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_health_is_asked_without_tls_and_only_read(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405
    assert connection is not None
