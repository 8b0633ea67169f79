"""A pytest plugin: every run gets the same environment, whatever the shell or a .env has set.

It is loaded with ``-p`` (pyproject.toml), hence before Django reads its settings. ``TEST_DATABASE_URL``
chooses the database; without it the tests run on SQLite in memory.
"""

import atexit
import gc
import os
import shutil
import tempfile

OWN_VARIABLES = (
    "ALLOWED_HOSTS",
    "API_RATE",
    "BEHIND_PROXY",
    "CELERY_BROKER_URL",
    "DATABASE_PASSWORD",
    "DATABASE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "JOB_LEASE_SECONDS",
    "NOTICE_LEASE_SECONDS",
    "OPERATORS",
    "STORM_GUARD",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "REDIS_PASSWORD",
    "SECRET_KEY",
    "SITE_URL",
    "TICK_SECONDS",
    "TRACKER_DEMO",
    "TRACKER_STATIC",
    "TRACKER_TODAY",
    "TRACKER_VAR",
    "WEBHOOK_NETWORKS",
)


def isolate() -> None:
    """Forget the settings of the surrounding shell and give the run a folder of its own."""
    for name in OWN_VARIABLES:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    folder = tempfile.mkdtemp(prefix="tracker-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(
        DATABASE_URL=os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder}/tests.sqlite3",
        DJANGO_SETTINGS_MODULE="tracker.settings",
        LOG_LEVEL="WARNING",
        STORM_GUARD="false",
        SECRET_KEY="for-tests-only-" + "0123456789" * 5,
        TRACKER_VAR=folder,
    )


def pytest_collection_finish() -> None:
    """What is there when the tests begin stays to the end: the collector is not to look through it time and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


isolate()
