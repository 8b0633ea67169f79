"""A wrong setting stops the product with one sentence that names it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


def said(*command: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"PYTHONUTF8": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("DEBUG", "yes"),
        ("DATABASE_URL", "mysql://x"),
        ("EMAIL_URL", "mail.example.cn"),
        ("CELERY_BROKER_URL", "localhost:6379"),
        ("SITE_URL", "tracker.example.cn"),
        ("LOG_LEVEL", "LOUD"),
        ("TRACKER_TODAY", "昨天"),
        ("TRACKER_VAR", "/proc/nowhere"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(name, value):
    code, words = said("check", **{name: value})
    assert code == 1
    assert words.startswith("设置有误：")
    assert name in words
    assert len(words.splitlines()) == 1


def test_an_empty_address_means_its_default(tmp_path):
    code, words = said("check", TRACKER_VAR=str(tmp_path), DATABASE_URL="", EMAIL_URL="", CELERY_BROKER_URL="")
    assert code == 0, words


@pytest.mark.parametrize("command", [("demo",), ("demo", "--summary"), ("scan_alerts",), ("send_notices",)])
def test_a_database_without_tables_is_said_plainly(tmp_path, command):
    code, words = said(
        *command, "--format", "json", TRACKER_VAR=str(tmp_path), DATABASE_URL="", TRACKER_DEMO="true", DEBUG="true"
    )
    assert code == 1
    assert '"error"' in words
    assert "migrate" in words
    assert "Traceback" not in words
