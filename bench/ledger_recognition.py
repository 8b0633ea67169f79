"""How much of dirty ledgers is understood, by the generator's own truth."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from bench.ledger_maker import KEPT, layout_of, make
from bench.ledger_maker.scoring import score, share
from bench.rows import Row, at_least, exactly, number


def recognition(seeds: Iterable[tuple[str, int]] = KEPT) -> Iterator[Row]:
    """Rows of the bench: cells right or marked over all ledgers, silent wrong amounts, columns, rows."""
    yield from rows_of(scores(seeds))


def longer(seeds: Iterable[int]) -> Iterator[tuple[str, int]]:
    """Layout and seed of a range of seeds."""
    return ((layout_of(seed), seed) for seed in seeds)


def scores(seeds: Iterable[tuple[str, int]]) -> Iterator[dict[str, Any]]:
    """The score of each ledger, read as an uploaded one is."""
    # Imported here: the generator needs nothing of the product.
    from projects.intake.opening import read_sheets
    from projects.ledgers.understanding import understand

    for layout, seed in seeds:
        data, truth = make(seed, layout)
        understood = understand(read_sheets(data, truth.name), on=truth.on)
        yield score(understood, truth)


def rows_of(scored: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """The figures of many ledgers together."""
    files, amounts, certain = 0, 0, 0
    counted = {name: Counter[str]() for name in ("cells", "columns", "rows", "groups")}
    for each in scored:
        files += 1
        amounts += len(each["amounts"])
        certain += each["certain_marked"]
        for name, counter in counted.items():
            counter.update(each[name])
    cells = counted["cells"]
    yield number("recognition: ledgers", files, "")
    yield at_least("recognition: cells right or marked", share(cells, "right", "marked"), "%", 99)
    yield at_least("recognition: cells right", share(cells, "right"), "%")
    yield number("recognition: cells marked that could be known", 100 * certain / max(sum(cells.values()), 1), "%")
    yield number("recognition: cells lost without a word", cells["missed"], "")
    yield number("recognition: cells wrong without a word", cells["silent"], "")
    yield exactly("recognition: amounts wrong without a word", amounts, "", 0)
    yield at_least("recognition: columns right or asked", share(counted["columns"], "right", "asked"), "%")
    yield at_least("recognition: rows right", share(counted["rows"], "right"), "%")
    yield at_least("recognition: groups right", share(counted["groups"], "right"), "%")
