"""A private PostgreSQL with databases of several sizes."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, LiteralString

import postgres
import psycopg
from common import Failure, manage
from psycopg import sql

# What an office's server of a few GB would have; postgres.OPTIONS adds that nothing needs to reach the disk.
OPTIONS: Final = (
    *("shared_buffers=1GB", "effective_cache_size=4GB", "work_mem=16MB", "maintenance_work_mem=256MB"),
    *("random_page_cost=1.1", "max_wal_size=4GB"),
)
EMPTY: Final = "empty"


class Databases:
    """Databases of one server, each with its address and its environment."""

    def __init__(self, address: str, environment: dict[str, str]) -> None:
        self._folder = address.removeprefix("postgres://tracker@/").rpartition("/")[0]
        self._environment = environment

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a process that works on the database `name`."""
        return self._environment | {"DATABASE_URL": f"postgres://tracker@/{self._folder}/{name}"}

    def connection(self, name: str) -> dict[str, Any]:
        """What psycopg.connect takes."""
        return {"host": self._folder, "user": "tracker", "dbname": name}

    @property
    def process(self) -> int:
        """The process that all others of the server hang below."""
        return int((Path(self._folder) / "data" / "postmaster.pid").read_text().split()[0])

    def create(self, name: str, template: str = "template0") -> None:
        with psycopg.connect(**self.connection("tracker"), autocommit=True) as connection:
            command = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(command.format(sql.Identifier(name), sql.Identifier(template)))

    def drop(self, name: str) -> None:
        with psycopg.connect(**self.connection("tracker"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def create_empty(self) -> None:
        """The database with all tables and no rows that the others are copied from."""
        self.create(EMPTY)
        manage(self.environment(EMPTY), "migrate", "--no-input", "--verbosity", "0")

    def column(self, name: str, query: LiteralString, *parameters: Any) -> tuple[Any, ...]:
        """The first column of what `query` finds."""
        with psycopg.connect(**self.connection(name)) as connection:
            found = connection.execute(query, parameters)
            return tuple(value for value, *_ in found)


@contextmanager
def server(folder: Path) -> Iterator[Databases]:
    """Start it; stop it and remove all of it at the end. Raises Failure where PostgreSQL is not installed."""
    programs = postgres.find()
    if programs is None:
        raise Failure("找不到 PostgreSQL 的程序（initdb、postgres）：请安装 postgresql 后重新运行。")
    postgres.OPTIONS += OPTIONS  # type: ignore[assignment]  # a longer tuple
    with postgres.private_server(programs) as address:
        yield Databases(address, in_service(folder))


def in_service(folder: Path) -> dict[str, str]:
    """Every variable of the product set as in service, none left over from the shell."""
    replaced = ("GUNICORN_CMD_ARGS", "TRACKER_TODAY")
    return {name: value for name, value in os.environ.items() if name not in replaced} | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "BEHIND_PROXY": "false",
        "CELERY_BROKER_URL": "filesystem://",
        "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "bench.served.settings",
        "EMAIL_URL": f"file://{folder / 'mail'}",
        "LOG_LEVEL": "INFO",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "http://127.0.0.1",
        "TRACKER_DEMO": "false",
        "TRACKER_VAR": str(folder),
    }
