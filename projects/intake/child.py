"""The process that parses a file: `python -m projects.intake.child TASK KIND ROWS < file > answer.json`.

It knows nothing of Django, settings or the database. Before a byte of the file is looked at, it gives up memory,
time, files and the network for good.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from projects.intake import limits
from projects.intake.refusals import Trouble

READERS: Final = {
    ("text", "docx"): "word",
    ("text", "pdf"): "pdf",
    ("text", "html"): "web",
    ("text", "mhtml"): "web",
    ("sheets", "xlsx"): "sheets",
    ("sheets", "xls"): "sheets",
    ("sheets", "ods"): "sheets",
    ("sheets", "csv"): "sheets",
    ("refill", "xlsx"): "refilling",
}

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.spawn")


def main(task: str, kind: str, rows: str = str(limits.ROWS)) -> int:
    """Read standard input and answer on standard output. Any end but a JSON object is for the parent to explain."""
    reader: Callable[..., dict[str, Any]]
    reader = importlib.import_module(f"projects.intake.formats.{READERS[task, kind]}").read
    most = int(rows)
    _confine(limits.MORE if most > limits.ROWS else 1)
    told = (most,) if task == "sheets" else ()
    try:
        answer = _written({"read": reader(sys.stdin.buffer.read(), kind, *told)})
    except Trouble as trouble:
        answer = _written({"refused": trouble.code, "told": trouble.told})
    except MemoryError:
        answer = _written({"refused": "too_heavy", "told": {}})
    except Exception:
        # A parser may fail in any way on what is not well formed; the trace is for the parent's log.
        traceback.print_exc()
        answer = _written({"refused": "damaged", "told": {}})
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _written(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")


def _confine(times: int = 1) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    with suppress(AttributeError):  # Linux only.
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        # Not allowed everywhere, as within most containers; the hook below holds where it is not.
        libc.unshare(_NEW_USER | _NEW_NET)
    for limit, most in (
        (resource.RLIMIT_AS, limits.MEMORY * times),
        (resource.RLIMIT_CPU, limits.SECONDS * times),
        (resource.RLIMIT_FSIZE, limits.ANSWER * times),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError):  # Already tighter than that.
            resource.setrlimit(limit, (most, most))
    sys.addaudithook(_forbid)


def _forbid(event: str, args: tuple[Any, ...]) -> None:
    writing = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    if writing or event.startswith(_FORBIDDEN):
        raise PermissionError(event)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
