"""The outermost layer: every request has an id, and leaves one line in the log."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from zones import tracing

log = logging.getLogger("tracker.access")
HEADER: Final = "X-Request-ID"
SANE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST_PATH: Final = 500
MACHINES: Final = ("/healthz", "/readyz")


class RequestLog:
    """Gives a request its id and writes its line, after everything else has had its say."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = _request_id(request)
        tokens = tracing.request_id.set(name), tracing.person.set(lambda: _username(request))
        try:
            return self._answer(request, name)
        finally:
            tracing.request_id.reset(tokens[0])
            tracing.person.reset(tokens[1])

    def _answer(self, request: HttpRequest, name: str) -> HttpResponseBase:
        statements = Statements()
        started = perf_counter()
        with connection.execute_wrapper(statements):
            response = self.get_response(request)
        response.headers[HEADER] = name
        figures = {"ms": round((perf_counter() - started) * 1000, 1), "statements": statements.count}
        log.log(_level(request, response), "request", extra={"fields": _facts(request, response) | figures})
        return response


class Statements:
    """Counts what is asked of the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *asked: Any) -> Any:
        self.count += 1
        return execute(*asked)


def _request_id(request: HttpRequest) -> str:
    """The proxy's, if it is one that may stand in a log; else twelve digits, which can be read out on the telephone."""
    given = request.headers.get(HEADER, "")
    if SANE.fullmatch(given):
        return given
    return "-".join(f"{secrets.randbelow(10_000):04}" for _ in range(3))


def _username(request: HttpRequest) -> str:
    """Who asks, as far as it is known already: finding out would cost a statement, or fail."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return user.get_username() if user is not None else ""


def _facts(request: HttpRequest, response: HttpResponseBase) -> dict[str, Any]:
    """What the line says. Never the query: names are searched for in it."""
    match = request.resolver_match
    facts = {
        "method": request.method,
        "path": request.path[:LONGEST_PATH],
        "status": response.status_code,
        "bytes": _size(response),
        "view": match.view_name if match else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _size(response: HttpResponseBase) -> int | None:
    if isinstance(response, HttpResponse):
        return len(response.content)
    told = response.headers.get("Content-Length", "")
    return int(told) if told.isdigit() else None


def _level(request: HttpRequest, response: HttpResponseBase) -> int:
    """Probes and files come by the dozen and tell nothing while they succeed."""
    dull = request.path.startswith(MACHINES) or request.path.startswith(f"/{settings.STATIC_URL.lstrip('/')}")
    return logging.DEBUG if dull and response.status_code < 400 else logging.INFO
