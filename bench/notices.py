"""bin/bench notices: sending what is due beside a bare loop of smtplib, and composing the digests of a morning."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from common import ROOT, Failure

from bench.databases import server
from bench.notices_cases import LINES
from bench.options import NoticesOptions, progress
from bench.rows import Row, amount, number, rate

FILLED, COPY = "filled", "copy"
PEOPLE: Final = 300
A_SECOND: Final = 100
FLAT: Final = 10  # MB
DAY: Final = "2023-07-10"


def run(options: NoticesOptions) -> Iterator[Row]:
    """All figures. Raises Failure where something was not sent or not written."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = stack.enter_context(server(folder))
        port = stack.enter_context(sink())

        def ask(order: str, name: str, count: int) -> dict[str, Any]:
            environment = databases.environment(name) | {
                "DJANGO_SETTINGS_MODULE": "bench.faults_settings",
                "LOG_LEVEL": "ERROR",
                "TRACKER_TODAY": DAY,  # without hours: everything is told at once
            }
            return answer(environment, order, str(port), str(count))

        progress("建立数据库……")
        databases.create(FILLED)
        ask("fill", FILLED, max(options.deliveries, PEOPLE))
        sent, bare, composed = [], [], []
        for turn in range(1, options.rounds + 1):
            progress(f"第 {turn} 轮……")
            databases.create(COPY, FILLED)
            sent.append(ask("send", COPY, options.deliveries))
            bare.append(ask("floor", COPY, options.deliveries))
            composed.append(ask("compose", COPY, PEOPLE))
            databases.drop(COPY)
        yield from of_sending(options.deliveries, sent, bare)
        yield from of_composing(composed)


def of_sending(count: int, sent: list[dict[str, Any]], bare: list[dict[str, Any]]) -> Iterator[Row]:
    if {each["sent"] for each in [*sent, *bare]} != {count}:
        raise Failure(f"{count} 封中有没有发出的：{[each['sent'] for each in [*sent, *bare]]}")
    seconds, floor = (statistics.median(each["seconds"] for each in rows) for rows in (sent, bare))
    yield rate(f"{count:,} deliveries, one sender, against bare smtplib", count / seconds, count / floor)
    yield number("one message", 1000 * seconds / count, "ms", 1000 / A_SECOND)
    effort = statistics.median(each["effort"] for each in sent)
    yield number("one message: processor time of the sender", 1000 * effort / count, "ms")
    yield number("memory of the sender, growth after a tenth", max(each["grown"] for each in sent), "MB", FLAT)


def of_composing(composed: list[dict[str, Any]]) -> Iterator[Row]:
    if {each["written"] for each in composed} != {PEOPLE}:
        raise Failure(f"应有 {PEOPLE} 封，实有 {[each['written'] for each in composed]}")
    seconds = statistics.median(each["seconds"] for each in composed)
    yield number(f"composing {PEOPLE} digests of {PEOPLE * LINES:,} notices", seconds, "s", 10)
    few, many = composed[0]["few"], composed[0]["many"]
    yield amount(f"statements of a digest of {10 * LINES} notices against {LINES}", many, "statements", few, 1)
    yield number("memory of composing, growth", max(each["grown"] for each in composed), "MB")


@contextmanager
def sink() -> Iterator[int]:
    """The port of a mail server in a process of its own."""
    command = [sys.executable, "-X", "utf8", "-m", "bench.faults_sink"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout  # noqa: S101  (a pipe was asked for)
        yield int(process.stdout.readline())
        process.terminate()


def answer(environment: dict[str, str], *order: str) -> dict[str, Any]:
    path = os.pathsep.join([str(ROOT / "bin" / "lib"), environment.get("PYTHONPATH", "")])
    command = [sys.executable, "-X", "utf8", "-m", "bench.notices_cases", *order]
    done = subprocess.run(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failure(f"{order[0]} 失败：\n{done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
