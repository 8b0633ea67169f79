"""What every endpoint does alike: rows, parameters, pages, versions, signing in."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from zones.models import ApiToken, Department
from zones.scoped.api import pages

LIST = "/api/v1/departments/"


@pytest.fixture
def offices(town):
    """Three departments more in the east."""
    return [Department.objects.create(zone=town.east, name=f"第{n}办") for n in (1, 2, 3)]


def with_token(client, user, **fields):
    """The client with a token of the user in its header."""
    token, key = ApiToken.issue(user, "测试", days=1, may_write=fields.pop("may_write", True))
    ApiToken.objects.filter(pk=token.pk).update(**fields)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def problem(answer, status, code):
    """The problem that the answer tells, after a look at its form."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), told
    assert told["title"]
    assert told["detail"]
    return told


# ---- Whose rows
def test_a_list_holds_only_rows_of_ones_zones(town, client):
    zones = [row["zone"] for row in town.sign_in(client, "zhang").get(LIST).json()["results"]]
    assert zones == ["zzgx"]
    assert [row["zone"] for row in town.sign_in(client, "chief").get(LIST).json()["results"]] == ["zzgx", "zzjk"]


@pytest.mark.parametrize("who", ["nobody", "audit"])
def test_who_has_no_right_gets_nothing(town, client, who):
    assert town.sign_in(client, who).get("/api/v1/projects/").json()["results"] == []


def test_a_foreign_id_answers_exactly_like_a_missing_one(town, client):
    town.sign_in(client, "chen")
    foreign, missing = (client.get(f"{LIST}{pk}/") for pk in (town.west_office.pk, 98765))
    told = problem(foreign, 404, "not_found")
    assert told | {"request_id": ""} == missing.json() | {"request_id": ""}


def test_a_foreign_code_in_a_filter_answers_exactly_like_a_missing_one(town, client):
    town.sign_in(client, "chen")
    foreign, missing = (problem(client.get(LIST, {"zone": code}), 400, "invalid") for code in ("zzjk", "nope"))
    assert (
        json.dumps(foreign).replace("zzjk", "nope").split("request_id")[0] == json.dumps(missing).split("request_id")[0]
    )


# ---- Parameters
def test_an_unknown_parameter_is_refused_with_the_known_ones(town, client):
    told = problem(town.sign_in(client, "chen").get(LIST, {"aktive": "true"}), 400, "unknown_parameter")
    assert "可用的有：zone、active、text、ordering、page、page_size、cursor" in told["detail"]
    assert told["errors"] == [{"field": "aktive", "detail": "没有这个参数"}]


@pytest.mark.parametrize("query", ["zone=", "active=true&active=false", "active=yes", "ordering=password", "ordering="])
def test_a_parameter_that_cannot_be_read_is_never_ignored(town, client, query):
    told = problem(town.sign_in(client, "chen").get(f"{LIST}?{query}"), 400, "invalid")
    assert told["errors"][0]["field"] == query.partition("=")[0]


def test_a_single_row_takes_no_parameters(town, client):
    town.sign_in(client, "chen")
    problem(client.get(f"{LIST}{town.east_office.pk}/?zone=zzgx"), 400, "unknown_parameter")


# ---- Pages
def test_pages_by_number_count_and_lead_on(town, offices, client):
    town.sign_in(client, "chen")
    first = client.get(LIST, {"page_size": 3}).json()
    assert (first["count"], first["count_capped"], len(first["results"]), first["previous"]) == (4, False, 3, None)
    last = client.get(first["next"]).json()
    assert (len(last["results"]), last["next"]) == (1, None)
    assert client.get(last["previous"]).json() == first
    problem(client.get(LIST, {"page": 3, "page_size": 3}), 404, "not_found")


