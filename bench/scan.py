"""bin/bench scan: judging all projects, against one statement that computes due and done of all of them.

Every case begins with a copy of the same database and a fresh process; the floor is measured in the copy right before.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from common import Failure

from bench import lite, processors
from bench.databases import EMPTY, Databases, server
from bench.filling import HERE, fill
from bench.options import ScanOptions, progress
from bench.rows import Row, amount, number, rate
from bench.scanners import Scanned, Scanners, scanners

YEAR_END, MORNING_AFTER, MONTH_BEFORE = "2023-12-31", "2024-01-01", "2023-11-30"
FILLED, COPY = "filled", "copy"
LARGE: Final = 200_000  # beyond, one round
MORE_BY_TWO: Final = 0.769  # of the time of one: 1.3 times the projects
FLOOR: Final = """
INSERT INTO floor
SELECT p.id, target.amount, told.amount
FROM projects_project p
LEFT JOIN (SELECT DISTINCT ON (project_id) project_id, id FROM projects_annualplan
           WHERE year = 2023 AND status = 'approved' AND effective_from <= '2023-12-31'
           ORDER BY project_id, effective_from DESC, edition DESC) plan ON plan.project_id = p.id
LEFT JOIN projects_monthlytarget target ON target.plan_id = plan.id AND target.month = 12
LEFT JOIN (SELECT DISTINCT ON (project_id) project_id, amount FROM projects_progress
           WHERE channel = 'reported' AND current AND amount IS NOT NULL AND up_to BETWEEN '2023-01-01' AND '2023-12-31'
           ORDER BY project_id, up_to DESC) told ON told.project_id = p.id
"""
DIFFERENT: Final = """SELECT count(*) FROM floor LEFT JOIN projects_standing standing USING (project_id)
    WHERE (floor.due, floor.done) IS DISTINCT FROM (standing.due, standing.done)"""


@dataclass(frozen=True)
class Floor:
    """Seconds by the clock and of the processor."""

    seconds: float
    effort: float


@dataclass
class Case:
    """The rounds of one case: the floor, and right after it the scan. Figures are medians, memory is the largest."""

    floors: list[Floor] = field(default_factory=list)
    scans: list[Scanned] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(scan.seconds for scan in self.scans)

    @property
    def floor(self) -> float:
        return statistics.median(floor.seconds for floor in self.floors)

    @property
    def effort(self) -> float:
        return statistics.median(scan.effort for scan in self.scans)

    @property
    def floor_effort(self) -> float:
        return statistics.median(floor.effort for floor in self.floors)

    @property
    def frozen(self) -> float:
        return statistics.median(scan.frozen for scan in self.scans)

    @property
    def peak(self) -> float:
        """Megabytes."""
        return max(scan.peak for scan in self.scans)

    @property
    def growth(self) -> float:
        """Megabytes above what the process began with."""
        return max(scan.peak - scan.start for scan in self.scans)

    def against_floor(self, case: str, at_most: float | None = None) -> Iterator[Row]:
        """By the clock, which the aim is for, and by the processor."""
        yield amount(case, self.seconds, "s", self.floor, at_most)
        if processors.known():
            yield amount(f"{case}: processor time", self.effort, "s", self.floor_effort)


def run(options: ScanOptions) -> Iterator[Row]:
    """All figures, in the order in which they are measured. Raises Failure for a wrong answer."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = stack.enter_context(server(folder))
        progress("建立数据库……")
        databases.create_empty()
        log = folder / "scanner.log"
        forked = stack.enter_context(scanners(databases.environment(EMPTY), log, databases.process))
        yield from Bench(options, databases, forked, folder).rows()


