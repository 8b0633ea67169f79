"""What was understood of a ledger, held against the truth, cell by cell.

Only names of attributes are asked for (`tables`, `columns`, `rows`, `cells`, `value`, `doubt`, `wrong`, `questions` …),
so that any reader with that shape can be measured.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from bench.ledger_maker.sheets import letter
from bench.ledger_maker.truth import (
    FLAGS,
    KEPT_AS_TEXT,
    MONEY,
    CellTruth,
    ColumnTruth,
    Days,
    Money,
    Percent,
    RowTruth,
    TableTruth,
    Truly,
    Truth,
)
from bench.ledger_maker.words import HEADINGS

_BLANKS: Final = re.compile(r"\s+")
_BETWEEN: Final = re.compile(r"[,，、/;；]")
_NEAR: Final = 0.006  # points of a percent


# The codes by which the product calls the meanings of the truth, where it has another name or tells more apart.
CODES: Final[dict[str, tuple[str, ...]]] = {
    "district": ("zone",),
    "years": ("build_period",),
    "department": ("unit",),
    "percent_done": ("done_rate",),
    "month_words": ("progress",),
    "progress_words": ("progress",),
    "note": ("remark",),
    "address": ("place",),
    "status": ("started", "phase"),
    "stats_entry": ("stats_entered",),
    "request": ("wanted",),
    "last_year_done": ("carried",),
    "category": ("category", "kind"),
    "content": ("content", "size"),
    "finish_planned": ("completion_planned",),
    "start_actual": ("start_actual", "start_on"),  # a day that has passed is when it was done
    "finish_actual": ("completion_actual", "completion_on"),
    "produced_planned": ("produce_planned",),
    "produced_actual": ("produce_actual", "produce_on"),
    "contact": ("liaison",),
    "leader": ("leader", "team"),
    "permit": (
        *("land_listing", "land_certificate", "site_plan", "works_planning", "drawings", "contract", "works_permit"),
        "land_conversion",
    ),
}
_MONEY_CODES: Final = frozenset(code for meaning in MONEY for code in CODES.get(meaning, (meaning,)))
_OURS: Final = frozenset(HEADINGS) - frozenset(CODES) | {code for codes in CODES.values() for code in codes}


def codes_of(meaning: str) -> tuple[str, ...]:
    """What the product may call a meaning."""
    return CODES.get(meaning, (meaning,))


@dataclass(frozen=True)
class Slip:
    """One cell that was taken for something else, without a word."""

    file: str
    cell: str
    heading: str
    printed: str
    read: str
    true: str


@dataclass
class Score:
    """`cells`: right, marked (doubtful, unreadable or asked), silent (taken wrongly without a word), missed (lost
    without a word). `certain_marked` are those of the marked that could have been known. `amounts` are the silent
    wrong amounts.
    """

    cells: Counter[str] = field(default_factory=Counter)
    certain_marked: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    amounts: list[Slip] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def score(understood: Any, truth: Truth) -> dict[str, Any]:
    """Counts of right, marked, silent and missed cells; of right columns and rows; silent wrong amounts one by one."""
    result = Score()
    tables = {table.sheet_index: table for table in understood.tables}
    for at in truth.left_out:
        if at in tables:
            _invented(tables[at], truth, result)
        result.facts["sheets left out" if at not in tables else "sheets wrongly read"] += 1
    for told in truth.tables:
        _Table(tables.get(told.index), told, truth, result).compare()
    return {each.name: getattr(result, each.name) for each in fields(result)}


def _invented(table: Any, truth: Truth, result: Score) -> None:
    """A sheet without a ledger that was read as one."""
    result.notes.append(f"{truth.name}：工作表“{table.sheet}”不是台账")
    for row in table.rows:
        result.cells["silent"] += sum(value.value is not None for value in row.cells.values()) * (row.kind == "data")


class _Table:
    def __init__(self, table: Any, told: TableTruth, truth: Truth, result: Score) -> None:
        self.table, self.told, self.truth, self.result = table, told, truth, result
        self.asked: set[tuple[str, int | None]] = set()
        self.columns: dict[int, Any] = {}
        self.scale = 1
        if table is not None:
            self.asked = {(question.code, question.column) for question in table.questions}
            self.columns = {column.index: column for column in table.columns}

    def compare(self) -> None:
        if self.table is None:
            self._nothing_read()
            return
        self._facts()
        for column in self.told.columns:
            self.result.columns[self._column(column)] += 1
        rows = {row.number: row for row in self.table.rows}
        self.scale = self._scale(rows)
        for row in self.told.rows:
            self._row(row, rows.pop(row.number, None))
        for row in rows.values():
            if row.kind in ("data", "total", "group"):
                self.result.rows["invented"] += 1
                self.result.notes.append(f"{self.truth.name}：第{row.number}行不是{row.kind}")

    def _scale(self, rows: Mapping[int, Any]) -> int:
        """Whether shares are read in points (1) or as fractions (100): whichever fits more of the table's cells."""
        fitting: Counter[int] = Counter({1: 0, 100: 0})
        for told in self.told.rows:
            values = rows[told.number].cells if told.number in rows else {}
            for at, cell in told.cells.items():
                if isinstance(cell.value, Percent) and at in values:
                    fitting.update(scale for scale in (1, 100) if _same_percent(cell.value, values[at].value, scale))
        return 1 if fitting[1] >= fitting[100] else 100

    def _nothing_read(self) -> None:
        """Sums by district may be left out; a ledger may not."""
        if not self.told.projects:
            self.result.facts["sums left out"] += 1
            return
        self.result.notes.append(f"{self.truth.name}：没有读出工作表“{self.told.sheet}”")
        self.result.cells["missed"] += sum(len(row.cells) for row in self.told.rows)
        self.result.columns["missed"] += len(self.told.columns)

    def _facts(self) -> None:
        below = {row.number for row in self.told.rows if "heading" in row.kinds}  # a row of numbers is as good as one
        if self.table.last_heading not in {self.told.last_heading, *below} and ("heading", None) not in self.asked:
            self.result.notes.append(
                f"{self.truth.name}：标题到第{self.told.last_heading}行，读成到第{self.table.last_heading}行"
            )
        for code in ("year", "month"):
            true, read = getattr(self.told, code), getattr(self.table, code)
            if true is not None:
                right = "asked" if self._asked(code) else "missed" if read is None else "wrong"
                self.result.facts[f"{code} {'right' if true == read else right}"] += 1

    def _asked(self, code: str) -> bool:
        return any(asked == code for asked, _ in self.asked)

    # --- columns ----------------------------------------------------------------------------------------------

    def _column(self, told: ColumnTruth) -> str:
        """right, asked, kept (as text only), wrong."""
        column = self.columns.get(told.index)
        meaning = column.meaning if column is not None else ""
        found = f"{self.truth.name} {letter(told.index)}列“{''.join(told.heading)}”"
        if self._right_meaning(told, meaning):
            if other := self._other_time(told, column):
                self.result.notes.append(f"{found}：{other}")
            return "wrong" if other else "right"
        if self._in_question(told.index):
            return "asked"
        self.result.notes.append(f"{found}：应为{told.meaning}，读成{meaning or '只作文字'}")
        return "wrong" if meaning else "kept"

    def _right_meaning(self, told: ColumnTruth, meaning: str) -> bool:
        """A column that the truth has no name for may be called anything that is no other's name."""
        if told.meaning in KEPT_AS_TEXT and meaning not in _OURS:
            return True
        return any(meaning in codes_of(each) for each in (told.meaning, *told.also))

    def _other_time(self, told: ColumnTruth, column: Any) -> str:
        """Another year or month that a figure was taken for, as a sentence. What is asked, or not said, is none."""
        for code in ("year", "month"):
            true = getattr(told, code)
            read = getattr(column, code, None) or getattr(self.table, code)
            if true is not None and read not in (None, true) and not self._asked(code):
                return f"应为{true}，读成{read}"
        return ""

    def _in_question(self, index: int) -> bool:
        return any(column == index for _, column in self.asked) or ("heading", None) in self.asked

    # --- rows -------------------------------------------------------------------------------------------------

    def _row(self, told: RowTruth, row: Any) -> None:
        kind = row.kind if row is not None else ""
        self.result.rows["right" if kind in told.kinds else "wrong"] += 1
        if kind not in told.kinds:
            self.result.notes.append(f"{self.truth.name}：第{told.number}行是{told.kinds[0]}，读成{kind or '没有读'}")
            if kind == "data" and any(value.value is not None for value in row.cells.values()):
                self.result.cells["silent"] += 1
        if "data" not in told.kinds:
            return
        if told.group and row is not None:
            found = _squashed("".join(row.group))
            self.result.groups["right" if all(_squashed(name) in found for name in told.group) else "wrong"] += 1
        for column in self.told.columns:
            value = row.cells.get(column.index) if kind == "data" else None
            self._cell(column, told, told.cells[column.index], value)

    def _cell(self, column: ColumnTruth, row: RowTruth, told: CellTruth, value: Any) -> None:
        outcome = self._outcome(column, told, value)
        self.result.cells[outcome] += 1
        if outcome == "marked" and not told.doubtful:
            self.result.certain_marked += 1
        if outcome not in ("silent", "missed"):
            return
        slip = Slip(
            self.truth.name, f"{letter(column.index)}{row.number}", "".join(column.heading), repr(told.printed),
            repr(getattr(value, "value", None)), "只能存疑" if told.doubtful else repr(told.value),
        )  # fmt: skip
        self.result.slips.append(slip)
        read = self.columns.get(column.index)
        money = hasattr(getattr(value, "value", None), "low") or (read is not None and read.meaning in _MONEY_CODES)
        if outcome == "silent" and money:
            self.result.amounts.append(slip)

    def _outcome(self, column: ColumnTruth, told: CellTruth, value: Any) -> str:
        read = self.columns.get(column.index)
        meaning, taken = read.meaning if read is not None else "", getattr(value, "value", None)
        if value is not None and (value.doubt or value.wrong):
            return "marked"
        right = self._right_meaning(column, meaning) and not self._other_time(column, read)
        if right and self._same(column, told, taken):
            return "right"  # whatever is asked of its column
        if self._in_question(column.index) or (column.meaning in MONEY and ("unit", None) in self.asked):
            return "marked"
        if told.value is None and not told.doubtful and not meaning:
            return "right"
        return "missed" if taken is None or not meaning else "silent"

    def _same(self, column: ColumnTruth, told: CellTruth, taken: Any) -> bool:
        if column.meaning == "other":
            return True  # nothing is known of what it means
        trues = () if told.doubtful else (told.value, *told.also)
        return any(_same(true, taken, column.meaning, self.scale) for true in trues)


