"""Whether what a notice says still holds. Rooms above know it of their own keys and register how to ask.

A notice whose key nobody answers for holds for ever: it says what happened, not what is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

StillTrue = Callable[[Collection[str]], set[str]]
"""Of these keys those that still hold, in a number of statements that does not grow with them."""

_asked: dict[str, StillTrue] = {}


def register(prefix: str, still_true: StillTrue) -> None:
    """Answer for the keys that begin with `prefix` and a colon; called in `AppConfig.ready()`.

    Raises:
        ValueError: somebody answers for them already.
    """
    if prefix in _asked:
        raise ValueError(f"keys of {prefix!r} are registered twice")
    _asked[prefix] = still_true


def holding(keys: Iterable[str]) -> set[str]:
    """Of these keys those whose notices may still be told."""
    by_prefix: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        by_prefix[key.partition(":")[0]].add(key)
    found: set[str] = set()
    for prefix, some in by_prefix.items():
        ask = _asked.get(prefix)
        found |= ask(some) & some if ask else some
    return found
