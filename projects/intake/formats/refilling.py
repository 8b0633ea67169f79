"""An Excel file as it came, with other values in some cells and rows and columns put in or taken out.

Everything that is not asked for stays as it was, to the byte where a part of the file is not touched: fonts, fills,
widths, number formats, print set-up, pictures, notes. That is why the XML itself is changed, and not a model of it:
openpyxl (MIT, last release June 2024, 0.9 MB with et_xmlfile) loses shapes, text in several fonts, what newer versions
of Excel add, and the sizes of notes, moves neither formulas nor merged ranges when it inserts rows, and takes some
880 MB for 100,000 rows; it would also need defusedxml. Here rows are streamed one at a time by lxml, which is there
already, in the process that may not do more than parse (`projects.intake.sandbox`).
"""

from __future__ import annotations

import base64
import json
import posixpath
import re
import zipfile
from datetime import date
from io import BytesIO
from typing import Any, Final

from lxml import etree

from projects.intake.formats import archives
from projects.intake.formats.refs import Axis, Insertion, Shift, shift_formula
from projects.intake.formats.resheeting import MAIN, Job, SheetBody, Surroundings, parser
from projects.intake.refusals import Trouble

_RELS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def read(data: bytes, kind: str, most: int = 0) -> dict[str, Any]:
    """Carry out what the head of `data` asks for on the workbook behind it: {"file": base64, "formulas": […]}.

    `formulas` are [sheet, row, column, what became of it]: "kept" where it comes to the value that was to be put there,
    or nothing was; "replaced" where it came to another; "other" where it did and stays, since it adds up; "unknown"
    where it stays and was not worked out.
    """
    length = int.from_bytes(data[:8], "big")
    asked, book = json.loads(data[8 : 8 + length]), data[8 + length :]
    archive = archives.opened(book, kind)
    try:
        return _Book(archive, asked).written()
    except (etree.XMLSyntaxError, KeyError, ValueError, IndexError) as error:
        raise Trouble("damaged") from error


def _job(asked: dict[str, Any]) -> Job:
    rows = Axis([Insertion(*each) for each in asked.get("rows", ())], list(asked.get("gone", ())))
    columns = Axis([Insertion(*each) for each in asked.get("columns", ())])
    puts: dict[int, dict[int, Any]] = {}
    for row, column, value in asked.get("puts", ()):
        puts.setdefault(row, {})[column] = value
    return Job(Shift(rows, columns), puts)


