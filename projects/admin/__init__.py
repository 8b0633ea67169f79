"""The officials' screens of the main room."""

from projects.admin import (
    assignments,
    company,
    milestones,
    plans,
    problems,
    progress,
    project,
    returns,
    rounds,
    schedules,
    sources,
)

__all__ = [
    "assignments",
    "company",
    "milestones",
    "plans",
    "problems",
    "progress",
    "project",
    "returns",
    "rounds",
    "schedules",
    "sources",
]
