"""Servers that are not there, come late, go away and come back: what the people in front of the screen are told."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import postgres
import psycopg
import pytest
import services
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import DatabaseError, OperationalError, ProgrammingError, connection, connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import path

from tracker import errors, faults
from tracker.tests.addresses import addresses
from tracker.tests.browser.site import TABLES
from zones.scoped.problems import CODES

POSTGRES = (os.environ.get("TEST_DATABASE_URL") or "").startswith("postgres")
ON_POSTGRES = pytest.mark.skipif(not POSTGRES, reason="needs PostgreSQL")
# Programs of their own on databases of their own: the database of the run makes no difference to them.
ONCE = pytest.mark.skipif(POSTGRES, reason="runs beside the tests on SQLite")
SIGNED_IN = {"Cookie": "sessionid=0123456789abcdef0123456789abcdef"}  # enough to make the site ask its database


# ---- Real processes --------------------------------------------------------------------------------
class Postgres:
    """A server of our own that can be stopped and started again on the same folder."""

    def __init__(self, programs, folder):
        self.programs, self.folder, self.process = programs, folder, None
        self.address = f"postgres://tracker@/{folder}/tracker"
        self.identity = postgres.own_user(folder)
        command = [programs / "initdb", "-D", folder / "data", "-U", "tracker", "--auth=trust", *postgres.encoding()]
        postgres.run(command, self.identity)

    def start(self):
        self.process = postgres.start(self.programs, self.folder, self.identity)

    def answers(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                psycopg.connect(host=str(self.folder), user="tracker", dbname="tracker").close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        pytest.fail((self.folder / "log").read_text())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


class Web:
    """The real web server on the settings given."""

    def __init__(self, folder, **environment):
        self.listening = services.listen(0)
        self.port = self.listening.getsockname()[1]
        site = f"http://127.0.0.1:{self.port}"
        command = ["gunicorn", "--config", "python:tracker.gunicorn", "--workers", "1", "--graceful-timeout", "1"]
        command += ["--bind", f"fd://{self.listening.fileno()}", "tracker.wsgi"]
        self.service = services.Service(
            "网站",
            command,
            own(folder, SITE_URL=site, **environment),
            folder / "web.log",
            fds=[self.listening.fileno()],
        )

    def ask(self, path, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        link.request("GET", path, headers=SIGNED_IN | headers)
        answer = link.getresponse()
        body = answer.read().decode()
        link.close()
        return SimpleNamespace(status=answer.status, headers=answer.headers, body=body)

    def lines(self):
        return [json.loads(line) for line in self.service.said().splitlines() if line.startswith("{")]

    def stop(self):
        self.service.ask_to_stop()
        self.service.stop()
        self.listening.close()


def own(folder, **environment):
    """The environment of a process in a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    chosen = {"TRACKER_VAR": str(folder), "PYTHONUTF8": "1", "LOG_LEVEL": "INFO", "DATABASE_URL": ""}
    return kept | chosen | environment


