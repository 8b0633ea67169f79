"""bin/bench faults: everything that a county's server can suffer, and nothing is lost.

On PostgreSQL with Redis, and on SQLite with neither. Every row names its check in the list of the issue.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import postgres
import private_redis
from common import ROOT, Failure

from bench.databases import in_service
from bench.faults_cases import durable
from bench.options import FaultsOptions, progress
from bench.rows import Row


def run(options: FaultsOptions) -> Iterator[Row]:
    """All rows of both databases. Raises Failure where a check comes to no end."""
    for engine in options.engines:
        progress(f"{engine}……")
        for row in of_engine(engine, options):
            yield replace(row, case=f"{row.case} [{engine}]")


def of_engine(engine: str, options: FaultsOptions) -> Iterator[Row]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tracker-faults-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        environment = in_service(folder) | {
            "DATABASE_URL": f"sqlite:///{folder / 'faults.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "bench.faults_settings",
            "LOG_LEVEL": "CRITICAL",
            "SITE_URL": "http://127.0.0.1",
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "STORM_GUARD": "false",
        }
        if engine == "postgresql":
            programs = postgres.find()
            if programs is None:
                raise Failure("找不到 PostgreSQL 的程序（initdb、postgres）：请安装 postgresql 后重新运行。")
            postgres.OPTIONS = durable()  # type: ignore[assignment]  # a shorter tuple
            environment["DATABASE_URL"] = stack.enter_context(postgres.private_server(programs))
            redis = private_redis.find()
            if redis and not options.short:
                environment["FAULTS_REDIS"] = str(redis)
        yield from child(environment, folder, options)


def child(environment: dict[str, str], folder: Path, options: FaultsOptions) -> Iterator[Row]:
    more = [*(["--short"] if options.short else []), *options.only]
    command = [sys.executable, "-X", "utf8", "-m", "bench.faults_cases", str(folder), *more]
    path = os.pathsep.join([str(ROOT / "bin" / "lib"), environment.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": path}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout  # noqa: S101  (a pipe was asked for)
    for line in process.stdout:
        told = json.loads(line)
        if "failure" in told:
            raise Failure(told["failure"])
        yield Row(**told)
    if process.wait():
        raise Failure(f"演练进程意外退出（代码 {process.returncode}）")
