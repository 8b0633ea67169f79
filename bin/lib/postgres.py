"""A private PostgreSQL for one test run: in a folder of its own, on a socket only, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from common import Failure

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)
# Nothing here outlives the run, so nothing needs to reach the disk.
# And nothing in it is so big that a query were worth compiling, or a table so full that it were worth cleaning up.
OPTIONS = (
    *("listen_addresses=", "max_connections=100", "shared_buffers=256MB"),
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    *("jit=off", "autovacuum=off", "checkpoint_timeout=1h", "max_wal_size=8GB"),
)


def find() -> Path | None:
    """The folder with initdb and postgres, the newest first; None when this machine has none."""
    folders = [folder for place in PLACES for folder in Path("/").glob(place.lstrip("/"))]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    whole = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return max(whole, key=version, default=None)


def version(folder: Path) -> float:
    digits = "".join(c for c in folder.parent.name if c.isdigit() or c == ".").strip(".")
    return float(digits or 0)


@contextmanager
def private_server(programs: Path) -> Iterator[str]:
    """Start a server and give the address of its empty database ``tracker``."""
    # Not $TMPDIR: the path of a socket may have 107 characters, and the server's own user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir="/tmp"))
    server: subprocess.Popen[bytes] | None = None
    try:
        identity = own_user(folder)
        run([programs / "initdb", "-D", folder / "data", "-U", "tracker", "--auth=trust", *encoding()], identity)
        server = start(programs, folder, identity)
        create_database(folder, server)
        yield f"postgres://tracker@/{folder}/tracker"
    finally:
        if server:
            server.send_signal(signal.SIGINT)
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def own_user(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: as root it gets the user postgres, or nobody."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def encoding() -> list[str]:
    return (
        ["--encoding=UTF8", "--locale=C.UTF-8"] if os.uname().sysname == "Linux" else ["--encoding=UTF8", "--no-locale"]
    )


def start(programs: Path, folder: Path, identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder]
    for option in OPTIONS:
        command += ["-c", option]
    with (folder / "log").open("wb") as log:
        # A session of its own: Ctrl-C reaches pytest first, and the server when the run is over.
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True, **identity)


def create_database(folder: Path, server: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Create the database ``tracker`` as soon as the server answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(host=str(folder), user="tracker", dbname="postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE tracker")
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text(errors="replace")[-2000:]
                raise Failure(f"PostgreSQL 没有启动：\n{log}") from None
        time.sleep(0.1)


def run(command: list[str | Path], identity: dict[str, Any]) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, **identity)
    if done.returncode:
        raise Failure(f"{Path(command[0]).name} 失败：{(done.stderr or done.stdout).strip()}")
