"""Sheets as ods and as xls (Excel 97): the least that these formats ask for, without styles, always the same bytes."""

import struct
import zipfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from bench.ledger_maker.paper import Paper, Printed

# --- ods: OpenDocument 1.2 ----------------------------------------------------------------------------------------

_TYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES: Final = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
_MANIFEST: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.2"'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def as_ods(papers: Sequence[Paper]) -> bytes:
    """A workbook as LibreOffice and WPS open it."""
    styles = (
        '<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>"
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(map(_table, papers))}</office:spreadsheet></office:body></office:document-content>"
    )
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in (("mimetype", _TYPE), ("content.xml", content), ("META-INF/manifest.xml", _MANIFEST)):
            about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(about, text)
    return stream.getvalue()


def _table(paper: Paper) -> str:
    height, width = _size(paper)
    hidden = ' table:style-name="hidden"' if paper.hidden else ""
    corners = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in paper.merged}
    covered = {
        (row, column)
        for top, left, bottom, right in paper.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    rows = []
    for row in range(height):
        cells = [
            "<table:covered-table-cell/>" if (row, column) in covered else _cell(paper, (row, column), corners)
            for column in range(width)
        ]
        rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    columns = f'<table:table-column table:number-columns-repeated="{width}"/>'
    return f"<table:table table:name={quoteattr(paper.name)}{hidden}>{columns}{''.join(rows)}</table:table>"


def _cell(paper: Paper, at: tuple[int, int], corners: dict[tuple[int, int], tuple[int, int]]) -> str:
    spans = ""
    if at in corners:
        down, across = corners[at]
        spans = f' table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"'
    return f"<table:table-cell{spans}{_content(paper.cells.get(at))}</table:table-cell>"


def _content(value: Printed) -> str:
    if value is None:
        return ">"
    if isinstance(value, str):
        lines = "".join(f"<text:p>{_spaced(line)}</text:p>" for line in value.split("\n"))
        return f' office:value-type="string">{lines}'
    if isinstance(value, date):
        return f' office:value-type="date" office:date-value="{value.isoformat()}"><text:p>{value.isoformat()}</text:p>'
    return f' office:value-type="float" office:value="{value}"><text:p>{value}</text:p>'


def _spaced(line: str) -> str:
    """A blank at the end of a line is an element, or it is lost."""
    bare = line.strip(" ")
    before, after = len(line) - len(line.lstrip(" ")), len(line) - len(line.rstrip(" "))
    return "<text:s/>" * before + escape(bare) + "<text:s/>" * (after if bare else 0)


def _size(paper: Paper) -> tuple[int, int]:
    return 1 + max(row for row, _ in paper.styles), 1 + max(column for _, column in paper.styles)


# --- xls: [MS-XLS] in a compound file, [MS-CFB] ---------------------------------------------------------------------

_SECTOR: Final = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_CUTOFF: Final = 4096  # a shorter stream would stand elsewhere


def as_xls(papers: Sequence[Paper]) -> bytes:
    """A workbook of Excel 97."""
    return _compound(_workbook(papers))


def _workbook(papers: Sequence[Paper]) -> bytes:
    sheets = [_sheet(paper) for paper in papers]
    names = [paper.name.encode("utf-16-le") for paper in papers]
    before = _bof(0x0005) + _record(0x0042, struct.pack("<H", 1200)) + _looks()
    after = _record(0x000A, b"")
    at = len(before) + sum(12 + len(name) for name in names) + len(after)
    bounds = b""
    for paper, name, sheet in zip(papers, names, sheets, strict=True):
        told = struct.pack("<IBBBB", at, int(paper.hidden), 0, len(name) // 2, 1) + name
        bounds += _record(0x0085, told)
        at += len(sheet)
    return before + bounds + after + b"".join(sheets)


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _looks() -> bytes:
    """A window, the fonts and the sixteen formats that every workbook has."""
    name = "宋体".encode("utf-16-le")
    font = _record(0x0031, struct.pack("<HHHHHBBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 134, 0, 2, 1) + name)
    window = _record(0x003D, struct.pack("<HHHHHHHHH", 0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600))
    style = struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    cell = struct.pack("<HHHBBBBIIH", 0, 0, 0x0001, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    normal = _record(0x0293, struct.pack("<HBB", 0x8000, 0, 0xFF))
    return window + font * 4 + _record(0x00E0, style) * 15 + _record(0x00E0, cell) + normal


def _sheet(paper: Paper) -> bytes:
    height, width = _size(paper)
    records = [_bof(0x0010), _record(0x0200, struct.pack("<IIHHH", 0, height, 0, width, 0))]
    for at, value in sorted(paper.cells.items()):
        if value is not None:
            records.append(_value(at, value))
    records.append(_record(0x023E, struct.pack("<HHHHHHHHH", 0x06B6, 0, 0, 64, 0, 0, 0, 0, 0)))
    ranges = [struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in paper.merged]
    if ranges:
        records.append(_record(0x00E5, struct.pack("<H", len(ranges)) + b"".join(ranges)))
    return b"".join((*records, _record(0x000A, b"")))


def _value(at: tuple[int, int], value: str | int | float | date) -> bytes:
    """A text or a number. Raises TypeError for a day: formats of days are left to the other kinds of file."""
    if isinstance(value, date):
        raise TypeError(value)
    if isinstance(value, str):
        return _record(0x0204, struct.pack("<HHHHB", *at, 15, len(value), 1) + value.encode("utf-16-le"))
    return _record(0x0203, struct.pack("<HHHd", *at, 15, value))


def _compound(stream: bytes) -> bytes:
    """One stream in a compound file: header, table of sectors, directory, and the stream."""
    stream = stream.ljust(max(_CUTOFF, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(stream) // _SECTOR
    chain = [_FAT, _END, *range(3, sectors + 2), _END]
    if len(chain) > _SECTOR // 4:
        raise ValueError("too long for one table of sectors")
    table = struct.pack("<128I", *chain, *[_FREE] * (_SECTOR // 4 - len(chain)))
    root = _entry("Root Entry", 5, child=1, start=_END, size=0)
    book = _entry("Workbook", 2, child=_FREE, start=2, size=len(stream))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, _CUTOFF, _END, 0, _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + table + (root + book).ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    told = name.encode("utf-16-le")
    links = struct.pack("<64sHBBIII36xIQ", told, len(told) + 2, kind, 1, _FREE, _FREE, child, start, size)
    return links.ljust(128, b"\0")
