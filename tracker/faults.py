"""What is the matter when the database does not do what it is told, in words for whoever waits for it.

Telling an outage, a queue or an old schema from a mistake of ours keeps tracebacks and 500s for the mistakes.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

# A request gives up before the web server (30 s) gives up on its process.
STATEMENT_SECONDS: Final = 25
LOCK_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Fault:
    """A trouble that passes, or that an operator mends: what to say on the page, and on the command line."""

    code: str
    title: str
    sentence: str
    advice: str
    wait: int  # seconds until it is worth trying again


LOST: Final = Fault(
    "unavailable",
    "数据库暂时连不上",
    "系统会自动重新连接。请稍后再试；如果正在填写，请返回上一页，不要关闭页面，已填内容等恢复后再提交。",
    "数据库连不上，请检查 DATABASE_URL，并确认数据库已经启动",
    10,
)
BUSY: Final = Fault(
    "unavailable",
    "有人正在修改同一处数据",
    "等候时间已到，刚才的内容没有保存。请返回上一页，稍等片刻再提交。",
    "数据库正被别的操作占用，请稍后再试",
    5,
)
SLOW: Final = Fault(
    "unavailable",
    "这一步用时太长",
    f"超过 {STATEMENT_SECONDS} 秒没有完成，系统已经停止这一步。请缩小范围后再试，例如选定区域或日期。",
    "数据库用时太长，操作已被停止，请稍后再试",
    5,
)
OUTDATED: Final = Fault(
    "schema_outdated",
    "数据库结构需要升级",
    "系统刚刚更新，还差一步：请系统管理员运行 manage.py migrate，完成后刷新本页。",
    "数据库尚未建表或需要升级，请先运行 manage.py migrate",
    30,
)

# https://www.postgresql.org/docs/current/errcodes-appendix.html
BUSY_STATES: Final = {"55P03", "40P01", "40001"}
MISSING_STATES: Final = {"42P01", "42703"}
SLOW_STATES: Final = {"57014"}
READ_ONLY_STATES: Final = {"25006"}  # a replica that answers while the main server is away
BUSY_CODES: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
LOST_CODES: Final = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
MISSING_WORDS: Final = ("no such table", "no such column", "has no column named")


def diagnose(error: BaseException | None) -> Fault | None:
    """The trouble behind an exception, looked for in what led to it as well; None for a mistake of ours."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, Error) and (fault := _of_database(error)):
            return fault
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def _of_database(error: Error) -> Fault | None:
    driver = error.__cause__
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver)
    return _of_postgres(error, getattr(driver, "sqlstate", None))


def _of_sqlite(error: sqlite3.Error) -> Fault | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest tells more than we need
    if code in BUSY_CODES:
        return BUSY
    if code in LOST_CODES:
        return LOST
    return OUTDATED if any(words in str(error) for words in MISSING_WORDS) and outdated() else None


def _of_postgres(error: Error, state: str | None) -> Fault | None:
    if state in MISSING_STATES:
        return OUTDATED if outdated() else None
    if state in BUSY_STATES:
        return BUSY
    if state in SLOW_STATES:
        return SLOW
    if state in READ_ONLY_STATES or isinstance(error, OperationalError | InterfaceError):
        return LOST
    return None


def outdated() -> bool:
    """Whether migrations wait to be applied; False where even that cannot be asked."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error:
        return False


def limit(connection: Any, **kwargs: Any) -> None:
    """Keep one request from holding others up: a time for each statement and for each lock, on PostgreSQL.

    For the web alone (a receiver of `connection_created`); a scan may take its time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
                [f"{STATEMENT_SECONDS}s", f"{LOCK_SECONDS}s"],
            )
