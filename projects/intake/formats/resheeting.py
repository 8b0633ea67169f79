"""One sheet of a workbook, changed while it is streamed: its rows one at a time, then what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from lxml import etree

from projects.intake.formats.formulas import Held, Workings
from projects.intake.formats.refs import GONE, Axis, Insertion, Shift, letters, move_formula, shift_formula, split

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_CHUNK: Final = 1024 * 1024
_UNTOLD: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODED: Final = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_LONGEST: Final = 32_767
_BLANK: Final = object()
_AFTER_HEADER: Final = (
    *("rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing"),
    *("drawingHF", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems"),
    *("tableParts", "extLst"),
)


@dataclass(slots=True)
class Job:
    """What is to be done to one sheet. Places of `puts` are those afterwards, counted from 1."""

    shift: Shift = field(default_factory=Shift)
    puts: dict[int, dict[int, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sheet wants to know of its workbook: its own name, the day that days are counted from, which sheets are
    shifted and renamed, and what is printed above each page.
    """

    name: str
    base: int
    shifts: Mapping[str, Shift]
    renamed: Mapping[str, str]
    header: str


def parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


class SheetBody:
    """One sheet, read twice where formulas want to know what others come to."""

    def __init__(self, book: Surroundings, job: Job) -> None:
        self.book, self.name, self.job, self.shift = book, book.name, job, job.shift
        self.shared: dict[str, tuple[int, int, str]] = {}
        self.told: list[list[Any]] = []
        self.workings: Workings | None = None

    def written(self, data: bytes) -> bytes:
        if b"<f" in data or b":f>" in data:
            cells: dict[tuple[int, int], Held] = {}
            for row in self._rows(data):
                self._look(row, cells)
            told = {
                (row, column): value
                for row, some in self.job.puts.items()
                for column, value in some.items()
                if isinstance(value, int | float)
            }
            self.workings = Workings(cells, told)
            self.shared.clear()
        body = BytesIO()
        shell: list[Any] = []
        for row in self._rows(data, shell):
            body.write(_bare(etree.tostring(row, encoding="UTF-8", xml_declaration=False, with_tail=False)))
        root = shell[0]
        self._around(root)
        if self.book.header:
            _head(root, self.book.header)
        whole = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        match = re.search(rb"<((?:\w+:)?sheetData)\b[^>]*?(?:/>|>\s*</\1>)", whole)
        if not match:
            raise ValueError("no sheetData")
        tag = match[1]
        return whole[: match.start()] + b"<" + tag + b">" + body.getvalue() + b"</" + tag + b">" + whole[match.end() :]

    def _rows(self, data: bytes, shell: list[Any] | None = None) -> Iterator[Any]:
        """The rows afterwards, in their order; `shell` gets the sheet without them."""
        axis, waiting = self.shift.rows, _Waiting(self.shift.rows)
        before = 0
        for row in _streamed(data, shell):
            at = int(row.get("r") or before + 1)
            for gap in range(before + 1, at):  # rows that are not in the file at all
                yield from self._copies(waiting, gap)
            before = at
            self._places(row, at)
            if at in waiting.wanted:
                waiting.kept[at] = deepcopy(row)
            if axis.is_gone(at):
                for cell in row:  # others may share its formulas
                    self._plain_formula(cell, at, split(cell.get("r"))[1])
            else:
                new = axis.new(at)
                self._move(row, at, new)
                yield row
            yield from self._copies(waiting, at)
        for gap in range(before + 1, max(waiting.after, default=0) + 1):
            yield from self._copies(waiting, gap)

    def _places(self, row: Any, at: int) -> None:
        """Every cell says where it stands, which it need not."""
        before = 0
        for cell in row:
            place = cell.get("r")
            before = split(place)[1] if place else before + 1
            cell.set("r", f"{letters(before)}{at}")
        row.set("r", str(at))

    def _copies(self, waiting: _Waiting, after: int) -> Iterator[Any]:
        if after not in waiting.after:
            return
        start = self.shift.rows.first_behind(after)
        for each in waiting.after[after]:
            for _, like in each.pairs():
                made = deepcopy(waiting.kept[like])
                self._copy(made, like, start)
                yield made
                start += 1

    # -- one row
    def _move(self, row: Any, old: int, new: int) -> None:
        """A row of the file at its new place, with what is put into it."""
        row.set("r", str(new))
        row.attrib.pop("spans", None)
        for cell in row:
            _, column = split(cell.get("r"))
            self._formula(cell, old, column, new)
            cell.set("r", f"{letters(self.shift.columns.new(column))}{new}")
        self._widen(row, new)
        self._fill(row, new)

    def _copy(self, row: Any, old: int, new: int) -> None:
        """A new row that looks like another: its formulas, and none of its values."""
        for cell in row:
            _, column = split(cell.get("r"))
            formula = self._plain_formula(cell, old, column)
            _empty(cell)
            if formula:
                moved = move_formula(self._shifted(formula, old), new - self.shift.rows.new(old), 0)
                etree.SubElement(cell, f"{{{MAIN}}}f").text = moved
            cell.set("r", f"{letters(self.shift.columns.new(column))}{new}")
        row.set("r", str(new))
        row.attrib.pop("spans", None)
        self._widen(row, new)
        self._fill(row, new)

    def _widen(self, row: Any, new: int) -> None:
        """Cells of new columns, with the look of those that they are like."""
        for each in self.shift.columns.insertions:
            first = self.shift.columns.first_behind(each.after)
            cells = {split(cell.get("r"))[1]: cell for cell in row}
            for step, old in each.pairs():
                like = cells.get(self.shift.columns.new(old))
                if like is not None:
                    self._cell(row, new, first + step, like.get("s"))

    def _cell(self, row: Any, number_: int, column: int, style: str | None = None) -> Any:
        """The cell at a place, made where there is none."""
        for at, cell in enumerate(row):
            there = split(cell.get("r"))[1]
            if there == column:
                return cell
            if there > column:
                made = etree.SubElement(row, f"{{{MAIN}}}c")
                row.insert(at, made)
                break
        else:
            made = etree.SubElement(row, f"{{{MAIN}}}c")
        made.set("r", f"{letters(column)}{number_}")
        if style:
            made.set("s", style)
        return made

    def _fill(self, row: Any, new: int) -> None:
        puts = self.job.puts.get(new, {})
        seen = set()
        for cell in list(row):
            column = split(cell.get("r"))[1]
            formula = cell.find(f"{{{MAIN}}}f")
            if formula is not None:
                self._work_out(cell, formula, new, column, puts.get(column, _BLANK))
                seen.add(column)
        for column, value in puts.items():
            if column not in seen:
                cell = self._cell(row, new, column)
                _empty(cell)
                self._write(cell, value)

    def _write(self, cell: Any, value: Any) -> None:
        match value:
            case None | "":
                return
            case str():
                cell.set("t", "inlineStr")
                told = etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
                told.text = _CODED.sub("_x005F_", _UNTOLD.sub("", value))[:_LONGEST]
                told.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            case bool():
                cell.set("t", "b")
                etree.SubElement(cell, f"{{{MAIN}}}v").text = str(int(value))
            case {"sum": float() | int() as total}:
                etree.SubElement(cell, f"{{{MAIN}}}v").text = _figure(total)
            case {"day": str(day)}:
                etree.SubElement(cell, f"{{{MAIN}}}v").text = _serial(day, self.book.base)
            case _:
                etree.SubElement(cell, f"{{{MAIN}}}v").text = _figure(value)

    # -- formulas
    def _shifted(self, formula: str, row: int) -> str:
        return shift_formula(formula, self.name, self.book.shifts, row, self.book.renamed)

    def _plain_formula(self, cell: Any, row: int, column: int) -> str:
        """The formula of a cell as it was, also of one that only names the one it shares; "" for none."""
        found = cell.find(f"{{{MAIN}}}f")
        if found is None:
            return ""
        if found.get("t") in ("array", "dataTable"):
            return ""
        if found.get("t") == "shared":
            key = found.get("si", "")
            if found.text:
                self.shared[key] = row, column, found.text
            if key not in self.shared:
                return ""
            top, left, text = self.shared[key]
            return move_formula(text, row - top, column - left)
        return found.text or ""

    def _formula(self, cell: Any, old: int, column: int, new: int) -> None:
        """The formula of a cell at its new place, as one of its own."""
        found = cell.find(f"{{{MAIN}}}f")
        if found is None:
            return
        if found.get("t") in ("array", "dataTable"):
            if found.get("ref"):
                found.set("ref", self.shift.range(found.get("ref")) or found.get("ref"))
            found.text = self._shifted(found.text, old) if found.text else found.text
            return
        text = self._plain_formula(cell, old, column)
        for name in ("t", "si", "ref"):
            found.attrib.pop(name, None)
        found.text = self._shifted(text, old)

    def _look(self, row: Any, cells: dict[tuple[int, int], Held]) -> None:
        """What a row holds, once it is filled."""
        at = int(row.get("r"))
        for cell in row:
            column = split(cell.get("r"))[1]
            formula, value = cell.find(f"{{{MAIN}}}f"), cell.find(f"{{{MAIN}}}v")
            if formula is not None:
                cells[at, column] = f"={formula.text}" if formula.text and not formula.get("t") else "="
            elif value is not None and value.text:
                cells[at, column] = float(value.text) if cell.get("t", "n") == "n" else "text"
            elif cell.find(f"{{{MAIN}}}is") is not None:
                cells[at, column] = "text"

    def _work_out(self, cell: Any, formula: Any, row: int, column: int, value: Any) -> None:
        """Keep a formula that comes to what is to be said; write the value in place of one that comes to another."""
        if self.workings is None:  # they are being gathered: a formula whose value must be put is one all the same
            return
        came = self.workings.value(row, column)
        summed = isinstance(value, dict) and "sum" in value
        wanted = value["sum"] if summed else value
        wanted = wanted if isinstance(wanted, int | float) and not isinstance(wanted, bool) else None
        for each in cell.findall(f"{{{MAIN}}}v"):
            cell.remove(each)
        cell.attrib.pop("t", None)
        what = ""
        if GONE in (formula.text or ""):  # what it spoke of was taken out
            _empty(cell)
            self._write(cell, None if value is _BLANK else value)
            return
        if value is not _BLANK:
            what = "unknown" if came is None else "kept" if _same(came, wanted) else "other" if summed else "replaced"
            what = "kept" if value is None else what
            self.told.append([row, column, what])
        if what == "replaced":
            _empty(cell)
            self._write(cell, value)
        elif came is not None:
            etree.SubElement(cell, f"{{{MAIN}}}v").text = _figure(came)

    # -- what stands around the rows
    def _around(self, root: Any) -> None:
        shift = self.shift
        if not shift:
            return
        for tag, name, grows in _PLACES:
            for each in list(root.iter(f"{{{MAIN}}}{tag}")):
                if not each.get(name):
                    continue
                found = shift.ranges(each.get(name), grows=grows)
                if found:
                    each.set(name, found)
                else:
                    each.getparent().remove(each)
        for each in root.iter(f"{{{MAIN}}}formula", f"{{{MAIN}}}formula1", f"{{{MAIN}}}formula2", "{*}f"):
            each.text = self._shifted(each.text or "", 0)
        for each in root.iter("{http://schemas.microsoft.com/office/excel/2006/main}sqref"):
            each.text = shift.ranges(each.text or "")
        for each in root.iter(f"{{{MAIN}}}mergeCells", f"{{{MAIN}}}dataValidations"):
            if len(each):
                each.set("count", str(len(each)))
            else:
                each.getparent().remove(each)
        for each in root.iter(f"{{{MAIN}}}pane"):
            if each.get("topLeftCell"):
                each.set("topLeftCell", shift.range(each.get("topLeftCell")) or each.get("topLeftCell"))
        for breaks, axis in (("rowBreaks", shift.rows), ("colBreaks", shift.columns)):
            for each in root.iterfind(f"{{{MAIN}}}{breaks}/{{{MAIN}}}brk"):
                each.set("id", str(axis.new(int(each.get("id", "0")))))
        self._copy_merges(root)
        self._columns(root)

    def _copy_merges(self, root: Any) -> None:
        """New rows and columns are merged as those are that they look like."""
        held = root.find(f"{{{MAIN}}}mergeCells")
        if held is None:
            return
        rows, columns = self.shift.rows, self.shift.columns
        places = []
        for each in list(held):
            first, _, last = each.get("ref", "").partition(":")
            (top, left), (bottom, right) = split(first), split(last or first)
            if (top, left) == (bottom, right):
                held.remove(each)  # others of it were taken out
            places.append((top, left, bottom, right))
        for each in rows.insertions:
            like, first = rows.new(each.like), rows.first_behind(each.after)
            for top, left, bottom, right in places:
                if not rows.is_gone(each.like) and top == bottom == like:
                    self._merge(held, *((row, left, row, right) for row in range(first, first + each.count)))
        for each in columns.insertions:
            like, first = columns.new(each.like), columns.first_behind(each.after)
            for top, left, bottom, right in places:
                if like <= left and right < like + each.width:
                    for by in range(first - like, first - like + each.count, each.width):
                        self._merge(held, (top, left + by, bottom, right + by))
        held.set("count", str(len(held)))

    @staticmethod
    def _merge(held: Any, *places: tuple[int, int, int, int]) -> None:
        for top, left, bottom, right in places:
            etree.SubElement(held, f"{{{MAIN}}}mergeCell").set("ref", f"{letters(left)}{top}:{letters(right)}{bottom}")

    def _columns(self, root: Any) -> None:
        """Widths and hidden columns, with those of the new ones."""
        held = root.find(f"{{{MAIN}}}cols")
        if held is None or not self.shift.columns:
            return
        said: dict[int, Any] = {}
        for each in list(held):
            first, last = int(each.get("min", "1")), int(each.get("max", "1"))
            said |= dict.fromkeys(range(first, min(last, first + 1000) + 1), each)
            held.remove(each)
        wanted = {self.shift.columns.new(at): each for at, each in said.items()}
        for insertion in self.shift.columns.insertions:
            first = self.shift.columns.first_behind(insertion.after)
            wanted |= {first + step: said[old] for step, old in insertion.pairs() if old in said}
        for at in sorted(wanted):
            made = etree.SubElement(held, f"{{{MAIN}}}col", dict(wanted[at].attrib))
            made.set("min", str(at))
            made.set("max", str(at))


