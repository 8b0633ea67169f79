"""Who is let in, what a token may do, and how often."""

import socket
import time
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client

from projects.tests import filling
from projects.tests.api.calling import refused
from zones.models import ApiToken
from zones.scoped.api.throttles import PerMinute

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"
ACKNOWLEDGE = "/api/v1/alerts/98765/acknowledge/"


@pytest.fixture(autouse=True)
def _alone(settings, monkeypatch):
    settings.TRACKER_TODAY = filling.TODAY
    monkeypatch.setattr(PerMinute, "_silent_until", 0.0)
    cache.clear()


def with_token(user, **more):
    token, key = ApiToken.issue(user, "市级平台", **{"days": 1, **more})
    return Client(headers={"authorization": f"Bearer {key}"}), token


# ---- Tokens --------------------------------------------------------------------------------------------
def test_a_token_signs_in_as_its_owner_and_notes_the_day(town):
    client, token = with_token(town.chen)
    assert client.get(ME).json()["username"] == "chen"
    token.refresh_from_db()
    assert f"{token.last_used_on}" == filling.TODAY
    assert len(client.get("/api/v1/departments/").json()["results"]) == 1


def test_who_brings_nothing_is_told_how_to_sign_in(town, client):
    answer = client.get(ME)
    assert "令牌" in refused(answer, 401, "not_signed_in")[0]
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/api/v1/docs/errors#not_signed_in"


@pytest.mark.parametrize("key", ["", "sgyp_", "sgyp_" + "x" * 43, "令牌", "Bearer sgyp_x"])
def test_a_key_that_was_never_given_is_refused(town, key):
    header = f"Bearer {key}".encode().decode("latin-1")
    refused(Client(headers={"authorization": header}).get(ME), 401, "not_signed_in")


def test_a_token_ends_with_its_last_day(town):
    client, token = with_token(town.chen)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=Now() - timedelta(seconds=1))
    assert "到期" in refused(client.get(ME), 401, "token_expired")[0]


def test_a_token_that_was_revoked_or_whose_owner_is_gone_is_refused_alike(town):
    (revoked, token), (gone, _) = with_token(town.chen), with_token(town.gao)
    assert revoked.get(ME).status_code == gone.get(ME).status_code == 200
    token.revoke()
    town.gao.is_active = False
    town.gao.save()
    assert refused(revoked.get(ME), 401, "not_signed_in") == refused(gone.get(ME), 401, "not_signed_in")


def test_a_token_that_only_reads_does_not_write(town):
    reading, _ = with_token(town.chen)
    writing, _ = with_token(town.chen, may_write=True)
    assert "只能读取" in refused(reading.post(ACKNOWLEDGE, {}, content_type="application/json"), 403, "forbidden")[0]
    refused(writing.post(ACKNOWLEDGE, {}, content_type="application/json"), 404, "not_found")


def test_a_token_opens_no_page_of_the_officials(town):
    client, _ = with_token(town.chen)
    assert client.get("/admin/").status_code == 302


# ---- Sessions ------------------------------------------------------------------------------------------
def test_a_session_reads_and_writes_with_the_mark_of_its_forms(town):
    client = town.sign_in(Client(enforce_csrf_checks=True), "chen")
    assert client.get(ME).json()["username"] == "chen"
    sent = {"data": {}, "content_type": "application/json"}
    refused(client.post(ACKNOWLEDGE, **sent), 403, "forbidden")
    client.get("/admin/password_change/")
    mark = client.cookies["csrftoken"].value
    refused(client.post(ACKNOWLEDGE, headers={"X-CSRFToken": mark}, **sent), 404, "not_found")


# ---- How often -----------------------------------------------------------------------------------------
def test_who_asks_too_often_is_told_when_to_come_back(town, settings):
    settings.API_RATE = 3
    client, _ = with_token(town.chen)
    other, _ = with_token(town.chen)
    with time_machine.travel("2023-07-10T12:00:20Z", tick=False):
        assert [each.get(ME).status_code for each in (client, other, client)] == [200] * 3
        answer = other.get(ME)
        assert "40 秒" in refused(answer, 429, "throttled")[0]
        assert answer.headers["Retry-After"] == "40"
        assert with_token(town.gao)[0].get(ME).status_code == 200
    with time_machine.travel("2023-07-10T12:01:01Z", tick=False):
        assert client.get(ME).status_code == 200


def test_a_cache_that_does_not_answer_stops_nobody(town, settings):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, so that nothing else listens there
        redis = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis}}
        settings.API_RATE = 1
        client, _ = with_token(town.chen)
        begun = time.monotonic()
        assert [client.get(ME).status_code for _ in range(4)] == [200] * 4
        assert time.monotonic() - begun < 5
