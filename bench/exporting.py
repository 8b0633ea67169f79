"""The part of bin/bench ledgers that gives out: the list of projects as Excel and csv beside a bare writer."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

from common import ROOT, Failure

from bench.rows import Row, amount, number

ROUNDS: Final = 3
TIMES: Final = 2  # the time of a bare writer
FLAT: Final = 60  # MB more than what the process has before it begins


def export_rows(environment: Mapping[str, str], folder: Path, projects: int) -> Iterator[Row]:
    """Export all projects of the filled database that `environment` names; `projects` is how many there are.

    The floor writes the same cells with XlsxWriter in constant memory, without a database: they are read from a file.
    Raises Failure where a process does not end well.
    """
    kept = str(folder / "cells")
    _run(environment, "cells", kept)
    told: dict[str, list[dict[str, Any]]] = {"floor": [], "xlsx": [], "csv": []}
    for _ in range(ROUNDS):
        told["floor"].append(_run(environment, "floor", kept, str(folder / "floor.xlsx")))
        for kind in ("xlsx", "csv"):
            told[kind].append(_run(environment, "product", kind, str(folder / f"out.{kind}")))
    bare = median(each["seconds"] for each in told["floor"])
    for kind in ("xlsx", "csv"):
        seconds = median(each["seconds"] for each in told[kind])
        more = max(each["peak"] - each["start"] for each in told[kind])
        yield amount(f"export {kind}, {projects:,} projects", seconds, "s", bare, TIMES)
        yield number(f"export {kind}, {projects:,} projects: memory more than before", more, "MB", FLAT)


def _run(environment: Mapping[str, str], *what: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.exporter", *what]
    ended = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Failure(f"导出进程出错：{ended.stderr[-2000:]}")
    return json.loads(ended.stdout)
