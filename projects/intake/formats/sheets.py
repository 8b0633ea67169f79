"""Workbooks (xlsx, xls, ods) and csv: every sheet as rows of typed cells from A1 on."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import Any, Final

import python_calamine as calamine

from projects.glyphs import as_written
from projects.intake import decoding, limits
from projects.intake.formats import archives
from projects.intake.refusals import Trouble

DAY: Final = "day"
_TOLD: Final = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_CHUNK: Final = 1024 * 1024
_WHOLE: Final = 2**53  # beyond it a float is not exact
_DELIMITERS: Final = ",\t;|，"
_SAMPLE: Final = 50  # lines that tell a delimiter
_MACROS: Final = "_VBA_PROJECT".encode("utf-16-le")


def read(data: bytes, kind: str, most: int = limits.ROWS) -> dict[str, Any]:
    """The sheets of a workbook. A day is `{"day": "2023-07-01"}`, an empty cell null, a merged range its corners.

    Raises Trouble as `archives.opened` does, for a password, macros, too many rows or columns, and nothing at all.
    """
    sheets = [_csv(decoding.decode(data), most)] if kind == "csv" else list(_workbook(data, kind, most))
    if not any(sheet["rows"] for sheet in sheets):
        raise Trouble("empty")
    return {"sheets": sheets}


def _workbook(data: bytes, kind: str, most: int) -> Iterable[dict[str, Any]]:
    if kind == "xls":
        if _MACROS in data:
            raise Trouble("macro")
    else:
        archive = archives.opened(data, kind)
        if kind == "xlsx":
            _bound(archive, most)
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        for about in book.sheets_metadata:
            if about.typ == calamine.SheetTypeEnum.WorkSheet:
                hidden = about.visible != calamine.SheetVisibleEnum.Visible
                yield _sheet(book.get_sheet_by_name(about.name), about.name, most, hidden=hidden)
    except calamine.PasswordError as error:
        raise Trouble("encrypted") from error
    except calamine.CalamineError as error:
        raise Trouble("damaged") from error


def _bound(archive: zipfile.ZipFile, most: int) -> None:
    """No cell may stand beyond the limits. Asked first, since the reader makes room for all up to the last one."""
    for name in archive.namelist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            continue
        with archive.open(name) as stream:
            rest = b""
            while chunk := stream.read(_CHUNK):
                for column, row in _TOLD.findall(rest + chunk):
                    if int(row) > most or _number(column) > limits.COLUMNS:
                        raise _too_many(most)
                rest = chunk[-200:]


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = 26 * number + letter - 64
    return number


def _too_many(most: int) -> Trouble:
    return Trouble("too_many_cells", rows=most, columns=limits.COLUMNS)


def _sheet(sheet: Any, name: str, most: int, *, hidden: bool) -> dict[str, Any]:
    rows = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    merged = [[*first, *last] for first, last in sheet.merged_cell_ranges or ()]
    return _trimmed(name, rows, most) | {"merged": merged, "hidden": hidden}


def _trimmed(name: str, rows: list[list[Any]], most: int) -> dict[str, Any]:
    """Without the empty rows below and the empty columns to the right."""
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell is not None), default=0)
    if len(rows) > most or width > limits.COLUMNS:
        raise _too_many(most)
    return {"name": name, "rows": [[*row[:width], *[None] * (width - len(row))] for row in rows]}


def _cell(value: Any) -> Any:
    match value:
        case "":
            return None
        case bool() | str():
            return value
        case float() if value.is_integer() and abs(value) < _WHOLE:
            return int(value)
        case datetime() if value.time() == time():
            return {DAY: value.date().isoformat()}
        case datetime() | date():
            return {DAY: value.isoformat()}
        case time() | timedelta():
            return str(value)
    return value


def _csv(text: str, most: int) -> dict[str, Any]:
    text = text.removeprefix("\ufeff")
    lines = [line for line in text.splitlines() if line.strip()][:_SAMPLE]
    rows: list[list[str | None]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=_delimiter(lines)):
            rows.append([as_written(cell.strip()) or None for cell in row])
            if len(rows) > 2 * most:
                raise _too_many(most)
    except csv.Error as error:
        raise Trouble("damaged") from error
    return _trimmed("", rows, most) | {"merged": [], "hidden": False}


def _delimiter(lines: list[str]) -> str:
    """What parts most lines into equally many cells."""
    best, delimiter = 0, ","
    for each in _DELIMITERS:
        # Read and not counted: a quoted cell may hold commas and go on over several lines.
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=each))
        usual = max((count for width, count in widths.items() if width > 1), default=0)
        if usual > best:
            best, delimiter = usual, each
    return delimiter
