"""How a bench is run."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`rows` projects; `seconds` for each request in each round."""

    rows: int
    seconds: float


def progress(message: str) -> None:
    """Tell people where it is; standard output is for the figures alone."""
    sys.stderr.write(f"· {message}\n")
    sys.stderr.flush()
