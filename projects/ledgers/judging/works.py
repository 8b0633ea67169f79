"""What is to be written for one project, what is not written yet, and what is said of each value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from projects import money
from projects.claims import Stated
from projects.facts import Draft, Listing, Opening, Post, Raising, Step, Telling
from projects.ledgers.known import Known, Surroundings
from projects.models import Claim, Project
from projects.money import Amount
from zones.models import Zone

NEW, CHANGED, CONFLICT, NOTE = "new", "changed", "conflict", "note"
Difference = list[Any]
Certainty = Claim.Certainty


@dataclass(slots=True)
class Terms:
    """What all rows of a ledger are judged by: `today` is the business day, `on` the day on which the ledger was read,
    `source` its own, `reason` why plans are changed.
    """

    around: Surroundings
    today: date
    on: date
    source: int | None
    reason: str


@dataclass(slots=True)
class Work:
    """What is to be written for one project. Values that several rows tell are told once."""

    zone: Zone
    known: Known
    opening: Opening | None = None
    filled: dict[str, Any] = field(default_factory=dict)
    credit_code: str = ""
    stated: list[Stated] = field(default_factory=list)
    drafts: dict[int, tuple[int, list[int], int | None, str, str]] = field(default_factory=dict)
    tellings: dict[tuple[str, date], dict[str, Any]] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    listings: list[tuple[str, Any, str]] = field(default_factory=list)
    raisings: list[dict[str, Any]] = field(default_factory=list)
    posts: list[tuple[str, Any, Any]] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not (
            self.opening
            or self.filled
            or self.credit_code
            or self.stated
            or self.drafts
            or self.tellings
            or self.steps
            or self.listings
            or self.raisings
            or self.posts
            or self.aliases
        )

    def for_project(self, project: Project) -> dict[str, list[Any]]:
        """The same as what the verbs take, for the project as it is stored."""
        return {
            "drafts": [
                Draft(project, year, amount, targets, carried, method, reason)
                for year, (amount, targets, carried, method, reason) in self.drafts.items()
            ],
            "tellings": [Telling(project, channel, up_to, told) for (channel, up_to), told in self.tellings.items()],
            "steps": [Step(project, **each) for each in self.steps],
            "listings": [Listing(project, batch, period, role) for batch, period, role in self.listings],
            "raisings": [Raising(project, **each) for each in self.raisings],
            "posts": [Post(project, role, user, department) for role, user, department in self.posts],
        }


def kind_of(differences: Sequence[Difference], *, created: bool) -> str:
    """What becomes of a row: the worst of its differences. One that opens a file is new, whatever of it is not written:
    there is nothing yet that it could be in conflict with.
    """
    kinds = {each[2] for each in differences}
    if created:
        return NEW
    if CONFLICT in kinds:
        return CONFLICT
    return CHANGED if kinds & {NEW, CHANGED} else "unchanged"


def zone_of(project: Project | None, zone: Zone) -> Zone:
    """Where the facts of a row belong."""
    return project.zone if project else zone


def plainly(value: Any) -> str:
    return money.show_amount(value) if isinstance(value, Amount) else str(value)[:100]