# --- values -------------------------------------------------------------------------------------------------------


def _squashed(text: object) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", str(text)))


def _same(true: Truly, read: Any, meaning: str, scale: int) -> bool:
    if true is None or read is None:
        return true is None and (read is None or read in ("", ()) or _squashed(read) in ("无", "-", "/"))
    if meaning in FLAGS and not isinstance(read, str | bool):
        return meaning == "permit"  # several ways of keeping a permit are as good
    if isinstance(true, Percent):
        return _same_percent(true, read, scale)
    ways: dict[type, Callable[[Any, Any], bool]] = {
        Money: _same_money, Days: _same_days, tuple: _same_parts, bool: lambda a, b: a is b,
        int: _same_number, float: _same_number, str: _same_text,
    }  # fmt: skip
    return ways[type(true)](true, read)


def _same_money(true: Money, read: Any) -> bool:
    names = ("low", "high", "currency", "qualifier")
    return all(getattr(read, name, None) == getattr(true, name) for name in names)


def _same_days(true: Days, read: Any) -> bool:
    """A span, or the spans of both ends."""
    start, end = (read[0], read[-1]) if isinstance(read, tuple) and read else (read, read)
    pairs = ((true.first, getattr(start, "first", None)), (true.last, getattr(end, "last", None)))
    return hasattr(end, "last") and all(want is None or want == got for want, got in pairs)


def _same_percent(true: Percent, read: Any, scale: int) -> bool:
    if isinstance(read, str):
        read = read.strip().rstrip("%％")
    try:
        return abs(scale * float(read) - true.points) <= _NEAR
    except (TypeError, ValueError):
        return False


def _same_number(true: float, read: Any) -> bool:
    try:
        return float(read) == float(true)
    except (TypeError, ValueError):
        return bool(re.fullmatch(rf"\D*{true:g}(\.0)?\D*", _squashed(read)))


def _same_parts(true: tuple[str, ...], read: Any) -> bool:
    parts: Iterable[str] = read if isinstance(read, tuple | list) else [str(read)]
    return {_squashed(each) for part in parts for each in _BETWEEN.split(str(part))} == set(map(_squashed, true))


def _same_text(true: str, read: Any) -> bool:
    if isinstance(read, tuple | list):
        read = "、".join(map(str, read))
    return _squashed(true) == _squashed(read)


def share(counted: Mapping[str, int], *good: str) -> float:
    """Of a count, the part that is good, in percent."""
    return 100 * sum(counted.get(name, 0) for name in good) / max(sum(counted.values()), 1)
