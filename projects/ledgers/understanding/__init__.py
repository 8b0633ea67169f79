"""Sheets as offices fill them in, to what they say: columns with meanings, rows with typed values, doubts, questions.

Pure: no database. What cannot be known is asked and never guessed in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Final

from projects.glyphs import fold
from projects.intake.opening import Cell, Sheet
from projects.ledgers.meanings import DONE, MEANINGS, YEARLY, label
from projects.ledgers.understanding import columns as columns_
from projects.ledgers.understanding import finding, kinds, times
from projects.ledgers.understanding.cells import About, bare_figure, is_blank
from projects.ledgers.understanding.columns import Draft
from projects.ledgers.understanding.finding import Grid, Place
from projects.ledgers.understanding.results import (
    NOTHING_TOLD,
    UNITS,
    Answers,
    Column,
    Question,
    Row,
    Table,
    Told,
    Understood,
    Value,
)
from projects.ledgers.understanding.rows import Rows, read_rows

__all__ = [
    "NOTHING_TOLD",
    "UNITS",
    "Answers",
    "Column",
    "Question",
    "Row",
    "Rows",
    "Table",
    "Told",
    "Understood",
    "Value",
    "understand",
]

_NO_LEDGER: Final = re.compile(
    r"(?:填[表报]|填写|使用|指标|编制)?说明.*|封[面皮]|目录|字典|数据字典|下拉.*|选项|参数|样[例表]|示例|范例|代码表"
)
_SAMPLED: Final = 300  # rows whose values help to recognise a column


def understand(sheets: Sequence[Sheet], *, on: date, told: Told = NOTHING_TOLD, name: str = "") -> Understood:
    """What a workbook says. Never raises, whatever the sheets hold.

    Args:
        sheets: as `projects.intake.opening.read_sheets` gives them; they must stay as they are while rows are read.
        on: the day of reading, for the years that are offered in a question.
        told: what a person or a remembered layout answered.
        name: the file's name, which may tell year and month when nothing else does.
    """
    tables: list[Table] = []
    remarks: list[str] = []
    for index, sheet in enumerate(sheets):
        asked_for = told.headings.get(index)
        reason = "" if asked_for else _left_out(sheet, asked_for)
        if all(is_blank(cell) for row in sheet.rows for cell in row):
            continue
        found, empty = ([], False) if reason else _tables(sheet, index, on, told, name)
        tables += found
        if not found:
            reason = reason or ("只有表头，没有数据" if empty else "没有认出表头")
            remarks.append(f"工作表“{sheet.name or index + 1}”{reason}，没有读入")
    return Understood(tuple(tables), tuple(remarks))


def _left_out(sheet: Sheet, headings: Sequence[tuple[int, int]] | None) -> str:
    """Why a sheet is not read, "" when it is."""
    if headings is not None:
        return "被指定为不是台账"
    if sheet.hidden:
        return "是隐藏的"
    return "是说明，不是台账" if _NO_LEDGER.fullmatch(sheet.name.strip()) else ""


def _tables(sheet: Sheet, index: int, on: date, told: Told, name: str) -> tuple[list[Table], bool]:
    """The tables of a sheet, and whether there are headings with nothing below them."""
    grid = Grid(sheet)
    found: list[Table] = []
    empty = False
    for place in finding.places(sheet, grid, told.headings.get(index)):
        start = place.last + 1
        if all(is_blank(cell) for row in sheet.rows[start : place.end] for cell in row):
            empty = True
            continue
        found.append(_Reading(grid, index, place, on, told, name, found[-1] if found else None).table())
    return found, empty


class _Reading:
    """One table on its way to being understood."""

    def __init__(
        self, grid: Grid, index: int, place: Place, on: date, told: Told, name: str, before: Table | None
    ) -> None:
        self.grid, self.sheet, self.index, self.place = grid, grid.sheet, index, place
        self.on, self.told, self.name = on, told, name
        self.key = f"{index}:{place.first + 1}"
        self.before = before
        self.above = [
            cell
            for row in self.sheet.rows[place.above : place.first]
            for cell in row
            if isinstance(cell, str) and cell.strip()
        ]
        self.drafts = columns_.drafts(place.levels, self._samples())
        self.fingerprint = columns_.fingerprint(self.drafts)
        self.mine = told.tables.get(self.key, Answers())
        self.remembered = told.layouts.get(self.fingerprint, Answers())
        self.goes_on = before is not None and before.fingerprint == self.fingerprint and not self.above

    def _samples(self) -> dict[int, list[Cell]]:
        samples: dict[int, list[Cell]] = {}
        start = self.place.last + 1
        for row in islice(self.sheet.rows, start, min(self.place.end, start + _SAMPLED)):
            for index, cell in enumerate(row[: self.grid.width]):
                if not is_blank(cell):
                    samples.setdefault(index, []).append(cell)
        return samples

    def table(self) -> Table:
        columns_.recognise(self.drafts, (self.mine, self.remembered))
        meant = {draft.meaning for draft in self.drafts}
        summary = "name" not in meant and "company" not in meant and bool(meant & {"count", "zone", "unit"})
        questions = columns_.questions(self.drafts, summary=summary)
        title, office = self._title(), self._office()
        year, month, asked = self._when(title)
        corner = self._corner()
        nearby = self.before.unit if self.before and not corner else ""
        units = columns_.with_units(self.drafts, (self.mine, self.remembered), corner, nearby)
        columns = self._columns(units, year, month)
        questions += asked + self._asked_for(columns, year, month)
        start, end = self.place.last + 1, self.place.end
        sorted_out = kinds.sort_out(self.grid, start, end, columns, self.place.again)
        figures = self._figures(columns, sorted_out)
        rows = read_rows(
            self.grid,
            start,
            end,
            columns,
            {column.index: self._about(column, units, figures, year) for column in columns},
            figures,
            self._typed(),
            sorted_out,
        )
        return Table(
            sheet=self.sheet.name,
            sheet_index=self.index,
            key=self.key,
            about="summary" if summary else "projects",
            title=title,
            office=office,
            first_heading=self.place.first + 1,
            last_heading=self.place.last + 1,
            columns=columns,
            rows=rows,
            year=year,
            month=month,
            unit=corner,
            questions=tuple(questions),
            fingerprint=self.fingerprint,
        )

    # --- what stands around the table -----------------------------------------------------------------------------

    def _title(self) -> str:
        said = [" ".join(text.split()) for text in self.above if not finding.is_aside(fold(text)) or len(text) > 40]
        said = said or [" ".join(text.split()) for text in self.above if re.search("表|台账|清单|进展|报表", text)]
        if not said and self.goes_on and self.before:
            return self.before.title
        return max(said, key=len)[:200] if said else ""

    def _office(self) -> str:
        for at, text in enumerate(self.above):
            plain = fold(text)
            match = finding.OFFICE.search(plain)
            if match:
                return match["office"].strip()
            if re.fullmatch(
                r"\s*(?:报送|填报|填表|编制|制表|上报)(?:单位|部门|机关)\s*[:：]\s*", plain
            ) and at + 1 < len(self.above):
                return self.above[at + 1].strip()[:40]
        return self.before.office if self.goes_on and self.before else ""

    def _corner(self) -> str:
        """The unit that stands above or below the table, for all its columns; "" where two differ."""
        below: list[str] = []
        for at in range(max(self.place.last + 1, self.place.end - 10), self.place.end):
            said = [cell for cell in self.sheet.rows[at] if not is_blank(cell)]
            # A note stands alone in its row; headings that are printed again speak for their columns only.
            if len(said) <= 2 and at not in self.place.again:
                below += [cell for cell in said if isinstance(cell, str)]
        for texts in (self.above, below, [self.sheet.name]):
            units = {unit for text in texts for unit in finding.units_in(text)}
            if units:
                return units.pop() if len(units) == 1 else ""
        return self.before.unit if self.goes_on and self.before else ""

    # --- year and month -------------------------------------------------------------------------------------------

    def _when(self, title: str) -> tuple[int | None, int | None, list[Question]]:
        """Year and month of the table, and what must be asked of them."""
        said = times.said_in(title)
        if said.year is None or said.month is None:
            for text in self.above:
                more = times.said_in(text)
                said = times.When(said.year or more.year, said.month or more.month)
        sheet, file = times.said_in(self.sheet.name), times.said_in(self.name)
        spoken = [draft for draft in self.drafts if draft.meaning in YEARLY and not draft.heading.end]
        years = {draft.heading.year for draft in spoken if draft.heading.year}
        months = self._months(spoken, said.month or sheet.month)
        asked: list[Question] = []
        year = self.mine.year or self.told.year
        if year is None:
            heads = {said.year} if said.year in years else years
            year, conflict = _agreed([said.year, heads.pop() if len(heads) == 1 else None, sheet.year])
            asked += [_which("year", conflict)] if conflict else []
            year = year or file.year or (self.before.year if self.before else None) or self.remembered.year
        month = self.mine.month or self.told.month
        if month is None:
            month, conflict = _agreed([said.month, max(months, default=None), sheet.month])
            asked += [_which("month", conflict)] if conflict and any(draft.meaning in DONE for draft in spoken) else []
            month = month or file.month or (self.before.month if self.before else None) or self.remembered.month
        return year, month, asked

    @staticmethod
    def _months(spoken: Sequence[Draft], elsewhere: int | None) -> set[int]:
        """The months that headings of completed money name; 1-12月 is a form of words where another is named."""
        done = [
            draft for draft in spoken if draft.meaning in DONE and "plan" not in draft.meaning and draft.heading.month
        ]
        months = {draft.heading.month for draft in done if not (draft.heading.since and draft.heading.month == 12)}
        whole = {draft.heading.month for draft in done} - months
        found = months or (whole if elsewhere is None else set())
        return {month for month in found if month is not None}

    def _columns(self, units: Mapping[int, tuple[str, str]], year: int | None, month: int | None) -> tuple[Column, ...]:
        columns: list[Column] = []
        latest: dict[str, tuple[int, int]] = {}
        for draft in self.drafts:
            own_year, own_month = draft.heading.year, draft.heading.month
            if own_month and not own_year and draft.meaning in latest:
                # 2022年11月 | 12月: the next month of a row of months is of the same year.
                year_at_left, month_at_left = latest[draft.meaning]
                own_year = year_at_left if own_month > month_at_left else None
            if own_year and own_month:
                latest[draft.meaning] = own_year, own_month
            if draft.meaning == "carried" and own_year and year and own_year >= year and not draft.told:
                # At the end of the year itself, nothing is carried: it is all that was spent so far.
                draft.meaning, draft.reason = "total_done", f"{draft.reason}；本表是{year}年的，所以是到年底的累计"
            elif draft.meaning == "carried":
                own_year, own_month = own_year or (year - 1 if year else None), 12
            elif draft.meaning in YEARLY:
                own_year = own_year or year
                if draft.meaning in DONE:
                    label_only = draft.heading.since and own_month == 12 and month is not None and month != 12
                    past = own_year is not None and year is not None and own_year < year
                    own_month = month if label_only else own_month or (12 if past else month)
            columns.append(draft.column(units.get(draft.index, ("", ""))[0], own_year, own_month))
        return tuple(columns)

    def _asked_for(self, columns: Sequence[Column], year: int | None, month: int | None) -> list[Question]:
        """Units, year and month that figures need and nobody says."""
        asked: list[Question] = []
        filled = {draft.index for draft in self.drafts if draft.samples}
        moneys = [column for column in columns if column.index in filled and column.meaning]
        moneys = [column for column in moneys if MEANINGS[column.meaning].shape == "money"]
        bare = [column for column in moneys if not column.unit]
        if bare and len(bare) == len(moneys):
            asked.append(Question("unit", None, "表里没有写金额的单位：请选定是元、万元还是亿元", UNITS))
        else:
            asked += [
                Question(
                    "unit", column.index, f"{column.letter}列“{'·'.join(column.heading)}”没有写单位：请选定", UNITS
                )
                for column in bare
            ]
        dated = [column for column in moneys if column.meaning in YEARLY and MEANINGS[column.meaning].goes]
        monthly = [draft.samples for draft in self.drafts if draft.meaning == "month"]
        if monthly and all(times.said_in(str(cell)).year for cell in monthly[0]):
            return asked
        if any(column.year is None for column in dated):
            years = tuple(str(self.on.year + shift) for shift in (0, -1, 1))
            asked.append(Question("year", None, "没有看出是哪一年的台账：请选定年份", years))
        if not monthly and any(column.month is None for column in dated if column.meaning in DONE):
            columns_said = "、".join(
                f"“{label(each.meaning)}”" for each in dated if each.meaning in DONE and each.month is None
            )
            text = f"没有看出{columns_said}截至哪一个月：请选定月份"
            asked.append(Question("month", None, text, tuple(str(number) for number in range(1, 13))))
        return asked

    # --- values ---------------------------------------------------------------------------------------------------

    def _figures(self, columns: Sequence[Column], sorted_out: kinds.Kinds) -> dict[int, list[float]]:
        """The bare figures of projects in every column of money or percentages, to see which are odd."""
        wanted = [
            column.index
            for column in columns
            if column.meaning and MEANINGS[column.meaning].shape in ("money", "percent")
        ]
        figures: dict[int, list[float]] = {index: [] for index in wanted}
        start, end = self.place.last + 1, self.place.end
        for at in range(start, end, max(1, (end - start) // 20_000)):
            if sorted_out[at] != kinds.DATA:
                continue
            row = self.sheet.rows[at]
            for index in wanted:
                cell = row[index] if index < len(row) else None
                if isinstance(cell, str):
                    cell = bare_figure(cell) if len(cell) < 20 and cell[:1].isdigit() else None
                if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) < 1e15:
                    figures[index].append(float(cell))
        return figures

    def _about(
        self, column: Column, units: Mapping[int, tuple[str, str]], figures: Mapping[int, list[float]], year: int | None
    ) -> About:
        draft = next(draft for draft in self.drafts if draft.index == column.index)
        unit, doubt = units.get(column.index, ("", ""))
        scale, percent_doubt = _scale(figures.get(column.index, []), "%" in "".join(column.heading))
        return About(
            unit, doubt, draft.heading.other_unit, column.year or year, scale, percent_doubt, not self.sheet.name
        )

    def _typed(self) -> dict[int, dict[int, Cell]]:
        typed: dict[int, dict[int, Cell]] = {}
        for (sheet, number, column), cell in self.told.cells.items():
            if sheet == self.index:
                typed.setdefault(number, {})[column] = cell
        return typed


def _scale(figures: Sequence[float], signed: bool) -> tuple[int | None, str]:
    """Whether 1 is 100% or 1% in a column of percentages, by the other figures; None when they do not tell."""
    positive = [abs(figure) for figure in figures if figure]
    if not positive:
        return 1 if signed else None, ""
    if max(positive) <= 1:
        if all(figure == 1 for figure in positive):
            return None, ""
        return 100, "“{}”：标题有%，按{}%读入" if signed else ""
    small = sum(figure <= 1 for figure in positive)
    mixed = "“{}”：按{}%读入，本列其他数大于1"
    if small > len(positive) / 2 and any(figure < 1 for figure in positive):
        return 100, ""
    return 1, mixed if small else ""


def _agreed(said: Sequence[int | None]) -> tuple[int | None, tuple[int, ...]]:
    """What all that speak agree on; else the first, with all that was said."""
    known = list(dict.fromkeys(each for each in said if each is not None))
    return (known[0] if known else None), tuple(known) if len(known) > 1 else ()


def _which(code: str, said: tuple[int, ...]) -> Question:
    what, sign = ("年份", "年") if code == "year" else ("月份", "月")
    words = "、".join(f"{each}{sign}" for each in said)
    return Question(code, None, f"标题、表头和工作表名的{what}不一致（{words}）：请选定", tuple(map(str, said)))  # type: ignore[arg-type]
