"""What a row would change of one project, field by field, and what is to be written for it.

Empty never erases, equal is unchanged, and what somebody decided on is never written over: it is a conflict, which a
person settles on the project's page. What becomes of each value is a difference: [meaning, column, kind, old, new,
sentence]; kinds are new, changed, conflict, note.
"""

from __future__ import annotations

from projects.ledgers.judging.achieved import Achieved
from projects.ledgers.judging.beside import Beside
from projects.ledgers.judging.planning import Planning
from projects.ledgers.judging.stepping import Stepping
from projects.ledgers.judging.works import CONFLICT, NOTE, Difference, Terms, Work, kind_of, zone_of
from projects.ledgers.said import Said

__all__ = ["CONFLICT", "NOTE", "Difference", "Terms", "Work", "judge", "kind_of", "zone_of"]


class _Row(Planning, Achieved, Stepping, Beside):
    """A row with all that it may say."""


def judge(terms: Terms, work: Work, said: Said, *, sure: bool) -> list[Difference]:
    """What the row changes; what is to be written goes to `work`, whose `known` is brought to what it would be. `sure`:
    what is questioned in it is right.
    """
    row = _Row(terms, work, said, sure)
    row.name()
    row.company()
    row.amount()
    row.plain()
    row.plan()
    row.figures()
    row.steps()
    row.entry()
    row.problem()
    row.people()
    return row.found
