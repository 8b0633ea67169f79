"""The part of bin/bench ledgers that takes in: ledgers of several sizes, beside django-import-export with one model and
beside the floor, which reads the file and writes the same rows by `bulk_create`.

Every case is a process of its own on a database of its own, all in one run.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from common import ROOT, Failure, manage

from bench import ledger_import_book as book
from bench import processors
from bench.databases import EMPTY, Databases
from bench.options import progress
from bench.rows import Row, amount, exactly, number

PAGE: Final = 20_000  # rows of a sheet that a page takes; beyond, the command alone is measured
MONTH: Final = 6
MORE: Final = 1.01  # rows of the next month
OF_FLOOR: Final = 5  # times
OF_PLAIN: Final = 0.1
MEMORY: Final = 400  # MB
CONSTANT: Final = 1.05  # statements of a thousand rows, of the largest against the smallest


@dataclass(frozen=True)
class Took:
    """What a process told of itself; `effort` is the processor's time, with that of the database server."""

    steps: Mapping[str, float]
    seconds: float
    effort: float
    statements: int
    peak: float
    more: Mapping[str, Any]


class Place(Protocol):
    """A kind of database; copies of an empty one are made and forgotten."""

    name: str

    def copied(self, source: str, copy: str) -> None: ...
    def forget(self, copy: str) -> None: ...
    def environment(self, copy: str) -> Mapping[str, str]: ...
    def spent(self) -> float: ...


class Served:
    """Databases of a server."""

    name = "PostgreSQL"

    def __init__(self, databases: Databases) -> None:
        self.databases = databases

    def copied(self, source: str, copy: str) -> None:
        self.databases.create(copy, source)

    def forget(self, copy: str) -> None:
        self.databases.drop(copy)

    def environment(self, copy: str) -> Mapping[str, str]:
        return self.databases.environment(copy)

    def spent(self) -> float:
        return processors.spent(self.databases.process)


class Lite:
    """Files of SQLite."""

    name = "SQLite"

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self._environment = folder, environment
        manage(self.environment(EMPTY), "migrate", "--no-input", "--verbosity", "0")

    def copied(self, source: str, copy: str) -> None:
        shutil.copy(self._file(source), self._file(copy))

    def forget(self, copy: str) -> None:
        for file in self.folder.glob(f"{copy}.sqlite3*"):
            file.unlink()

    def environment(self, copy: str) -> Mapping[str, str]:
        return {**self._environment, "DATABASE_URL": f"sqlite:///{self._file(copy)}"}

    def spent(self) -> float:
        return 0.0

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


def import_rows(place: Place, folder: Path, sizes: tuple[int, ...]) -> Iterator[Row]:
    """All figures of one kind of database, the smallest ledger first. Raises Failure for a wrong answer."""
    place.copied(EMPTY, "import")
    with _left_behind(place, "import"):
        _run(place, "import", "prepare")
        taken = {}
        for size in sizes:
            progress(f"{place.name}：导入 {size:,} 行……")
            taken[size] = Size(place, folder, size)
            yield from taken[size].rows()
        least, most = taken[min(taken)].first, taken[max(taken)].first
        if least is not most:
            per = [1000 * took.statements / size for took, size in ((most, max(taken)), (least, min(taken)))]
            sizes_told = f"{place.name}, {max(taken):,} rows against {min(taken):,}"
            yield amount(f"{sizes_told}: statements for a thousand rows", per[0], "", per[1], CONSTANT)
            yield amount(f"{sizes_told}: memory", most.peak, "MB", least.peak)


