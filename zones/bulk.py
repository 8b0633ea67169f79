"""Thousands of rows at once.

`bulk_create` and `bulk_update` name each value in the text of a statement, which on PostgreSQL costs more than storing
it. COPY does not. Signals are not sent and nothing is validated, as with these two.
"""

# ruff: noqa: S608  (names of tables and columns of ours)

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault
from psycopg.types.json import Jsonb

Rows = Sequence[models.Model]
FEW: Final = 50  # rows for which one statement is as good


def insert(rows: Rows) -> None:
    """Store new rows of one model, all or none, and give them their keys. Belongs in a transaction."""
    if not copies(rows):
        for model in {type(row) for row in rows}:
            model._base_manager.bulk_create(rows)
        return
    model = type(rows[0])
    for row, key in zip(rows, _keys(model, len(rows)), strict=True):
        row.pk = key
    _copy(_name(model), _written(rows[0]), rows)


def insert_unknown(rows: Rows) -> int:
    """Store new rows of one model but for those that would break a unique constraint; how many. Gives no keys. Only
    where `copies` says so.
    """
    fields, table = _written(rows[0]), _name(type(rows[0]))
    with _scratch(table, fields, rows) as (cursor, scratch, names):
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {scratch} ON CONFLICT DO NOTHING")
        return int(cursor.rowcount)


def update(rows: Rows, columns: Sequence[str]) -> None:
    """Write these fields of stored rows of one model. Belongs in a transaction."""
    if not copies(rows):
        for model in {type(row) for row in rows}:
            model._base_manager.bulk_update(rows, columns)
        return
    model = type(rows[0])
    changed: list[Any] = [model._meta.get_field(name) for name in columns]
    key = model._meta.pk
    with _scratch(_name(model), [key, *changed], rows) as (cursor, scratch, _):
        values = ", ".join(f'"{field.column}" = new."{field.column}"' for field in changed)
        cursor.execute(
            f'UPDATE {_name(model)} old SET {values} FROM {scratch} new WHERE old."{key.column}" = new."{key.column}"'
        )


def copies(rows: Rows) -> bool:
    """Whether these rows are worth COPY, and the database has it."""
    return connection.vendor == "postgresql" and len(rows) > FEW


def _name(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def _keys(model: type[models.Model], number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [_name(model), model._meta.pk.column, number],
        )
        return [pk for (pk,) in cursor]


def _written(row: models.Model) -> list[Any]:
    """The fields that are written: all but those which the database fills in by itself."""
    return [
        field
        for field in row._meta.concrete_fields
        if not isinstance(getattr(row, field.attname), DatabaseDefault)
        and not (field.primary_key and getattr(row, field.attname) is None)
    ]


@contextmanager
def _scratch(table: str, fields: Sequence[Any], rows: Rows) -> Iterator[tuple[Any, str, str]]:
    """A table of the rows for the length of the block: the cursor, its name, and the columns."""
    names, scratch = _columns(fields), '"bulk_scratch"'
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {scratch} AS SELECT {names} FROM {table} LIMIT 0")
        _copy(scratch, fields, rows)
        yield cursor, scratch, names
        cursor.execute(f"DROP TABLE {scratch}")


def _columns(fields: Sequence[Any]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


def _copy(table: str, fields: Sequence[Any], rows: Rows) -> None:
    readers = [_reader(field) for field in fields]
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_columns(fields)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([read(row) for read in readers])


def _reader(field: Any) -> Callable[[models.Model], Any]:
    name = field.attname
    if isinstance(field, models.JSONField):
        return lambda row: Jsonb(getattr(row, name))
    if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
        return lambda row: field.pre_save(row, True)
    return lambda row: getattr(row, name)
