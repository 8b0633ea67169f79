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
_TOLD: Final = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
_HIDDEN: Final = re.compile(rb'<(?:\w+:)?(row|col)\s([^<>]*\bhidden="(?:1|true)"[^<>]*)>')
_FAILED: Final = re.compile(
    rb'<(?:\w+:)?c\s([^<>]*\bt="e"[^<>]*)>\s*(?:<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*'
    rb"<(?:\w+:)?v>(#[A-Z0-9/!?]{2,10})<"
)
_AT: Final = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_LONGEST: Final = 9000  # bytes of a cell with its formula
_PLACED: Final = re.compile(rb'\b(r|min|max)="(\d{1,7})"')
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
    if kind == "xls" and _MACROS in data:
        raise Trouble("macro")
    untold: dict[str, dict[str, Any]] = {}
    if kind != "xls":
        archive = archives.opened(data, kind)
        untold = _bound(archive, most) if kind == "xlsx" else {}
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        for about in book.sheets_metadata:
            if about.typ == calamine.SheetTypeEnum.WorkSheet:
                told = {"hidden": about.visible != calamine.SheetVisibleEnum.Visible, **untold.get(about.name, {})}
                failed = told.pop("failed", {})
                yield _sheet(book.get_sheet_by_name(about.name), about.name, most, failed) | told
    except calamine.PasswordError as error:
        raise Trouble("encrypted") from error
    except calamine.CalamineError as error:
        raise Trouble("damaged") from error


def _bound(archive: zipfile.ZipFile, most: int) -> dict[str, dict[str, Any]]:
    """What the reader does not tell of sheets, by their names: hidden rows and columns, and the words of cells whose
    formula could not be worked out ("#REF!"), by row and column; all counted from 0.

    No cell may stand beyond the limits. Asked first, since the reader makes room for all up to the last one.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in archive.namelist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", path):
            continue
        rows: set[int] = set()
        columns: set[int] = set()
        failed: dict[tuple[int, int], str] = {}
        with archive.open(path) as stream:
            rest = b""
            while chunk := stream.read(_CHUNK):
                text = rest + chunk
                for column, row in _TOLD.findall(text):
                    if int(row) > most or _number(column) > limits.COLUMNS:
                        raise _too_many(most)
                if b"hidden=" in text:
                    _look_for_hidden(text, rows, columns)
                if b't="e"' in text:
                    failed |= dict(_failed(text))
                rest = chunk[-_LONGEST:]
        if rows or columns or failed:
            kept = sorted(row for row in rows if 0 <= row < most)
            found[path] = {"hidden_rows": kept, "hidden_columns": sorted(columns), "failed": failed}
    return _by_name(archive, found) if found else {}


def _look_for_hidden(text: bytes, rows: set[int], columns: set[int]) -> None:
    for what, told in _HIDDEN.findall(text):
        place = {key: int(number) for key, number in _PLACED.findall(told)}
        if what == b"row":
            rows.add(place.get(b"r", 0) - 1)
        else:
            columns.update(range(place.get(b"min", 1) - 1, min(place.get(b"max", 0), limits.COLUMNS)))


def _failed(text: bytes) -> Iterable[tuple[tuple[int, int], str]]:
    for told, words in _FAILED.findall(text):
        if at := _AT.search(told):
            yield (int(at[2]) - 1, _number(at[1]) - 1), words.decode("ascii")


def _by_name(archive: zipfile.ZipFile, found: dict[str, Any]) -> dict[str, Any]:
    """The same by the names of the sheets, as the workbook calls their parts."""
    from lxml import etree

    from projects.intake.formats.elements import PARSER, attribute, local

    def parsed(part: str) -> Any:
        return etree.fromstring(archive.read(part), etree.XMLParser(**PARSER))

    try:
        book, relations = parsed("xl/workbook.xml"), parsed("xl/_rels/workbook.xml.rels")
    except (KeyError, etree.XMLSyntaxError):
        return {}
    parts = {attribute(each, "Id"): attribute(each, "Target").removeprefix("/xl/") for each in relations}
    sheets = [each for each in book.iter() if local(each) == "sheet"]
    paths = {attribute(each, "name"): f"xl/{parts.get(attribute(each, 'id'), '')}" for each in sheets}
    return {name: found[path] for name, path in paths.items() if path in found}


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = 26 * number + letter - 64
    return number


def _too_many(most: int) -> Trouble:
    return Trouble("too_many_cells", rows=most, columns=limits.COLUMNS)


def _sheet(sheet: Any, name: str, most: int, failed: dict[tuple[int, int], str]) -> dict[str, Any]:
    rows = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), words in failed.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = words
    merged = [[*first, *last] for first, last in sheet.merged_cell_ranges or ()]
    return _trimmed(name, rows, most) | {"merged": merged}


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