class Size:
    """A ledger of one size: rows of its sheet, all but a few of them `projects`."""

    def __init__(self, place: Place, folder: Path, size: int) -> None:
        self.place, self.folder, self.size = place, folder, size
        self.projects = size - book.AROUND
        self.files = {name: folder / f"{name}.xlsx" for name in ("first", "again", "next", "plain")}
        book.write(self.files["first"], self.projects, MONTH)
        book.write(self.files["again"], self.projects, MONTH, copy="again")
        book.write(self.files["next"], int(self.projects * MORE), MONTH + 1)
        book.write_plain(self.files["plain"], self.projects, MONTH)
        self.first: Took

    def rows(self) -> Iterator[Row]:
        """All figures."""
        told = f"{self.place.name}, {self.size:,} rows"
        kept = self.folder / "kept"
        with self._database() as name:
            self.first = took = self._command(name, "first")
            require(took.more["written"]["created"] == self.projects, "没有为每一行建项目")
            _run(self.place, name, "keep", str(kept))
            again, later = self._command(name, "again"), self._command(name, "next")
            require(later.more["written"]["changed"] == self.projects, "下个月的台账没有更新全部项目")
        with self._database() as name:
            floor = _run(self.place, name, "floor", str(self.files["first"]), str(kept))
        yield from _both(f"{told}: command against floor", took, floor, OF_FLOOR)
        yield number(f"{told}: rows written by the command", floor.more["rows"], "")
        if self.size <= PAGE:
            yield from self._page(told, took, floor)
        yield number(f"{told}: memory of the command", took.peak, "MB", MEMORY)
        yield number(f"{told}: statements for a thousand rows", 1000 * took.statements / self.size, "")
        yield from _both(f"{told}: the same again", again, took)
        yield exactly(f"{told}: the same again, facts written", again.more["changes"] + _written(again), "", 0)
        yield from _both(f"{told}: the next month", later, took)

    def _page(self, told: str, command: Took, floor: Took) -> Iterator[Row]:
        """What the page does, and what a screen of django-import-export does in its place."""
        with self._database() as name:
            page = _run(self.place, name, "page", str(self.files["first"]))
        plain = {}
        for how in ("confirmed", "bulk"):
            with self._database() as name:
                plain[how] = _run(self.place, name, "plain", str(self.files["plain"]), how)
            require(plain[how].more["rows"] == self.projects, "对照程序没有导入全部的行")
        yield from _both(f"{told}: page (read, compare, import) against floor", page, floor, OF_FLOOR)
        for step, seconds in page.steps.items():
            yield number(f"{told}: page, {step}", seconds, "s")
        yield from _both(
            f"{told}: page against django-import-export, tried and confirmed", page, plain["confirmed"], OF_PLAIN
        )
        yield from _both(f"{told}: command against django-import-export, in bulk and unseen", command, plain["bulk"])
        yield number(f"{told}: memory of the page's jobs", page.peak, "MB", MEMORY)

    def _command(self, name: str, file: str) -> Took:
        return _run(self.place, name, "command", str(self.files[file]))

    @contextmanager
    def _database(self) -> Iterator[str]:
        """A copy of the one that is prepared."""
        self.place.copied("import", "copy")
        with _left_behind(self.place, "copy"):
            yield "copy"


@contextmanager
def _left_behind(place: Place, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        place.forget(name)


def _both(case: str, took: Took, floor: Took, at_most: float | None = None) -> Iterator[Row]:
    """By the clock, which the aim is for, and by the processor."""
    yield amount(case, took.seconds, "s", floor.seconds, at_most)
    if processors.known():
        yield amount(f"{case}: processor time", took.effort, "s", floor.effort)


def _written(took: Took) -> int:
    return sum(took.more["written"][name] for name in ("created", "changed"))


def require(right: bool, trouble: str) -> None:
    """What is measured is the right answer, or nothing is."""
    if not right:
        raise Failure(f"{trouble}。")


def _run(place: Place, name: str, *what: str) -> Took:
    """A process on the database `name`. Raises Failure where it does not end well."""
    begun = place.spent()
    command = [sys.executable, "-X", "utf8", "-m", "bench.ledger_importer", *what]
    environment = {**place.environment(name), "PYTHONPATH": f"{ROOT}:{ROOT / 'bin' / 'lib'}"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Failure(f"导入进程出错（{' '.join(what)}）：\n{ended.stderr[-2000:]}")
    told = json.loads(ended.stdout.splitlines()[-1])
    told["effort"] += place.spent() - begun
    own = {key: told.pop(key) for key in ("steps", "seconds", "effort", "statements", "peak")}
    return Took(**own, more=told)
