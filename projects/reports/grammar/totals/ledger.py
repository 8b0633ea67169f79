"""What the walk through a paragraph knows so far, and the places that it must not read again."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from projects.money import Amount
from projects.reports.grammar.records import Read, StatedTotal


@dataclass
class Ledger:
    """What the walk through a paragraph knows so far."""

    made: list[StatedTotal] = field(default_factory=list)
    earlier: list[StatedTotal] = field(default_factory=list)  # of the paragraphs before
    current: StatedTotal | None = None
    batch: Read[str] | None = None
    period: Read[int] | None = None
    many_periods: bool = False
    before: Read[int] | None = None  # the round of what stands ahead of `until`
    until: int = 0
    whole: list[StatedTotal] = field(default_factory=list)  # of which only a part is of the round that is named
    pending: Read[Amount] | None = None
    size_class: str = ""
    open: bool = False
    waiting: bool = False
    broken_down: bool = False


def total_of(ledger: Ledger, batch: str, least: int = 0) -> StatedTotal | None:
    """The total of a batch that the report stated last, of all its projects and of no fewer than these."""
    known = [*ledger.earlier, *ledger.made]
    return next(
        (
            t
            for t in reversed(known)
            if t.batch and t.batch.value == batch and not t.filter and t.count and t.count.value >= least
        ),
        None,
    )


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places in order and apart from each other."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def walled(walls: list[tuple[int, int]], start: int, end: int) -> bool:
    at = bisect_left(walls, end, key=lambda wall: wall[0])
    return at > 0 and walls[at - 1][1] > start
