"""Fills a workbook of an office's own with what the facts say of a month: its sheets, styles and words stay.

One filler for the ledger that is given back and for a layout that an office showed by an example: they differ in which
project stands in which row. What is written is read again by the reader of ledgers, so that nothing goes out that would
be understood otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet

from projects import names
from projects.dates import DateSpan
from projects.intake import limits
from projects.intake.formats.refs import Axis, Insertion, Shift, letters
from projects.intake.opening import Cell, Sheet
from projects.intake.refilling import Changes, Sum, refill
from projects.ledgers.exporting import speaking, summing
from projects.ledgers.exporting.moving import Move
from projects.ledgers.exporting.rereading import Rereading, heading_of
from projects.ledgers.exporting.speaking import Habit, Heads, Keep, Put
from projects.ledgers.exporting.telling import Told, When, tell
from projects.ledgers.meanings import MEANINGS, label
from projects.ledgers.said import FLAGS
from projects.ledgers.understanding import Row, Table, Value
from projects.ledgers.understanding import Told as Answered
from projects.models import Project
from zones import clock
from zones.models import Department, User, Zone

FORMULAS: Final = {
    "replaced": "公式算出来与系统的数不同，改写为数",
    "other": "公式保留；算出来与各行之和不同，请核对",
    "unknown": "公式保留，请打开后核对",
}
ALONE: Final = 3  # cells of a row that is a note and no row of a table
IDLE: Final = frozenset({"serial", "month"})
LEARNT: Final = 300  # rows by which the habits of a column are known
LISTED: Final = 1000  # changes that are told one by one
SAID: Final = 12  # places, or names, of a sentence


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that says something else now."""

    sheet: str
    place: str
    project: str
    heading: str
    old: str
    new: str


@dataclass(slots=True)
class Report:
    """What became of a workbook: how many cells say something else, which, and what is to be known of the rest."""

    changed: int = 0
    changes: list[Change] = field(default_factory=list)
    remarks: dict[str, None] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)  # why → places
    added: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def keep(self, why: str, place: str) -> None:
        self.kept.setdefault(why, []).append(place)

    def sentences(self) -> list[str]:
        """All that is to be known, in sentences."""
        told = [f"更新 {self.changed} 格" if self.changed else "没有要更新的格"]
        told += [f"新增 {len(self.added)} 个项目：{_few(self.added)}"] if self.added else []
        told += [f"已终止或撤销的项目 {len(self.left)} 个，行保留、未更新：{_few(self.left)}"] if self.left else []
        told += [f"{why}：{_few(places)}" for why, places in self.kept.items()]
        return [*told, *self.remarks]


def _few(words: Sequence[str]) -> str:
    shown = "、".join(words[:SAID])
    return f"{shown} 等 {len(words)} 处" if len(words) > SAID else shown


