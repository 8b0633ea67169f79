"""What one row says, sorted by what it is for: the columns of its table are looked at once, not for every row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from projects.ledgers.meanings import MEANINGS, label
from projects.ledgers.understanding import Column, Row, Rows, Table, Value
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
_DONE_WORDS: Final = {
    **{
        "sign": "签约",
        "perform": "履约",
        "land": "供地|拿地|摘牌",
        "start": "开工|动工",
        "top": "封顶",
        "completion": "竣工|完工|建成",
    },
    **{"trial": "试生产|试运行", "produce": "投产|投用|投运", "capacity": "达产|达效", "stats": "入库|入统|纳统"},
}
FLAGS: Final = {"started": "start", "completed": "completion", "produced": "produce", "stats_entered": "stats"}
MONTHLY: Final = {"month_done": "year_done", "stats_month": "stats_done"}
"""Figures of one month alone, each with the sum that holds it."""
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
    `steps` the days by stage and by planned, actual or on, `states` the stages that are done by a word alone (已投产);
    `wrong` a sentence for each cell that must be mended.
    """

    table: Tab
    number: int
    group: tuple[str, ...] = ()
    part_of: int = 0
    one: dict[str, Spot] = field(default_factory=dict)
    plan: list[Spot] = field(default_factory=list)
    figures: list[Spot] = field(default_factory=list)
    steps: dict[str, dict[str, Spot]] = field(default_factory=dict)
    states: dict[str, Spot] = field(default_factory=dict)
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
        """Rows of data, with their places in the table; of their cells only those that `identity` wants."""
        rows, wanted = self.table.rows, {each[0] for each in self.naming}
        if isinstance(rows, Rows):
            rows = replace(rows, readers=[each for each in rows.readers if each[0] in wanted])
        return ((at, row) for at, row in enumerate(rows) if row.kind == "data")

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
        said = Said(self, row.number, row.group, row.part_of)
        cells = row.cells
        for index, column, way, code in columns:
            cell = cells.get(index)
            if cell is None:
                continue
            if way == "steps" and (state := _state(code, cell)):
                said.states[code.rpartition("_")[0]] = Spot(column, True)
                cell = cell._replace(doubt=state)
            if cell.doubt and column.meaning and MEANINGS[column.meaning].goes:  # mere words are nobody's doubt
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
        if said.wrong:
            _forgive(said)
        return said

    def _doubt(self, said: Said, column: Column, cell: Value, wanted: bool) -> None:
        wrong = cell.wrong and wanted
        said.doubts.append((column.letter, cell.doubt, wrong))
        if wrong:
            heading = column.heading[-1] if column.heading else label(column.meaning)
            sentence = f"第{said.number}行 {column.letter}列“{heading}”为{cell.doubt}"
            said.wrong.append((column.meaning, column.letter, sentence))


def _state(code: str, cell: Value) -> str:
    """What is taken of a word in a column of days that says its step is done, as a doubt; "" where none does."""
    if cell.value is not None or not isinstance(cell.raw, str) or len(cell.raw) > 20:
        return ""
    words = _DONE_WORDS[code.rpartition("_")[0]]
    plain = cell.raw.strip()
    if not re.fullmatch(rf"(?:项目)?(?:已经?|现已|均已|全部|全面)+(?:全部|全面|正式)?(?:{words}|完成)[。！!]?", plain):
        return ""
    return f"“{plain}”：按{words.partition('|')[0]}已完成读入，日期不详"


def _forgive(said: Said) -> None:
    """A month that was corrected downwards (-120) is no reason to lose the row, where the sum that holds it is told."""
    sums = {(spot.column.meaning, spot.column.year, spot.column.month) for spot in said.figures}
    columns = {column.letter: column for _, column, _, code in said.table.columns if code in MONTHLY}
    for code, letter, sentence in list(said.wrong):
        column = columns.get(letter)
        if column is None or "是负数" not in sentence:
            continue
        if any(
            meaning == MONTHLY[code] and (year, month or 12) >= (column.year, column.month or 0)
            for meaning, year, month in sums
            if year == column.year
        ):
            said.wrong.remove((code, letter, sentence))
            at = next(at for at, doubt in enumerate(said.doubts) if doubt[0] == letter)
            lead = said.doubts[at][1].partition("：")[0]
            said.doubts[at] = letter, f"{lead}：当月数没有读入，以累计数为准", False


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
    for stage, spot in said.states.items():
        found[stage].setdefault("flag", spot)
    return found
