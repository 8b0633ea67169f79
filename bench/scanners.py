"""Orders to scan, and what it took to carry them out."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import ROOT, Failure

from bench import processors


@dataclass(frozen=True)
class Scanned:
    """One scan: seconds by the clock, of the processor (scanning processes and database), and of keeping the month;
    megabytes of the largest scanning process when it was largest, and how many of them it began with; `counts` as they
    are kept with the run.
    """

    seconds: float
    effort: float
    frozen: float
    peak: float
    start: float
    counts: Mapping[str, Any]


class Scanners:
    """A process that has read the product and forks one for each order; `server` is the process of the database server,
    whose processor time counts, if there is one.
    """

    def __init__(self, process: subprocess.Popen[str], server: int | None, log: Path) -> None:
        self.process = process
        self.server = server
        self.log = log

    def load(self, database: str, zone: str, scheme: str, day: str) -> None:
        """Load a published scheme into a zone."""
        self._order(do="load", database=database, zone=zone, scheme=scheme, day=day)
        self.heard()

    def scan(self, database: str, day: str, workers: int = 1) -> Scanned:
        """Scan as of `day`, which is also the processes' today: one process as the nightly task does alone, several as
        the parts of one run.
        """
        effort, begun = self._spent(), time.monotonic()
        if workers == 1:
            self._order(do="scan", database=database, day=day)
        else:
            self._order(do="begin", database=database, day=day)
            run = self.heard()["run"]
            for _ in range(workers - 1):
                self._order(do="help", database=database, day=day, run=run)
        answers = [self.heard() for _ in range(workers)]
        seconds, effort = time.monotonic() - begun, self._spent() - effort
        [counts] = (answer["counts"] for answer in answers if answer["counts"] is not None)
        largest = max(answers, key=lambda answer: answer["peak"])
        return Scanned(
            seconds=seconds,
            effort=effort + sum(answer["effort"] for answer in answers),
            frozen=sum(answer["frozen"] for answer in answers),
            peak=largest["peak"] / 1024,
            start=largest["start"] / 1024,
            counts=counts,
        )

    def heard(self) -> dict[str, Any]:
        """The next answer. Raises Failure if there is none, or if it is one."""
        assert self.process.stdout is not None  # noqa: S101
        line = self.process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"failure": self.log.read_text(errors="replace")}
        if "failure" in answer:
            words = "\n".join(f"    {word}" for word in answer["failure"].splitlines()[-12:])
            raise Failure(f"判定没有完成：\n{words}")
        return answer

    def _spent(self) -> float:
        return processors.spent(self.server) if self.server else 0.0

    def _order(self, **order: Any) -> None:
        assert self.process.stdin is not None  # noqa: S101
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()


@contextmanager
def scanners(environment: Mapping[str, str], log: Path, server: int | None = None) -> Iterator[Scanners]:
    """Start the process; it and whatever it has forked are gone at the end."""
    with log.open("wb") as errors:
        # A session of its own: Ctrl-C is for the run, which then ends it.
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "bench.scanner"],
            cwd=ROOT,
            env=dict(environment),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        started = Scanners(process, server, log)
        started.heard()
        yield started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
