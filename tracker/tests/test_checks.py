"""`manage.py check` names every doubtful setting, says what to do, and leaves a sensible office in peace."""

import os
import re
from pathlib import Path

import pytest
from django.core import checks as framework
from django.core.checks import ERROR, INFO, WARNING
from django.db import NotSupportedError, connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from tracker import checks
from tracker.starting import TAG

POSTGRES = connections["default"].settings_dict["ENGINE"].endswith("postgresql")


@pytest.fixture
def office(settings, tmp_path, monkeypatch):
    """A small office as it should be: SQLite, a folder as broker, HTTPS by a proxy, real mail."""
    monkeypatch.setitem(settings.DATABASES, "default", {})
    settings.DEBUG = settings.TRACKER_DEMO = False
    settings.TRACKER_TODAY = None
    settings.SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghij"
    settings.SITE_URL = "https://tracker.example.cn"
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["tracker.example.cn"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    _database(settings, "sqlite3", tmp_path / "tracker.sqlite3")
    _broker(settings, "filesystem://", tmp_path)
    _mail(settings, "smtp+tls://", host="mail.example.cn", password="secret", tls=True)
    settings.DEFAULT_FROM_EMAIL = "三个一批项目跟踪 <tracker@example.cn>"
    return settings


def _database(settings, engine, name):
    settings.DATABASES["default"] = {"ENGINE": f"django.db.backends.{engine}", "NAME": str(name)}


def _broker(settings, url, folder):
    settings.CELERY_BROKER_URL = url
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(folder)}


def _mail(settings, url, host="", password="", tls=False):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = url, host, password
    settings.EMAIL_USE_TLS, settings.EMAIL_FILE_PATH = tls, url.removeprefix("file://")


def found(deploy=True):
    return framework.run_checks(tags=[TAG], include_deployment_checks=deploy)


def ids(deploy=True):
    return [one.id.removeprefix("tracker.") for one in found(deploy)]


# ---- Settings --------------------------------------------------------------------------------------
def test_a_sensible_small_office_is_left_in_peace(office):
    assert ids() == []


def test_an_office_without_a_mail_server_is_told_and_nothing_more(office, tmp_path):
    _mail(office, f"file://{tmp_path}/mail")
    (told,) = found()
    assert (told.id, told.level) == ("tracker.I011", INFO)


def change(**values):
    def apply(settings):
        for name, value in values.items():
            setattr(settings, name, value)

    return apply


def on_postgres(name="tracker"):
    return lambda settings: _database(settings, "postgresql", name)


def mailing(url, **values):
    return lambda settings: _mail(settings, url, **values)


