"""Tables that an office puts out: an Excel file ready to print, or csv, row by row, however many there are.

The page is XlsxWriter's; its rows are written by ourselves, because a cell at a time takes four times as long. Text is
always typed as text: what somebody wrote is never read as a formula or an address.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, Final

import xlsxwriter
from django.core.exceptions import ValidationError
from django.utils import timezone
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from projects.glyphs import harmless

POWERS: Final = {"元": 1, "万元": 10**4, "亿元": 10**8}
IN_YUAN: Final = POWERS | {"千元": 10**3, "百万元": 10**6}
"""Those, and the units in which an office's own table may be written."""
MOST: Final = 1_000_000  # rows of a sheet; Excel holds 1,048,576
EMPTY_ROWS: Final = 200  # of a template, below what is filled in
SAMPLED: Final = 100  # rows by which the widths are chosen
WIDEST: Final = 42
A4_HOLDS: Final = 150  # characters across, before print becomes too small to read
TOO_MANY: Final = f"超过{MOST:,}行，一张工作表放不下：请先筛选，或导出 CSV"
_BASE_DAY: Final = date(1899, 12, 30).toordinal()
_FOOTER: Final = "&C第 &P 页，共 &N 页"
_LONGEST: Final = 32_767  # characters that a cell of Excel holds
_UNTOLD: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODED: Final = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_XML: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": None})


class Kind(StrEnum):
    """What stands in a column. Money is whole yuan, and is shown in the column's unit; a percentage is 63.5."""

    TEXT = "text"
    MONEY = "money"
    PERCENT = "percent"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"


