"""The register of the language: every named pattern with an example of our own and what it finds there.

A colleague adds a wording in one place: in the module that reads that thing, with `pattern(…)`. The test walks the
register and checks each example; `read_report` scored on the labelled reports shows what the pattern changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """A wording of the field. `gives` is the stretch of `example` that it finds; `code` is its row in the list of
    patterns of this language (A1 … T7), "" where it has none.
    """

    name: str
    code: str
    regex: re.Pattern[str]
    example: str
    gives: str

    def found(self) -> str | None:
        """What the pattern finds in its own example."""
        match = self.regex.search(self.example)
        return match.group() if match else None


REGISTER: dict[str, Pattern] = {}


def pattern(name: str, regex: str, example: str, gives: str, *, code: str = "", flags: int = 0) -> re.Pattern[str]:
    """Register a pattern and hand back what matches it.

    Raises:
        ValueError: two patterns of one name.
    """
    if name in REGISTER:
        raise ValueError(f"two patterns are called {name}")
    compiled = re.compile(regex, flags)
    REGISTER[name] = Pattern(name, code, compiled, example, gives)
    return compiled
