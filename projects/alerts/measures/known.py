"""What can be told of many projects at once, as conditions of a queryset; see `Measure.fine`."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from django.db.models import Exists, OuterRef, Q

from projects import selecting
from projects.models import Milestone, Phase
from projects.standings.among import Among


class Known:
    """Conditions on `these` projects, whose standings are those of `as_of`; the same object for the same condition."""

    def __init__(self, these: Among, as_of: date) -> None:
        self.these = these
        self.as_of = as_of

    @cached_property
    def started(self) -> Q:
        """Its start, or a later step, is done."""
        return self._done(selecting.proofs(Phase.STARTED))

    @cached_property
    def entered(self) -> Q:
        """The statistics bureau has entered it."""
        return self._done([Milestone.Kind.STATS_ENTRY])

    def _done(self, kinds: list[str]) -> Q:
        rows = Milestone.objects.done_by(self.as_of).filter(self.these.within("project"), kind__in=kinds)
        return Q(Exists(rows.filter(project=OuterRef("pk"))))
