"""A sheet as it is laid out, and its way into a file: xlsx with styles, or csv as Excel saves it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any, Final

import xlsxwriter

Printed = str | int | float | date | None
_MADE: Final = datetime(2023, 7, 5, 9, 30)  # what the file says of itself: the same bytes every time

_BOX: Final = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "title": {"bold": True, "font_name": "方正小标宋简体", "font_size": 20, "align": "center", "valign": "vcenter"},
    "left": {"font_name": "仿宋", "font_size": 11, "align": "left"},
    "right": {"font_name": "仿宋", "font_size": 11, "align": "right"},
    "head": _BOX | {"bold": True, "font_name": "黑体", "align": "center", "text_wrap": True, "bg_color": "#DDEBF7"},
    "text": _BOX | {"text_wrap": True},
    "number": _BOX | {"align": "right"},
    "group": _BOX | {"bold": True, "bg_color": "#FFF2CC"},
    "total": _BOX | {"bold": True, "bg_color": "#E2EFDA"},
    "note": {"font_name": "仿宋", "font_size": 10, "text_wrap": True, "valign": "top"},
}


@dataclass
class Paper:
    """One sheet; rows and columns count from 0. `shapes` are Excel's number formats of cells."""

    name: str
    cells: dict[tuple[int, int], Printed] = field(default_factory=dict)
    styles: dict[tuple[int, int], str] = field(default_factory=dict)
    shapes: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    hidden_columns: tuple[int, ...] = ()
    hidden: bool = False
    frozen: tuple[int, int] = (0, 0)

    def put(self, row: int, column: int, value: Printed, style: str, shape: str = "") -> None:
        self.cells[row, column] = value
        self.styles[row, column] = style
        if shape:
            self.shapes[row, column] = shape

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """A range of one cell is left as it is."""
        if (top, left) != (bottom, right):
            self.merged.append((top, left, bottom, right))


def as_xlsx(papers: Sequence[Paper]) -> bytes:
    """A workbook, the same bytes for the same sheets."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"author": "项目办", "created": _MADE})
    formats: dict[tuple[str, str], Any] = {}
    for paper in papers:
        sheet = book.add_worksheet(paper.name)
        _set_up(sheet, paper)
        for at in sorted(paper.styles):
            key = (paper.styles[at], paper.shapes.get(at, ""))
            if key not in formats:
                formats[key] = book.add_format(_STYLES[key[0]] | ({"num_format": key[1]} if key[1] else {}))
            _write(sheet, paper, at, formats[key])
    book.close()
    return stream.getvalue()


def _set_up(sheet: Any, paper: Paper) -> None:
    for column, width in paper.widths.items():
        sheet.set_column(column, column, width, None, {"hidden": column in paper.hidden_columns})
    for row, height in paper.heights.items():
        sheet.set_row(row, height)
    for top, left, bottom, right in paper.merged:
        sheet.merge_range(top, left, bottom, right, "")
    if paper.frozen != (0, 0):
        sheet.freeze_panes(*paper.frozen)
    sheet.set_landscape()
    sheet.set_paper(8 if len(paper.widths) > 12 else 9)  # A3, A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("第 &P 页，共 &N 页")
    if paper.hidden:
        sheet.hide()


def _write(sheet: Any, paper: Paper, at: tuple[int, int], style: Any) -> None:
    value = paper.cells[at]
    if at in paper.formulas:
        sheet.write_formula(*at, paper.formulas[at], style, value)
    elif value is None:
        sheet.write_blank(*at, None, style)
    elif isinstance(value, date):
        sheet.write_datetime(*at, datetime(value.year, value.month, value.day), style)
    elif isinstance(value, str):
        sheet.write_string(*at, value, style)
    else:
        sheet.write_number(*at, value, style)


def as_csv(paper: Paper, encoding: str) -> bytes:
    """What Excel saves of a sheet: what is seen in each cell, without merged ranges."""
    height = 1 + max(row for row, _ in paper.cells)
    width = 1 + max(column for _, column in paper.cells)
    stream = StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in range(height):
        writer.writerow([_seen(paper, row, column) for column in range(width)])
    return stream.getvalue().encode(encoding)


def _seen(paper: Paper, row: int, column: int) -> str:
    value, shape = paper.cells.get((row, column)), paper.shapes.get((row, column), "")
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value.year}/{value.month}/{value.day}"
    if isinstance(value, float) and shape.endswith("%"):
        return f"{value:.2%}"
    return str(value)
