"""What can be told of many projects at once; see `Measure.fine`."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from projects import selecting
from projects.models import Milestone, Phase
from projects.standings import Bound
from projects.standings.among import Among

Fine = QuerySet[Any] | Bound
"""A condition on projects: their keys are in the set, or a figure of theirs keeps the bound."""


class Known:
    """Sets of keys of `these` projects, whose standings are those of `as_of`; the same object for the same set."""

    def __init__(self, these: Among, as_of: date) -> None:
        self.these = these
        self.as_of = as_of

    @cached_property
    def started(self) -> QuerySet:
        """Its start, or a later step, is done."""
        return self._done(selecting.proofs(Phase.STARTED))

    @cached_property
    def entered(self) -> QuerySet:
        """The statistics bureau has entered it."""
        return self._done([Milestone.Kind.STATS_ENTRY])

    def _done(self, kinds: list[str]) -> QuerySet:
        rows = Milestone.objects.done_by(self.as_of).filter(self.these.within("project"), kind__in=kinds)
        return rows.values_list("project")
