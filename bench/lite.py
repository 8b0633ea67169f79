"""A database of the server as an SQLite file with the same rows."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from common import manage
from psycopg import sql

AT_ONCE: Final = 10_000
TABLES: Final = """SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)
    FROM information_schema.columns
    WHERE table_schema = 'public' AND (table_name LIKE 'zones\\_%' OR table_name LIKE 'projects\\_%')
    GROUP BY table_name ORDER BY table_name"""


def copy(source: Mapping[str, Any], environment: Mapping[str, str], file: Path) -> None:
    """Migrate `file`, which `environment` points to, and fill it from the database `source` (what psycopg takes)."""
    manage(environment, "migrate", "--no-input", "--verbosity", "0")
    with psycopg.connect(**source) as server, sqlite3.connect(file) as lite:
        server.execute("SET TIME ZONE 'UTC'")
        lite.execute("PRAGMA synchronous = OFF")
        later = _put_off(lite)
        for table, columns in server.execute(TABLES).fetchall():
            names = ", ".join(f'"{column}"' for column in columns)
            places = ", ".join("?" * len(columns))
            lite.execute(f"DELETE FROM {table}")  # noqa: S608  (names of our own tables)
            lite.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", _rows(server, table, columns))  # noqa: S608
        for command in later:
            lite.execute(command)
        lite.execute("ANALYZE")


def _put_off(lite: sqlite3.Connection) -> list[str]:
    """Drop triggers, which are not for rows that were there before, and indexes, which are built faster than grown; the
    commands that bring them back.
    """
    found = lite.execute("SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')").fetchall()
    made = [(kind, name, command) for kind, name, command in found if command]  # else it belongs to a table
    for kind, name, _ in made:
        lite.execute(f'DROP {kind} "{name}"')
    return [command for _, _, command in made]


def _rows(server: psycopg.Connection[Any], table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """All rows of a table, without holding them all."""
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table))
    with server.cursor(name="rows") as cursor:
        cursor.itersize = AT_ONCE
        for row in cursor.execute(query):
            yield tuple(map(_stored, row))


def _stored(value: Any) -> Any:
    """As Django stores it in SQLite."""
    if isinstance(value, datetime):
        return str(value.replace(tzinfo=None))
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, dict | list) else value
