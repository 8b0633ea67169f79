"""What is known of those that rules judge: projects above all, a shard at a time, in a constant number of statements.

Each kind of subject is one module with one `Kind`; rooms above register theirs in `ready()`.
"""

from __future__ import annotations

from projects.alerts.cases.base import Case, Kind, Shard, get, kinds, register
from projects.alerts.cases.problems import PROBLEM, ProblemCase
from projects.alerts.cases.projects import PROJECT, ProjectCase, Step, positions_on
from projects.alerts.cases.units import UNIT, UnitCase

__all__ = [
    "PROBLEM",
    "PROJECT",
    "UNIT",
    "Case",
    "Kind",
    "ProblemCase",
    "ProjectCase",
    "Shard",
    "Step",
    "UnitCase",
    "get",
    "kinds",
    "positions_on",
    "register",
]

register(PROJECT)
register(PROBLEM)
register(UNIT)
