"""bin/bench reports: how fast the grammar reads, beside a program that only cuts the same text into words.

A stream of documents is made from our labelled reports, or from the texts of a folder, each time with other figures
and, where they are labelled, other names; the same every time.
Every case is a process of its own on one core (`bench.stream`), which makes a document, reads it, and forgets it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common import ROOT, Failure

from bench.options import ReportsOptions, progress
from bench.rows import Row, amount, at_least, number, speed
from bench.stream import CORPUS

__all__ = ["CORPUS", "run"]

LEAST: Final = 0.5  # MB/s
FLAT: Final = 1.2
LINEAR: Final = 1.15


@dataclass(frozen=True)
class Streamed:
    """What it took: megabytes of text, seconds of the processor, megabytes of memory at most, and what was found."""

    megabytes: float
    seconds: float
    peak: float
    found: int

    @property
    def speed(self) -> float:
        """MB/s."""
        return self.megabytes / self.seconds


def run(options: ReportsOptions) -> Iterator[Row]:
    """All figures. Raises Failure where nothing is found, or a process fails."""
    done = {}
    for size in options.megabytes:
        progress(f"{size} MB……")
        read, cut = (streamed(verb, size, options.texts) for verb in ("read", "cut"))
        if read.megabytes != cut.megabytes:
            raise Failure("两次读的不是同样的报道。")
        done[size] = read
        yield at_least(f"{size} MB: grammar.read", read.speed, "MB/s", LEAST)
        yield speed(f"{size} MB: grammar.read against jieba.cut", read.speed, cut.speed)
        yield number(f"{size} MB: memory", read.peak, "MB")
    least, most = done[min(done)], done[max(done)]
    if most is not least:
        sizes = f"{max(done)} MB against {min(done)} MB"
        yield amount(f"memory, {sizes}", most.peak, "MB", least.peak, FLAT)
        cost = [1000 * one.seconds / one.megabytes for one in (most, least)]
        yield amount(f"time of a megabyte, {sizes}", cost[0], "ms", cost[1], LINEAR)


def streamed(verb: str, megabytes: int, texts: Path) -> Streamed:
    """One case."""
    command = [sys.executable, "-X", "utf8", "-m", "bench.stream", verb, str(megabytes), str(texts)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"{verb} 没有读完：\n{done.stderr[-2000:]}")
    told = Streamed(**json.loads(done.stdout))
    if not told.found:
        raise Failure(f"{verb}：{megabytes} MB 里什么也没有读到。")
    return told
