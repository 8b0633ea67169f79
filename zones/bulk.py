"""Thousands of rows at once.

`bulk_create` and `bulk_update` name each value in the text of a statement, which costs more than storing it. COPY on
PostgreSQL and one prepared statement for all rows on SQLite do not. Signals are not sent and nothing is validated, as
with these two.
"""

# ruff: noqa: S608  (names of tables and columns of ours)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, Final, TypeVar

import orjson
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault
from psycopg.types.json import Jsonb

Rows = Sequence[models.Model]
Values = Sequence[Any]
FEW: Final = 50  # rows for which one statement is as good
Made = TypeVar("Made", bound=models.Model)


def maker(model: type[Made], **same: Any) -> Callable[..., Made]:
    """What makes new rows that have the values `same` in common: called with the others, by field or by column, it does
    what `model(**same, **others)` does, which takes ten times as long.
    """
    first = model(**same)
    common = {name: value for name, value in vars(first).items() if name != "_state"}
    cached = first._state.fields_cache
    relations = {field.name: field.attname for field in model._meta.concrete_fields if field.is_relation}
    defaults = {field.attname: field.default for field in model._meta.concrete_fields if field.has_default()}
    fresh = [(name, made) for name, made in defaults.items() if callable(made) and name not in same]

    def make(**others: Any) -> Made:
        row = model.__new__(model)
        values = row.__dict__
        values.update(common)
        state = values["_state"] = ModelState()
        state.fields_cache = {**cached}
        for name, default in fresh:
            values[name] = default()
        for name, value in others.items():
            if name in relations:
                values[relations[name]] = value and value.pk
                state.fields_cache[name] = value
            else:
                values[name] = value
        return row

    return make


def check(rows: Sequence[models.Model], exclude: Iterable[str]) -> None:
    """Raise ValidationError where rows of one model hold what a field of theirs refuses, as `clean_fields` does. Each
    value is looked at once, however many rows hold it.
    """
    errors: dict[str, list[ValidationError]] = {}
    fields = [field for field in rows[0]._meta.concrete_fields if field.name not in set(exclude)] if rows else []
    for field in fields:
        for value in {getattr(row, field.attname) for row in rows}:
            if field.blank and value in field.empty_values:
                continue
            try:
                field.clean(value, None)
            except ValidationError as refused:
                errors.setdefault(field.name, []).extend(refused.error_list)
    if errors:
        raise ValidationError(errors)


def insert(rows: Rows) -> None:
    """Store new rows of one model, all or none, and give them their keys. Belongs in a transaction."""
    if not (copies(rows) or (_prepares(rows) and isinstance(rows[0]._meta.pk, models.AutoField))):
        for model in {type(row) for row in rows}:
            model._base_manager.bulk_create(rows)
        return
    model = type(rows[0])
    for row, key in zip(rows, _keys(model, len(rows)), strict=True):
        row.pk = key
    fields = _written(rows[0])
    _store(model, fields, _values(fields, rows))


def append(model: type[models.Model], names: Sequence[str], values: Sequence[Values]) -> None:
    """Store new rows, given as the values of these fields, whose keys nobody needs. Belongs in a transaction."""
    if copies(values) or _prepares(values):
        _store(model, _fields(model, names), values)
    else:
        model._base_manager.bulk_create(model(**dict(zip(names, row, strict=True))) for row in values)


def insert_unknown(rows: Rows) -> int:
    """Store new rows of one model but for those that would break a unique constraint; how many. Gives no keys. Only
    where `copies` says so.
    """
    fields, table = _written(rows[0]), _name(type(rows[0]))
    with _scratch(table, fields, _values(fields, rows)) as (cursor, scratch, names):
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {scratch} ON CONFLICT DO NOTHING")
        return int(cursor.rowcount)


def update(rows: Rows, names: Sequence[str]) -> None:
    """Write these fields of stored rows of one model. Belongs in a transaction."""
    if rows:
        read = attrgetter("pk", *(field.attname for field in _fields(type(rows[0]), names)))
        change(type(rows[0]), names, [read(row) for row in rows])