def test_more_rows_than_anybody_counts_are_said_to_be_more(town, offices, client, monkeypatch):
    monkeypatch.setattr(pages, "COUNTED", 3)
    town.sign_in(client, "chen")
    answer = client.get(LIST, {"page_size": 2}).json()
    assert (answer["count"], answer["count_capped"]) == (3, True)
    assert "cursor" in problem(client.get(LIST, {"page_size": 2, "page": 3}), 400, "invalid")["detail"]


def test_a_cursor_meets_every_row_once_and_leads_back(town, offices, client):
    town.sign_in(client, "chen")
    expected = sorted(Department.objects.filter(zone=town.east).values_list("pk", flat=True), reverse=True)
    met, pages_seen, address = [], [], f"{LIST}?cursor=&page_size=3"
    while address:
        page = client.get(address).json()
        pages_seen.append(page)
        met += [row["id"] for row in page["results"]]
        address = page["next"]
    assert met == expected
    assert client.get(pages_seen[1]["previous"]).json()["results"] == pages_seen[0]["results"]
    assert pages_seen[0]["previous"] is None


def test_a_row_added_meanwhile_moves_nothing_under_a_cursor(town, offices, client):
    town.sign_in(client, "chen")
    first = client.get(LIST, {"cursor": "", "page_size": 2}).json()
    Department.objects.create(zone=town.east, name="新设的办")
    seen = {row["id"] for row in first["results"]}
    assert not seen & {row["id"] for row in client.get(first["next"]).json()["results"]}


@pytest.mark.parametrize("query", ["cursor=x", "cursor=&page=1", "cursor=&ordering=name", "page=0", "page_size=201"])
def test_a_page_that_cannot_be_is_refused(town, client, query):
    problem(town.sign_in(client, "chen").get(f"{LIST}?{query}"), 400, "invalid")


def test_rows_cost_no_statements(town, client):
    with_token(client, town.chen)
    client.get(LIST)  # notes the day on which the token was used
    costs = []
    for run in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST, {"zone": "zzgx"})
        costs.append(len(captured))
        Department.objects.bulk_create(Department(zone=town.east, name=f"{run}-{n}") for n in range(20))
    assert costs == [4, 4]  # the token, the roles, the zone asked for, the rows with their number


# ---- Who is asking
def test_a_token_signs_in_as_its_person(town, client):
    assert with_token(client, town.chen).get("/api/v1/me/").json()["username"] == "chen"
    assert ApiToken.objects.get().last_used_on is not None


def test_only_a_digest_of_the_key_is_kept(town):
    token, key = ApiToken.issue(town.chen, "测试", days=1)
    assert key not in "".join(str(value) for value in ApiToken.objects.filter(pk=token.pk).values().get().values())


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"expires_at": timezone.now() - timedelta(days=1)}, "token_expired", "到期"),
        ({"revoked_at": timezone.now()}, "not_signed_in", "作废"),
        ({"digest": "0"}, "not_signed_in", "令牌无效"),
    ],
)
def test_a_token_that_does_not_hold_is_refused_plainly(town, client, fields, code, words):
    answer = with_token(client, town.chen, **fields).get(LIST)
    assert words in problem(answer, 401, code)["detail"]
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_of_a_closed_account_is_refused(town, client):
    with_token(client, town.chen)
    type(town.chen).objects.filter(pk=town.chen.pk).update(is_active=False)
    problem(client.get(LIST), 401, "not_signed_in")


def test_nobody_gets_in_without_signing_in(town, client):
    answer = client.get(LIST)
    assert "登录" in problem(answer, 401, "not_signed_in")["detail"]


def test_who_asks_too_often_is_told_when_to_come_back(town, client, settings):
    settings.API_RATE = 2
    cache.clear()  # somebody of another test had the same key
    with_token(client, town.viewer)
    answers = [client.get(LIST) for _ in range(4)]
    assert answers[0].status_code == 200
    problem(answers[-1], 429, "throttled")
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60


def test_a_cache_that_is_gone_stops_nobody(town, client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 1},
        }
    }
    assert with_token(client, town.chen).get(LIST).status_code == 200
