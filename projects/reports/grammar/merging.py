"""Several mentions of one project become one record; what only may be one project is noted, never merged."""

from __future__ import annotations

import re

from projects import names
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import Difference, NamedProject

_POINTS_BACK = re.compile(r"(?:这个|该|此)$")


def merge(page: Page, mentions: list[NamedProject]) -> list[NamedProject]:
    """One record per project, in the order of first naming; lists come first where they disagree."""
    kept: list[NamedProject] = []
    for one in sorted(mentions, key=lambda r: (not r.listed, r.batch is None, r.start)):
        if home := _home(page, one, kept, mentions):
            _take(home, one)
        else:
            kept.append(one)
    return sorted(kept, key=lambda r: r.start)


def _home(page: Page, one: NamedProject, kept: list[NamedProject], mentions: list[NamedProject]) -> NamedProject | None:
    if _POINTS_BACK.search(page.text[max(0, one.start - 2) : one.start]):
        earlier = [r for r in mentions if r.start < one.start and r is not one]
        return next((r for r in kept if earlier and r is earlier[-1]), None) or _same(one, kept)
    return _same(one, kept)


def _same(one: NamedProject, kept: list[NamedProject]) -> NamedProject | None:
    exact = [r for r in kept if r.key == one.key and not _on_two_lists(r, one)]
    if exact:
        return exact[0]
    holders = [r for r in kept if _holds(r, one) or _holds(one, r)]
    return holders[0] if len(holders) == 1 else None


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
    if home.completed is None:
        home.completed_until = other.completed_until
    if home.status is None:
        home.status_own, home.status_part = other.status_own, other.status_part
    for name in ("amount", "foreign", "annual_plan", "completed", "status", "company", "zone", "batch"):
        if getattr(home, name) is None:
            setattr(home, name, getattr(other, name))
    if home.period is None and other.period is not None:
        home.period, home.period_role = other.period, other.period_role
    home.dates += [d for d in other.dates if not any(d.role == x.role and d.span == x.span for x in home.dates)]


def possible_duplicates(records: list[NamedProject]) -> list[Difference]:
    """Pairs of names so near to each other that a person should look; noted, not open, since both are kept."""
    found = []
    for at, one in enumerate(records):
        for other in records[at + 1 :]:
            if one.key != other.key and names.likeness(one.name, other.name) >= 0.85:
                sentence = f"“{one.name}”与“{other.name}”可能是同一个项目，按两个项目读取，请核对。"
                spans = ((one.start, one.end), (other.start, other.end))
                found.append(Difference("possible_duplicate", sentence, one.name, other.name, spans))
    return found