class _Book:
    """The workbook on its way into another file."""

    def __init__(self, archive: zipfile.ZipFile, asked: dict[str, Any]) -> None:
        self.archive = archive
        self.renamed: dict[str, str] = asked.get("names", {})
        self.header: str = asked.get("header", "")
        self.main = self._main()
        self.book = self._parsed(self.main)
        links = self._links(self.main)
        self.sheets: list[tuple[str, str]] = []  # names and parts, as they are read
        for sheet in self.book.iter(f"{{{MAIN}}}sheet"):
            kind, target = links[sheet.get(f"{{{_RELS}}}id", "")]
            if kind == "worksheet":
                self.sheets.append((sheet.get("name", ""), target))
        jobs = {int(at): _job(each) for at, each in asked.get("sheets", {}).items()}
        self.jobs = {self.sheets[at][1]: job for at, job in jobs.items()}
        self.shifts = {self.sheets[at][0]: job.shift for at, job in jobs.items() if job.shift}
        properties = self.book.find(f"{{{MAIN}}}workbookPr")
        late = properties is not None and properties.get("date1904") in ("1", "true")
        self.base = date(1904, 1, 1).toordinal() if late else date(1899, 12, 30).toordinal()
        self.formulas: list[list[Any]] = []

    def _main(self) -> str:
        for kind, target in self._links("").values():
            if kind == "officeDocument":
                return target
        raise ValueError("no workbook")

    def _parsed(self, part: str) -> Any:
        return etree.fromstring(self.archive.read(part), parser())

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part leads to: kind and name, by key."""
        folder, name = posixpath.split(part)
        where = posixpath.join(folder, "_rels", f"{name}.rels")
        if where not in self.archive.namelist():
            return {}
        found = {}
        for link in self._parsed(where):
            if link.get("TargetMode") == "External":
                continue
            target = link.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[link.get("Id", "")] = (link.get("Type", "").rpartition("/")[2], whole)
        return found

    def written(self) -> dict[str, Any]:
        changed: dict[str, bytes] = {}
        for at, (name, part) in enumerate(self.sheets):
            job = self.jobs.get(part, Job())
            data = self.archive.read(part)
            moved = (self.shifts or self.renamed) and b"<f" in data
            if not (job.puts or job.shift or moved or self.header):
                continue
            links = [target for kind, target in self._links(part).values() if kind in _BESIDE]
            sheet = SheetBody(Surroundings(name, self.base, self.shifts, self.renamed, self.header), job)
            changed[part] = sheet.written(data)
            self.formulas += [[at, *each] for each in sheet.told]
            if job.shift:
                changed |= {each: _beside(self.archive.read(each), each, job.shift) for each in links}
        self._rename()
        changed[self.main] = etree.tostring(self.book, xml_declaration=True, encoding="UTF-8", standalone=True)
        changed |= self._charts()
        made = BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
            for member in self.archive.infolist():
                if member.filename.endswith("calcChain.xml"):
                    continue
                content = changed.pop(member.filename, None)
                content = self.archive.read(member) if content is None else content
                if member.filename == "[Content_Types].xml" or member.filename.endswith("workbook.xml.rels"):
                    content = re.sub(rb"<[^<>]*calcChain[^<>]*/>", b"", content)
                out.writestr(member.filename, content)
        return {"file": base64.b64encode(made.getvalue()).decode(), "formulas": self.formulas}

    def _rename(self) -> None:
        """Names of sheets, and what the workbook itself says of places: areas of print, titles, names."""
        tabs = list(self.book.iter(f"{{{MAIN}}}sheet"))
        for sheet in tabs:
            sheet.set("name", self.renamed.get(sheet.get("name", ""), sheet.get("name", "")))
        for name in self.book.iter(f"{{{MAIN}}}definedName"):
            name.text = shift_formula(name.text or "", "", self.shifts, names=self.renamed)
        calc = self.book.find(f"{{{MAIN}}}calcPr")
        if calc is None:
            calc = etree.SubElement(self.book, f"{{{MAIN}}}calcPr")
            after = [each for each in self.book if etree.QName(each).localname in _AFTER_CALC and each is not calc]
            if after:
                after[0].addprevious(calc)
        calc.set("fullCalcOnLoad", "1")

    def _charts(self) -> dict[str, bytes]:
        """What charts are drawn from."""
        if not (self.shifts or self.renamed):
            return {}
        found = {}
        for part in self.archive.namelist():
            if re.fullmatch(r"xl/charts/[^/]+\.xml", part):
                chart = self._parsed(part)
                for each in chart.iter("{*}f"):
                    each.text = shift_formula(each.text or "", "", self.shifts, names=self.renamed)
                found[part] = etree.tostring(chart, xml_declaration=True, encoding="UTF-8", standalone=True)
        return found


_BESIDE: Final = ("comments", "threadedComment", "vmlDrawing", "drawing", "table")
_AFTER_CALC: Final = (
    *("oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing"),
    *("fileRecoveryPr", "webPublishObjects", "extLst"),
)


# ---- What stands beside a sheet -----------------------------------------------------------------------------------
def _beside(data: bytes, part: str, shift: Shift) -> bytes:
    """Notes, pictures and tables of a sheet, moved with their cells."""
    root = etree.fromstring(data, parser())
    for each in list(root.iter("{*}comment", "{*}threadedComment", "{*}table", "{*}autoFilter")):
        found = shift.range(each.get("ref", ""), grows=True)
        if found:
            each.set("ref", found)
        elif each.get("ref") and each.getparent() is not None and "omment" in each.tag:
            each.getparent().remove(each)
    for axis, word in ((shift.rows, "row"), (shift.columns, "col")):
        for each in root.iter(f"{{*}}{word}"):  # of a drawing's corners, from 0
            if each.text and each.text.isdecimal():
                each.text = str(axis.new(int(each.text) + 1) - 1)
        for each in root.iter(
            f"{{urn:schemas-microsoft-com:office:excel}}{word.capitalize().replace('Col', 'Column')}"
        ):
            if each.text and each.text.strip().isdecimal():
                each.text = str(axis.new(int(each.text) + 1) - 1)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
