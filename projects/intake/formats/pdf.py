"""PDF files with a text layer: lines and tables of each page, put together to paragraphs by `formats.layout`."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from projects.intake import limits
from projects.intake.formats import grid, layout, lines
from projects.intake.formats.layout import Box, Char, Sheet
from projects.intake.refusals import Trouble

_FEW: Final = 20  # characters: less than that is no article
_DEEP: Final = 4  # forms within forms that are looked into
_LONG: Final = 500  # pieces of one drawn path
_DRAWN: Final = 20_000  # pieces of all paths of a page
_LOST: Final = 0.3  # of the characters: more than that without a meaning, and the text is no text
_HYPHENS: Final = {0x02: "-", 0xFFFE: "-"}  # what the library gives for a hyphen at the end of a line
_SLANT: Final = 0.1  # the sine of the angle that a line may lean by


def read(data: bytes, kind: str) -> dict[str, Any]:
    """The text of a PDF. Raises Trouble for a password, too many pages, a scan, and fonts without a meaning."""
    document = _opened(data)
    if len(document) > limits.PAGES:
        raise Trouble("too_many_pages", number=len(document), most=limits.PAGES)
    if not len(document):
        raise Trouble("empty")
    sheets = [_sheet(document[number], number) for number in range(len(document))]
    told = "".join(line.text for sheet in sheets for line in sheet.lines)
    if len("".join(told.split())) < _FEW:
        raise Trouble("scan" if any(sheet.pictured for sheet in sheets) else "empty")
    if sum(_lost(char) for char in told) > _LOST * len(told):
        raise Trouble("garbled")
    blind = [sheet.number for sheet in sheets if sheet.pictured and not sheet.lines]
    return {"text": lines.text_of(layout.paragraphs(sheets)), "remark": _remark(blind)}


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Trouble("encrypted" if error.err_code in locked else "damaged") from error


def _lost(char: str) -> bool:
    return char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or char < " "


def _remark(blind: list[int]) -> str:
    """The pages of which nothing was read."""
    if not blind:
        return ""
    listed = "、".join(map(str, blind[:10])) + ("等" if len(blind) > 10 else "")
    return f"第 {listed} 页是图片，没有读取；里面有项目的，请转成文字后另行上传。"


def _sheet(page: pypdfium2.PdfPage, number: int) -> Sheet:
    seen = _View(page)
    pictured = next(iter(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=_DEEP)), None) is not None
    chars = list(_chars(page, seen))
    found, loose = grid.filled(list(islice(_strokes(page, seen), _DRAWN)), chars)
    page.close()
    return Sheet(number + 1, seen.width, seen.height, [*layout.lines_of(loose), *found], pictured)


class _View:
    """From the page's own coordinates to those of the eye: from the top left corner, turned as the page is shown."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.left, self.bottom, self.right, self.top = page.get_mediabox()
        self.turned = page.get_rotation()
        width, height = self.right - self.left, self.top - self.bottom
        self.width, self.height = (height, width) if self.turned in (90, 270) else (width, height)

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        if not self.turned:
            return Box(left - self.left, self.top - top, right - self.left, self.top - bottom)
        xs, ys = zip(self.at(left, bottom), self.at(right, top), strict=True)
        return Box(min(xs), min(ys), max(xs), max(ys))

    def at(self, x: float, y: float) -> tuple[float, float]:
        match self.turned:
            case 90:
                return y - self.bottom, x - self.left
            case 180:
                return self.right - x, y - self.bottom
            case 270:
                return self.top - y, self.right - x
        return x - self.left, self.top - y


def _chars(page: pypdfium2.PdfPage, seen: _View) -> Iterator[Char]:
    """Every character of the page that stands upright: what is slanted is a watermark."""
    text = page.get_textpage()
    box = pdfium.FS_RECTF()
    for at in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, at)
        char = _HYPHENS.get(code) or chr(code)
        # What the library adds between words and lines has no place; gaps are judged by `layout`.
        if pdfium.FPDFText_IsGenerated(text, at) == 1 or char in "\r\n":
            continue
        if abs(math.sin(pdfium.FPDFText_GetCharAngle(text, at) - math.radians(seen.turned))) > _SLANT:
            continue
        # The loose box is that of the font: the tight one of "一" is a stroke.
        pdfium.FPDFText_GetLooseCharBox(text, at, box)
        yield Char(char, seen.box(box.left, box.bottom, box.right, box.top))
    text.close()


def _strokes(page: pypdfium2.PdfPage, seen: _View) -> Iterator[tuple[float, float, float, float]]:
    """The straight lines of all that is drawn, as (x0, y0, x1, y1) with x0 <= x1 and y0 <= y1."""
    x, y = ctypes.c_float(), ctypes.c_float()
    for drawn in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=_DEEP):
        matrix = drawn.get_matrix()
        around = drawn.container
        while around is not None:
            matrix = matrix.multiply(around.get_matrix())
            around = around.container
        begin = last = None
        for at in range(min(pdfium.FPDFPath_CountSegments(drawn), _LONG)):
            segment = pdfium.FPDFPath_GetPathSegment(drawn, at)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            place = seen.at(*matrix.on_point(x.value, y.value))
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                begin = place
            elif kind == pdfium.FPDF_SEGMENT_LINETO and last:
                yield _stroke(last, place)
            if pdfium.FPDFPathSegment_GetClose(segment) and begin:
                yield _stroke(place, begin)
            last = place


def _stroke(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float, float, float]:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])
