"""What the scripts of bin/ share: where things are, how to speak, how to run manage.py."""

import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Failure(Exception):
    """A step failed; the message is the sentence for whoever called the script."""


def say(message: str) -> None:
    print(f"· {message}", flush=True)


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a management command and return what it prints.

    Raises Failure with the command's own last words when it fails.
    """
    command = [sys.executable, "-X", "utf8", str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, errors="replace")
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "没有输出").splitlines()
        raise Failure(f"manage.py {' '.join(arguments)} 失败：\n" + "\n".join(f"    {line}" for line in words[-12:]))
    return done.stdout


def sweep(folder: Path, prefix: str) -> None:
    """Remove folders ``prefix-PID`` whose process is gone: leftovers of a run that was killed."""
    for leftover in folder.glob(f"{prefix}-*"):
        pid = leftover.name.rpartition("-")[2]
        if pid.isdigit() and not alive(int(pid)):
            shutil.rmtree(leftover, ignore_errors=True)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def table(rows: Iterable[Sequence[str]], indent: str = "    ") -> str:
    """Rows in columns, a Chinese character being two columns wide."""
    rows = [tuple(map(str, row)) for row in rows]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        indent + "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
