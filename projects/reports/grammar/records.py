"""What reading a report yields. Every value carries the place in the report where it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from projects.dates import DateSpan
from projects.money import Amount

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A value and its place: report[start:end] is the value as printed."""

    value: T
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A step of a project with its date. `partial` is the exchange form when the report gives no year.

    `own` is False where the day is that of a ceremony, and the project was only named there. `part`: it is said of one
    building or phase (3#楼封顶).
    """

    role: str
    certainty: str
    span: DateSpan
    start: int
    end: int
    partial: str = ""
    own: bool = True
    part: bool = False


@dataclass(frozen=True, slots=True)
class StatedPart:
    """A phase of a project with an amount of its own; it is part of the total and never added to it."""

    name: str
    value: Amount
    start: int
    end: int


@dataclass(slots=True)
class NamedProject:
    """One project named in the report. Being in a `batch` ("sign", "start", "produce") says nothing of what is done.

    `entered`: the report puts it on a list of the activity, and does not merely say that it was signed or started.
    `status_own`: the item's own words say the status, not the head of a list or the name of a ceremony;
    `status_part`: they say it of one building or phase of it. `completed_until`: the date that the amount completed
    holds for, where the report says it ("截至2023年6月底,已完成投资1.9亿元"); its last day counts. `telling`: it stands
    in a list, and words of its own follow it there. `loose`: only the words around it make it a project, not its
    name. `confidence` is how sure the reader is that this is one project and rightly described, in per cent; `doubts`
    are the codes of what lowers it (`confidence.SENTENCES`).
    """

    name: str
    key: str
    start: int
    end: int
    aliases: list[str] = field(default_factory=list)
    batch: Read[str] | None = None
    period: Read[int] | None = None
    period_role: str = ""
    amount: Read[Amount] | None = None
    foreign: Read[Amount] | None = None
    annual_plan: Read[Amount] | None = None
    completed: Read[Amount] | None = None
    completed_until: Read[DateSpan] | None = None
    status: Read[str] | None = None
    status_own: bool = True
    status_part: bool = False
    entered: bool = False
    dates: list[StatedDate] = field(default_factory=list)
    company: Read[str] | None = None
    zone: Read[str] | None = None
    parts: list[StatedPart] = field(default_factory=list)
    listed: bool = False
    row: bool = False
    telling: bool = False
    loose: bool = False
    confidence: int = 100
    doubts: tuple[str, ...] = ()

    def values(self) -> dict[str, Read[Any]]:
        """Every stated value by its name, for storing and for showing where it comes from."""
        return {name: value for name in SAID if (value := getattr(self, name)) is not None}

    def keep_total(self, value: Read[Amount]) -> None:
        """Its total investment, the first that is stated. Foreign money stands beside yuan and is never added to it."""
        if value.value.currency == "CNY":
            self.amount = self.amount or value
        else:
            self.foreign = self.foreign or value


SAID = (
    "batch", "period", "amount", "foreign", "annual_plan", "completed", "completed_until", "status", "company", "zone",
)  # fmt: skip


@dataclass(slots=True)
class StatedTotal:
    """A total stated in the report: so many projects, of so much money."""

    start: int
    end: int
    scope: str = ""
    filter: str = ""
    kind: str = "projects"
    batch: Read[str] | None = None
    period: Read[int] | None = None
    count: Read[int] | None = None
    amount: Read[Amount] | None = None
    foreign: Read[Amount] | None = None
    annual_plan: Read[Amount] | None = None
    completed: Read[Amount] | None = None
    started: Read[int] | None = None
    not_started: Read[int] | None = None
    produced: Read[int] | None = None
    at_capacity: Read[int] | None = None
    rate: Read[str] | None = None
    rate_kind: str = ""
    as_of: Read[DateSpan] | None = None

    def values(self) -> dict[str, Read[Any]]:
        """Every stated value by its name."""
        return {name: value for name in FIGURES if (value := getattr(self, name)) is not None}


FIGURES = (
    "batch", "period", "count", "amount", "foreign", "annual_plan", "completed",
    "started", "not_started", "produced", "at_capacity", "rate", "as_of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a report does not agree with itself. Open ones wait for a person; closed ones are only noted."""

    code: str
    sentence: str
    declared: str = ""
    found: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    open: bool = False


@dataclass(slots=True)
class Reading:
    """A whole report, read."""

    text: str
    title: str = ""
    published: DateSpan | None = None
    published_inferred: bool = False
    zone_text: str = ""
    mentions: list[NamedProject] = field(default_factory=list)
    figures: list[StatedTotal] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
