"""Keeping a workbook as it was sent, and what was understood of it, so that it can be understood again."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import orjson
from django.db.models import QuerySet

from projects.intake.opening import Cell, Merged, Sheet
from projects.ledgers.models import Layout, Ledger, Part
from projects.ledgers.understanding import Answers, Column, Question, Rows, Table, Told, Understood, understand
from projects.ledgers.understanding.kinds import NAMES
from zones.models import Zone

ROWS: Final = 1000  # of a part
_DAY: Final = "day"


# ---- Sheets --------------------------------------------------------------------------------------------
def keep(ledger: Ledger, sheets: Sequence[Sheet]) -> None:
    """Store the sheets of a new ledger."""
    for index, sheet in enumerate(sheets):
        for first in range(0, max(len(sheet.rows), 1), ROWS):
            told: dict[str, Any] = {"rows": sheet.rows[first : first + ROWS]}
            if first == 0:
                told |= {"merged": [[each.top, each.left, each.bottom, each.right] for each in sheet.merged]}
                told |= {"hidden_rows": sheet.hidden_rows, "hidden_columns": sheet.hidden_columns}
            Part.objects.create(ledger=ledger, sheet=index, first=first, packed=_packed(told))


def sheets_of(ledger: Ledger) -> tuple[Sheet, ...]:
    """The sheets as they were sent."""
    rows: dict[int, list[tuple[Cell, ...]]] = defaultdict(list)
    merged: dict[int, tuple[Merged, ...]] = {}
    unseen: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for index, packed in ledger.parts.order_by("sheet", "first").values_list("sheet", "packed").iterator():
        told = _unpacked(packed)
        rows[index] += [tuple(map(_cell, row)) for row in told["rows"]]
        if "merged" in told:
            merged[index] = tuple(Merged(*each) for each in told["merged"])
            unseen[index] = tuple(told.get("hidden_rows", ())), tuple(told.get("hidden_columns", ()))
    return tuple(
        Sheet(each["name"], tuple(rows[index]), merged.get(index, ()), each["hidden"], *unseen.get(index, ((), ())))
        for index, each in enumerate(ledger.about.get("sheets", ()))
    )


def rows_of(ledger: Ledger, sheet: int, first: int, count: int) -> list[tuple[int, tuple[Cell, ...]]]:
    """Some rows of a sheet by their numbers as Excel shows them; `first` counts from 1."""
    start, end = first - 1, first - 1 + count
    parts = ledger.parts.filter(sheet=sheet, first__gt=start - ROWS, first__lt=end).order_by("first")
    found: list[tuple[int, tuple[Cell, ...]]] = []
    for at, packed in parts.values_list("first", "packed"):
        for number, row in enumerate(_unpacked(packed)["rows"], start=at + 1):
            if first <= number <= end:
                found.append((number, tuple(map(_cell, row))))
    return found


def _packed(told: Any) -> bytes:
    plain = orjson.dumps(told, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return zlib.compress(plain, 1)


def _unpacked(packed: Any) -> Any:
    return orjson.loads(zlib.decompress(packed))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return {_DAY: value.isoformat()}
    raise TypeError(type(value))


def _cell(told: Any) -> Cell:
    if isinstance(told, dict):
        day = told[_DAY]
        return datetime.fromisoformat(day) if "T" in day else date.fromisoformat(day)
    return told


# ---- What was told -------------------------------------------------------------------------------------
def understood(ledger: Ledger, sheets: Sequence[Sheet]) -> Understood:
    """What the sheets say, with what a person told of them and what is remembered of such headings in the zone."""
    return understand(sheets, on=ledger.on, told=answered(ledger), name=ledger.file_name)


def answered(ledger: Ledger) -> Told:
    """What a person told of the ledger's sheets, and what is remembered of such headings in its zone."""
    return _told(ledger.told, remembered(ledger.zone))


def remembered(zone: Zone) -> dict[str, Answers]:
    """What is remembered of headings, by their fingerprint: of the zone, and of those above where it says nothing."""
    kept = layouts_for(zone).values_list("fingerprint", "answers")
    return {fingerprint: _answers(answers) for fingerprint, answers in kept}


def layouts_for(zone: Zone) -> QuerySet[Layout]:
    """What people explained of headings, for the zone: those of the zones above first."""
    rows = Layout.objects.filter(purpose=Layout.Purpose.READ, zone__path__in=[*zone.ancestor_paths, zone.path])
    return rows.order_by("zone__path")