@dataclass(slots=True)
class Plan:
    """What is to be done with a table: the project of each row by its number, rows that are put in (behind which row,
    like which row, which projects), rows that are taken out, and rows of which nothing is to be said. `anew`: what
    stands in rows is of somebody else, and none of it stays.
    """

    table: Table
    rows: dict[int, int]
    added: list[tuple[int, int, list[int]]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    silent: frozenset[int] = frozenset()
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """The workbook, and what became of it."""

    data: bytes
    report: Report


class Filling:
    """A workbook (xlsx) on its way to another month: `sheets` were read of it, `plans` say who stands where."""

    def __init__(
        self, data: bytes, name: str, sheets: Sequence[Sheet], plans: Sequence[Plan], when: When, *, zone: Zone
    ) -> None:
        self.data, self.name, self.sheets, self.plans, self.when, self.zone = data, name, sheets, plans, when, zone
        self.report = Report()
        self.people = people_of(zone)
        self.typed: Mapping[tuple[int, int, int], Cell] = {}

    def filled(
        self,
        rows: QuerySet[Project],
        answered: Answered,
        *,
        heard: Callable[[Told], None] | None = None,
        watermark: str = "",
        rows_at_most: int = limits.ROWS,
    ) -> Filled:
        """Fill it in with `rows`, which are read here; `heard` is called for each, `watermark` stands above each page.

        Raises Refused for a file that is not read.
        """
        self.typed = answered.cells
        by_sheet: dict[int, list[TableFilling]] = {}
        for plan in self.plans:
            tables = by_sheet.setdefault(plan.table.sheet_index, [])
            tables.append(TableFilling(self, plan, self.sheets[plan.table.sheet_index]))
        for tables in by_sheet.values():
            shift = Shift(
                Axis(
                    [each for table in tables for each in table.insertions],
                    [row for table in tables for row in table.plan.gone],
                ),
                tables[0].columns_put,
            )
            for table in tables:
                table.shift = shift
        whole = [table for tables in by_sheet.values() for table in tables]
        places = _places(whole)
        for told in tell(rows, self.when):
            if heard:
                heard(told)
            for table, old, new in places.get(told.project.pk, ()):
                table.fill(told, old, new)
        renamed = self._words(by_sheet)
        for table in whole:
            table.settle()
        changes = {at: Changes(some[0].shift, some[0].puts | _all(some)) for at, some in by_sheet.items()}
        made = refill(self.data, self.name, changes, renamed, header=watermark, rows=rows_at_most)
        for at, place, what in made.formulas:
            if at in by_sheet:
                self._formula(by_sheet[at], place, what)
        for table in whole:
            for (row, column), why in table.emptied.items():
                self.report.keep(why, f"{letters(column)}{row}")
        Rereading(self, whole, answered).check(made.data, rows_at_most)
        return Filled(made.data, self.report)

    def _formula(self, tables: Sequence[TableFilling], at: tuple[int, int], what: str) -> None:
        place = f"{letters(at[1])}{at[0]}"
        if why := FORMULAS.get(what):
            self.report.keep(why, place)
        for table in tables:
            table.emptied.pop(at, None)
            if table.facts.get(at, (0, ""))[1] is None:
                table.facts.pop(at, None)  # a formula stays where nothing was told

    def _words(self, by_sheet: Mapping[int, list[TableFilling]]) -> dict[str, str]:
        """Titles, headings, notes and names of sheets for the new month; names of sheets by the old ones."""
        renamed = {}
        taken = {sheet.name for sheet in self.sheets}
        for at, tables in by_sheet.items():
            for table in tables:
                table.words()
            move = tables[0].move
            name = self.sheets[at].name
            moved = move.words(name) if move else name
            if moved != name and moved not in taken and len(moved) <= 31:
                renamed[name] = moved
                taken.add(moved)
        return renamed


def _all(tables: Iterable[TableFilling]) -> dict[tuple[int, int], Cell | Sum]:
    return {place: value for table in tables for place, value in table.puts.items()}


def _places(tables: Iterable[TableFilling]) -> dict[int, list[tuple[TableFilling, int, int]]]:
    """By project: table, the row that it had or is to look like (negative), and where it stands."""
    found: dict[int, list[tuple[TableFilling, int, int]]] = {}
    for table in tables:
        for number, pk in table.plan.rows.items():
            if number not in table.plan.silent:
                found.setdefault(pk, []).append((table, number, table.shift.rows.new(number)))
        for insertion, pks in zip(table.insertions, (each[2] for each in table.plan.added), strict=True):
            first = table.shift.rows.first_behind(insertion.after)
            for step, pk in enumerate(pks):
                found.setdefault(pk, []).append((table, -insertion.like, first + step))
    return found


def people_of(zone: Zone) -> dict[str, str]:
    """How units and persons of the zone are called, and how we call them."""
    near = Q(zone__path__in=[zone.path, *zone.ancestor_paths]) | Q(zone__path__startswith=zone.path)
    found: dict[str, str] = {}
    for unit in Department.objects.filter(near, active=True):
        for name in filter(None, (unit.name, unit.short_name, str(unit))):
            found[names.tidy(name)] = str(unit)
    paths = [zone.path, *zone.ancestor_paths]
    at = Q(department__zone__path__in=paths) | Q(department__zone__path__startswith=zone.path)
    at |= Q(appointments__zone__path__in=paths) | Q(appointments__zone__path__startswith=zone.path)
    for user in User.objects.filter(at, is_active=True).exclude(display_name="").distinct():
        found.setdefault(names.tidy(user.display_name), str(user))
    return found


# ---- A table ------------------------------------------------------------------------------------------------------
class TableFilling:
    """One table on its way."""

    def __init__(self, filling: Filling, plan: Plan, sheet: Sheet) -> None:
        self.filling, self.plan, self.table, self.sheet = filling, plan, plan.table, sheet
        self.report = filling.report
        self.shift = Shift()
        self.puts: dict[tuple[int, int], Cell | Sum] = {}
        self.emptied: dict[tuple[int, int], str] = {}  # new place → why
        self.facts: dict[tuple[int, int], tuple[int, Any]] = {}  # new place → column, what it is to be read as
        self.first = self.table.last_heading + 1
        self.insertions = [Insertion(after, like, len(pks)) for after, like, pks in plan.added]
        self.month_column = self.table.column("month")
        self.old, self.history = self._old()
        self.move = Move(self.old or filling.when, filling.when, clock.today())
        self.repeated = speaking.fixed(self.table.columns)
        self.habits = self._habits()
        self.columns_put = Axis(self._more_months())
        self.heads = self._heads()
        self.merges = _Merges(sheet)
        self.sums = summing.Sums(self.table, self.heads, {*plan.gone}, whole=plan.anew)

    def _old(self) -> tuple[When | None, bool]:
        """The month that the table is about, and whether its rows are of several."""
        table = self.table
        if self.month_column is not None:
            said = {
                (value.value.last.year, value.value.last.month)
                for row in table.rows
                if row.kind == "data"
                and (value := row.cells.get(self.month_column.index))
                and isinstance(value.value, DateSpan)
                and value.value.last
            }
            if len(said) == 1:
                return When(*said.pop()), False
            if said:
                return None, True
        return (When(table.year, table.month) if table.year and table.month else None), False

    def _habits(self) -> dict[int, Habit]:
        found = {column.index: Habit() for column in self.table.columns}
        seen = 0
        for row in self.table.rows:
            if row.kind != "data":
                continue
            for index, value in row.cells.items():
                found[index].hear(value)
            seen += 1
            if seen >= LEARNT:
                break
        return found

    def _more_months(self) -> list[Insertion]:
        """Columns for months that the table has none for yet, behind those of its last month."""
        new = self.filling.when
        last = max(
            (each.month for each in self.table.columns if each.meaning in self.repeated and each.month), default=0
        )
        if not last or self.old is None or new.year != self.old.year or new.month <= last:
            return []
        indexes = [each.index for each in self.table.columns if each.meaning in self.repeated and each.month == last]
        runs: list[list[int]] = []
        for index in indexes:
            if runs and runs[-1][-1] == index - 1:
                runs[-1].append(index)
            else:
                runs.append([index])
        return [Insertion(run[-1] + 1, run[0] + 1, len(run) * (new.month - last), len(run)) for run in runs]

    def _heads(self) -> list[Heads]:
        flagged = frozenset(stage for each in self.table.columns if (stage := FLAGS.get(each.meaning, "")))
        found = []
        for column in self.table.columns:
            month, fresh = speaking.month_of(column, self.repeated, self.old, self.filling.when)
            found.append(Heads(column, month, fresh, self.habits[column.index], self.filling.people, flagged))
        return found

    @property
    def more(self) -> Iterator[tuple[int, Heads, int]]:
        """Columns that are put in: where they stand afterwards (from 1), what they say, the month they are like."""
        by_index = {heads.column.index: heads for heads in self.heads}
        for insertion in self.columns_put.insertions:
            first = self.columns_put.first_behind(insertion.after)
            for step, like in insertion.pairs():
                heads = by_index[like - 1]
                last = heads.column.month or 0
                month = last + 1 + step // insertion.width
                yield first + step, Heads(heads.column, month, True, heads.habit, heads.people, heads.flagged), last

    # -- rows
    def fill(self, told: Told, old: int, new: int) -> None:
        """What a project says, in the row that it had (`old`), or in a new one that looks like another (-`old`)."""
        if self.history:
            return
        row = self.table.rows[abs(old) - self.first]
        for heads in self.heads:
            index = heads.column.index
            present = row.cells.get(index) if old > 0 else None
            like = row.cells.get(index)
            place = (new, self.shift.columns.new(index + 1))
            if old > 0 and self.merges.covers(abs(old) - 1, index) and not self.plan.anew:
                continue
            dated = like is not None and isinstance(like.raw, date)
            decision = speaking.decide(heads, told, None if self.plan.anew else present, dated=dated)
            if self.plan.anew and isinstance(decision, Keep) and heads.meaning != "serial":
                decision = Put(None, None)
            if old > 0 and not self.plan.anew and isinstance(decision, Put) and self.merges.shared(old - 1, index):
                decision = Keep("几行合并的单元格，没有改动")
            self._take(decision, heads, present, place, told, old)
        for column, heads, _ in self.more:
            decision = speaking.decide(heads, told, None)
            self._take(decision, heads, None, (new, column), told, 0)
        if old < 0 and not self.plan.anew:
            self.report.added.append(told.project.name)
        if self.month_column is not None and (self.move or self.plan.anew) and (old > 0 or self.plan.anew):
            self._month(row, new)

    def _take(
        self, decision: Put | Keep, heads: Heads, present: Value | None, place: tuple[int, int], told: Told, old: int
    ) -> None:
        shown = f"{letters(place[1])}{place[0]}"
        index = heads.column.index
        if isinstance(decision, Keep):
            typed = (self.table.sheet_index, old, index)
            if typed in self.filling.typed:  # what a person put in place of a cell belongs into the file
                self.puts[place] = self.filling.typed[typed]
            if decision.why:
                self.report.keep(decision.why, shown)
            return
        self.puts[place] = decision.cell
        self.facts[place] = (index, decision.fact)
        self.sums.put(old, index, place, decision.fact)
        if self.plan.anew:
            return
        if decision.cell is None and present is not None:
            self.emptied[place] = f"{heads.month}月没有报“{label(heads.meaning)}”，留空"
        old_words, new_words = _words(present.raw if present else None), _words(decision.cell)
        if old_words == new_words:
            return
        self.report.changed += 1
        if len(self.report.changes) < LISTED:
            change = Change(self.sheet.name, shown, told.project.name, label(heads.meaning), old_words, new_words)
            self.report.changes.append(change)

    def _month(self, row: Row, new: int) -> None:
        """The month that stands in the row itself."""
        column = self.month_column
        value = row.cells.get(column.index) if column else None
        if column is None or value is None:
            return
        place = (new, self.shift.columns.new(column.index + 1))
        if isinstance(value.raw, date):
            self.puts[place] = self.filling.when.last if value.raw.day > 1 else self.filling.when.last.replace(day=1)
        elif isinstance(value.raw, str):
            self.puts[place] = self.move.words(value.raw)

    # -- around
    def words(self) -> None:
        """Titles, headings and notes of the new month."""
        if self.history:
            self.report.remarks["表里每行各有月份，是历次的记录，没有更新"] = None
            return
        for number, cells in enumerate(self.sheet.rows, start=1):
            if number in self.plan.gone or not self._is_word(number):
                continue
            heading = self.table.first_heading <= number <= self.table.last_heading
            for index, cell in enumerate(cells):
                if isinstance(cell, str) and not self.merges.covers(number - 1, index):
                    move = self.move.only_years() if heading and self._stays(number, index) else self.move
                    moved = move.words(cell)
                    if moved != cell:
                        self._say(number, index, moved)
        for column, heads, last in self.more:
            for number in range(self.table.first_heading, self.table.last_heading + 1):
                cell = self.sheet.rows[number - 1][heads.column.index]
                if isinstance(cell, str):
                    year = self.filling.when.year
                    step = Move(When(year, last), When(year, heads.month or last), clock.today())
                    self.puts[self.shift.rows.new(number), column] = step.words(cell)

    def _say(self, number: int, index: int, words: str) -> None:
        self.puts[self.shift.rows.new(number), self.shift.columns.new(index + 1)] = words

    def _is_word(self, number: int) -> bool:
        """Whether a row is no row of the table's own: above it, a heading, a note."""
        if number < self.first:
            return True
        at = number - self.first
        if at >= len(self.table.rows):
            said = sum(cell not in (None, "") for cell in self.sheet.rows[number - 1])
            return said <= ALONE  # another table may stand below
        return self.table.rows[at].kind == "note"

    def _stays(self, number: int, index: int) -> bool:
        """Whether a heading stands over columns that each have their own month."""
        last = self.merges.right_of(number - 1, index)
        return any(
            index <= each.index <= last and each.meaning in self.repeated and each.month for each in self.table.columns
        )

    def settle(self) -> None:
        """Numbers of rows, sums, and how many projects there are."""
        if self.history:
            return
        if self.plan.anew and not self.facts:  # no project at all: the example's own row must not stay
            (row,) = map(self.shift.rows.new, self.plan.rows)
            self.puts |= {(row, self.shift.columns.new(each.column.index + 1)): None for each in self.heads}
        idle = [each.column for each in self.heads if each.meaning not in IDLE and self._is_idle(each)]
        if self.move and idle and not self.plan.anew:
            self.report.remarks[f"系统里没有这些列的数据，保持原样：{'、'.join(map(heading_of, idle))}"] = None
        self._number()
        for place, cell in self.sums.settled(self.shift, self.more_sums(), self.report):
            self.puts[place] = cell

    def _is_idle(self, heads: Heads) -> bool:
        """Whether nothing is ever put into a column in which something stands."""
        spoken = heads.meaning in speaking.SPOKEN and heads.month is not None
        habit = heads.habit
        return not spoken and bool(habit.scales or habit.days or any(habit.flags.values()))

    def more_sums(self) -> list[tuple[int, int]]:
        """Where new columns of money stand, and the index of the column that each is like."""
        return [(at, heads.column.index) for at, heads, _ in self.more if MEANINGS[heads.meaning].shape == "money"]

    def _number(self) -> None:
        """The serial numbers, where rows were put in or taken out."""
        column = self.table.column("serial")
        if column is None or not (self.plan.added or self.plan.gone):
            return
        at = self.shift.columns.new(column.index + 1)
        known = [
            (row.number, int(str(value.value)))
            for row in self.table.rows
            if row.kind == "data" and (value := row.cells.get(column.index)) and str(value.value).isdecimal()
        ]
        said = [number for _, number in known]
        kept = [row for row, _ in known if row not in self.plan.gone]
        new = {
            self.shift.rows.first_behind(insertion.after) + step
            for insertion in self.insertions
            for step in range(insertion.count)
        }
        if said == list(range(1, len(said) + 1)) or self.plan.gone:
            order = sorted({*map(self.shift.rows.new, kept), *new})
            self.puts |= {(row, at): number for number, row in enumerate(order, start=1)}
            return
        last = max(said, default=0)
        self.puts |= {(row, at): number for number, row in enumerate(sorted(new), start=last + 1)}


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return f"{cell:.10g}"
    return str(cell).strip()


class _Merges:
    """Merged ranges, as far as they matter to rows of a table."""

    def __init__(self, sheet: Sheet) -> None:
        self.by_row: dict[int, list[tuple[int, int, int, int]]] = {}
        for each in sheet.merged:
            for row in range(each.top, min(each.bottom, len(sheet.rows)) + 1):
                self.by_row.setdefault(row, []).append((each.top, each.left, each.bottom, each.right))

    def covers(self, row: int, column: int) -> bool:
        """Whether a cell lies under a merge, whose value stands elsewhere."""
        return any(
            left <= column <= right and (row, column) != (top, left) for top, left, _, right in self.by_row.get(row, ())
        )

    def shared(self, row: int, column: int) -> bool:
        """Whether a cell stands for several rows."""
        return any(left <= column <= right and bottom > top for top, left, bottom, right in self.by_row.get(row, ()))

    def right_of(self, row: int, column: int) -> int:
        """The last column over which a cell stands."""
        return max((right for _, left, _, right in self.by_row.get(row, ()) if left == column), default=column)
