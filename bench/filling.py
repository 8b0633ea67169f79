"""Rows to measure on: a province of any size, made by sets, the same every time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg

from projects import names

HERE: Final = Path(__file__).parent


def fill(address: dict[str, Any], rows: int) -> None:
    """Fill the migrated, empty database at `address` (what psycopg.connect takes) with `rows` projects."""
    with psycopg.connect(**address, autocommit=True) as connection:
        connection.execute("CREATE TABLE word (kind text, n int, text text, key text, initials text)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO word VALUES (%s, %s, %s, %s, %s)", list(_words()))
        connection.execute("SELECT set_config('bench.rows', %s, false)", [str(rows)])
        connection.execute((HERE / "filling.sql").read_bytes())
        connection.execute("DROP TABLE word")
        # As autovacuum would leave it: else the first readers would set hint bits, and plans would be guesses.
        connection.execute("VACUUM (ANALYZE)")


def _words() -> Iterator[tuple[str, int, str, str, str]]:
    """What names are put together from, with the keys and initials that the product's own reader gives."""
    for line in (HERE / "words.txt").read_text(encoding="utf-8").splitlines():
        kind, *texts = line.split()
        for number, text in enumerate(texts):
            word = "" if text == "-" else text
            yield kind, number, word, names.key(word), names.initials(word)
