"""The log: who, what, when, in one line each, findable by the number on the error page, and without secrets."""

import io
import json
import logging
import re
import sys
from datetime import datetime, timedelta

import pytest
from celery import shared_task
from django.db import IntegrityError
from django.test import Client
from django.urls import path

from tracker import logs, urls
from tracker.tests.addresses import addresses
from zones import tracing

CANARY = "c4n4ry-5ecret"


class Log:
    """What the root logger's handler writes, as the product has it."""

    def __init__(self, form):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter({"JSON": logs.JsonLine, "LINE": logs.PlainLine}[form]())
        self.handler.addFilter(logs.Untraced())

    @property
    def text(self):
        return self.stream.getvalue()

    def lines(self, logger=None):
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if logger in (None, line["logger"])]

    def access(self):
        return self.lines("tracker.access")[-1]


@pytest.fixture
def log():
    yield from _listening("JSON")


@pytest.fixture
def plain():
    yield from _listening("LINE")


def _listening(form):
    root, made = logging.getLogger(), Log(form)
    before = root.level
    root.addHandler(made.handler)
    root.setLevel(logging.DEBUG)
    yield made
    root.removeHandler(made.handler)
    root.setLevel(before)


# ---- A line ----------------------------------------------------------------------------------------
def test_a_line_says_when_in_shanghai_how_bad_where_and_what(log):
    logging.getLogger("tracker.some").warning("台账 %s 有 %d 行", "一月", 3)
    (line,) = log.lines("tracker.some")
    assert {name: line[name] for name in ("level", "logger", "message")} == {
        "level": "WARNING",
        "logger": "tracker.some",
        "message": "台账 一月 有 3 行",
    }
    moment = datetime.fromisoformat(line["time"])
    assert moment.utcoffset() == timedelta(hours=8)
    assert abs(moment.timestamp() - datetime.now().timestamp()) < 60
    assert "台账" in log.text, "Chinese is readable as it stands"


