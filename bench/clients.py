"""Two clients that ask without pause, each a process with one kept-alive connection to a worker of its own."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from common import Failure

from bench import processors
from bench.servers import Server

CLIENTS = 2


@dataclass(frozen=True)
class Request:
    """What to ask of whom. `expected` are the ids of the answer's results, in order; of one row, its id alone."""

    title: str
    server: Server
    path: str
    expected: tuple[int, ...]
    token: str = ""


@dataclass
class Measured:
    """Answers of one request over all rounds: answers a second per round, seconds per answer, and the seconds of
    processor time that web server and database spent for one answer, per round.
    """

    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    efforts: list[float] = field(default_factory=list)
    statements: set[int] = field(default_factory=set)

    @property
    def rate(self) -> float:
        """Answers a second, the median of the rounds."""
        return statistics.median(self.rates)

    @property
    def effort(self) -> float:
        """Milliseconds of processor time for one answer, the median of the rounds."""
        return 1000 * statistics.median(self.efforts)

    def milliseconds(self, percent: int) -> float:
        """The latency that `percent` of the answers keep."""
        return 1000 * statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


class Clients:
    """The client processes; they live for the whole run and are told what to do line by line."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]], database: int) -> None:
        self.processes = processes
        self.database = database

    def measure(self, requests: Sequence[Request], seconds: float, rounds: int) -> list[Measured]:
        """Ask each request for `seconds` in each round, in turns: what slows the machine down slows all of them down.

        Raises Failure as soon as one answer is not the expected one.
        """
        found = [Measured() for _ in requests]
        for _ in range(rounds):
            for request, measured in zip(requests, found, strict=True):
                self._ask(request, seconds, measured)
        return found

    def _ask(self, request: Request, seconds: float, measured: Measured) -> None:
        workers: list[int] = []
        for process in self.processes:
            ready = self._tell(process, request, {"do": "open", **_wire(request), "avoid": workers})
            workers.append(ready["worker"])
            measured.statements.add(ready["statements"])
        busy = (request.server.service.process.pid, self.database)
        before = processors.spent(*busy)
        for process in self.processes:
            _send(process, {"do": "go", "seconds": seconds})
        answers = [self._heard(process, request) for process in self.processes]
        measured.efforts.append((processors.spent(*busy) - before) / sum(len(a["latencies"]) for a in answers))
        measured.rates.append(sum(len(a["latencies"]) / a["seconds"] for a in answers))
        measured.latencies += [latency for answer in answers for latency in answer["latencies"]]

    def _tell(self, process: subprocess.Popen[str], request: Request, order: dict[str, Any]) -> dict[str, Any]:
        _send(process, order)
        return self._heard(process, request)

    def _heard(self, process: subprocess.Popen[str], request: Request) -> dict[str, Any]:
        line = process.stdout.readline() if process.stdout else ""
        answer: dict[str, Any] = json.loads(line) if line else {"failure": "测量用的客户端意外退出"}
        if "failure" in answer:
            words = request.server.last_words()
            raise Failure(f"{request.title}（{request.path}）：{answer['failure']}\n{words}")
        return answer


@contextmanager
def clients(database: int) -> Iterator[Clients]:
    """Start them; `database` is the process of the database server, whose time counts."""
    command = [sys.executable, "-X", "utf8", "-m", "bench.client"]
    # A session of their own: Ctrl-C is for the run, which then ends them.
    processes = [
        subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        for _ in range(CLIENTS)
    ]
    try:
        yield Clients(processes, database)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _send(process: subprocess.Popen[str], order: dict[str, Any]) -> None:
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()


def _wire(request: Request) -> dict[str, Any]:
    return {
        "port": request.server.port,
        "path": request.path,
        "token": request.token,
        "expected": list(request.expected),
    }
