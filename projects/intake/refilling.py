"""An Excel file with other values in some of its cells, all else as it came. See `formats.refilling`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from projects.intake import kinds, limits, sandbox
from projects.intake.formats.refs import Insertion, Shift
from projects.intake.opening import Cell
from projects.intake.refusals import Refused, Trouble

Place = tuple[int, int]
"""Row and column, both counted from 1, as they are afterwards."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What rows come to. A formula that stands there adds up by itself, and stays whatever it comes to."""

    value: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be done to one sheet: rows and columns put in or taken out, then values by their new place."""

    shift: Shift
    cells: Mapping[Place, Cell | Sum]


@dataclass(frozen=True, slots=True)
class Refilled:
    """The file, and what became of formulas where a value was to stand: sheet, place, and "kept", "replaced",
    "other" (a sum that stays and comes to something else) or "unknown" (it stays, and could not be worked out).
    """

    data: bytes
    formulas: tuple[tuple[int, Place, str], ...]


def refill(
    data: bytes,
    name: str,
    sheets: Mapping[int, Changes],
    renamed: Mapping[str, str],
    *,
    header: str = "",
    wall: float = limits.WALL,
    rows: int = limits.ROWS,
) -> Refilled:
    """Put values into a workbook (xlsx), by index of the sheet, in a child process; `header` is printed above each
    page. Raises Refused.
    """
    asked = {
        "sheets": {str(at): _told(each) for at, each in sheets.items()},
        "names": dict(renamed),
        "header": header,
    }
    head = json.dumps(asked, ensure_ascii=False).encode("utf-8", "replace")
    try:
        kind = kinds.sheet(data, name)
        answer = sandbox.run("refill", kind, len(head).to_bytes(8, "big") + head + data, wall=wall, rows=rows)
        told = tuple((int(at), (int(row), int(column)), str(what)) for at, row, column, what in answer["formulas"])
        return Refilled(base64.b64decode(answer["file"]), told)
    except Trouble as trouble:
        raise Refused.of(trouble, name) from trouble


def _told(changes: Changes) -> dict[str, Any]:
    rows, columns = changes.shift.rows, changes.shift.columns
    return {
        "rows": [_plain(each) for each in rows.insertions],
        "gone": rows.deleted,
        "columns": [_plain(each) for each in columns.insertions],
        "puts": [[row, column, _cell(value)] for (row, column), value in changes.cells.items()],
    }


def _plain(insertion: Insertion) -> list[int]:
    return [insertion.after, insertion.like, insertion.count, insertion.width]


def _cell(value: Cell | Sum) -> Any:
    if isinstance(value, Sum):
        return {"sum": value.value}
    return {"day": value.isoformat()} if isinstance(value, date) else value
