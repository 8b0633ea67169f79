"""Several mentions of one project become one record; what only may be one project is noted, never merged."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from projects import names
from projects.reports.grammar import places, steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import Difference, NamedProject

_NEIGHBOURS = 4
_POINTS_BACK = re.compile(r"(?:这个|该|此)$")


_BRANDED = 8  # characters that two names have behind the brand that one of them leaves out
_SHORT = 4  # characters of a key that leaves letters out
_COMMON = 40  # records; what more of them share tells nothing, and must not cost quadratic time
_BRAND = 2  # characters that such a name begins and ends with
_GRAM = 4  # characters; no shorter key holds or is held by another


@dataclass
class _Kept:
    """The records kept so far, found again by key and by the pieces of their keys."""

    records: list[NamedProject] = field(default_factory=list)
    by_key: dict[str, list[NamedProject]] = field(default_factory=lambda: defaultdict(list))
    by_gram: dict[str, list[NamedProject]] = field(default_factory=lambda: defaultdict(list))
    by_ends: dict[tuple[str, str], list[NamedProject]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # of the keys that begin so

    def add(self, one: NamedProject) -> None:
        self.records.append(one)
        self.by_key[one.key].append(one)
        self.by_ends[_ends(one.key)].append(one)
        if len(one.key) >= _GRAM:
            self.lengths[one.key[:_GRAM]].add(len(one.key))
            for gram in _grams(one.key):
                self.by_gram[gram].append(one)

    def near(self, one: NamedProject) -> list[NamedProject]:
        """Those whose key holds the key of this one, or is held by it, each once."""
        key = one.key
        if len(key) < _GRAM:
            return []
        rarest = min((self.by_gram.get(gram, []) for gram in _grams(key)), key=len)
        found = {id(r): r for r in rarest if key in r.key}
        for at in range(len(key) - _GRAM + 1):
            for length in self.lengths.get(key[at : at + _GRAM], ()):
                if at + length <= len(key):
                    found |= {id(r): r for r in self.by_key.get(key[at : at + length], ())}
        return list(found.values())


def _leaves_out(long: str, short: str) -> bool:
    """Whether the letters of the short one stand in the long one, in their order."""
    letters = iter(long)
    return all(letter in letters for letter in short)


def _ends(key: str) -> tuple[str, str]:
    return key[:2], key[-_BRANDED:]


def _grams(key: str) -> set[str]:
    return {key[at : at + _GRAM] for at in range(len(key) - _GRAM + 1)}


def merge(page: Page, mentions: list[NamedProject]) -> list[NamedProject]:
    """One record per project, in the order of first naming; lists come first where they disagree."""
    kept = _Kept()
    starts = [one.start for one in mentions]
    for one in sorted(mentions, key=lambda r: (not r.listed, r.batch is None, r.start)):
        if home := _home(page, one, kept, mentions, starts):
            _take(home, one)
        else:
            kept.add(one)
    return _without_short(page, sorted(kept.records, key=lambda r: r.start))


def _without_short(page: Page, records: list[NamedProject]) -> list[NamedProject]:
    """The records without those that only call another one by a shorter name: 华箭基地 for 华箭智能仓储装备生产基地."""
    if len(records) < 2:
        return records
    brands: dict[str, list[NamedProject]] = defaultdict(list)
    for one in records:
        for pair in {one.key[at : at + _BRAND] for at in range(len(one.key) - 1)}:
            brands[pair].append(one)
    stems, gone = places.stems(page.text), set()
    for one in sorted(records, key=lambda r: len(r.key)):
        if one.listed or one.row or one.key[:_BRAND] in stems or len(one.key) <= _BRAND:
            continue
        alike = brands[one.key[:_BRAND]]
        longer = [r for r in alike if id(r) not in gone and _calls(page, one, r)] if len(alike) <= _COMMON else []
        home = max(longer, key=lambda r: len(r.key), default=None)
        if home and all(r is home or _leaves_out(home.key, r.key) for r in longer):
            _take(home, one)
            gone.add(id(one))
    return [one for one in records if id(one) not in gone]


def _calls(page: Page, short: NamedProject, long: NamedProject) -> bool:
    """Whether one name is the other with letters left out, and nothing that is said of them speaks against it."""
    marks = names.marks(short.name)
    if len(short.key) >= len(long.key) or (marks and marks != names.marks(long.name)):
        return False
    if len(short.key) < _SHORT and short.key not in long.key:
        return False
    if short.key[-_BRAND:] not in long.key or not _leaves_out(long.key, short.key):
        return False
    if short.amount and long.amount and short.amount.value != long.amount.value:
        return False
    return page.sentence_at(short.start) != page.sentence_at(long.start)


def _home(
    page: Page, one: NamedProject, kept: _Kept, mentions: list[NamedProject], starts: list[int]
) -> NamedProject | None:
    if _POINTS_BACK.search(page.text[max(0, one.start - 2) : one.start]):
        at = bisect_left(starts, one.start)
        earlier = mentions[at - 1] if at else None
        if earlier is not None and any(r is earlier for r in kept.by_key.get(earlier.key, ())):
            return earlier
    return _same(one, kept)


def _same(one: NamedProject, kept: _Kept) -> NamedProject | None:
    exact = [r for r in kept.by_key.get(one.key, ()) if not _on_two_lists(r, one)]
    if exact:
        return exact[0]
    if branded := [r for r in kept.by_ends.get(_ends(one.key), ()) if _differ_by_brand(r, one)]:
        return branded[0] if len(branded) == 1 else None
    holders = [r for r in kept.near(one) if _holds(r, one) or _holds(one, r)]
    return holders[0] if len(holders) == 1 else None


def _differ_by_brand(a: NamedProject, b: NamedProject) -> bool:
    """泉口智能装备产业园 and 泉口良益智能装备产业园: one leaves out the brand behind the place, and the amount."""
    short, long = sorted((a.key, b.key), key=len)
    brand = len(long) - len(short)
    alike = 2 <= brand <= 3 and short[:2] == long[:2] and short[2:] == long[2 + brand :] and len(short) >= 2 + _BRANDED
    return alike and not (a.amount and b.amount) and names.marks(a.name) == names.marks(b.name)


def _on_two_lists(a: NamedProject, b: NamedProject) -> bool:
    """Signed in one list and started in another: two listings of one project, which the lists count twice."""
    return bool(a.listed and b.listed and a.batch and b.batch and a.batch.value != b.batch.value)


def _holds(long: NamedProject, short: NamedProject) -> bool:
    """A shorter naming without phase or number of its own, contained in the longer."""
    if len(short.key) < 4 or short.key not in long.key or (short.listed and long.listed):
        return False
    if names.marks(short.name) and names.marks(short.name) != names.marks(long.name):
        return False
    rest = long.key.replace(short.key, "", 1)
    starts = long.key.startswith(short.key)
    return (starts and len(short.key) >= 4) or not re.search(r"项目|园", rest)


def _take(home: NamedProject, other: NamedProject) -> None:
    if other.name != home.name and other.name not in home.aliases:
        home.aliases.append(other.name)
    home.loose = home.loose and other.loose
    if home.completed is None:
        home.completed_until = other.completed_until
    if home.status is None:
        home.status_own, home.status_part = other.status_own, other.status_part
    for name in ("amount", "foreign", "annual_plan", "completed", "status", "company", "zone", "batch"):
        if getattr(home, name) is None:
            setattr(home, name, getattr(other, name))
    if (
        other.batch
        and home.batch
        and other.status_own
        and steps.ORDER[other.batch.value] > steps.ORDER[home.batch.value]
    ):
        home.batch = other.batch
    if home.period is None and other.period is not None:
        home.period, home.period_role = other.period, other.period_role
    home.dates += [d for d in other.dates if not any(d.role == x.role and d.span == x.span for x in home.dates)]


def _merged_by_brand(records: list[NamedProject]) -> Iterator[Difference]:
    """Records that were made of two names, one with a brand or with letters left out: told, for a person to look at."""
    for one in records:
        for alias in one.aliases:
            other = NamedProject(alias, names.key(alias), one.start, one.end)
            shorter = other.key not in one.key and _leaves_out(one.key, other.key)
            if shorter or _differ_by_brand(replace(one, amount=None), other):
                sentence = f"“{one.name}”与“{alias}”按同一个项目读取，请核对。"
                yield Difference("possible_duplicate", sentence, one.name, alias, ((one.start, one.end),))


def possible_duplicates(records: list[NamedProject]) -> list[Difference]:
    """Pairs of names so near to each other that a person should look; noted, not open, since both are kept.

    Names that differ little share their beginning or their end: only neighbours in either order are compared.
    """
    pairs: set[tuple[int, int]] = set()
    for turned in (1, -1):
        order = sorted(range(len(records)), key=lambda at: records[at].key[::turned])
        for place, at in enumerate(order):
            pairs |= {(min(at, other), max(at, other)) for other in order[place + 1 : place + 1 + _NEIGHBOURS]}
    found = list(_merged_by_brand(records))
    for left, right in sorted(pairs):
        one, other = records[left], records[right]
        if (
            one.key != other.key
            and names.likeness_of_keys(one.key, other.key) >= 0.85
            and names.marks(one.name) == names.marks(other.name)
        ):
            sentence = f"“{one.name}”与“{other.name}”可能是同一个项目，按两个项目读取，请核对。"
            spans = ((one.start, one.end), (other.start, other.end))
            found.append(Difference("possible_duplicate", sentence, one.name, other.name, spans))
    return found
