"""What this thread is busy with, for log lines and error pages: a request, a person, a background job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


def _nobody() -> str:
    return ""


request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
# Asked only when a line is written: who it is may become known late, and asking must never cost a statement.
person: Final[ContextVar[Callable[[], str]]] = ContextVar("person", default=_nobody)
task_id: Final[ContextVar[str]] = ContextVar("task_id", default="")
job_id: Final[ContextVar[str]] = ContextVar("job_id", default="")


@contextmanager
def working_on(job: object) -> Iterator[None]:
    """Every log line within bears the id of this background job."""
    token = job_id.set(str(job))
    try:
        yield
    finally:
        job_id.reset(token)