def run(folder, *command, **environment):
    """What a program says before it ends by itself, and its code."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=own(folder, **environment),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def server():
    programs = postgres.find()
    if programs is None:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            pytest.fail("PostgreSQL is required and this machine has none")
        pytest.skip("no PostgreSQL programs on this machine")
    # Not under pytest's folder: the server's own user must reach it, and the path of a socket is short.
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir="/tmp"))
    made = Postgres(programs, folder)
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def web(tmp_path):
    started = []

    def start(**environment):
        started.append(Web(tmp_path, **environment))
        one = started[-1]
        one.service.wait_until("网站", lambda: "Booting worker" in one.service.said(), 30)
        return one

    yield start
    for one in started:
        one.stop()


# ---- The whole story -------------------------------------------------------------------------------
@ONCE
def test_a_database_that_comes_late_empty_and_goes_away_is_told_at_every_step(server, web, tmp_path):
    site = web(DATABASE_URL=server.address, CELERY_BROKER_URL="redis://127.0.0.1:1/0")

    # Not there yet: the process lives and says what it waits for.
    assert site.ask("/healthz").status == 200
    ready = site.ask("/readyz")
    assert (ready.status, json.loads(ready.body)["checks"]["database"]) == (503, "failed")
    told_as_lost(site)

    # There, but without tables.
    server.start()
    postgres.create_database(server.folder, server.process)
    page = site.ask("/admin/", **{"X-Request-ID": "call-17"})
    assert page.status == 503
    assert "数据库结构需要升级" in page.body
    assert "manage.py migrate" in page.body
    assert "call-17" in page.body
    problem = site.ask("/api/v1/projects/")
    assert (problem.status, json.loads(problem.body)["code"]) == (503, "schema_outdated")

    # Migrated; that there is no Redis either keeps nobody from his page.
    code, words = run(tmp_path, "-c", TABLES, DATABASE_URL=server.address)
    assert code == 0, words
    assert site.ask("/admin/").status == 302
    assert site.ask("/api/v1/projects/").status == 401
    checks = json.loads(site.ask("/readyz").body)["checks"]
    assert (checks["database"], checks["migrations"], checks["broker"]) == ("ok", "ok", "failed")

    # Lost while it runs, and back again: no second try is needed.
    server.stop()
    told_as_lost(site)
    server.start()
    server.answers()
    assert site.ask("/admin/").status == 302

    statuses = [line["status"] for line in site.lines() if line["logger"] == "tracker.access"]
    assert set(statuses) == {302, 401, 503}
    traced = {line["logger"] for line in site.lines() if "exception" in line}
    assert traced <= {"tracker.health"}


def told_as_lost(site):
    page = site.ask("/admin/")
    assert page.status == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "数据库暂时连不上" in page.body
    assert "不要关闭页面" in page.body
    assert page.headers["X-Request-ID"] in page.body
    problem = site.ask("/api/v1/projects/")
    assert problem.status == 503
    assert problem.headers["Content-Type"] == "application/problem+json"
    said = json.loads(problem.body)
    assert set(said) == {"type", "title", "status", "detail", "code", "request_id"}
    assert (said["status"], said["code"], said["request_id"]) == (503, "unavailable", problem.headers["X-Request-ID"])


# ---- Wrong settings --------------------------------------------------------------------------------
@ONCE
@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "migrate"),
        ("-m", "gunicorn", "--config", "python:tracker.gunicorn", "--bind", "127.0.0.1:0", "tracker.wsgi"),
        ("-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "tracker.wsgi"),
        ("-m", "celery", "-A", "tracker", "worker"),
        ("-m", "celery", "-A", "tracker", "beat"),
    ],
    ids=lambda command: " ".join(word for word in command if word[0] not in "-1"),
)
def test_a_wrong_address_stops_every_program_with_one_sentence(tmp_path, command):
    code, words = run(tmp_path, *command, DATABASE_URL="postgres://tracker:hidden@db:port/tracker")
    assert code != 0
    assert "Traceback" not in words
    assert "hidden" not in words
    assert [line for line in words.splitlines() if "DATABASE_URL" in line] == [
        "设置有误：DATABASE_URL 写法有误：用户名、密码中的特殊字符请写成 %XX，例如 [ 写成 %5B"
    ]


@ONCE
@pytest.mark.parametrize("command", ["migrate", "check --database default"])
def test_a_database_out_of_reach_stops_a_command_with_one_sentence(tmp_path, command):
    address = "postgres://tracker:hidden@127.0.0.1:1/tracker"
    code, words = run(tmp_path, "manage.py", *command.split(), DATABASE_URL=address, LOG_LEVEL="ERROR")
    assert code == 1
    assert "DATABASE_URL" in words
    assert len(words.strip().splitlines()) == 1
    assert "hidden" not in words


@ONCE
def test_a_command_of_djangos_own_says_that_there_are_no_tables(tmp_path):
    code, words = run(tmp_path, "manage.py", "createsuperuser", "--no-input", "--username", "x", "--email", "x@y.cn")
    assert code == 1
    assert "manage.py migrate" in words
    assert "Traceback" not in words


# ---- Which trouble it is ---------------------------------------------------------------------------
@pytest.fixture
def file_database(tmp_path, db):
    """Two connections to one file that wait for nobody."""
    chosen = connections["default"].settings_dict | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "one.sqlite3"),
        "OPTIONS": {"timeout": 0.01},
        "CONN_MAX_AGE": 0,
    }
    both = [DatabaseWrapper(chosen, alias=name) for name in ("first", "second")]
    yield both
    for one in both:
        one.close()


def test_a_writer_that_waited_in_vain_is_told_that_another_writes(file_database):
    first, second = file_database
    first.cursor().execute("CREATE TABLE t (n integer)")
    first.cursor().execute("BEGIN EXCLUSIVE")
    with pytest.raises(OperationalError) as caught:
        second.cursor().execute("INSERT INTO t VALUES (1)")
    assert faults.diagnose(caught.value) is faults.BUSY


def test_a_file_that_is_no_database_is_an_outage_and_a_wrong_statement_a_mistake(file_database):
    first, second = file_database
    with pytest.raises(OperationalError) as caught:
        first.cursor().execute("SELEKT 1")
    assert faults.diagnose(caught.value) is None
    Path(second.settings_dict["NAME"]).write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseError) as caught:
        second.cursor().execute("SELECT * FROM t")
    assert faults.diagnose(caught.value) is faults.LOST


@pytest.mark.django_db
def test_a_missing_column_is_a_mistake_of_ours_when_every_migration_is_applied():
    with pytest.raises((OperationalError, ProgrammingError)) as caught, transaction.atomic():
        connection.cursor().execute("SELECT no_such_column FROM zones_zone")
    assert faults.diagnose(caught.value) is None


def test_an_outage_is_found_behind_the_error_that_it_led_to(file_database):
    first, _ = file_database
    first.settings_dict["NAME"] = "/nowhere/at/all.sqlite3"

    def tidy_up_in_vain():
        try:
            first.cursor()
        finally:
            raise KeyError("led to")

    with pytest.raises(KeyError) as caught:
        tidy_up_in_vain()
    assert faults.diagnose(caught.value) is faults.LOST
    assert faults.diagnose(KeyError("alone")) is None
    assert faults.diagnose(None) is None


@ON_POSTGRES
@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_and_a_lock_that_is_held_are_told_apart():
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '30ms'")
        with pytest.raises(OperationalError) as caught:
            cursor.execute("SELECT pg_sleep(5)")
        assert faults.diagnose(caught.value) is faults.SLOW
        cursor.execute("SET statement_timeout = 0")
    with psycopg.connect(_dsn()) as other:
        other.execute("LOCK TABLE zones_zone IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '30ms'")
            with pytest.raises(OperationalError) as caught:
                cursor.execute("SELECT 1 FROM zones_zone")
            cursor.execute("SET lock_timeout = 0")
    assert faults.diagnose(caught.value) is faults.BUSY


def _dsn():
    return connection.connection.info.dsn


@ON_POSTGRES
def test_the_web_waits_for_no_statement_and_no_lock_for_ever_and_a_job_may_take_its_time(tmp_path):
    asked = (
        "from django.db import connection; cursor = connection.cursor();"
        "cursor.execute(\"SELECT current_setting('statement_timeout'), current_setting('lock_timeout')\");"
        "print(cursor.fetchone())"
    )
    database = {"DATABASE_URL": os.environ["TEST_DATABASE_URL"], "LOG_LEVEL": "ERROR"}
    assert "('25s', '10s')" in run(tmp_path, "-c", f"import tracker.wsgi; {asked}", **database)[1]
    assert "('0', '0')" in run(tmp_path, "-c", f"import django; django.setup(); {asked}", **database)[1]


@ON_POSTGRES
@pytest.mark.django_db(transaction=True)
def test_who_waited_in_vain_for_another_is_asked_to_try_again(client):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "0123456789abcdef0123456789abcdef"
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '30ms'")
    with psycopg.connect(_dsn()) as other:
        other.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
        page = client.get("/admin/")
    connection.close()
    assert page.status_code == 503
    assert "有人正在修改" in page.content.decode()
    assert page.headers["Retry-After"] == "5"
    assert client.get("/admin/").status_code == 302


@ON_POSTGRES
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ends_is_an_outage_and_the_next_one_works():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with psycopg.connect(_dsn()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        connection.cursor().execute("SELECT 1")
    assert faults.diagnose(caught.value) is faults.LOST
    connection.close()
    connection.cursor().execute("SELECT 1")


# ---- What is answered ------------------------------------------------------------------------------
def test_an_unknown_address_under_api_is_a_problem_in_chinese(client):
    answer = client.get("/api/no-such-thing/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    said = answer.json()
    assert (said["code"], said["status"], said["type"]) == ("not_found", 404, "/api/v1/docs/errors#not_found")
    assert said["request_id"] == answer.headers["X-Request-ID"]
    assert "没有" in said["title"]


def test_what_is_too_large_is_said_to_be(town, client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    town.sign_in(client, "chen")
    answer = client.post("/admin/projects/project/add/", {"name": "长" * 100})
    assert answer.status_code == 413
    assert "提交的内容过大" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RequestDataTooBig("x"), 413, "too_large"),
        (BadRequest("x"), 400, "invalid"),
        (PermissionDenied("x"), 403, "forbidden"),
        (Http404("x"), 404, "not_found"),
        (ZeroDivisionError("x"), 500, "server_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("where", ["/admin/failing", "/api/v1/failing"])
def test_every_refusal_is_a_page_to_people_and_a_problem_to_programs(client, settings, where, error, status, code):
    def failing(request):
        raise error

    settings.ROOT_URLCONF = addresses(path(where.lstrip("/"), failing))
    client.raise_request_exception = False
    answer = client.get(where, headers={"X-Request-ID": "ring-me"})
    assert answer.status_code == status
    if where.startswith("/api/"):
        assert answer.json()["code"] == code
        assert CODES[code][0] == status
    else:
        assert ("编号 <code>ring-me</code>" in answer.content.decode()) is (status != 404)


def test_a_form_without_its_mark_is_a_problem_to_programs(town):
    client = town.sign_in(Client(enforce_csrf_checks=True), "chen")
    request = RequestFactory().post("/api/v1/anything/")
    assert json.loads(errors.csrf_failure(request).content)["code"] == "forbidden"
    assert "页面已经过期" in client.post("/admin/projects/project/add/").content.decode()
