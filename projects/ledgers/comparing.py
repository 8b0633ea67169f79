"""A ledger against the facts: which project each row means, what it would change, and what is to be written.

Rows of one project are judged together, some hundred projects at a time, so that a shuffled file says the same and
memory does not grow with it. Nothing is written here.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from projects.ledgers import judging
from projects.ledgers.judging import Terms, Work
from projects.ledgers.known import Known, Surroundings
from projects.ledgers.meant import Item, Matcher
from projects.ledgers.models import Ledger, LedgerRow
from projects.ledgers.said import Tab
from projects.ledgers.understanding import Understood
from zones import bulk, clock

CHUNK: Final = 1000  # projects
Kind = LedgerRow.Kind


@dataclass(slots=True)
class Case:
    """Rows that mean one project, each with the row that is stored of it; `work` is what is to be written."""

    items: list[Item]
    rows: list[LedgerRow]
    work: Work | None = None


@dataclass(slots=True)
class Tally:
    """How many rows there are of each kind, the sentences on those that are wrong, and a digest of all differences."""

    counts: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    wrong: list[str] = field(default_factory=list)
    digest: int = 0

    def add(self, row: LedgerRow, times: int = 1) -> None:
        """Count a row, or take it out again (-1). The order of rows makes no difference."""
        self.counts[row.kind] += times
        self.doubtful += times * row.doubtful
        told = orjson.dumps([row.sheet, row.number, row.kind, row.meant, row.created, row.differences])
        self.digest ^= int.from_bytes(hashlib.blake2b(told, digest_size=16).digest(), "big")

    @classmethod
    def of(cls, ledger: Ledger) -> Tally:
        """The tally of a ledger that was compared."""
        kept = {kind: number for kind, number in ledger.counts.items() if kind != "doubtful"}
        return cls(Counter(kept), ledger.counts.get("doubtful", 0), [], int(ledger.judged or "0", 16))

    @property
    def judged(self) -> str:
        """The digest as it is stored."""
        return f"{self.digest:032x}"

    def as_dict(self) -> dict[str, int]:
        """The counts of every kind, with how many rows are doubtful."""
        return {**{kind: self.counts[kind] for kind in Kind.values}, "doubtful": self.doubtful}


class Comparison:
    """One ledger compared for one person. Walk `chunks` once; `tally` is whole then.

    `only` are the rows (sheet and number) that are compared, all if left out.
    """

    def __init__(
        self, ledger: Ledger, read: Understood, by: Any, only: Collection[tuple[int, int]] | None = None
    ) -> None:
        self.ledger = ledger
        self.decided: dict[str, dict[str, Any]] = ledger.told.get("rows", {})
        self.tabs = [Tab(table) for table in read.tables if table.about == "projects"]
        matcher = Matcher(ledger.zone, by, self.decided)
        if only is None:
            self.items = matcher.items(self.tabs)
        else:
            others = ledger.rows.filter(project__isnull=False).values_list("project_id", flat=True)
            self.items = matcher.some(self.tabs, only, apart=set(others))
        self.tally = Tally()
        self.around = Surroundings(ledger, self.tabs)
        today = clock.today()
        reason = str(ledger.told.get("plan_reason", "")).strip()
        self.terms = Terms(self.around, today, ledger.on, ledger.source_id, reason)
        self.make = bulk.maker(LedgerRow, ledger=ledger)

    @property
    def meant(self) -> list[int]:
        """Keys of the projects that are meant, in their order."""
        return sorted({item.pk for item in self.items if item.pk is not None})

    def chunks(self, told: Callable[[int], None] = lambda done: None) -> Iterator[list[Case]]:
        """The cases, some hundred at a time; `told` hears how many rows are done."""
        by_project: dict[Any, list[Item]] = defaultdict(list)
        for item in self.items:
            by_project[item.identity].append(item)
        groups, done = list(by_project.values()), 0
        for first in range(0, len(groups), CHUNK):
            some = groups[first : first + CHUNK]
            known = self.around.load([item.pk for items in some if (item := items[0]).pk is not None])
            cases = [self._case(items, known) for items in some]
            done += sum(len(case.rows) for case in cases)
            told(done)
            yield cases

    def _case(self, items: list[Item], known: dict[int, Known]) -> Case:
        first = items[0]
        work = None
        if not first.trouble:
            held = known[first.pk] if first.pk is not None else Known()
            work = Work(judging.zone_of(held.project, first.zone), held)
        rows: list[LedgerRow] = []
        seen: dict[Any, int] = {}
        for item in items:
            row = self._row(item, work, seen)
            opened = next((each.number for each in rows if each.created), 0)
            if opened and item.new and row.match.get("how") != "chosen":
                row.match = {**row.match, "why": f"与第{opened}行是同一个新项目"}
            rows.append(row)
            self.tally.add(row)
        return Case(items, rows, work)

    def _row(self, item: Item, work: Work | None, seen: dict[Any, int]) -> LedgerRow:
        said = item.tab.said(item.tab.table.rows[item.at])
        row = self.make(sheet=item.tab.sheet, number=item.number, name=item.name, match=item.kept, project_id=item.pk)
        row.doubts = [[letter, sentence, wrong] for letter, sentence, wrong in said.doubts]
        row.doubtful = bool(said.doubts)
        if item.out:
            row.kind = Kind.LEFT_OUT
            return row
        if item.trouble or work is None:
            row.kind = Kind.WRONG if item.wrong else Kind.CONFLICT
            row.differences = [["name", "", "wrong" if item.wrong else judging.CONFLICT, "", item.name, item.trouble]]
            self.tally.wrong += [item.trouble] if item.wrong else []
            return row
        if work.known.project and work.known.project.terminated_on:
            return _conflict(row, f"项目已于 {work.known.project.terminated_on:%Y-%m-%d} 终止，这一行没有读入")
        if said.wrong:
            row.kind = Kind.WRONG
            row.differences = [[code, letter, "wrong", "", "", sentence] for code, letter, sentence in said.wrong]
            self.tally.wrong += [sentence for _, _, sentence in said.wrong]
            return row
        if twice := self._twice(item, said, seen):
            return _conflict(row, twice)
        opened = work.opening
        sure = bool(self.decided.get(said.key, {}).get("sure") or self.ledger.told.get("sure"))
        row.differences = judging.judge(self.terms, work, said, sure=sure)
        if item.elsewhere and work.known.project is None and opened is None:
            told = f"“{item.elsewhere}”不是“{item.zone}”或其下的区域，按“{item.zone}”登记"
            row.differences.append(["zone", said.one["zone"].column.letter, judging.NOTE, "", item.elsewhere, told])
        row.created = opened is None and work.opening is not None
        row.kind = judging.kind_of(row.differences, created=row.created)
        row.doubtful = row.doubtful or (row.created and any(each[2] == judging.CONFLICT for each in row.differences))
        return row

    @staticmethod
    def _twice(item: Item, said: Any, seen: dict[Any, int]) -> str:
        """Why a second row of one project in one table is not read; "" where it speaks of something else."""
        span = said.value("month")
        at = item.tab.table.key, getattr(span, "last", None)
        if at not in seen or item.tab.is_of_problems:
            seen.setdefault(at, item.number)
            return ""
        return f"与第{seen[at]}行是同一个项目，这一行没有读入：请核对，多余的不导入"


def _conflict(row: LedgerRow, sentence: str) -> LedgerRow:
    """The row, of which nothing is read."""
    row.kind = Kind.CONFLICT
    row.differences = [["name", "", judging.CONFLICT, "", row.name, sentence]]
    return row
