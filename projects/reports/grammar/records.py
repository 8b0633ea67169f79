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
    """A step of a project with its date. `partial` is the exchange form when the report gives no year."""

    role: str
    certainty: str
    span: DateSpan
    start: int
    end: int
    partial: str = ""


@dataclass(slots=True)
class NamedProject:
    """One project named in the report. Being in a `batch` ("sign", "start", "produce") says nothing of what is done."""

    name: str
    key: str
    start: int
    end: int
    aliases: list[str] = field(default_factory=list)
    batch: Read[str] | None = None
    period: Read[int] | None = None
    period_role: str = ""
    amount: Read[Amount] | None = None
    annual_plan: Read[Amount] | None = None
    completed: Read[Amount] | None = None
    status: Read[str] | None = None
    dates: list[StatedDate] = field(default_factory=list)
    company: Read[str] | None = None
    zone: Read[str] | None = None
    parts: list[Read[Amount]] = field(default_factory=list)
    listed: bool = False
    row: bool = False

    def values(self) -> dict[str, Read[Any]]:
        """Every stated value by its name, for storing and for showing where it comes from."""
        names = ("batch", "period", "amount", "annual_plan", "completed", "status", "company", "zone")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


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
