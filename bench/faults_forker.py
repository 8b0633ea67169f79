"""The process that senders and scanners are forked from: each order on stdin is a process of its own, to be killed.

Answers are lines of JSON on stdout.
"""

import json
import os
import signal
import sys
import time
import traceback
from contextlib import redirect_stdout, suppress
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import django

ended: dict[int, int] = {}


def main() -> None:
    django.setup()
    prepare()
    say(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        reap()
        if order["do"] == "status":
            say(code=ended.get(order["pid"]))
            continue
        pid = os.fork()
        if pid == 0:
            carry_out(order)
        say(pid=pid)


def prepare() -> None:
    """What is done once in the life of a process, so that it is not done by each that is forked."""
    import holidays.countries  # noqa: F401
    from django.template.loader import get_template
    from django.urls import reverse

    import projects.alerts.scan
    import projects.notices.sending  # noqa: F401

    reverse("admin:index")
    get_template("notices/mail.html")


def reap() -> None:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = os.waitstatus_to_exitcode(found[1])


def carry_out(order: dict[str, Any]) -> None:
    """In the forked process, which ends with it."""
    code = 1
    try:
        from django.conf import settings

        for name, value in order.get("settings", {}).items():
            setattr(settings, name, date.fromisoformat(value) if name == "TRACKER_TODAY" else value)
        if order.get("shift"):
            shift_clock(order["shift"])
        if order.get("poison"):
            poison(order["poison"])
        if order.get("die"):
            die_before_finishing()
        with redirect_stdout(StringIO()):
            globals()[f"do_{order['do']}"](**order.get("with", {}))
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


# ---- What is done ----------------------------------------------------------------------------------------
def do_send(every: float = 0.1) -> None:
    from django.core.management import call_command

    call_command("send_notices", loop=every)


def do_scan(day: str) -> None:
    from projects.alerts.scan import scan

    scan(date.fromisoformat(day), listing=False)


def do_jobs(every: float = 0.2) -> None:
    from django.core.management import call_command

    call_command("run_jobs", loop=every)


def do_tick(begun: str, minutes: int) -> None:
    """A scheduler through so many minutes of its clock."""
    from projects.jobs.ticking import tick

    for minute in range(minutes):
        tick(datetime.fromisoformat(begun) + timedelta(minutes=minute), wake=False)


# ---- What is done to it ------------------------------------------------------------------------------------
def shift_clock(seconds: float) -> None:
    """The process's own clock is wrong by so much."""
    from django.utils import timezone

    right = time.time
    time.time = lambda: right() + seconds
    timezone.now = lambda: datetime.now(tz=UTC) + timedelta(seconds=seconds)


def poison(token: str) -> None:
    """A notice that no template can write."""
    from projects.notices import composing

    sound = composing._line

    def line(notice: Any, user: Any) -> Any:
        if f"[{token}]" in notice.sentence:
            raise LookupError("poison")
        return sound(notice, user)

    composing._line = line


def die_before_finishing() -> None:
    """Killed after the server took the message, before that is written."""
    from projects.notices import delivering

    def finish(*args: Any, **kwargs: Any) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return False

    delivering.finish = finish


def say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
