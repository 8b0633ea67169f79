"""The verbs: the only way in which facts are written.

Each verb is one transaction, says who (`by`, None for the system) and where from (`source`), refuses what cannot be
with a Chinese ValidationError, and leaves the project's phase and standing true. Facts are added, never overwritten.
"""

from projects.facts.figures import doubt, record, restate, retract
from projects.facts.milestones import approve, promise, reach, replan, resume, suspend, take_back, undo
from projects.facts.plans import approve_plan, plan_year, withdraw_plan
from projects.facts.problems import close_problem, mark_problem, move_problem, raise_problem, reopen_problem
from projects.facts.register import assign, create, terminate, withdraw_project
from projects.facts.returns import (
    add_photo,
    fill_return,
    remove_photo,
    reopen_return,
    review_return,
    send_back_return,
    submit_return,
    take_back_return,
)
from projects.facts.rounds import enter, leave, withdraw_entry
from projects.facts.schedules import lay_schedule

__all__ = [
    "add_photo",
    "approve",
    "approve_plan",
    "assign",
    "close_problem",
    "create",
    "doubt",
    "enter",
    "fill_return",
    "lay_schedule",
    "leave",
    "mark_problem",
    "move_problem",
    "plan_year",
    "promise",
    "raise_problem",
    "reach",
    "record",
    "remove_photo",
    "reopen_problem",
    "reopen_return",
    "replan",
    "restate",
    "resume",
    "retract",
    "review_return",
    "send_back_return",
    "submit_return",
    "suspend",
    "take_back",
    "take_back_return",
    "terminate",
    "undo",
    "withdraw_entry",
    "withdraw_plan",
    "withdraw_project",
]