@pytest.mark.parametrize("form", ["JSON", "LINE"])
@pytest.mark.parametrize("evil", ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\u2028b", "a\x85b", "half \ud83d of a character"])
def test_nothing_in_a_message_can_begin_a_line_of_its_own_or_stop_the_log(form, evil):
    made = Log(form)
    made.handler.handle(logging.makeLogRecord({"msg": evil, "name": "x", "levelname": "INFO"}))
    made.stream.getvalue().encode("utf-8")
    assert len(made.text.splitlines()) == 1 if form == "LINE" else made.text.count("\n") == 1
    assert "\x1b" not in made.text


def test_an_error_brings_its_traceback_once_and_set_in(log, plain):
    try:
        raise ValueError("first\n2026-01-01T00:00:00.000+08:00 INFO forged line")
    except ValueError:
        logging.getLogger("tracker.some").exception("failed")
    (line,) = log.lines("tracker.some")
    assert line["exception"].startswith("Traceback")
    first, *rest = plain.text.splitlines()
    assert first.endswith("ERROR tracker.some failed")
    assert all(row.startswith("    ") for row in rest)
    assert sum("Traceback" in row for row in rest) == 1


def test_a_value_with_spaces_cannot_pass_for_two_values(plain):
    logging.getLogger("tracker.some").info("request", extra={"fields": {"path": "/a status=500", "status": 200}})
    assert plain.text.rstrip().endswith('path="/a status=500" status=200')


# ---- A request -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_request_leaves_one_line_with_what_was_asked_and_how_it_went(log, town, client):
    town.sign_in(client, "chen")
    answer = client.get("/admin/projects/project/?q=张三的手机")
    (line,) = log.lines("tracker.access")
    assert answer.status_code == 200
    expected = {
        "method": "GET",
        "path": "/admin/projects/project/",
        "status": 200,
        "bytes": len(answer.content),
        "view": "admin:projects_project_changelist",
        "user": "chen",
        "request_id": answer.headers["X-Request-ID"],
    }
    assert {name: line[name] for name in expected} == expected
    assert line["ms"] > 0
    assert line["statements"] >= 5
    assert "张三" not in log.text
    assert town.chen.email not in log.text
    assert town.chen.display_name not in log.text


@pytest.mark.parametrize("sane", ["a", "edge-1.example_Z", "0" * 64])
def test_the_number_of_the_proxy_is_kept(log, client, sane):
    assert client.get("/healthz", headers={"X-Request-ID": sane}).headers["X-Request-ID"] == sane
    assert log.access()["request_id"] == sane


@pytest.mark.parametrize("odd", ["", "0" * 65, "a b", "编号", "<script>", "a\nSet-Cookie: x", "a/b"])
def test_a_number_that_could_do_harm_is_replaced_by_one_that_can_be_read_out(client, odd):
    given = client.get("/healthz", headers={"X-Request-ID": odd}).headers["X-Request-ID"]
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", given)


def test_two_requests_have_two_numbers(client):
    assert len({client.get("/healthz").headers["X-Request-ID"] for _ in range(20)}) == 20


@pytest.mark.django_db
def test_who_asks_is_never_looked_up_for_the_line(log, town, client, django_assert_num_queries):
    town.sign_in(client, "chen")
    with django_assert_num_queries(0):
        client.get("/healthz")
    assert "user" not in log.access()
    assert log.access()["statements"] == 0


@pytest.mark.django_db
def test_probes_and_files_that_succeed_are_for_those_who_look_closely(log, client):
    for address in ("/healthz", "/static/tracker/tracker.css"):
        assert client.get(address).status_code == 200
        assert (log.access()["path"], log.access()["level"]) == (address, "DEBUG")
    client.get("/static/missing.css")
    assert (log.access()["status"], log.access()["level"]) == (404, "INFO")


def test_after_a_request_nothing_of_it_is_left_behind(log, client):
    client.get("/healthz", headers={"X-Request-ID": "gone"})
    logging.getLogger("tracker.some").info("later")
    assert "request_id" not in log.lines("tracker.some")[0]


def test_a_500_has_one_traceback_and_the_number_that_its_page_shows(log, client, settings):
    def failing(request):
        logging.getLogger("tracker.some").info("on the way")
        raise ZeroDivisionError

    settings.ROOT_URLCONF = addresses(path("failing", failing))
    client.raise_request_exception = False
    page = client.get("/failing")
    number = page.headers["X-Request-ID"]
    assert number in page.content.decode()
    (traced,) = [line for line in log.lines() if "exception" in line]
    assert (traced["logger"], traced["level"]) == ("django.request", "ERROR")
    mine = [line for line in log.lines() if line["logger"] in ("tracker.some", "django.request", "tracker.access")]
    assert {line["request_id"] for line in mine} == {number}
    assert len(mine) == 3


def test_a_wrong_host_name_is_named_without_a_traceback(log, client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    (named,) = log.lines("django.security.DisallowedHost")
    assert "evil.example" in named["message"]
    assert "exception" not in named


def test_a_missing_page_is_said_once(log, client):
    client.get("/nowhere/")
    assert [line["logger"] for line in log.lines() if line["level"] != "DEBUG"] == ["tracker.access"]


# ---- People ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_signing_in_and_failing_to_is_logged_without_what_was_typed(log, town, client):
    client.post("/admin/login/", {"username": CANARY, "password": CANARY + "-2"})
    client.post("/admin/login/", {"username": "chen", "password": town.password})
    client.post("/admin/logout/")
    assert [(line["message"], line.get("user")) for line in log.lines("tracker.logs")] == [
        ("sign-in failed", None),
        ("signed in", "chen"),
        ("signed out", "chen"),
    ]
    assert CANARY not in log.text
    assert town.password not in log.text


# ---- Secrets ---------------------------------------------------------------------------------------
@pytest.fixture
def secrets(settings, monkeypatch):
    """Settings full of canaries, known to the log."""
    settings.SECRET_KEY = f"{CANARY}-key-of-the-house"
    settings.EMAIL_HOST_PASSWORD = f"{CANARY}-mail"
    settings.CELERY_BROKER_URL = f"redis://:{CANARY}%2Fredis@redis:6379/0"
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", f"{CANARY}-database")
    logs._known_secrets.cache_clear()
    yield settings
    logs._known_secrets.cache_clear()


@pytest.mark.parametrize("form", ["JSON", "LINE"])
@pytest.mark.parametrize(
    "said",
    [
        "key is {0}-key-of-the-house",
        "cannot connect to redis://:{0}%2Fredis@redis:6379/0",
        "redis says {0}/redis is wrong",
        "smtp refused {0}-mail",
        "fe_sendauth: {0}-database",
        "connection to postgres://tracker:{0}@db/tracker failed",
        "{{'Authorization': 'Bearer {0}'}}",
        "Authorization: Token {0}",
        "Cookie: sessionid={0}; csrftoken={0}",
        "Cookie: other={0}",
        'form {{"password": "{0}", "password1": "{0}"}}',
        "old_password={0}&new_password={0}",
        "api_key={0}",
        "密码：{0}",
        "Invalid HTTP request line: 'GET /nowhere?q={0} HTTP/1.1'",
        "<QueryDict: {{'csrfmiddlewaretoken': ['{0}'], 'password': ['{0}']}}>",
    ],
)
def test_a_secret_is_blotted_out_whoever_writes_it(secrets, form, said):
    made = Log(form)
    try:
        raise RuntimeError(said.format(CANARY))
    except RuntimeError:
        made.handler.handle(
            logging.LogRecord("x", logging.ERROR, "x", 1, said.format(CANARY).replace("%", "%%"), (), sys.exc_info())
        )
    assert CANARY not in made.text
    assert "***" in made.text


@pytest.mark.parametrize(
    "said", ["8 projects, 3 alerts", "a/b:c@d", "password reset page opened", "https://a.example/b?c=1"]
)
def test_ordinary_words_stay_as_they_are(said):
    assert logs.clean(said) == said


def test_the_row_that_a_database_refuses_is_not_repeated():
    text = (
        "Traceback (most recent call last):\n  File x\nIntegrityError: duplicate key\n"
        f"DETAIL:  Key (email)=({CANARY}@x.cn\n {CANARY}) already exists.\nCONTEXT:  while doing\n"
    )
    assert CANARY not in logs.clean(text)
    assert "CONTEXT:  while doing" in logs.clean(text)
    assert "duplicate key" in logs.clean(text)


@pytest.mark.django_db
def test_no_canary_of_a_whole_visit_reaches_the_log(log, town, secrets):
    """Every place where a visitor can put something, filled with a word that must not come back."""

    def failing(request):
        raise IntegrityError(f"refused\nDETAIL:  Failing row contains ({request.POST.get('email')}).")

    secrets.ROOT_URLCONF = addresses(path("failing", failing), *urls.urlpatterns)
    visitor = Client(raise_request_exception=False)
    visitor.cookies["sessionid"] = CANARY
    visitor.cookies["anything"] = CANARY
    headers = {"Authorization": f"Bearer {CANARY}", "X-Api-Key": CANARY, "User-Agent": CANARY, "Referer": CANARY}
    form = {"username": CANARY, "password": CANARY, "email": CANARY, "q": CANARY}
    for address in ("/admin/login/", "/admin/", "/failing", "/nowhere", "/api/v1/projects/", "/readyz"):
        visitor.get(address, {"q": CANARY, "token": CANARY}, headers=headers)
        visitor.post(f"{address}?next={CANARY}", form, headers=headers)
        visitor.post(address, json.dumps(form), content_type="application/json", headers=headers)
    checked = Client(enforce_csrf_checks=True, raise_request_exception=False)
    town.sign_in(checked, "chen").post("/admin/projects/project/add/", form | {"csrfmiddlewaretoken": CANARY})
    assert len(log.lines("tracker.access")) == 19
    assert CANARY not in log.text


# ---- Jobs ------------------------------------------------------------------------------------------
def test_a_line_from_within_a_task_bears_the_ids_of_task_and_job(log):
    @shared_task(name="tracker.tests.say")
    def say():
        with tracing.working_on(17):
            logging.getLogger("tracker.some").info("working")
        logging.getLogger("tracker.some").info("tidying up")

    say.apply(task_id="task-1")
    logging.getLogger("tracker.some").info("idle")
    working, tidying, idle = log.lines("tracker.some")
    assert (working["task_id"], working["job_id"]) == ("task-1", "17")
    assert (tidying["task_id"], "job_id" in tidying) == ("task-1", False)
    assert "task_id" not in idle
