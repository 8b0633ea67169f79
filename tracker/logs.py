"""The log: one event, one line on stderr, with who and what it belongs to, and without secrets.

A line carries what a call from a user needs to be found (the request id that his error page shows) and nothing that
he typed: no query values, no form, no header, no cookie. Passwords and keys that the settings know are blotted out
wherever a library may write them.
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from celery import signals
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from pythonjsonlogger.core import BaseJsonFormatter

from zones import tracing

log = logging.getLogger(__name__)
ZONE: Final = ZoneInfo("Asia/Shanghai")
BLOT: Final = "***"
SHORTEST_SECRET: Final = 6  # shorter ones are words that lines need
# Quiet unless something is wrong: the access line says the same, or they write what people typed.
QUIET: Final = {
    "axes": "ERROR",  # below, it writes what was typed as a name; that somebody is locked out, a 429 tells
    "django.db.backends": "INFO",  # at DEBUG it writes statements with their values
    "django.request": "ERROR",
    "django.server": "CRITICAL",
    "gunicorn.access": "CRITICAL",
}
TELLING: Final = re.compile("[:=：?]")  # one of them stands in whatever the following find
IN_ADDRESS: Final = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+@")
HEADER: Final = re.compile(r"""((?:authorization|cookie)["']?\s*[:=]\s*["']?)[^\n"'}]+""", re.IGNORECASE)
NAMED: Final = re.compile(
    r"""((?:password|passwd|token|secret|api[_-]?key|sessionid|密码|口令)[a-z0-9_-]{0,20}["']?\s*[:=：]\s*[\["'(]*)
        [^\s"',;&})\]]+""",
    re.IGNORECASE | re.VERBOSE,
)
# Whoever has the address of a link in a mail acts for its reader.
LINK: Final = re.compile(r"(/n/)[\w.-]+")
# gunicorn repeats a request that it cannot read.
REQUEST: Final = re.compile(r"\b((?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [^\s?]*\?)\S+")
# PostgreSQL repeats the row that it refuses.
ROW: Final = re.compile(
    r"^DETAIL:.*?(?=\n(?:HINT|CONTEXT|LINE \d+|The above|During handling|Traceback)|\n\n|\Z)", re.M | re.S
)
CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configuration(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: `form` is JSON or LINE, everything goes to stderr."""
    through = {name: {"level": limit, "handlers": [], "propagate": True} for name, limit in QUIET.items()}
    # Django, Celery and gunicorn bring handlers of their own, which would write each line twice.
    own = {name: {"handlers": [], "propagate": True} for name in ("celery.task", "django", "gunicorn.error")}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": {"JSON": JsonLine, "LINE": PlainLine}[form]}},
        "filters": {"untraced": {"()": Untraced}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["untraced"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": own | through,
    }


# ---- What a line says ------------------------------------------------------------------------------
def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Whom and what a line belongs to, and the figures that its writer gave as `extra={"fields": …}`."""
    belongs = {
        "request_id": tracing.request_id.get(),
        "user": tracing.person.get()(),
        "task_id": tracing.task_id.get() or _task_of(record),
        "job_id": tracing.job_id.get(),
    }
    return {name: value for name, value in belongs.items() if value} | getattr(record, "fields", {})


def _task_of(record: logging.LogRecord) -> str:
    """Celery writes of a task from outside the task: the id then stands beside the message."""
    beside = getattr(record, "data", None)
    return str(beside.get("id") or "") if isinstance(beside, dict) else ""


def moment(record: logging.LogRecord) -> str:
    """When it happened, in Shanghai, to the millisecond."""
    return datetime.fromtimestamp(record.created, ZONE).isoformat(timespec="milliseconds")


class JsonLine(BaseJsonFormatter):
    """One JSON object a line, for programs that collect logs."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        # Only what is named here: libraries hang whole requests, with all their headers, on their records.
        log_data["time"] = moment(record)
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = clean(record.getMessage())
        log_data |= {name: clean(value) if isinstance(value, str) else value for name, value in fields(record).items()}
        for name in ("exc_info", "stack_info"):
            if text := message_dict.get(name):
                log_data["exception" if name == "exc_info" else "stack"] = clean(text)

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        return writable(json.dumps(log_data, ensure_ascii=False, default=str))


class PlainLine(logging.Formatter):
    """One line for the eye; a traceback follows it, set in."""

    def format(self, record: logging.LogRecord) -> str:
        beside = " ".join(f"{name}={quoted(str(value))}" for name, value in fields(record).items())
        words = [moment(record), record.levelname, record.name, record.getMessage(), beside]
        line = visible(clean(" ".join(word for word in words if word)))
        traces = [self.formatException(record.exc_info)] if record.exc_info else []
        traces += [self.formatStack(record.stack_info)] if record.stack_info else []
        # Set in, so that no text within an error can pass for a line of its own.
        return writable("\n    ".join([line, *(visible(row) for trace in traces for row in clean(trace).split("\n"))]))


class Untraced(logging.Filter):
    """A request under a wrong host name, as scanners send them all day, needs no way through Django's code."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        return True


# ---- What a line keeps to itself -------------------------------------------------------------------
def clean(text: str) -> str:
    """The text without secrets: those of the settings, and whatever calls itself a password or a token."""
    for secret in _secrets():
        text = text.replace(secret, BLOT)
    text = LINK.sub(rf"\1{BLOT}", text)
    if not TELLING.search(text):
        return text
    text = ROW.sub(f"DETAIL: {BLOT}", text)
    text = IN_ADDRESS.sub(rf"\1:{BLOT}@", text)
    text = REQUEST.sub(rf"\1{BLOT}", text)
    text = HEADER.sub(rf"\1{BLOT}", text)
    return NAMED.sub(rf"\1{BLOT}", text)


def quoted(value: str) -> str:
    """A value that ends where it seems to end."""
    return json.dumps(value, ensure_ascii=False) if re.search(r"[\s\"=]", value) else value


def visible(text: str) -> str:
    """Control characters spelt out: a line stays one line, and no terminal obeys it."""
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def writable(text: str) -> str:
    """Halves of characters spelt out: one of them in an address must not cost the whole line."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _secrets() -> tuple[str, ...]:
    from django.conf import settings

    return _known_secrets() if settings.configured else ()


@cache
def _known_secrets() -> tuple[str, ...]:
    """Longest first, so that one secret within another leaves nothing behind."""
    return tuple(sorted({s for s in _all_secrets() if len(s) >= SHORTEST_SECRET}, key=len, reverse=True))


def _all_secrets() -> Iterator[str]:
    from django.conf import settings

    yield settings.SECRET_KEY
    yield str(settings.DATABASES["default"].get("PASSWORD") or "")
    yield str(settings.EMAIL_HOST_PASSWORD or "")
    broker = urlsplit(settings.CELERY_BROKER_URL).password or ""
    yield broker
    yield unquote(broker)


# ---- People ----------------------------------------------------------------------------------------
# Who it was stands beside the message. Of a failure only that: people type passwords into the wrong field.
@receiver(user_logged_in)
def _signed_in(**kwargs: Any) -> None:
    log.info("signed in")


@receiver(user_logged_out)
def _signed_out(**kwargs: Any) -> None:
    log.info("signed out")


@receiver(user_login_failed)
def _failed(**kwargs: Any) -> None:
    log.warning("sign-in failed")


# ---- Celery ----------------------------------------------------------------------------------------
@signals.setup_logging.connect
def _as_everywhere(**kwargs: Any) -> None:
    """Workers and beat log as the web does; that somebody listens keeps Celery from its own way."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@signals.task_prerun.connect
def _task_begins(task_id: str = "", **kwargs: Any) -> None:
    tracing.task_id.set(task_id)


@signals.task_postrun.connect
def _task_ends(**kwargs: Any) -> None:
    tracing.task_id.set("")
