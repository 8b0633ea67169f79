"""The process that scanning processes are forked from, as workers are in service: one for each order on stdin.

So each begins with the same memory, and with what a worker that lives for weeks has read once. Answers are lines of
JSON on stdout.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import date
from types import FrameType
from typing import Any, Final

import django

from bench import processors

FROZEN: Final = "INSERT INTO projects_standingmonth"


def main() -> None:
    django.setup()
    prepare()
    signal.signal(signal.SIGCHLD, wait_for_children)
    say(ready=True)
    for line in sys.stdin:
        if os.fork() == 0:
            carry_out(json.loads(line))


def prepare() -> None:
    """What is done once in the life of a worker."""
    import holidays.countries  # noqa: F401
    from django.urls import reverse

    import projects.alerts.scan  # noqa: F401

    reverse("admin:index")


def wait_for_children(number: int, frame: FrameType | None) -> None:
    """A scanning process that was killed cannot say so itself."""
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[1]:
                say(failure=f"判定进程意外退出（代码 {os.waitstatus_to_exitcode(ended[1])}）")
    except ChildProcessError:
        pass


def carry_out(order: dict[str, Any]) -> None:
    """In the forked process, which ends with it: its database and its today are those of the order."""
    from django.conf import settings
    from django.db import connections

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        settings.TRACKER_TODAY = date.fromisoformat(order["day"])
        connections["default"].settings_dict["NAME"] = order["database"]
        connections["default"].ensure_connection()
        load(order) if order["do"] == "load" else measure(order)
    except BaseException:
        say(failure=traceback.format_exc())
    finally:
        connections.close_all()
        os._exit(0)


def load(order: dict[str, Any]) -> None:
    """Load a published scheme."""
    from projects.alerts.presets import load_scheme
    from zones.models import Zone

    load_scheme(Zone.objects.get(code=order["zone"]), order["scheme"], None)
    say(loaded=True)


def measure(order: dict[str, Any]) -> None:
    """Do what is ordered; tell the seconds of the processor and of keeping the month, and kilobytes."""
    from django.db import connection

    frozen, start, effort = Timer(FROZEN), processors.memory("VmRSS"), time.process_time()
    with connection.execute_wrapper(frozen):
        counts = scanned(order)
    effort = time.process_time() - effort
    say(effort=effort, frozen=frozen.seconds, start=start, peak=processors.memory("VmHWM"), counts=counts)


def scanned(order: dict[str, Any]) -> dict[str, Any] | None:
    """The counts of the scan, for who finished it."""
    from projects.alerts import scan
    from projects.alerts.models import ScanRun

    if order["do"] == "scan":
        return scan.scan(date.fromisoformat(order["day"]), listing=False).counts
    if order["do"] == "begin":
        run = scan.begin(date.fromisoformat(order["day"]))
        assert run is not None  # noqa: S101
        say(run=run.pk)
    else:
        run = ScanRun.objects.get(pk=order["run"])
    outcome = scan.help_with(run)
    return outcome.counts if outcome else None


class Timer:
    """Adds up the seconds of the statements that begin with `beginning`."""

    def __init__(self, beginning: str) -> None:
        self.beginning = beginning
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            if sql.startswith(self.beginning):
                self.seconds += time.monotonic() - begun


def say(**answer: Any) -> None:
    """In one piece, as several processes may speak at once."""
    os.write(sys.stdout.fileno(), (json.dumps(answer) + "\n").encode())


if __name__ == "__main__":
    main()