def change(model: type[models.Model], names: Sequence[str], values: Sequence[Values]) -> None:
    """Write these fields of stored rows, given as the key of a row and the values. Belongs in a transaction."""
    if _prepares(values):
        key, *changed = _fields(model, ["pk", *names])
        written = ", ".join(f'"{field.column}" = %s' for field in changed)
        statement = f'UPDATE {_name(model)} SET {written} WHERE "{key.column}" = %s'
        _prepared(statement, [*changed, key], ((*row[1:], row[0]) for row in values))
        return
    if not copies(values):
        attributes = [field.attname for field in _fields(model, ["pk", *names])]
        rows = [model(**dict(zip(attributes, row, strict=True))) for row in values]
        model._base_manager.bulk_update(rows, names)
        return
    key, *changed = _fields(model, ["pk", *names])
    with _scratch(_name(model), [key, *changed], values) as (cursor, scratch, _):
        written = ", ".join(f'"{field.column}" = new."{field.column}"' for field in changed)
        cursor.execute(
            f'UPDATE {_name(model)} old SET {written} FROM {scratch} new WHERE old."{key.column}" = new."{key.column}"'
        )


def copies(rows: Sequence[Any]) -> bool:
    """Whether these rows are worth COPY, and the database has it."""
    return connection.vendor == "postgresql" and len(rows) > FEW


def _prepares(rows: Sequence[Any]) -> bool:
    """Whether these rows are worth a prepared statement, and nobody else can write meanwhile: SQLite, in a transaction
    of ours.
    """
    return connection.vendor == "sqlite" and connection.in_atomic_block and len(rows) > FEW


def _store(model: type[models.Model], fields: Sequence[Any], rows: Iterable[Values]) -> None:
    if connection.vendor == "postgresql":
        _copy(_name(model), fields, rows)
        return
    blanks = ", ".join(["%s"] * len(fields))
    _prepared(f"INSERT INTO {_name(model)} ({_columns(fields)}) VALUES ({blanks})", fields, rows)


def _prepared(statement: str, fields: Sequence[Any], rows: Iterable[Values]) -> None:
    """One statement for all rows, each with a value for every field."""
    kinds = (models.DateField, models.JSONField, models.DecimalField, models.DurationField, models.TimeField)
    odd = [(place, field) for place, field in enumerate(fields) if isinstance(field, kinds)]

    def plain(row: Values) -> Values:
        values = list(row)
        for place, field in odd:
            if values[place] is not None:
                values[place] = field.get_db_prep_save(values[place], connection)
        return values

    with connection.cursor() as cursor:
        cursor.executemany(statement, [plain(row) for row in rows] if odd else list(rows))


def _name(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def _keys(model: type[models.Model], number: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
            (last,) = cursor.fetchone() or (0,)
            return range(last + 1, last + 1 + number)
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
def _scratch(table: str, fields: Sequence[Any], rows: Iterable[Values]) -> Iterator[tuple[Any, str, str]]:
    """A table of the rows for the length of the block: the cursor, its name, and the columns."""
    names, scratch = _columns(fields), '"bulk_scratch"'
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {scratch} AS SELECT {names} FROM {table} LIMIT 0")
        _copy(scratch, fields, rows)
        yield cursor, scratch, names
        cursor.execute(f"DROP TABLE {scratch}")


def _columns(fields: Sequence[Any]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


def _fields(model: type[models.Model], names: Iterable[str]) -> list[Any]:
    return [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in names]


def _values(fields: Sequence[Any], rows: Rows) -> Iterator[Values]:
    """What the fields of the rows hold."""
    stamped = [field for field in fields if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)]
    read = attrgetter(*(field.attname for field in fields))
    for row in rows:
        for field in stamped:
            field.pre_save(row, True)
        yield read(row)


def _copy(table: str, fields: Sequence[Any], rows: Iterable[Values]) -> None:
    documents = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_columns(fields)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(_with_documents(row, documents) if documents else row)


def _with_documents(row: Values, places: Sequence[int]) -> list[Any]:
    """The row with JSON in these places."""
    values = list(row)
    for place in places:
        values[place] = Jsonb(values[place], dumps=orjson.dumps)
    return values