WRONG = {
    "short key": (change(SECRET_KEY="abcdefgh"), "E001", "SECRET_KEY"),
    "simple key": (change(SECRET_KEY="ab" * 40), "E001", "SECRET_KEY"),
    "key with a dollar": (change(SECRET_KEY="0123456789abcdefghij" * 3 + "$x"), "E001", "SECRET_KEY"),
    "key of a tutorial": (change(SECRET_KEY="django-insecure-" + "0123456789abcdef" * 4), "E001", "SECRET_KEY"),
    "host missing": (change(ALLOWED_HOSTS=["other.example.cn"]), "W002", "ALLOWED_HOSTS"),
    "no host": (change(ALLOWED_HOSTS=[]), "W002", "ALLOWED_HOSTS"),
    "any host": (change(ALLOWED_HOSTS=["*"]), "W003", "ALLOWED_HOSTS"),
    "no https": (change(HTTPS=False, SECURE_PROXY_SSL_HEADER=None), "W004", "SITE_URL"),
    "proxy for nothing": (change(HTTPS=False, TRACKER_DEMO=True), "W005", "BEHIND_PROXY"),
    "fixed day": (change(TRACKER_TODAY="2023-07-10"), "W006", "TRACKER_TODAY"),
    "demonstration": (change(TRACKER_DEMO=True), "W007", "TRACKER_DEMO"),
    "debug in service": (lambda s: (on_postgres()(s), change(DEBUG=True)(s)), "W008", "DEBUG"),
    "folder for many machines": (on_postgres(), "I009", "CELERY_BROKER_URL"),
    "file for many machines": (change(CELERY_BROKER_URL="redis://redis:6379/0"), "I010", "DATABASE_URL"),
    "sender nowhere": (change(DEFAULT_FROM_EMAIL="跟踪 <tracker@localhost>"), "W012", "DEFAULT_FROM_EMAIL"),
    "sender without address": (change(DEFAULT_FROM_EMAIL="项目办"), "W012", "DEFAULT_FROM_EMAIL"),
    "password in clear": (mailing("smtp://x", host="mail.example.cn", password="x"), "W013", "EMAIL_URL"),
    "database without name": (on_postgres(""), "E016", "DATABASE_URL"),
    "broker without number": (change(CELERY_BROKER_URL="redis://redis/tracker"), "E017", "CELERY_BROKER_URL"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_doubtful_setting_is_named_with_what_to_do(office, case):
    spoil, expected, variable = WRONG[case]
    spoil(office)
    told = {one.id: one for one in found()}
    assert f"tracker.{expected}" in told
    one = told[f"tracker.{expected}"]
    assert variable in one.hint
    assert re.search(r"[一-鿿]", one.msg)
    assert one.level == {"E": ERROR, "W": WARNING, "I": INFO}[expected[0]]


@pytest.mark.parametrize("case", ["fixed day", "demonstration", "no https", "folder for many machines"])
def test_what_an_office_may_want_is_not_repeated_at_every_command(office, case):
    spoil, expected, _ = WRONG[case]
    spoil(office)
    assert expected not in ids(deploy=False)


def test_a_programmer_at_work_is_left_in_peace(office):
    change(DEBUG=True, SECRET_KEY="x", ALLOWED_HOSTS=[], TRACKER_DEMO=True, TRACKER_TODAY="2023-07-10")(office)
    assert ids() == []


def test_a_mail_server_on_this_machine_needs_no_tls(office):
    _mail(office, "smtp://localhost", host="localhost", password="x")
    assert ids() == []


# ---- Folders ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL"])
def test_a_folder_that_cannot_be_written_is_named_with_its_variable(office, what):
    unwritable = Path("/proc/self")  # for root as well
    if what == "DATABASE_URL":
        _database(office, "sqlite3", unwritable / "tracker.sqlite3")
    elif what == "CELERY_BROKER_URL":
        _broker(office, "filesystem://", unwritable)
    else:
        _mail(office, f"file://{unwritable}/mail/of/today")
    (told,) = [one for one in found() if one.id == "tracker.E014"]
    assert what in told.hint
    assert str(unwritable) in told.msg


def test_a_check_leaves_nothing_behind_in_the_folders(office, tmp_path):
    ids()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/data/tracker.sqlite3", "nfs4"),
        ("/srv/data/local/tracker.sqlite3", "ext4"),
        ("/srv/database/tracker.sqlite3", "overlay"),
        ("/srv/my share/tracker.sqlite3", "cifs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(tmp_path, path, expected):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "overlay / overlay rw 0 0\nfiler:/x /srv/data nfs4 rw 0 0\n/dev/sdb1 /srv/data/local ext4 rw 0 0\n"
        "//filer/y /srv/my\\040share cifs rw 0 0\n"
    )
    assert checks.file_system(Path(path), mounts) == expected
    assert checks.file_system(Path(path), tmp_path / "no such file") == ""


def test_sqlite_on_a_network_disk_is_refused(office, monkeypatch):
    monkeypatch.setattr(checks, "file_system", lambda path: "nfs4")
    (told,) = found()
    assert (told.id, told.level) == ("tracker.E015", ERROR)
    assert "nfs4" in told.msg


# ---- Databases -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_database_of_the_tests_passes():
    assert checks.check_databases(databases=["default"]) == []
    assert checks.check_databases(databases=None) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("options", "count"), [({}, 1), ({"timeout": 20}, 1), (None, 0)])
def test_an_sqlite_that_does_not_wait_for_writers_is_refused(tmp_path, settings, options, count):
    if options is None:
        options = {"timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
    chosen = connections["default"].settings_dict | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "one.sqlite3"),
        "OPTIONS": options,
    }
    made = DatabaseWrapper(chosen)
    told = list(checks.database(made))
    made.close()
    assert [one.id for one in told] == ["tracker.E020"] * count


@pytest.mark.skipif(not POSTGRES, reason="needs PostgreSQL")
@pytest.mark.django_db
def test_a_postgres_with_another_clock_or_no_shanghai_is_told(monkeypatch, settings):
    monkeypatch.setattr(checks.time, "time", lambda: 1e9)
    settings.TIME_ZONE = "Asia/Atlantis"
    assert [one.id for one in checks.database(connection)] == ["tracker.E023", "tracker.W024"]


def test_a_database_that_is_too_old_is_told(monkeypatch):
    def refuse():
        raise NotSupportedError("PostgreSQL 14 or later is required (found 12.9).")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    (told,) = checks.database(connection)
    assert told.id == "tracker.E021"


# ---- Redis -----------------------------------------------------------------------------------------
def test_a_redis_that_drops_messages_is_told():
    assert [one.id for one in checks.redis_policy({"maxmemory-policy": "allkeys-lru", "appendonly": "no"})] == [
        "tracker.W030",
        "tracker.W031",
    ]
    assert list(checks.redis_policy({"maxmemory-policy": "noeviction", "appendonly": "yes"})) == []


def test_a_redis_that_does_not_answer_is_not_the_business_of_a_check(office):
    office.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert checks.check_redis() == []


@pytest.mark.skipif(not os.environ.get("TEST_REDIS_URL"), reason="needs Redis")
def test_a_redis_that_keeps_what_it_is_given_passes(office):
    office.CELERY_BROKER_URL = os.environ["TEST_REDIS_URL"]
    assert "tracker.W031" not in [one.id for one in checks.check_redis()]


def test_servers_are_asked_only_when_asked_for():
    plain = framework.registry.registry.get_checks()
    assert checks.check_redis not in plain
    assert checks.check_redis in framework.registry.registry.get_checks(include_deployment_checks=True)
