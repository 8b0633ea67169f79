"""The verbs: the only way in which facts are written.

Each verb is one transaction, says who (`by`, None for the system) and where from (`source`), refuses what cannot be
with a Chinese ValidationError, and leaves the project's phase and standing true. Facts are added, never overwritten.
"""

from projects.facts.figures import approve_plan, doubt, plan_year, record
from projects.facts.milestones import approve, promise, reach, replan, resume, suspend, undo
from projects.facts.problems import close_problem, move_problem, raise_problem, reopen_problem
from projects.facts.register import assign, create, terminate
from projects.facts.rounds import enter, leave

__all__ = [
    "approve",
    "approve_plan",
    "assign",
    "close_problem",
    "create",
    "doubt",
    "enter",
    "leave",
    "move_problem",
    "plan_year",
    "promise",
    "raise_problem",
    "reach",
    "record",
    "reopen_problem",
    "replan",
    "resume",
    "suspend",
    "terminate",
    "undo",
]
