"""What of a report waits for a person: one meaning for its list, the filters of the list, and other systems."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from projects.reports.acceptance import OPEN
from projects.reports.models import Difference, Figure, Mention

Rows = QuerySet[Any]


def mentions() -> Rows:
    """Mentions that nobody has decided on."""
    return Mention.objects.filter(state__in=OPEN)


def proposals() -> Rows:
    """Mentions that were decided on and that a later reader reads otherwise."""
    # Nothing proposed is NULL where it was never written, and JSON's null where it was taken back in bulk.
    return Mention.objects.filter(proposed__isnull=False).exclude(proposed=None)


def doubts() -> Rows:
    """Places where a report disagrees with itself."""
    return Difference.objects.filter(open=True)


def totals() -> Rows:
    """Totals of projects on which nobody has said a word. Which of them differ from the register only the review tells:
    that depends on the day and on who asks.
    """
    return Figure.objects.filter(Q(count__gt=0) | Q(amount_low__gt=0), answer="")


KINDS: Final = {"mention": mentions, "proposal": proposals, "doubt": doubts, "total": totals}
MUST: Final = ("mention", "proposal", "doubt")
"""What must be decided before a report is done with. A total that agrees needs no word."""


def having(kind: str) -> Exists:
    """Condition on a report: something of the kind waits."""
    return Exists(KINDS[kind]().filter(report=OuterRef("pk")))


def pending() -> Q:
    """Condition on a report: it is not done with."""
    found = Q()
    for kind in MUST:
        found |= Q(having(kind))
    return found
