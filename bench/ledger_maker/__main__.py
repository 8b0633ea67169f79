"""Writes made ledgers into a folder: the examples, or one by layout and seed."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.ledger_maker import KEPT, make
from bench.ledger_maker.examples import write
from bench.ledger_maker.layouts import LAYOUTS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ledger_maker", description="生成虚构的台账。")
    verbs = parser.add_subparsers(metavar="做什么", required=True)
    examples = verbs.add_parser("examples", help="写出 fixtures/ledgers 里的样例")
    examples.add_argument("folder", metavar="目录", type=Path)
    examples.set_defaults(run=lambda given: write(given.folder))
    one = verbs.add_parser("one", help="写出某种版式的一份，或按固定的种子全部写出")
    one.add_argument("folder", metavar="目录", type=Path)
    one.add_argument("--layout", metavar="版式", choices=tuple(LAYOUTS), default="")
    one.add_argument("--seed", metavar="N", type=int, default=1)
    one.set_defaults(run=lambda given: some(given.folder, given.layout, given.seed))
    given = parser.parse_args()
    for path in given.run(given):
        sys.stdout.write(f"{path}\n")


def some(folder: Path, layout: str, seed: int) -> Iterator[Path]:
    """One ledger, or those of all kept seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    for code, number in [(layout, seed)] if layout else KEPT:
        data, truth = make(number, code)
        (folder / truth.name).write_bytes(data)
        yield folder / truth.name


if __name__ == "__main__":
    main()
