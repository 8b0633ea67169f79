"""How a bench is run."""

import sys
from dataclasses import dataclass


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


def progress(message: str) -> None:
    """Tell people where it is; standard output is for the figures alone."""
    sys.stderr.write(f"· {message}\n")
    sys.stderr.flush()
