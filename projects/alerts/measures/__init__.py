"""Measures: what a rule looks at. One small class in one file each; rooms above register theirs in `ready()`."""

from __future__ import annotations

from projects.alerts.measures.base import Measure, Number, Parameter
from projects.alerts.measures.due_soon import DueSoon
from projects.alerts.measures.entry import MonthsSinceStartWithoutEntry
from projects.alerts.measures.event import SinceMilestone
from projects.alerts.measures.letters import LettersLapsed
from projects.alerts.measures.missing import MissingFigure
from projects.alerts.measures.node_late import NodeLate
from projects.alerts.measures.problem import ProblemOpen, ProblemPastDeadline
from projects.alerts.measures.progress import ProgressGap
from projects.alerts.measures.quota import UnitQuota
from projects.alerts.measures.ratio import RatioToDue
from projects.alerts.measures.returns import ReturnLate
from projects.alerts.measures.shortfall import Shortfall
from projects.alerts.measures.silence import Silence
from projects.alerts.measures.start import MonthsSincePlannedStart
from projects.alerts.measures.statistics_gap import StatisticsGap
from projects.alerts.measures.task import MonthTaskRatio

__all__ = ["Measure", "Number", "Parameter", "choices", "get", "register", "registered"]

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


for _measure in (
    ProgressGap(),
    RatioToDue(),
    Shortfall(),
    MonthTaskRatio(),
    MonthsSincePlannedStart(),
    MonthsSinceStartWithoutEntry(),
    SinceMilestone(),
    DueSoon(),
    NodeLate(),
    LettersLapsed(),
    Silence(),
    ReturnLate(),
    MissingFigure(),
    StatisticsGap(),
    ProblemOpen(),
    ProblemPastDeadline(),
    UnitQuota(),
):
    register(_measure)