Cell = str | int | float | date | datetime | None
"""A value; text in a column of another kind stays text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: headings from the top (two where it belongs to a group), kind, width in characters (0 for by content).

    `total` is whether it is added up below; `choices` what may be filled in, `hint` what is said where it is.
    """

    heading: tuple[str, ...]
    kind: Kind = Kind.TEXT
    unit: str = "万元"
    width: float = 0
    total: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A row across all columns: 一、先进制造业（12个）."""

    words: str


Row = Sequence[Cell] | Band


@dataclass(frozen=True, slots=True)
class Look:
    """What stands around the rows. `corner` is the unit, `about` what stands at the other end of its line, `signature`
    the line below the table, `watermark` is printed on every page, `paper` is "A3", "A4" or "" for what fits.
    `counted` is how the rows are called below: 合计：12 个; "" for no such line. `fill_in` leaves room for more rows.
    """

    title: str
    sheet: str = ""
    about: str = ""
    corner: str = ""
    signature: tuple[str, ...] = ()
    watermark: str = ""
    paper: str = ""
    counted: str = "个"
    fill_in: bool = False
    notes: tuple[str, ...] = ()
    freeze: int = 2


@dataclass(slots=True)
class _Sums:
    """What was written so far: rows, what was added up by column (-1 for the bands among the rows)."""

    rows: int = 0
    yuan: dict[int, int] = field(default_factory=dict)


class _Streamed(Worksheet):
    """A sheet that takes whole rows as they will stand in the file.

    XlsxWriter keeps the rows of a large sheet in a file aside; this appends to it.
    """

    def put(self, row: int, text: str) -> None:
        """Append a row, numbered from 0, behind all that was written."""
        self._write_single_row(row)
        self.row_data_fh.write(text)

    def span(self, first_row: int, first: int, last_row: int, last: int) -> None:
        """Merge cells that are already written."""
        if (first_row, first) != (last_row, last):
            self.merge.append([first_row, first, last_row, last])

    def extend(self, last_row: int, last: int) -> None:
        """Say how far the rows reach."""
        self._check_dimensions(last_row, last)


# ---- Excel -------------------------------------------------------------------------------------------------------
def workbook(columns: Sequence[Column], rows: Iterable[Row], look: Look) -> IO[bytes]:
    """The table as an open Excel file that lies at its beginning; it is gone when it is closed.

    Raises ValidationError for more rows than a sheet holds.
    """
    kept = TemporaryFile()  # noqa: SIM115  (who is handed the file closes it)
    try:
        _Writing(kept, columns, look).write(rows)
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return kept


class _Writing:
    """A workbook on its way into a file."""

    def __init__(self, kept: IO[bytes], columns: Sequence[Column], look: Look) -> None:
        self.columns, self.look = columns, look
        self.book = xlsxwriter.Workbook(kept, {"constant_memory": True, "strings_to_formulas": False})
        name = re.sub(r"[\[\]:*?/\\']", " ", look.sheet or look.title).strip()[:31] or "表"
        self.sheet: Any = self.book.add_worksheet(name, _Streamed)
        self.last = len(columns) - 1
        self.levels = max((len(column.heading) for column in columns), default=1)
        self.head = 2 if look.about or look.corner else 1
        self.start = self.head + self.levels  # the first row of data
        self.looks = {name: self.book.add_format({**_LOOK, **more}) for name, more in _LOOKS.items()}
        self.cells = [_Cells(self._style(column)) for column in columns]

    def _style(self, column: Column) -> int:
        name = "yuan" if column.kind is Kind.MONEY and column.unit == "元" else column.kind.value
        return self.looks[name]._get_xf_index()

    def write(self, rows: Iterable[Row]) -> None:
        rows = iter(rows)
        first = list(islice(rows, SAMPLED))
        self._lay_out(first)
        self._write_head()
        try:
            sums = self._write_rows(chain(first, rows))
        except BaseException:
            with suppress(Exception):
                self.book.close()  # or its file aside would stay behind
            raise
        self._write_foot(sums)
        self._offer(sums)
        self.book.close()

    # -- around
    def _lay_out(self, first: Sequence[Row]) -> None:
        widths = self.widths = [_width(column, at, first) for at, column in enumerate(self.columns)]
        for at, width in enumerate(widths):
            self.sheet.set_column(at, at, width)
        paper = self.look.paper or ("A4" if sum(widths) <= A4_HOLDS else "A3")
        self.sheet.set_paper(9 if paper == "A4" else 8)
        self.sheet.set_landscape()
        self.sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(self.head, self.start - 1)
        self.sheet.freeze_panes(self.start, min(self.look.freeze, self.last))
        self.sheet.set_footer(_FOOTER)
        if self.look.watermark:
            words = self.look.watermark.replace("&", "&&")[:200]
            self.sheet.set_header(f'&C&"黑体"&14&KBFBFBF{" " if words[0].isdigit() else ""}{words}')

    def _write_head(self) -> None:
        looks, sheet, look = self.looks, self.sheet, self.look
        sheet.set_row(0, 32)
        sheet.write_string(0, 0, look.title, looks["title"])
        sheet.span(0, 0, 0, self.last)
        if self.head == 2:
            split = max(self.last - 2, 0) if look.corner else self.last
            sheet.write_string(1, 0, look.about, looks["about"])
            sheet.span(1, 0, 1, split)
            if look.corner and self.last:
                sheet.write_string(1, split + 1, look.corner, looks["corner"])
                sheet.span(1, split + 1, 1, self.last)
        filled = [_levels(column.heading, self.levels) for column in self.columns]
        merged = list(merges(filled))
        covered = {
            (row, at)
            for top, left, bottom, right in merged
            for row in range(top, bottom + 1)
            for at in range(left, right + 1)
            if (row, at) != (top, left)
        }
        for level in range(self.levels):
            high = max(map(_lines_of, (heading[level] for heading in filled), self.widths), default=1)
            alone = self.levels == 1 or level == self.levels - 1
            sheet.set_row(self.head + level, _LINE * (high if alone else 1) + 3)
            for at, heading in enumerate(filled):
                words = "" if (level, at) in covered else heading[level] or ""
                sheet.write_string(self.head + level, at, words, looks["head"])
        for top, left, bottom, right in merged:
            sheet.span(self.head + top, left, self.head + bottom, right)

    def _write_foot(self, sums: _Sums) -> None:
        sheet, looks, row = self.sheet, self.looks, self.start + sums.rows
        self._last_data = row - 1
        totals = [at for at, column in enumerate(self.columns) if column.total]
        if self.look.counted and sums.rows and not self.look.fill_in:
            self._write_total(row, sums, totals)
            row += 1
        if self.look.signature:
            sheet.write_string(row, 0, "        ".join(self.look.signature), looks["about"])
            sheet.span(row, 0, row, self.last)
            row += 1
        for note in self.look.notes:
            sheet.write_string(row, 0, note, looks["about"])
            sheet.span(row, 0, row, self.last)
            row += 1
        if sums.rows:
            sheet.autofilter(self.start - 1, 0, self._last_data, self.last)

    def _write_total(self, row: int, sums: _Sums, totals: Sequence[int]) -> None:
        sheet, looks = self.sheet, self.looks
        count = sums.rows - sums.yuan.get(-1, 0)
        until = max(min(totals, default=len(self.columns)) - 1, 0)
        for at, column in enumerate(self.columns):
            power = IN_YUAN[column.unit] if column.kind is Kind.MONEY else 1
            name = "total" if power > 1 else "total_yuan"
            if at in totals and at:
                letter = xl_col_to_name(at)
                formula = f"=SUBTOTAL(9,{letter}{self.start + 1}:{letter}{row})"
                sheet.write_formula(row, at, formula, looks[name], sums.yuan.get(at, 0) / power)
            else:
                words = f"合计：{count:,} {self.look.counted}" if not at else ""
                sheet.write_string(row, at, words, looks["total_words"])
        sheet.span(row, 0, row, until)

    # -- rows
    def _write_rows(self, rows: Iterable[Row]) -> _Sums:
        sums, put, start = _Sums(), self.sheet.put, self.start
        columns = self.columns
        powers = [IN_YUAN[each.unit] if each.kind is Kind.MONEY else 0 for each in columns]
        added = {at for at, each in enumerate(columns) if each.total}
        names = [xl_col_to_name(at) for at in range(len(columns))]
        plan = list(zip(names, self.cells, powers, range(len(columns)), self.widths, strict=True))
        yuan = sums.yuan
        for row in rows:
            if sums.rows >= MOST:
                raise ValidationError(TOO_MANY)
            at = start + sums.rows
            number = at + 1
            if isinstance(row, Band):
                self._write_band(at, row)
                yuan[-1] = yuan.get(-1, 0) + 1
                sums.rows += 1
                continue
            parts, high = [""], 1
            for (name, cells, power, column, width), value in zip(plan, row, strict=True):
                if column in added and isinstance(value, int):
                    yuan[column] = yuan.get(column, 0) + value
                if power and isinstance(value, int):
                    value = value / power
                elif isinstance(value, str) and (2 * len(value) > width or "\n" in value):
                    high = max(high, _lines_of(value, width))
                parts.append(cells.xml(name, number, value))
            # Excel finds the height by itself, other programs do not.
            parts[0] = f'<row r="{number}" ht="{min(_LINE * high, 400)}">' if high > 1 else f'<row r="{number}">'
            parts.append("</row>")
            put(at, "".join(parts))
            sums.rows += 1
        if sums.rows:
            self.sheet.extend(start + sums.rows - 1, self.last)
        return sums

    def _write_band(self, at: int, band: Band) -> None:
        style = self.looks["band"]._get_xf_index()
        parts = [_text("A", at + 1, style, band.words)]
        parts += [f'<c r="{xl_col_to_name(place)}{at + 1}" s="{style}"/>' for place in range(1, self.last + 1)]
        self.sheet.put(at, f'<row r="{at + 1}">{"".join(parts)}</row>')
        self.sheet.span(at, 0, at, self.last)

    # -- filling in
    def _offer(self, sums: _Sums) -> None:
        last = self.start + sums.rows - 1 + (EMPTY_ROWS if self.look.fill_in else 0)
        offered = [(at, column) for at, column in enumerate(self.columns) if column.choices or column.hint]
        if last < self.start or not offered:
            return
        lists: Any = None
        for at, column in offered:
            rule: dict[str, Any] = {"validate": "any"}
            if column.choices:
                if lists is None:
                    lists = self.book.add_worksheet("选项")
                    lists.hide()
                rule = {"validate": "list", "source": "", "error_type": "warning"}
                rule |= {"error_title": "不在选项中", "error_message": "请从下拉列表中选，或确认后照填"}
                letter = xl_col_to_name(at)
                rule["source"] = f"=选项!${letter}$1:${letter}${len(column.choices)}"
            if column.hint:
                rule |= {"input_title": column.heading[-1][:32], "input_message": column.hint[:255]}
            self.sheet.data_validation(self.start, at, last, at, rule)
        if lists is not None:
            _list_choices(lists, self.columns)


def _list_choices(lists: Any, columns: Sequence[Column]) -> None:
    """A list in a validation holds 255 characters; a hidden sheet holds any."""
    for row in range(max(len(column.choices) for column in columns)):
        for at, column in enumerate(columns):
            if row < len(column.choices):
                lists.write_string(row, at, column.choices[row])


class _Cells:
    """The cells of a column, by their style."""

    def __init__(self, style: int) -> None:
        self.style = style

    def xml(self, name: str, number: int, value: Cell) -> str:
        if value is None or value == "":
            return f'<c r="{name}{number}" s="{self.style}"/>'
        if isinstance(value, str):
            return _text(name, number, self.style, value)
        return f'<c r="{name}{number}" s="{self.style}"><v>{_number(value)}</v></c>'


def _text(name: str, number: int, style: int, value: str) -> str:
    if not value.isprintable():
        value = _UNTOLD.sub("", value)
    if "_x" in value:
        value = _CODED.sub("_x005F_", value)
    words = value[:_LONGEST].translate(_XML)
    return f'<c r="{name}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'


def _number(value: int | float | date) -> str:
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        return repr(local.toordinal() - _BASE_DAY + seconds / 86_400)
    if isinstance(value, date):
        return str(value.toordinal() - _BASE_DAY)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


Filled = Sequence[Sequence[str | None]]
Range = tuple[int, int, int, int]


def merges(filled: Filled, level: int = 0, left: int = 0, right: int | None = None) -> Iterator[Range]:
    """Merged ranges of headings (top, left, bottom, right): a group over its columns, one alone over all rows below."""
    right = len(filled) if right is None else right
    while left < right:
        heading, upto, below = filled[left], left, level + 1
        while below < len(heading) and heading[below] is None:
            below += 1
        if below < len(heading):
            while (
                upto + 1 < right and filled[upto + 1][level] == heading[level] and filled[upto + 1][below] is not None
            ):
                upto += 1
            yield from merges(filled, below, left, upto + 1)
        if (level, left) != (below - 1, upto):
            yield level, left, below - 1, upto
        left = upto + 1


def _levels(heading: tuple[str, ...], levels: int) -> list[str | None]:
    return [*heading, *[None] * (levels - len(heading))]


def _width(column: Column, at: int, first: Sequence[Row]) -> float:
    if column.width:
        return column.width
    if column.kind is not Kind.TEXT:
        return max(_across(column.heading[-1]), {Kind.DAY: 12, Kind.MOMENT: 17, Kind.MONEY: 13}.get(column.kind, 9))
    shown = [row[at] for row in first if not isinstance(row, Band)]
    longest = max((_across(line) for value in shown if value for line in str(value).split("\n")), default=0)
    return min(max(longest, min(_across(column.heading[-1]), 12), 6), WIDEST)


def _across(words: str) -> int:
    """Characters across, a Chinese one counting two."""
    return 2 + sum(2 if char > "\u2e7f" else 1 for char in words)


def _lines_of(words: str | None, width: float) -> int:
    """How many lines words take in a column."""
    if not words:
        return 1
    return sum(max(1, -(-(_across(line) - 2) // max(int(width) - 1, 1))) for line in words.split("\n"))


_LINE: Final = 13.5  # points of a line
_LOOK: Final = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1}
_BARE: Final = {"border": 0, "text_wrap": False}
_TOTAL: Final = {"bold": True, "bg_color": "#F1F5F9"}
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "title": {"font_name": "黑体", "font_size": 18, "align": "center", **_BARE},
    "about": _BARE,
    "corner": {"align": "right", **_BARE},
    "head": {"bold": True, "align": "center", "bg_color": "#DDEAFE"},
    "band": {"bold": True, "bg_color": "#F8FAFC"},
    "text": {},
    "money": {"num_format": "#,##0.00", "text_wrap": False, "align": "right"},
    "yuan": {"num_format": "#,##0", "text_wrap": False, "align": "right"},
    "percent": {"num_format": '0.0"%"', "align": "right"},
    "number": {"align": "center"},
    "day": {"num_format": "yyyy-mm-dd", "align": "center"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "center"},
    "total": {"num_format": "#,##0.00", "align": "right", **_TOTAL},
    "total_yuan": {"num_format": "#,##0", "align": "right", **_TOTAL},
    "total_words": {"align": "center", **_TOTAL, "text_wrap": False},
}


# ---- csv ---------------------------------------------------------------------------------------------------------
def lines(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """The table as csv for programs and for Excel: one line of headings with their units, and nothing around it."""
    powers = [IN_YUAN[each.unit] if each.kind is Kind.MONEY else 0 for each in columns]
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\r\n")
    kept.write("\ufeff")
    writer.writerow([harmless(_heading(column)) for column in columns])
    for row in rows:
        if isinstance(row, Band):
            continue
        writer.writerow(map(_plain, row, powers))
        if kept.tell() > 60_000:
            yield _emptied(kept)
    yield _emptied(kept)


def _emptied(kept: io.StringIO) -> bytes:
    data = kept.getvalue().encode("utf-8", "replace")
    kept.seek(0)
    kept.truncate()
    return data


def _heading(column: Column) -> str:
    words = "·".join(part for part in column.heading if part)
    if column.kind is Kind.MONEY and column.unit not in words:
        return f"{words}（{column.unit}）"
    return f"{words}（%）" if column.kind is Kind.PERCENT and "%" not in words else words


def _plain(value: Cell, power: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return _number(value / power if power else value)
