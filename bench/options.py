"""How a bench is run."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Of the API: `rows` projects; `seconds` for each request in each round."""

    rows: int
    seconds: float


@dataclass(frozen=True)
class ScanOptions:
    """Of the scan: numbers of projects on PostgreSQL, the smallest first; `sqlite` projects on SQLite, 0 for none; how
    often everything is measured on PostgreSQL.
    """

    projects: tuple[int, ...]
    sqlite: int
    rounds: int


@dataclass(frozen=True)
class MeetingOptions:
    """Of the meeting: numbers of projects of its zone, the smallest first, to which the aims apply."""

    projects: tuple[int, ...]


@dataclass(frozen=True)
class ReadingOptions:
    """Of the reader's scores: the program that scores, and whether to tell what was missed."""

    scorer: Path
    verbose: bool


@dataclass(frozen=True)
class ReportsOptions:
    """Of the reader's speed: sizes of the streams in MB, the smallest first, and the folder of texts they are
    made of.
    """

    megabytes: tuple[int, ...]
    texts: Path


@dataclass(frozen=True)
class LedgersOptions:
    """Of the ledgers: seeds of further made ones in place of the kept; projects that are exported, 0 for none; numbers
    of rows that are imported, the smallest first.
    """

    seeds: range
    projects: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class FaultsOptions:
    """Of the faults: on which databases ("postgresql", "sqlite"), a quick run, and only some checks by name."""

    engines: tuple[str, ...]
    short: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoticesOptions:
    """Of the notices: how many messages are due, and how often everything is measured."""

    deliveries: int
    rounds: int


def progress(message: str) -> None:
    """Tell people where it is; standard output is for the figures alone."""
    sys.stderr.write(f"· {message}\n")
    sys.stderr.flush()
