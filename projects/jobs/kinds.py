"""What the rooms can do in the background. Each registers its kinds in `AppConfig.ready()`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projects.jobs.models import Job

Stopping = Callable[[], bool]
"""Whether the function should come to an end: it takes too long, lost its job, or the process is to stop."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job.

    `run(job, stopping)` does it and returns what came of it in one Chinese sentence; it may be run again after it was
    cut off anywhere. After `limit` an attempt counts as failed, after `attempts` of them the job does.
    `by_hand` says that a person may ask for it.
    """

    name: str
    title: str
    run: Callable[[Job, Stopping], str]
    limit: timedelta
    attempts: int = 3
    by_hand: bool = False


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known.

    Raises:
        ValueError: the name is taken.
    """
    if kind.name in _kinds:
        raise ValueError(f"job kind {kind.name!r} is registered twice")
    _kinds[kind.name] = kind


def find(name: str) -> Kind | None:
    """The kind of that name; None if no room knows it (any more)."""
    return _kinds.get(name)


def registered() -> list[Kind]:
    """All kinds, in the order in which the rooms named them."""
    return list(_kinds.values())
