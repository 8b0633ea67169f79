"""Looking for a slow pattern only where something stands that every match of it holds."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator


def near(
    signs: re.Pattern[str], before: int, words: re.Pattern[str], text: str, start: int = 0, end: int = sys.maxsize
) -> Iterator[re.Match[str]]:
    """What `words.finditer(text, start, end)` finds, where every match of `words` holds one of `signs`.

    A pattern that can begin in many ways is tried at each place of a text; it is rare that 年 stands there.

    Args:
        signs: quick to look for: it begins with letters.
        before: characters that a match has before its first sign, at most.
    """
    at = start
    while (sign := signs.search(text, at, end)) and (match := words.search(text, max(at, sign.start() - before), end)):
        yield match
        at = match.end()
