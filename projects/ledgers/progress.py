"""How far a worker is with an import, which is one transaction: nobody else sees what it writes before its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import Error as AnyDatabaseError
from django.db import connection

from projects.ledgers.models import Ledger

log = logging.getLogger(__name__)
Telling = Callable[[int], None]
"""Hears how many rows are done."""
IMPORTING: Final = "正在导入"
BLIND: Final = "正在导入，写完以前看不到进度，也不能停止"
PATIENCE: Final = "500ms"


def nobody(done: int) -> None:
    """Where nobody looks."""


def importing() -> str:
    """What is said of a ledger that waits for its import. SQLite has one writer at a time."""
    return IMPORTING if connection.vendor == "postgresql" else BLIND


@contextmanager
def past_the_transaction(ledger: Ledger) -> Iterator[Telling]:
    """Tells how many rows are done by a connection of its own, which waits for nobody; on SQLite it tells nothing."""
    if connection.vendor != "postgresql":
        yield nobody
        return
    beside = connection.copy()

    def told(done: int) -> None:
        try:
            with beside.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
                cursor.execute(f"UPDATE {Ledger._meta.db_table} SET done_rows = %s WHERE id = %s", [done, ledger.pk])  # noqa: S608  (our own table)
        except AnyDatabaseError as trouble:
            log.warning("ledger %s: nobody sees how far its import is: %s", ledger.pk, trouble)

    try:
        yield told
    finally:
        beside.close()
