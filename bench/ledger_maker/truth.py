"""What a made ledger says, known from its making."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

MONEY: Final = frozenset(
    ("investment", "annual_plan", "month_done", "year_done", "total_done", "last_year_done")
)  # meanings whose cells are amounts
DATES: Final = frozenset(
    ("start_planned", "start_actual", "finish_planned", "finish_actual", "produced_planned", "produced_actual")
)
FLAGS: Final = frozenset(("status", "stats_entry", "permit"))
KEPT_AS_TEXT: Final = frozenset(("other", "note", ""))


@dataclass(frozen=True)
class Money:
    """Whole units of `currency`; `qualifier` as in `projects.money`."""

    low: int
    high: int
    qualifier: str = ""
    currency: str = "CNY"


@dataclass(frozen=True)
class Days:
    """A span of days. None: that end is not told for certain, and anything is right."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class Percent:
    """In points: 63.5 for 63.5%."""

    points: float


Truly = Money | Days | Percent | int | bool | str | tuple[str, ...] | None


@dataclass(frozen=True)
class CellTruth:
    """One cell: what is printed and what it means; `also` means as well.

    `doubtful`: nobody can know it from the file, and only a mark is right; `why` says so in an official's words.
    """

    printed: object
    value: Truly
    also: tuple[Truly, ...] = ()
    doubtful: bool = False
    why: str = ""


@dataclass(frozen=True)
class ColumnTruth:
    """`also`: other meanings that are as right. `asks`: the question that has to be put ("unit")."""

    index: int
    heading: tuple[str, ...]
    meaning: str
    unit: str = ""
    year: int | None = None
    month: int | None = None
    also: tuple[str, ...] = ()
    asks: str = ""


@dataclass(frozen=True)
class RowTruth:
    """A row by its number in Excel. `kinds` are the right ones; "" among them: a reader may leave the row out."""

    number: int
    kinds: tuple[str, ...]
    group: tuple[str, ...] = ()
    cells: Mapping[int, CellTruth] = field(default_factory=dict)


@dataclass(frozen=True)
class TableTruth:
    """`projects` is False for a table of sums by district or unit: a reader may leave it out, or read it right."""

    sheet: str
    index: int
    title: str
    first_heading: int
    last_heading: int
    year: int | None
    month: int | None
    columns: tuple[ColumnTruth, ...]
    rows: tuple[RowTruth, ...]
    projects: bool = True
    year_told: bool = True


@dataclass(frozen=True)
class Truth:
    """A file. `on` is the day it was sent; `left_out` are the sheets, by index, that hold no ledger."""

    name: str
    layout: str
    seed: int
    on: date
    tables: tuple[TableTruth, ...]
    left_out: tuple[int, ...] = ()
    traps: tuple[str, ...] = ()
