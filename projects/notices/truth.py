"""Whether what a notice says still holds, and whether what it asks for is still to be done. Rooms above know it of
their own keys and register how to ask.

A notice whose key nobody answers for holds for ever: it says what happened, not what is. What it asks for is then done
when its reader says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

StillTrue = Callable[[Collection[str]], set[str]]
"""Of these keys those that still hold, in a number of statements that does not grow with them."""

_asked: dict[str, StillTrue] = {}
_to_do: dict[str, StillTrue] = {}


def register(prefix: str, still_true: StillTrue, *, to_do: StillTrue | None = None) -> None:
    """Answer for the keys that begin with `prefix` and a colon; called in `AppConfig.ready()`. `to_do` gives those of
    which what they ask for has not been done yet; left out, it is to be done as long as they hold.

    Raises:
        ValueError: somebody answers for them already.
    """
    if prefix in _asked:
        raise ValueError(f"keys of {prefix!r} are registered twice")
    _asked[prefix] = still_true
    _to_do[prefix] = to_do or still_true


def holding(keys: Iterable[str]) -> set[str]:
    """Of these keys those whose notices may still be told."""
    return _answered(_asked, keys)


def to_do(keys: Iterable[str]) -> set[str]:
    """Of the keys of notices that ask for something those for which it has not been done."""
    return _answered(_to_do, keys)


def _answered(asked: dict[str, StillTrue], keys: Iterable[str]) -> set[str]:
    by_prefix: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        by_prefix[key.partition(":")[0]].add(key)
    found: set[str] = set()
    for prefix, some in by_prefix.items():
        ask = asked.get(prefix)
        found |= ask(some) & some if ask else some
    return found
