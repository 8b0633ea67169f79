"""bin/bench: measure one part of the product against a floor, in one run."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from common import Failure

from bench import api
from bench.options import Options
from bench.rows import Row, as_json, as_table

BENCHES: dict[str, Callable[[Options], Iterator[Row]]] = {"api": api.run}


def main() -> None:
    names, options, as_lines = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        missed = show(BENCHES[names](options), as_lines)
    except Failure as failure:
        sys.exit(f"✗ {failure}")
    except KeyboardInterrupt:
        sys.exit("已中断。")
    if missed:
        sys.exit(f"✗ 未达到目标：{'、'.join(missed)}")


def arguments() -> tuple[str, Options, bool]:
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="在本机临时的 PostgreSQL 和网站上测量产品，同时测量基准。全部目标达到时返回 0，否则返回 1。",
    )
    parser.add_argument("name", metavar="名称", choices=BENCHES, help=f"测什么：{'、'.join(BENCHES)}")
    parser.add_argument("--json", action="store_true", help="每行输出一个 JSON 对象")
    rows = "项目数，默认 %(default)s；另测十分之一和十倍"
    parser.add_argument("--rows", metavar="N", type=whole, default=100_000, help=rows)
    parser.add_argument("--seconds", metavar="S", type=positive, default=2.0, help="每轮每项测几秒，默认 %(default)s")
    given = parser.parse_args()
    return given.name, Options(given.rows, given.seconds), given.json


def whole(text: str) -> int:
    number = int(text)
    if number < 1000:
        raise argparse.ArgumentTypeError("至少 1000")
    return number


def positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 3600:
        raise argparse.ArgumentTypeError("应大于 0")
    return number


def show(rows: Iterator[Row], as_lines: bool) -> list[str]:
    """Print the rows; the cases that missed their aims."""
    kept = []
    for row in rows:
        kept.append(row)
        if as_lines:
            sys.stdout.write(as_json(row) + "\n")
            sys.stdout.flush()
    if not as_lines:
        sys.stdout.write(as_table(kept) + "\n")
    return [row.case for row in kept if row.ok is False]


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
