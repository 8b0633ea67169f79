"""One case of bin/bench reports, a process: reads, or cuts into words, a stream of documents of so many megabytes."""

import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import processors

CORPUS: Final = Path(__file__).resolve().parent.parent / "projects" / "reports" / "tests" / "corpus"
MEGABYTE: Final = 1_000_000
FIGURE: Final = re.compile(r"\d+(?:\.\d+)?(?=\s*(?:亿|万|個|个|億))")
SYLLABLES: Final = "澄岚沐琅葛榆芦凤屏穰柏霁渚昭麓鹤菱溯汾漕宛邰箬砚桐"


@dataclass(frozen=True)
class Pattern:
    """A report, and the names in it that change."""

    text: str
    names: tuple[str, ...]


def main() -> None:
    verb, megabytes, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    work = reader() if verb == "read" else cutter()
    size, found, spent = 0, 0, 0.0
    for document in documents(megabytes * MEGABYTE, folder):
        begun = time.process_time()
        found += work(document)
        spent += time.process_time() - begun
        size += len(document.encode())
    told = {"megabytes": size / MEGABYTE, "seconds": spent, "peak": processors.memory("VmHWM") / 1024, "found": found}
    sys.stdout.write(json.dumps(told) + "\n")


def reader() -> Callable[[str], int]:
    from projects.reports.grammar import read

    read("总投资十二亿元")  # the numerals load their dictionary, as jieba does below

    def work(document: str) -> int:
        return len(read(document).mentions)

    return work


def cutter() -> Callable[[str], int]:
    import jieba

    jieba.setLogLevel("ERROR")
    jieba.initialize()

    def work(document: str) -> int:
        return sum(1 for _ in jieba.cut(document))

    return work


def documents(size: int, folder: Path = CORPUS) -> Iterator[str]:
    """So many bytes of documents made from the texts of a folder, the last one whole."""
    patterns = [_pattern(path) for path in sorted(folder.glob("*.txt"))]
    made = 0
    while made < size:
        for pattern in patterns:
            chance = random.Random(made)  # noqa: S311
            document = varied(pattern, chance)
            yield document
            made += len(document.encode())
            if made >= size:
                return


def _pattern(path: Path) -> Pattern:
    """A text, and the names in it if they are labelled beside it."""
    labels = path.with_suffix(".json")
    projects = json.loads(labels.read_text(encoding="utf-8"))["projects"] if labels.exists() else ()
    names = tuple(sorted({one["name"] for one in projects if len(one["name"]) > 3}))
    return Pattern(path.read_text(encoding="utf-8"), names)


def varied(pattern: Pattern, chance: random.Random) -> str:
    """The report with other names and figures."""
    text = pattern.text
    for name in pattern.names:
        text = text.replace(name, "".join(chance.choices(SYLLABLES, k=2)) + name)
    return FIGURE.sub(lambda figure: _other(figure.group(), chance), text)


def _other(figure: str, chance: random.Random) -> str:
    return "".join(str(chance.randint(1, 9)) if sign.isdigit() else sign for sign in figure)


if __name__ == "__main__":
    main()
