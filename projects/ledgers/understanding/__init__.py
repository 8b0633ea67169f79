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
from projects.ledgers.understanding.cells import About, bare_figure, is_blank, shown
from projects.ledgers.understanding.columns import Draft
from projects.ledgers.understanding.finding import Grid, Place
from projects.ledgers.understanding.results import (
    NOTHING_TOLD,
    POWERS,
    UNITS,
    USUAL,
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
    "POWERS",
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
_NAMED: Final = 8  # hidden rows that a remark names
_ROUND: Final = re.compile("[三四]个一批")
_SECTION: Final = re.compile("签约|开工|投产|竣工|达产")
_FAR: Final = 10  # rows above the headings that are searched for the title of a round
_WHICH: Final = "请选定是元、万元还是亿元"
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
        found, fault = ([], "") if reason else _tables(sheet, index, on, told, name)
        tables += found
        if not found:
            reason = reason or fault or "没有认出表头"
            remarks.append(f"工作表“{sheet.name or index + 1}”{reason}，没有读入")
        elif unseen := _unseen(sheet):
            remarks.append(f"工作表“{sheet.name or index + 1}”有隐藏的{unseen}，也读入了，请核对")
    return Understood(tuple(tables), tuple(remarks))


def _left_out(sheet: Sheet, headings: Sequence[tuple[int, int]] | None) -> str:
    """Why a sheet is not read, "" when it is."""
    if headings is not None:
        return "被指定为不是台账"
    if sheet.hidden:
        return "是隐藏的"
    return "是说明，不是台账" if _NO_LEDGER.fullmatch(sheet.name.strip()) else ""


def _unseen(sheet: Sheet) -> str:
    """The hidden rows and columns of a sheet in words: 第5、6行，F列."""
    told = []
    for places, names, sign in (
        (sheet.hidden_rows, [str(at + 1) for at in sheet.hidden_rows[:_NAMED] if at < len(sheet.rows)], "行"),
        (sheet.hidden_columns, [columns_.letter(at) for at in sheet.hidden_columns[:_NAMED]], "列"),
    ):
        lead = "第" if sign == "行" else ""
        more = f"等 {len(places)} " if len(places) > _NAMED else ""
        told += [f"{lead}{'、'.join(names)}{more}{sign}"] if names else []
    return "，".join(told)


_CARD: Final = "像是一个项目一张的信息卡，不是一行一个项目的台账（请汇总成一行一个项目的表再上传）"


def _tables(sheet: Sheet, index: int, on: date, told: Told, name: str) -> tuple[list[Table], str]:
    """The tables of a sheet, and why headings that were found begin none."""
    grid = Grid(sheet)
    found: list[Table] = []
    fault = ""
    for place in finding.places(sheet, grid, told.headings.get(index)):
        start = place.last + 1
        if all(is_blank(cell) for row in sheet.rows[start : place.end] for cell in row):
            fault = fault or "只有表头，没有数据"
            continue
        if index not in told.headings and finding.is_card(grid, place):
            fault = _CARD
            continue
        found.append(_Reading(grid, index, place, on, told, name, found[-1] if found else None).table())
    return found, fault


class _Reading:
    """One table on its way to being understood."""

    def __init__(
        self, grid: Grid, index: int, place: Place, on: date, told: Told, name: str, before: Table | None
    ) -> None:
        self.grid, self.sheet, self.index, self.place = grid, grid.sheet, index, place
        self.on, self.told, self.name = on, told, name
        self.key = f"{index}:{place.first + 1}"
        self.before = before
        self.unseen = frozenset(self.sheet.hidden_columns)
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
            self._before(columns),
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
            round=self._round(),
            section=next((" ".join(text.split())[:40] for text in reversed(self.above) if _SECTION.search(text)), ""),
            day=self._day(month),
        )

    # --- what stands around the table -----------------------------------------------------------------------------

    def _title(self) -> str:
        said = [" ".join(text.split()) for text in self.above if not finding.is_aside(fold(text)) or len(text) > 40]
        said = said or [" ".join(text.split()) for text in self.above if re.search("表|台账|清单|进展|报表", text)]
        if not said and self.goes_on and self.before:
            return self.before.title
        return max(said, key=len)[:200] if said else ""

    def _round(self) -> str:
        """The title of a list of 三个一批, the nearest one above."""
        for at in range(self.place.first - 1, max(-1, self.place.first - _FAR), -1):
            for cell in self.sheet.rows[at]:
                if isinstance(cell, str) and len(cell) <= 80 and _ROUND.search(cell):
                    return " ".join(cell.split())
        if self.before and self.before.round:
            return self.before.round
        return self.sheet.name if _ROUND.search(self.sheet.name) else ""

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
        asked: list[Question] = []
        year = self.mine.year or self.told.year
        if year is None:
            year, conflict = _agreed([said.year, self._year(spoken, said.year), sheet.year])
            asked += [_which("year", conflict)] if conflict else []
            year = year or file.year or (self.before.year if self.before else None) or self.remembered.year
        spoken = [draft for draft in spoken if draft.heading.year in (None, year or draft.heading.year)]
        months = self._months(spoken, said.month or sheet.month)
        month = self.mine.month or self.told.month
        if month is None:
            month, conflict = _agreed([said.month, max(months, default=None), sheet.month])
            asked += [_which("month", conflict)] if conflict and any(draft.meaning in DONE for draft in spoken) else []
            month = month or file.month or (self.before.month if self.before else None) or self.remembered.month
        return year, month, asked

    @staticmethod
    def _year(spoken: Sequence[Draft], said: int | None) -> int | None:
        """The year of which the headings say the table is; `said` is what the title says. Whole years before it stand
        there to compare with.
        """
        years = {draft.heading.year for draft in spoken if draft.heading.year}
        monthly = {draft.heading.year for draft in spoken if draft.meaning in DONE and draft.heading.month} - {None}
        if said in years:
            return said
        if said and any(not draft.heading.year for draft in spoken):
            years = {year for year in years if year > said or year in monthly}
        return years.pop() if len(years) == 1 else max(filter(None, monthly), default=None)

    def _day(self, month: int | None) -> int | None:
        """The day of the month up to which the figures hold, where the title or the headings say one: 截至6月25日."""
        said = [times.said_in(text) for text in self.above]
        days = {when.day for when in said if when.day and when.month in (None, month)}
        days = days or {each.heading.day for each in self.drafts if each.heading.day and each.heading.month == month}
        return days.pop() if len(days) == 1 else None

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
                    past = own_year is not None and own_year < (year or self.on.year)
                    own_month = month if label_only else own_month or (12 if past else month)
            if draft.index in self.unseen:
                draft.reason = f"{draft.reason}；这一列在表里是隐藏的"
            columns.append(draft.column(units.get(draft.index, ("", ""))[0], own_year, own_month))
        return tuple(columns)

    def _asked_for(self, columns: Sequence[Column], year: int | None, month: int | None) -> list[Question]:
        """Units, year and month that figures need and nobody says."""
        asked: list[Question] = []
        filled = {draft.index for draft in self.drafts if draft.samples}
        moneys = [column for column in columns if column.index in filled and column.meaning]
        moneys = [column for column in moneys if MEANINGS[column.meaning].shape == "money"]
        asked += self._units_asked_for(moneys)
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

    def _units_asked_for(self, moneys: Sequence[Column]) -> list[Question]:
        """One question where no column of money has a unit, or one of each that has none. Of columns in which most
        cells name theirs only those are asked about in which one does not.
        """
        bare = [column for column in moneys if not column.unit]
        whole = len(bare) == len(moneys)
        named = {column.index: self._bare_among_named(column) for column in bare if self._names_its_own(column)}
        bare = [column for column in bare if column.index not in named]
        if whole and bare:
            return [Question("unit", None, f"表里没有写金额的单位：{_WHICH}", USUAL)]
        lacking = [(index, *said) for index, said in named.items() if said]
        more = f"等{len(lacking)}列" if whole and len(lacking) > 1 else ""
        asked = [
            Question("unit", None if more else index, f"{heading}{more}多数格里写了单位，{cell}没有写：{_WHICH}", USUAL)
            for index, heading, cell in (lacking[:1] if more else lacking)
        ]
        return asked + [
            Question("unit", column.index, f"{column.letter}列“{'·'.join(column.heading)}”没有写单位：请选定", USUAL)
            for column in bare
        ]

    def _names_its_own(self, column: Column) -> bool:
        return any(draft.index == column.index and columns_.name_their_own(draft) for draft in self.drafts)

    def _bare_among_named(self, column: Column) -> tuple[str, str] | None:
        """The column and the first cell without a unit, for a sentence, of a column in which most name theirs."""
        for at in range(self.place.last + 1, self.place.end):
            cell = self.grid.raw(at, column.index)
            if not is_blank(cell) and re.fullmatch(r"[0-9,.，]*[1-9][0-9,.，]*", fold(shown(cell)).strip()):
                return f"{column.letter}列“{'·'.join(column.heading)}”", f"第{at + 1}行“{shown(cell)}”"
        return None

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

    def _before(self, columns: Sequence[Column]) -> dict[int, Column]:
        """The columns of what was planned first, by those of what it was adjusted to."""
        by_index = {column.index: column for column in columns}
        adjusted = [draft for draft in self.drafts if draft.before is not None and draft.meaning]
        return {each.index: by_index[each.before] for each in adjusted if each.before in by_index}

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
