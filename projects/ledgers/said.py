"""What one row says, sorted by what it is for: the columns of its table are looked at once, not for every row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from projects.ledgers.meanings import MEANINGS, label
from projects.ledgers.understanding import Column, Row, Table, Value
from projects.models import Claim

Field = Claim.Field
STAGES: Final = {
    "sign": Field.SIGNED,
    "land": Field.LAND_GRANTED,
    "start": Field.STARTED,
    "top": Field.TOPPED_OUT,
    "completion": Field.COMPLETION,
    "trial": Field.TRIAL,
    "produce": Field.PRODUCED,
}
"""Steps whose days a claim can state, by the code of their meanings."""
KINDS: Final = {
    **{"sign": "signed", "perform": "performed", "start": "started", "top": "topped_out", "completion": "completed"},
    **{"trial": "trial", "produce": "produced", "capacity": "at_capacity", "stats": "stats_entry"},
}
"""Kinds of milestones, by the code of their meanings."""
FLAGS: Final = {"started": "start", "completed": "completion", "produced": "produce", "stats_entered": "stats"}
IDENTITY: Final = frozenset({"name", "code", "national_code", "credit_code", "company", "zone", "investment"})
"""What says which project a row means."""
PLAN: Final = frozenset({"annual_plan", "month_plan", "plan_to_date", "carried"})
FIGURES: Final = frozenset({"month_done", "year_done", "total_done", "stats_done", "stats_month"})
WORDS: Final = {"progress": "words", "progress_percent": "percent"}
"""What is told of the site, by the code of its meaning; of several months in one row, too."""
PEOPLE: Final = {
    **{"unit": "unit", "leader": "leader", "steward": "steward", "responsible": "responsible"},
    **{"liaison": "liaison", "team": "team"},
}
"""Roles of assignments, by the code of their meanings."""


@dataclass(slots=True)
class Spot:
    """A value with the column it stands in."""

    column: Column
    value: Any


@dataclass(slots=True)
class Said:
    """A row. `one` has what can be said once, by the code of the meaning; `plan` and `figures` the money by column;
    `steps` the days by stage and by planned, actual or on; `wrong` a sentence for each cell that must be mended.
    """

    table: Tab
    number: int
    one: dict[str, Spot] = field(default_factory=dict)
    plan: list[Spot] = field(default_factory=list)
    figures: list[Spot] = field(default_factory=list)
    steps: dict[str, dict[str, Spot]] = field(default_factory=dict)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)
    doubts: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The row within its file, as `told["rows"]` names it."""
        return f"{self.table.sheet}:{self.number}"

    def text(self, code: str) -> str:
        """What is said in words; "" for nothing."""
        spot = self.one.get(code)
        return str(spot.value).strip() if spot and spot.value is not None else ""

    def value(self, code: str) -> Any:
        spot = self.one.get(code)
        return spot.value if spot else None

    def place(self, column: Column) -> str:
        """The cell, as a claim keeps it: 台账!F7."""
        return f"{self.table.name}{column.letter}{self.number}"


class Tab:
    """A table, with what is wanted of its columns."""

    def __init__(self, table: Table) -> None:
        self.table, self.sheet = table, table.sheet_index
        self.name = f"{table.sheet[:30]}!" if table.sheet else ""
        self.columns: list[tuple[int, Column, str, str]] = []
        seen: set[str] = set()
        for column in table.columns:
            way = _way(column)
            if way == "one" and column.meaning in seen:
                way = "" if not MEANINGS[column.meaning].repeats else way
            seen.add(column.meaning)
            self.columns.append((column.index, column, way, column.meaning))
        self.naming = [each for each in self.columns if each[3] in IDENTITY]
        self.meanings = {column.meaning for column in table.columns}
        self.is_of_problems = bool(self.meanings & {"problem", "wanted", "task"}) and not self.meanings & FIGURES

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Rows of data, with their places in the table."""
        return ((at, row) for at, row in enumerate(self.table.rows) if row.kind == "data")

    def some(self, which: Collection[tuple[int, int]]) -> Iterator[tuple[int, Row]]:
        """Those of the rows of data that are named by sheet and number."""
        first = self.table.last_heading + 1
        for sheet, number in sorted(which):
            if sheet == self.sheet and 0 <= number - first < len(self.table.rows):
                row = self.table.rows[number - first]
                if row.kind == "data":
                    yield number - first, row

    def identity(self, row: Row) -> Said:
        """What of the row says which project it means."""
        return self._said(row, self.naming)

    def said(self, row: Row) -> Said:
        """What the row says."""
        return self._said(row, self.columns)

    def _said(self, row: Row, columns: list[tuple[int, Column, str, str]]) -> Said:
        said = Said(self, row.number)
        cells = row.cells
        for index, column, way, code in columns:
            cell = cells.get(index)
            if cell is None:
                continue
            if cell.doubt:
                self._doubt(said, column, cell, bool(way))
            value = cell.value
            if value is None or not way:
                continue
            if way == "one":
                said.one.setdefault(code, Spot(column, value))
            elif way == "plan":
                said.plan.append(Spot(column, value))
            elif way == "figures":
                said.figures.append(Spot(column, value))
            else:
                stage, _, suffix = code.rpartition("_")
                said.steps.setdefault(stage, {})[suffix] = Spot(column, value)
        return said

    def _doubt(self, said: Said, column: Column, cell: Value, wanted: bool) -> None:
        wrong = cell.wrong and wanted and bool(MEANINGS[column.meaning].goes)
        said.doubts.append((column.letter, cell.doubt, wrong))
        if wrong:
            heading = column.heading[-1] if column.heading else label(column.meaning)
            sentence = f"第{said.number}行 {column.letter}列“{heading}”为{cell.doubt}"
            said.wrong.append((column.meaning, column.letter, sentence))


def _way(column: Column) -> str:
    """What a column is for: "" for text only, else where `Tab.said` puts its values."""
    code = column.meaning
    if not code:
        return ""
    if code in PLAN:
        return "plan"
    if code in FIGURES or code in WORDS:
        return "figures"
    stage, _, suffix = code.rpartition("_")
    if suffix in ("planned", "actual", "on") and (stage in STAGES or stage in KINDS):
        return "steps"
    return "one"


def by_stage(said: Said) -> dict[str, dict[str, Spot]]:
    """The days of each stage, with what a column says of its being done under "flag"."""
    found: dict[str, dict[str, Spot]] = defaultdict(dict)
    for stage, days in said.steps.items():
        found[stage] |= days
    for code, stage in FLAGS.items():
        if spot := said.one.get(code):
            found[stage]["flag"] = spot
    return found
