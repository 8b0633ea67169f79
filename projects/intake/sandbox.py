"""Reading in a process of its own: what a hostile file breaks is that process, and nothing else.

The child gets the file on its standard input and answers with one JSON object, both by way of files: neither side can
fill the other's memory, and no pipe can block. It inherits no settings and no secrets.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, Final

from projects.intake import limits
from projects.intake.refusals import SENTENCES, Trouble

_TAIL: Final = 2000  # bytes of what a child that died had to say
_CHILD: Final = ("-E", "-s", "-m", "projects.intake.child")
_ROOT: Final = Path(__file__).resolve().parents[2]

log = logging.getLogger(__name__)


def run(task: str, kind: str, data: bytes, *, wall: float = limits.WALL, rows: int = limits.ROWS) -> dict[str, Any]:
    """What the child read: the answer of `task` ("text" or "sheets") for a file of this kind.

    Raises Trouble with the child's own reason, or with one for its being too slow, too large, or dead.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as grumbled:
        given.write(data)
        given.seek(0)
        status = _run([sys.executable, *_CHILD, task, kind, str(rows)], given, told, grumbled, wall)
        if status == 0:
            return _answer(told, limits.ANSWER * (limits.MORE if rows > limits.ROWS else 1))
        log.warning("a child reading %s ended with %s: %s", kind, status, _last(grumbled))
    raise Trouble(_reason(status))


def _run(command: list[str], given: IO[bytes], told: IO[bytes], grumbled: IO[bytes], wall: float) -> int | None:
    """The exit status of the command; None when its time was over. Whatever it had started has ended with it."""
    process = subprocess.Popen(
        command,
        stdin=given,
        stdout=told,
        stderr=grumbled,
        cwd=_ROOT,
        env={"LANG": "C.UTF-8", "PATH": os.defpath, "MALLOC_ARENA_MAX": "1"},
        start_new_session=True,
    )
    try:
        return process.wait(wall)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answer(told: IO[bytes], most: int = limits.ANSWER) -> dict[str, Any]:
    told.seek(0)
    data = told.read(most + 1)
    try:
        answer = json.loads(data) if len(data) <= most else None
    except (ValueError, RecursionError):
        answer = None
    match answer:
        case {"read": dict(read)}:
            return read
        case {"refused": str(code), "told": dict(blanks)} if code in SENTENCES:
            raise Trouble(code, **blanks)
    log.warning("a child answered with %d bytes that are no answer", len(data))
    raise Trouble("damaged")


def _reason(status: int | None) -> str:
    match status:
        case None:
            return "too_slow"
        case _ if status == -signal.SIGXCPU:
            return "too_slow"
        case _ if status == -signal.SIGABRT:
            return "too_heavy"  # How native readers end when they get no more memory.
        case _ if status in (-signal.SIGKILL, -signal.SIGTERM):
            return "interrupted"
    return "damaged"


def _last(grumbled: IO[bytes]) -> str:
    size = grumbled.seek(0, os.SEEK_END)
    grumbled.seek(max(size - _TAIL, 0))
    return grumbled.read(_TAIL).decode("utf-8", "replace").strip()