class Bench:
    """One run."""

    def __init__(self, options: ScanOptions, databases: Databases, forked: Scanners, folder: Path) -> None:
        self.options = options
        self.databases = databases
        self.scanners = forked
        self.folder = folder

    def rows(self) -> Iterator[Row]:
        sizes, sqlite = self.options.projects, self.options.sqlite
        first: dict[int, Case] = {}
        for size in sizes:
            yield self._fill(size)
            first[size] = Case()
            yield from self._of_size(size, first[size])
            if size == sizes[len(sizes) // 2]:
                yield self._two_workers(size)
            if size == sqlite:
                yield from self._sqlite(size)
            self.databases.drop(FILLED)
        if len(sizes) > 1:
            yield from growth(first)
        if sqlite and sqlite not in sizes:
            yield self._fill(sqlite)
            yield from self._sqlite(sqlite)

    # ---- Figures
    def _of_size(self, size: int, first: Case) -> Iterator[Row]:
        told, quiet, turn = Case(), Case(), Case()
        for number_of_round in range(1, self._rounds(size) + 1):
            progress(f"判定 {size:,} 个项目，第 {number_of_round} 轮……")
            with self._copy():
                self._dismiss()
                self._scan(first, size, YEAR_END)
            with self._copy():
                self._scan(told, size, YEAR_END)
                self._rest()
                self._scan(quiet, size, MORNING_AFTER)
            with self._copy():
                self._scan(None, size, MONTH_BEFORE)
                self._rest()
                self._scan(turn, size, YEAR_END)
        yield from first.against_floor(f"first scan, {size:,}", 4)
        yield amount(f"first scan, {size:,}: keeping the month", first.frozen, "s", first.floor)
        yield from told.against_floor(f"first scan with people to tell, {size:,}")
        yield from quiet.against_floor(f"quiet day, {size:,}", 1)
        yield from turn.against_floor(f"month's turn, {size:,}")
        if processors.known():
            cases = (first, told, quiet, turn)
            yield number(f"memory of a scanning process, {size:,}", max(case.peak for case in cases), "MB", 300)

    def _two_workers(self, size: int) -> Row:
        one, two = Case(), Case()
        for number_of_round in range(1, self._rounds(size) + 1):
            progress(f"一个和两个进程，第 {number_of_round} 轮……")
            for case, workers in ((one, 1), (two, 2)):
                with self._copy():
                    self._dismiss()
                    self._scan(case, size, YEAR_END, workers)
        return rate(f"two workers against one, {size:,}", size / two.seconds, size / one.seconds, MORE_BY_TWO)

    def _sqlite(self, size: int) -> Iterator[Row]:
        progress(f"SQLite：{size:,} 个项目……")
        file = self.folder / "bench.sqlite3"
        environment = self.databases.environment(FILLED) | {"DATABASE_URL": f"sqlite:///{file}"}
        begun = time.monotonic()
        lite.copy(self.databases.connection(FILLED), environment, file)
        yield number(f"SQLite, filling {size:,} projects", time.monotonic() - begun, "s")
        with scanners(environment, self.folder / "sqlite.log") as forked:
            scan = forked.scan(str(file), YEAR_END)
        require(scan, size)
        yield number(f"SQLite, first scan with people to tell, {size:,}", scan.seconds, "s", 120)
        file.unlink()

    def _rounds(self, size: int) -> int:
        """Of many projects one round says enough."""
        return 1 if size > LARGE else self.options.rounds

    # ---- Databases
    def _fill(self, size: int) -> Row:
        progress(f"生成 {size:,} 个项目……")
        begun = time.monotonic()
        self.databases.create(FILLED, EMPTY)
        fill(self.databases.connection(FILLED), size)
        self._do(FILLED, (HERE / "scan.sql").read_bytes(), b"VACUUM (ANALYZE)")
        self.scanners.load(FILLED, "bp", "yinchuan", YEAR_END)
        return number(f"filling {size:,} projects", time.monotonic() - begun, "s")

    @contextmanager
    def _copy(self) -> Iterator[None]:
        """A fresh database with the same rows."""
        self.databases.create(COPY, FILLED)
        try:
            self._do(COPY, b"CHECKPOINT")
            yield
        finally:
            self.databases.drop(COPY)

    def _dismiss(self) -> None:
        """Leave nobody who could be told."""
        self._do(COPY, b"TRUNCATE projects_assignment, zones_appointment")

    def _rest(self) -> None:
        """What autovacuum does in the night."""
        self._do(COPY, b"VACUUM (ANALYZE)", b"CHECKPOINT")

    def _do(self, database: str, *commands: bytes) -> None:
        with psycopg.connect(**self.databases.connection(database), autocommit=True) as connection:
            for command in commands:
                connection.execute(command)

    # ---- Measuring
    def _scan(self, case: Case | None, size: int, day: str, workers: int = 1) -> None:
        """Measure the floor and then a scan, and add them to the case, if there is one."""
        floor = self._floor()
        scan = self.scanners.scan(COPY, day, workers)
        require(scan, size)
        if case is None:
            return
        [different] = self.databases.column(COPY, DIFFERENT)
        if different:
            raise Failure(f"有 {different:,} 个项目判定的数据与基准不同。")
        case.floors.append(floor)
        case.scans.append(scan)

    def _floor(self) -> Floor:
        """The better of two."""
        with psycopg.connect(**self.databases.connection(COPY), autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS floor")
            connection.execute("CREATE TABLE floor (project_id bigint PRIMARY KEY, due bigint, done bigint)")
            return min((self._once(connection) for _ in range(2)), key=lambda floor: floor.seconds)

    def _once(self, connection: psycopg.Connection) -> Floor:
        connection.execute("TRUNCATE floor")
        backend = connection.info.backend_pid  # alone: what writes is never done in parallel
        effort, begun = processors.spent_alone(backend), time.monotonic()
        connection.execute(FLOOR)
        return Floor(time.monotonic() - begun, processors.spent_alone(backend) - effort)


def require(scan: Scanned, size: int) -> None:
    """Raises Failure unless all projects were judged, and just those are alerted that are behind."""
    judged, found = scan.counts["judged"], scan.counts["open"]
    if judged != size or found != {"yellow": size // 10}:
        raise Failure(
            f"判定结果不对：{size:,} 个项目中判定了 {judged:,} 个，预警 {found}，应有黄色预警 {size // 10:,} 条。"
        )


def growth(first: Mapping[int, Case]) -> Iterator[Row]:
    """What the largest number of projects costs more than the smallest: time for each, memory for all."""
    small, large = min(first), max(first)
    words = f"{large:,} against {small:,}"
    costs = [1_000_000 * case.seconds / size for size, case in ((large, first[large]), (small, first[small]))]
    floors = [1_000_000 * case.floor / size for size, case in ((large, first[large]), (small, first[small]))]
    yield amount(f"first scan, one project, {words}", costs[0], "µs", costs[1], 1.2)
    yield amount(f"floor, one project, {words}", floors[0], "µs", floors[1])
    if processors.known():
        yield amount(f"memory of a scanning process, {words}", first[large].peak, "MB", first[small].peak, 1.2)
        yield amount(f"memory above the start, {words}", first[large].growth, "MB", first[small].growth)
