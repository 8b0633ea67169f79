"""A table that is asked for by name, made into a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from projects.ledgers.exporting import forms, template
from projects.ledgers.exporting.forms import Asked, Form
from projects.ledgers.exporting.telling import Told, When
from projects.models import Project
from projects.papers.sheets import Band, Cell, Column, Look, Row, lines, workbook

TEMPLATE: Final = ""
_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(slots=True)
class Given:
    """A file that was made: open, at its beginning; `name` of the form, title above it, how many rows it has."""

    file: IO[bytes]
    name: str
    title: str
    count: int


class _Counted:
    """Rows that are counted while they are walked through."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.count += not isinstance(row, Band)
            yield row


def month(text: str) -> When:
    """A month as "2023-06". Raises ValidationError."""
    match = _MONTH.fullmatch(text.strip())
    if not match or not 1 <= int(match[2]) <= 12 or not 2000 <= int(match[1]) <= date.max.year - 1:
        raise ValidationError(f"月份“{text}”无效：应像 2023-06")
    return When(int(match[1]), int(match[2]))


def form_of(code: str) -> Form:
    """The form of that code, "" for the template. Raises ValidationError where there is none."""
    return forms.shipped(code) if code else template.form()


def table(
    code: str, asked: Asked, rows: QuerySet[Project], heard: Callable[[Told], None] | None = None
) -> tuple[list[Column], Iterator[list[Cell]], Look]:
    """Columns, rows and look of what is asked for. Raises ValidationError where there is no such form."""
    return forms.table(forms.shipped(code), asked, rows, heard) if code else template.table(asked, rows)


def give(
    code: str,
    asked: Asked,
    rows: QuerySet[Project],
    ending: str = ".xlsx",
    heard: Callable[[Told], None] | None = None,
    watermark: str = "",
) -> Given:
    """The file of a form, or of the template for "". Raises ValidationError as `table` and `workbook` do."""
    columns, found, look = table(code, asked, rows, heard)
    counted = _Counted(found)
    file = WRITERS[ending](columns, counted, replace(look, watermark=watermark))
    return Given(file, form_of(code).name, look.title, counted.count)


def _excel(columns: Sequence[Column], rows: Iterable[Row], look: Look) -> IO[bytes]:
    return workbook(columns, rows, look)


def _csv(columns: Sequence[Column], rows: Iterable[Row], look: Look) -> IO[bytes]:
    kept = TemporaryFile()  # noqa: SIM115  (who is handed the file closes it)
    try:
        kept.writelines(lines(columns, rows))
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return kept


WRITERS: Final = {".xlsx": _excel, ".csv": _csv}
