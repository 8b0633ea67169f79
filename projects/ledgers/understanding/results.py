"""What a ledger says, and what a person told about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from projects.dates import DateSpan
from projects.intake.opening import Cell
from projects.money import Amount

Read = Amount | DateSpan | tuple[DateSpan, DateSpan] | int | float | bool | str | tuple[str, ...] | None
RowKind = Literal["data", "group", "total", "blank", "note"]
POWERS: Final = {"元": 1, "千元": 10**3, "万元": 10**4, "百万元": 10**6, "亿元": 10**8}
"""Every unit of money that a ledger may be written in, in yuan."""
UNITS: Final = tuple(POWERS)
USUAL: Final = ("元", "万元", "亿元")
"""The units that a person is offered where none is written."""


class Value(NamedTuple):
    """What a cell says. `value` is None for an empty cell ("-", "无"), and where nothing can be taken from it.

    `doubt` is a Chinese sentence, "" when sure. `wrong` is whether the cell holds something that cannot be read.
    """

    raw: Cell
    value: Read = None
    doubt: str = ""
    wrong: bool = False


class Row(NamedTuple):
    """A row, by its number as Excel shows it. `cells` has what is not blank, by column counted from 0; those of groups
    and notes are words, whatever their column means.

    `group` is the headings that it stands under: ("一、先进制造业（12个）",). `part_of` is the row of the project of
    which this row is only a part (1.1 below 1, 其中：一期厂房), 0 for a project of its own.
    """

    number: int
    kind: RowKind
    group: tuple[str, ...]
    cells: Mapping[int, Value]
    part_of: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what its heading says and what it means. `meaning` is a code of `meanings`, "" for text only.

    `key` is its heading without months, years and units: what a person's answer is remembered by. `unit` is that of
    money. `month` is the one up to which its figures hold; `reason` a Chinese sentence, `others` the next likely codes.
    """

    index: int
    letter: str
    heading: tuple[str, ...]
    key: str
    meaning: str = ""
    unit: str = ""
    year: int | None = None
    month: int | None = None
    confidence: float = 0.0
    reason: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What must be answered before anything is imported. `column` is counted from 0, None when it is of the table.

    `choices` are units, years, months ("7"), meaning codes, or, for "heading", indexes of columns.
    """

    code: Literal["unit", "year", "month", "meaning", "heading"]
    column: int | None
    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a sheet. `about` is "projects", or "summary" where no column names projects (汇总表).

    `day` is that of `month` up to which the figures hold, where it is not the whole month (截至6月25日).

    `key` names the table within its file, `fingerprint` its headings without months and years. `unit` is what is
    written in a corner or title, "" when nothing is. Rows are worked out as they are walked through; walk once.

    `round` is the title of a list of 三个一批, perhaps above another table of the sheet; `section` the words
    right above the table: 一、签约项目.
    """

    sheet: str
    sheet_index: int
    key: str
    about: Literal["projects", "summary"]
    title: str
    office: str
    first_heading: int
    last_heading: int
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    year: int | None
    month: int | None
    unit: str
    questions: tuple[Question, ...]
    fingerprint: str
    day: int | None = None
    round: str = ""
    section: str = ""

    def column(self, meaning: str) -> Column | None:
        """The first column that means this."""
        return next((each for each in self.columns if each.meaning == meaning), None)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a workbook says. `remarks` are sentences on the sheets that were left out, and why."""

    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = ()


_NONE: Final[Mapping[Any, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of one table beyond what it says itself; both are by `Column.key`.

    `units` under "" is the unit of all columns of money that say none. A meaning of "" keeps the column as text.
    """

    meanings: Mapping[str, str] = field(default_factory=lambda: _NONE)
    units: Mapping[str, str] = field(default_factory=lambda: _NONE)
    year: int | None = None
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a person or a remembered layout answered; it wins over what is guessed.

    `headings` are the first and last row of the headings, as Excel counts, of each table of a sheet (by index); none
    says that the sheet is no ledger. `tables` are answers by `Table.key`, and win over what the sheet says; `layouts`
    by `Table.fingerprint`, and of those no unit wins over one that is written in the file, nor do year and month.
    `cells` are what was typed instead, by index of the sheet, number of the row, index of the column.
    """

    headings: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=lambda: _NONE)
    tables: Mapping[str, Answers] = field(default_factory=lambda: _NONE)
    layouts: Mapping[str, Answers] = field(default_factory=lambda: _NONE)
    year: int | None = None
    month: int | None = None
    cells: Mapping[tuple[int, int, int], Cell] = field(default_factory=lambda: _NONE)


NOTHING_TOLD: Final = Told()
