"""Processor time, from /proc: a busy machine stretches the clock, but hardly this. And memory, from there too."""

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
TICKS: Final = os.sysconf("SC_CLK_TCK")


def known() -> bool:
    """Whether this machine tells."""
    return (PROC / "self" / "stat").exists()


def spent(*parents: int) -> float:
    """Seconds that the processes `parents` and all below them have computed, also those that have ended."""
    children: dict[int, list[int]] = defaultdict(list)
    seconds: dict[int, float] = {}
    for file in PROC.glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold blanks.
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        pid = int(file.parent.name)
        children[int(fields[1])].append(pid)
        seconds[pid] = sum(map(int, fields[11:15])) / TICKS
    total, waiting = 0.0, list(parents)
    while waiting:
        pid = waiting.pop()
        total += seconds.get(pid, 0.0)
        waiting += children[pid]
    return total


def spent_alone(pid: int) -> float:
    """Seconds that the first thread of one process has computed, far more exactly."""
    file = PROC / str(pid) / "schedstat"
    return int(file.read_text().split()[0]) / 1e9 if file.exists() else spent(pid)


def memory(name: str) -> int:
    """Kilobytes of this process; 0 where the machine does not tell."""
    status = PROC / "self" / "status"
    if not status.exists():
        return 0
    [line] = (line for line in status.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])
