"""Any document that an office sends, to text or to sheets.

Offsets of everything that is read later count in the text that is given here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from projects.intake import decoding, kinds, limits, sandbox
from projects.intake.refusals import Refused, Trouble

__all__ = ["Cell", "Merged", "Refused", "Sheet", "Text", "read_sheets", "read_text"]

_NOTHING = "\ufeff \t\r\n\u3000"


@dataclass(frozen=True, slots=True)
class Text:
    """A document's text: a paragraph a line, a row of a table a line with " | " between its cells.

    Plain text is as it was sent, to the character. `title` and `published` (YYYY-MM-DD) are what a saved page says of
    itself. `remark` is a sentence on what could not be read of it; "" when all was.
    """

    text: str
    format: str
    title: str = ""
    published: str = ""
    remark: str = ""


Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range, by its first and its last row and column, counted from 0. Its value stands in the first cell."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: rows of equal length from A1 on. A csv file is one sheet without a name. Hidden rows and columns,
    counted from 0, are told of xlsx alone.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[Merged, ...] = ()
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


def read_text(data: bytes, name: str, *, wall: float = limits.WALL) -> Text:
    """The text of a file. All but plain text is parsed in a child process, for `wall` seconds at most.

    Raises Refused for a file that is not read: its sentence names the file and says what to do.
    """
    try:
        return _read(data, name, wall)
    except Trouble as trouble:
        raise Refused.of(trouble, name) from trouble


def read_sheets(data: bytes, name: str, *, wall: float = limits.WALL, rows: int = limits.ROWS) -> tuple[Sheet, ...]:
    """The sheets of a workbook or a csv file, parsed in a child process for `wall` seconds at most. More than
    `limits.ROWS` rows may be asked for by who runs a command.

    Raises Refused as `read_text` does.
    """
    try:
        _weigh(data)
        answer = sandbox.run("sheets", kinds.sheet(data, name), data, wall=wall, rows=rows)
        return _sheets(answer)
    except Trouble as trouble:
        raise Refused.of(trouble, name, sheets=True) from trouble


def _sheets(answer: dict[str, Any]) -> tuple[Sheet, ...]:
    try:
        return tuple(
            Sheet(
                str(each["name"]),
                tuple(tuple(map(_cell, row)) for row in each["rows"]),
                tuple(Merged(*range_) for range_ in each["merged"]),
                bool(each["hidden"]),
                tuple(map(int, each.get("hidden_rows", ()))),
                tuple(map(int, each.get("hidden_columns", ()))),
            )
            for each in answer["sheets"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Trouble("damaged") from error


def _cell(told: Any) -> Cell:
    match told:
        case {"day": str(day)}:
            return datetime.fromisoformat(day) if "T" in day else date.fromisoformat(day)
        case None | str() | bool() | int() | float():
            return told
    raise ValueError(told)


def _weigh(data: bytes) -> None:
    if len(data) > limits.FILE:
        raise Trouble("too_large", most=limits.FILE // limits.MEGABYTE)
    if not data:
        raise Trouble("empty")


def _read(data: bytes, name: str, wall: float) -> Text:
    _weigh(data)
    kind = kinds.article(data, name)
    if kind == "txt":
        return Text(_plain(data), kind)
    answer = sandbox.run("text", kind, data, wall=wall)
    told = {key: answer.get(key, "") for key in ("text", "title", "published", "remark")}
    if not told["text"] or not all(isinstance(value, str) for value in told.values()):
        raise Trouble("damaged")
    return Text(format=kind, **told)


def _plain(data: bytes) -> str:
    text = decoding.decode(data)
    if not text.strip(_NOTHING):
        raise Trouble("empty")
    if len(text.encode("utf-8", "replace")) > limits.TEXT:
        raise Trouble("too_long", most=limits.TEXT // limits.MEGABYTE)
    return text