class _Waiting:
    """Rows that new ones are to look like, and where these go."""

    def __init__(self, axis: Axis) -> None:
        self.wanted = {like for each in axis.insertions for _, like in each.pairs()}
        self.kept: dict[int, Any] = {}
        self.after: dict[int, list[Insertion]] = {}
        for each in axis.insertions:
            self.after.setdefault(each.after, []).append(each)


_PLACES: Final = (
    *(("dimension", "ref", True), ("mergeCell", "ref", False), ("hyperlink", "ref", False)),
    *(("conditionalFormatting", "sqref", True), ("dataValidation", "sqref", True), ("autoFilter", "ref", True)),
    *(("sortState", "ref", True), ("sortCondition", "ref", True), ("protectedRange", "sqref", True)),
    *(("ignoredError", "sqref", True), ("selection", "sqref", False), ("selection", "activeCell", False)),
)


def _streamed(data: bytes, shell: list[Any] | None) -> Iterator[Any]:
    """The rows of a sheet, one in memory at a time."""
    parser = etree.XMLPullParser(
        events=("end",), tag=f"{{{MAIN}}}row", resolve_entities=False, no_network=True, load_dtd=False
    )
    for at in range(0, len(data), _CHUNK):
        parser.feed(data[at : at + _CHUNK])
        for _, row in parser.read_events():
            yield row
            parent = row.getparent()
            while row.getprevious() is not None:
                del parent[0]
            row.clear()
    root = parser.close()
    for row in list(root.iter(f"{{{MAIN}}}row")):
        row.getparent().remove(row)
    if shell is not None:
        shell.append(root)


