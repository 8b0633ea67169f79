"""Parameters of the endpoints of projects, and of what hangs on a project.

What a parameter selects is said in `projects.selecting`, for lists on screens, the home page and here alike.
"""

from projects.filters.facts import (
    MilestoneChangeFilters,
    MilestoneFilters,
    ProblemEventFilters,
    ProblemFilters,
    SuspensionFilters,
)
from projects.filters.figures import PlanFilters, ProgressFilters, StandingFilters, StandingMonthFilters
from projects.filters.projects import AliasFilters, AssignmentFilters, CompanyFilters, ProjectFilters
from projects.filters.returns import PhotoFilters, ReturnEventFilters, ReturnFilters
from projects.filters.rounds import EntryFilters, PeriodFilters, SeriesFilters
from projects.filters.schedules import TemplateFilters
from projects.filters.shared import ByLight, ByRound, ByText, OfProjectFilters, named
from projects.filters.sources import ClaimFilters, SourceFilters

__all__ = [
    "AliasFilters",
    "AssignmentFilters",
    "ByLight",
    "ByRound",
    "ByText",
    "ClaimFilters",
    "CompanyFilters",
    "EntryFilters",
    "MilestoneChangeFilters",
    "MilestoneFilters",
    "OfProjectFilters",
    "PeriodFilters",
    "PhotoFilters",
    "PlanFilters",
    "ProblemEventFilters",
    "ProblemFilters",
    "ProgressFilters",
    "ProjectFilters",
    "ReturnEventFilters",
    "ReturnFilters",
    "SeriesFilters",
    "SourceFilters",
    "StandingFilters",
    "StandingMonthFilters",
    "SuspensionFilters",
    "TemplateFilters",
    "named",
]