def remember(ledger: Ledger, tables: Iterable[Mapping[str, Any]], answers: Mapping[str, Any], by: Any) -> None:
    """Keep what a person said of headings and units of these tables, for the next file of the zone with the same."""
    for table in tables:
        keys = {column["key"] for column in table["columns"]} | {""}
        told = {
            name: {key: value for key, value in answers.get(name, {}).items() if key in keys}
            for name in ("meanings", "units")
        }
        if not any(told.values()):
            continue
        layout, _ = Layout.objects.get_or_create(
            zone=ledger.zone,
            purpose=Layout.Purpose.READ,
            fingerprint=table["fingerprint"],
            defaults={"name": (table["title"] or ledger.file_name)[:200]},
        )
        layout.headings = ["·".join(column["heading"]) for column in table["columns"]]
        layout.answers = {name: {**layout.answers.get(name, {}), **told[name]} for name in told}
        layout.changed_by = by
        layout.save()


def _told(told: Mapping[str, Any], layouts: Mapping[str, Answers]) -> Told:
    return Told(
        headings={int(sheet): [(a, b) for a, b in ranges] for sheet, ranges in told.get("headings", {}).items()},
        tables={key: _answers(each) for key, each in told.get("tables", {}).items()},
        layouts=layouts,
        year=told.get("year"),
        month=told.get("month"),
        cells={(sheet, number, column): _cell(value) for sheet, number, column, value in told.get("cells", [])},
    )


def _answers(plain: Mapping[str, Any]) -> Answers:
    return Answers(plain.get("meanings", {}), plain.get("units", {}), plain.get("year"), plain.get("month"))


def plain_cell(value: Cell) -> Any:
    """A cell as JSON keeps it."""
    return _plain(value) if isinstance(value, date) else value


# ---- What was understood -------------------------------------------------------------------------------
def about(sheets: Sequence[Sheet], read: Understood) -> dict[str, Any]:
    """What was understood, as it is kept: all but the rows of the tables."""
    tables = [_table(table) for table in read.tables]
    titles = [table["title"] for table in tables if table["title"]]
    return {
        "title": titles[0][:200] if titles else "",
        "sheets": [
            {
                "name": sheet.name,
                "hidden": sheet.hidden,
                "rows": len(sheet.rows),
                "columns": len(sheet.rows[0]) if sheet.rows else 0,
            }
            for sheet in sheets
        ],
        "tables": tables,
        "remarks": list(read.remarks),
    }


def _table(table: Table) -> dict[str, Any]:
    marked: dict[str, list[int]] = {"group": [], "total": [], "note": []}
    for number, kind in kinds_of(table):
        if kind in marked:
            marked[kind].append(number)
    return {
        **{name: getattr(table, name) for name in ("key", "about", "title", "office", "year", "month", "unit")},
        **{name: getattr(table, name) for name in ("first_heading", "last_heading", "fingerprint")},
        "sheet": table.sheet_index,
        "sheet_name": table.sheet,
        "columns": [_column(column) for column in table.columns],
        "questions": [_question(question) for question in table.questions],
        "marked": marked,
        "last": table.last_heading + len(table.rows),
    }


def kinds_of(table: Table) -> Iterator[tuple[int, str]]:
    """Number and kind of each row below the headings, without reading what is in them."""
    if isinstance(table.rows, Rows):
        for number, kind in enumerate(table.rows.kinds.kinds, start=table.rows.start + 1):
            yield number, NAMES[kind]


def _column(column: Column) -> dict[str, Any]:
    return {
        **{name: getattr(column, name) for name in ("index", "letter", "key", "meaning", "unit", "year", "month")},
        **{"heading": list(column.heading), "confidence": column.confidence, "reason": column.reason},
        "others": list(column.others),
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "code": question.code,
        "column": question.column,
        "text": question.text,
        "choices": list(question.choices),
    }


def questions(ledger: Ledger) -> list[dict[str, Any]]:
    """What must be answered before anything is imported, each with the `table` it is of."""
    return [
        {**question, "table": table["key"]}
        for table in ledger.about.get("tables", ())
        if table["about"] == "projects"
        for question in table["questions"]
    ]
