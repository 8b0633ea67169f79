"""A table that is asked for by name, made into a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Any, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from projects.ledgers.exporting import examples, forms, template
from projects.ledgers.exporting.forms import Asked, Form
from projects.ledgers.exporting.telling import Told, When
from projects.models import Project
from projects.papers.sheets import Band, Cell, Column, Look, Row, lines, workbook
from zones import clock

TEMPLATE: Final = ""
_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(slots=True)
class Given:
    """A file that was made: open, at its beginning; `name` of the form, title above it, how many rows it has; sentences
    on what could not be filled in.
    """

    file: IO[bytes]
    name: str
    title: str
    count: int
    remarks: tuple[str, ...] = ()


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


def stamp(by: Any) -> str:
    """What is printed on each page of what stays inside: by whom it was made, and when."""
    return f"内部资料 {by} {clock.today():%Y-%m-%d} {timezone.localtime():%H:%M}"


def form_of(code: str) -> Form:
    """The form of that code, "" for the template. Raises ValidationError where there is none."""
    return forms.shipped(code) if code else template.form()


def is_example(code: str) -> bool:
    """Whether a code is the key of a layout that an office showed."""
    return code.isdecimal()


def name_of(code: str) -> str:
    """What a form, a layout, or the template is called. Raises ValidationError where there is none."""
    return examples.of(code).name if is_example(code) else form_of(code).name


def by_units(code: str) -> bool:
    """Whether the rows of a form are units and not projects."""
    return bool(code) and not is_example(code) and forms.shipped(code).rows == "units"


def table(
    code: str, asked: Asked, rows: QuerySet[Project], heard: Callable[[Told], None] | None = None
) -> tuple[list[Column], Iterator[list[Cell]], Look]:
    """Columns, rows and look of what is asked for. Raises ValidationError where there is no such form."""
    if is_example(code):
        return examples.table(examples.of(code), asked, rows, heard)
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
    if is_example(code) and ending == ".xlsx":
        layout = examples.of(code)
        filled, title, count, report = examples.give(layout, asked, rows, heard, watermark)
        return Given(filled, layout.name, title, count, tuple(report.sentences()[1:]))
    columns, found, look = table(code, asked, rows, heard)
    counted = _Counted(found)
    file = WRITERS[ending](columns, counted, replace(look, watermark=watermark))
    return Given(file, name_of(code), look.title, counted.count)


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
