"""What is stored of projects."""

from projects.models.company import Company
from projects.models.milestone import PHASE_OF, Milestone, MilestoneChange, Suspension
from projects.models.monthly import Photo, Return, ReturnEvent
from projects.models.plan import AnnualPlan, MonthlyTarget
from projects.models.problem import Problem, ProblemEvent
from projects.models.progress import Progress
from projects.models.project import Assignment, Category, Importance, Phase, Project, ProjectAlias, Qualifier
from projects.models.rounds import Batch, Entry, Period, Series
from projects.models.schedule import ScheduleTemplate, TemplateStep
from projects.models.source import Claim, Source
from projects.models.standing import Standing, StandingMonth

__all__ = [
    "PHASE_OF",
    "AnnualPlan",
    "Assignment",
    "Batch",
    "Category",
    "Claim",
    "Company",
    "Entry",
    "Importance",
    "Milestone",
    "MilestoneChange",
    "MonthlyTarget",
    "Period",
    "Phase",
    "Photo",
    "Problem",
    "ProblemEvent",
    "Progress",
    "Project",
    "ProjectAlias",
    "Qualifier",
    "Return",
    "ReturnEvent",
    "ScheduleTemplate",
    "Series",
    "Source",
    "Standing",
    "StandingMonth",
    "Suspension",
    "TemplateStep",
]
