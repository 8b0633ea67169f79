"""How web, worker and beat start: a wrong setting is one sentence and a code, a doubtful one a line in the log."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any, Final, NoReturn

from celery import Celery, signals
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger(__name__)
TAG: Final = "tracker"  # of the checks that ask nobody else, hence may run at every start
# gunicorn starts a worker that dies again and again, except one that ends with this code: then it ends itself.
GUNICORN_GIVES_UP: Final = 4


def load_settings(code: int = 1) -> None:
    """Read the settings; a wrong one ends the process with its sentence and this exit code."""
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  (reading one reads them all)
    except ImproperlyConfigured as error:
        _end(f"设置有误：{error}", code)
    logging.captureWarnings(True)  # they are events too: one line each


def report_settings(code: int = 1) -> None:
    """Log what `check --deploy` says of the settings; an error among it ends the process."""
    found = [one for one in checks.run_checks(tags=[TAG], include_deployment_checks=True) if not one.is_silenced()]
    for message in found:
        if message.is_serious():
            _end(f"设置有误：{message.msg}。{message.hint}", code)
        log.log(message.level, "%s：%s", message.msg, message.hint, extra={"fields": {"check": message.id}})


def attend(app: Celery) -> None:
    """The same for worker and beat."""
    app.on_configure.connect(_load_for_celery, weak=False)
    signals.celeryd_after_setup.connect(_report_for_celery, weak=False)
    signals.beat_init.connect(_report_for_celery, weak=False)


def _load_for_celery(**kwargs: Any) -> None:
    load_settings()


def _report_for_celery(**kwargs: Any) -> None:
    report_settings()


def _end(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201  (there may be no log yet)
    raise SystemExit(code)
