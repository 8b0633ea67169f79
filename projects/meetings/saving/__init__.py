"""The one door by which a meeting is written in: rows as they are typed, steps, problems, decisions; and undoing.

Everything here locks the meeting first and the project after it, refuses a meeting that is over, and is known by the
`key` that was made where it was typed: sent twice, it is written once. Every save stays in `Saved`, in the order in
which the saves of one meeting were committed.
"""

from projects.meetings.saving.checks import doubts
from projects.meetings.saving.notes import INTERNAL, NOTES, Noted, note, notes_of
from projects.meetings.saving.reading import FIELDS, FIGURES, LABELS, MONEY, TEXTS, read, shown
from projects.meetings.saving.steps import decide, drop, raise_problem, reach, revise
from projects.meetings.saving.undoing import REFUSED, last_of, undo
from projects.meetings.saving.week import Answer, Conflict, fill, standing_among, standing_of, values_of, values_with

__all__ = [
    "FIELDS",
    "FIGURES",
    "INTERNAL",
    "LABELS",
    "MONEY",
    "NOTES",
    "REFUSED",
    "TEXTS",
    "Answer",
    "Conflict",
    "Noted",
    "decide",
    "doubts",
    "drop",
    "fill",
    "last_of",
    "note",
    "notes_of",
    "raise_problem",
    "reach",
    "read",
    "revise",
    "shown",
    "standing_among",
    "standing_of",
    "undo",
    "values_of",
    "values_with",
]
