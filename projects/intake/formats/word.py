"""Word documents: paragraphs and tables in the order of the document.

Read by the names of the elements, so that strict and transitional documents are one. What no reader sees on the page
is left out: deleted and hidden text, field codes, comments, heads and feet of pages.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from lxml import etree

from projects.intake import limits
from projects.intake.formats import archives, lines
from projects.intake.formats.elements import PARSER, child, local, unread, value
from projects.intake.formats.numbering import Numbering
from projects.intake.refusals import Trouble

_BODY: Final = "word/document.xml"
_UNSEEN: Final = re.compile(
    "del|moveFrom|instrText|delText|delInstrText|fldData|rt|Fallback|[pr]Pr|tbl(?:Pr|Grid)|t[rc]Pr|sdt(?:End)?Pr|"
    "sectPr|(?:footnote|endnote|comment)Reference|annotationRef"
)
_BLOCKS: Final = tuple(f"{{*}}{name}" for name in ("p", "tbl", "sdt", "customXml", "ins", "moveTo", "AlternateContent"))
_OFF: Final = ("0", "false", "off", "none")


def read(data: bytes, kind: str) -> dict[str, Any]:
    """The text of a docx. Raises Trouble as `archives.opened` does, and when it holds no text or too much."""
    archive = archives.opened(data, kind)
    numbering = Numbering(_part(archive, "word/numbering.xml"), _part(archive, "word/styles.xml"))
    try:
        with archive.open(_BODY) as stream:
            return {"text": lines.text_of(_document(stream, numbering))}
    except etree.XMLSyntaxError as error:
        raise unread(error.error_log) from error
    except KeyError as error:
        raise Trouble("damaged") from error


def _part(archive: zipfile.ZipFile, name: str) -> Any:
    if name not in archive.namelist():
        return None
    return etree.parse(BytesIO(archive.read(name)), etree.XMLParser(**PARSER)).getroot()


def _document(stream: Any, numbering: Numbering) -> Iterator[str]:
    """Block after block; each is forgotten when it is told, so that memory does not grow with the document."""
    for _event, element in etree.iterparse(stream, events=("end",), tag=_BLOCKS, **PARSER):
        parent = element.getparent()
        if parent is None or local(parent) != "body":
            continue
        yield from _block(element, numbering)
        element.clear()
        while element.getprevious() is not None:
            del parent[0]


def _block(element: Any, numbering: Numbering) -> Iterator[str]:
    name = local(element)
    if name == "p":
        yield from _paragraph(element, numbering)
    elif name == "tbl":
        yield from _table(element, numbering)
    elif not _UNSEEN.fullmatch(name):
        for each in element:
            yield from _block(each, numbering)


def _paragraph(element: Any, numbering: Numbering) -> Iterator[str]:
    first, *more = "".join(_words(element, numbering)).split("\n")
    if first.strip() or any(line.strip() for line in more):
        yield numbering.mark(element) + first
        yield from more


def _words(element: Any, numbering: Numbering) -> Iterator[str]:
    for each in element:
        match local(each):
            case "t":
                yield each.text or ""
            case "tab" | "ptab":
                yield "\t"
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "-"
            case "txbxContent":
                yield "\n"
                for block in each:
                    yield from (f"{line}\n" for line in _block(block, numbering))
            case "r" if _hidden(each):
                continue
            case name if name and not _UNSEEN.fullmatch(name):
                yield from _words(each, numbering)


def _hidden(run: Any) -> bool:
    vanish = child(run, "rPr", "vanish")
    return vanish is not None and value(vanish) not in _OFF


def _table(table: Any, numbering: Numbering) -> Iterator[str]:
    """A row a line. A merged cell stands once; the places that it covers stay empty, so that columns keep theirs."""
    for each in _within(table, "tr"):
        cells = [""] * _count(child(each, "trPr", "gridBefore"))
        for place in _within(each, "tc"):
            covered = child(place, "tcPr", "vMerge")
            goes_on = covered is not None and value(covered) != "restart"
            told = (line for block in place for line in _block(block, numbering))
            cells.append("" if goes_on else lines.cell(told))
            cells += [""] * (_count(child(place, "tcPr", "gridSpan")) - 1)
        yield lines.row(cells)


def _within(element: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also those in a content control or a change."""
    for each in element:
        if local(each) == name:
            yield each
        elif local(each) in ("sdt", "sdtContent", "ins", "customXml", "smartTag"):
            yield from _within(each, name)


def _count(element: Any) -> int:
    told = value(element)
    return min(int(told), limits.COLUMNS) if told.isdigit() else 0
