"""The officials' screens of meetings."""

from projects.meetings.admin import (
    arrangements,
    decisions,
    meetings,
    minutes,
    missing,
    pack,
    running,
    todo,
    topics,
    tour,
    updates,
)

__all__ = [
    "arrangements",
    "decisions",
    "meetings",
    "minutes",
    "missing",
    "pack",
    "running",
    "todo",
    "topics",
    "tour",
    "updates",
]
