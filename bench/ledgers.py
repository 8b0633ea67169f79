"""Ledgers: how much of dirty ones is understood, and how fast they are taken in, and all projects given out."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.databases import EMPTY, server
from bench.exporting import export_rows
from bench.filling import fill
from bench.ledger_import import Lite, Served, import_rows
from bench.ledger_recognition import longer, recognition
from bench.options import LedgersOptions, progress
from bench.rows import Row

FILLED = "filled"


def run(options: LedgersOptions) -> Iterator[Row]:
    """Recognition over the kept ledgers, or over those of `seeds`; then the import of each number of rows, and the
    export, unless none are wanted.
    """
    progress("读生成的台账……")
    yield from recognition(longer(options.seeds)) if options.seeds else recognition()
    if not options.projects and not options.rows:
        return
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = stack.enter_context(server(folder))
        progress("建立数据库……")
        databases.create_empty()
        if options.rows:
            yield from import_rows(Served(databases), folder, options.rows)
            yield from import_rows(Lite(folder, databases.environment(EMPTY)), folder, options.rows)
        if options.projects:
            progress(f"生成 {options.projects:,} 个项目……")
            databases.create(FILLED, EMPTY)
            fill(databases.connection(FILLED), options.projects)
            progress("导出……")
            yield from export_rows(databases.environment(FILLED), folder, options.projects)
