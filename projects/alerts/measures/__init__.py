"""Measures: what a rule looks at. One small class in one file each; rooms above register theirs in `ready()`."""

from __future__ import annotations

from projects.alerts.measures.base import Measure, Parameter
from projects.alerts.measures.entry import MonthsSinceStartWithoutEntry
from projects.alerts.measures.progress import ProgressGap
from projects.alerts.measures.start import MonthsSincePlannedStart

__all__ = ["Measure", "Parameter", "choices", "get", "register", "registered"]

_REGISTRY: dict[str, Measure] = {}


def register(measure: Measure) -> None:
    """Make a measure known. Raises ValueError if another one has its code."""
    known = _REGISTRY.setdefault(measure.code, measure)
    if type(known) is not type(measure):
        raise ValueError(f"two measures are called {measure.code!r}")


def get(code: str) -> Measure | None:
    """The measure with this code, if there is one."""
    return _REGISTRY.get(code)


def registered() -> list[Measure]:
    """All measures, in the order in which they were registered."""
    return list(_REGISTRY.values())


def choices() -> list[tuple[str, str]]:
    """Codes and labels, for a form."""
    return [(measure.code, measure.label) for measure in registered()]


for _measure in (ProgressGap(), MonthsSincePlannedStart(), MonthsSinceStartWithoutEntry()):
    register(_measure)
