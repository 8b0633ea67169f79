"""What every measured server tells beside its answer: which worker it was, and how many statements it took."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
WORKER = "X-Worker"
STATEMENTS = "X-Statements"


def counted(application: Application) -> Application:
    """The same application, with both numbers as headers; alike for all, so that it changes no ratio."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        statements = 0

        def count(execute: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal statements
            statements += 1
            return execute(*arguments)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told = [(WORKER, str(os.getpid())), (STATEMENTS, str(statements))]
            return start_response(status, [*headers, *told], *rest)

        with connection.execute_wrapper(count):
            return application(environ, start)

    return serve