def _head(root: Any, words: str) -> None:
    """Print words above each page, beside what is printed there already."""
    held = root.find(f"{{{MAIN}}}headerFooter")
    if held is None:
        held = etree.SubElement(root, f"{{{MAIN}}}headerFooter")
        after = [each for each in root if etree.QName(each).localname in _AFTER_HEADER and each is not held]
        if after:
            after[0].addprevious(held)
    for kind in ("oddHeader", "evenHeader", "firstHeader"):
        said = held.find(f"{{{MAIN}}}{kind}")
        if said is None and kind != "oddHeader":
            continue
        if said is None:
            said = etree.Element(f"{{{MAIN}}}oddHeader")
            held.insert(0, said)
        part = next((each for each in ("&C", "&R", "&L") if each not in (said.text or "")), "")
        told = words.replace("&", "&&")[: max(0, 250 - len(said.text or ""))]
        said.text = f'{said.text or ""}{part}&"黑体"&14&KBFBFBF {told}'


def _bare(text: bytes) -> bytes:
    """A row's XML without the names of namespaces that its sheet declares."""
    head, sign, rest = text.partition(b">")
    return re.sub(rb'\sxmlns(?::\w+)?="[^"]*"', b"", head) + sign + rest


def _empty(cell: Any) -> None:
    for each in list(cell):
        cell.remove(each)
    cell.attrib.pop("t", None)


def _same(came: float, wanted: float | None) -> bool:
    if wanted is None:
        return False
    apart = abs(came - wanted)
    return apart <= 1e-6 * abs(wanted) or apart <= (0.0006 if abs(wanted) <= 1.5 else 0.0051)


def _figure(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _serial(day: str, base: int) -> str:
    moment = datetime.fromisoformat(day)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return _figure(moment.toordinal() - base + seconds / 86_400)
