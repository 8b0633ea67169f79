"""Finding the projects that a report names. All offsets here are those of the working copy."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from projects.reports.grammar.batches import BatchList
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions import in_lists, in_sentences
from projects.reports.grammar.mentions.naming import is_caption, name_before, record
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import NamedProject

# Where two ways find overlapping names, the earlier one is surer of where the name ends.
FINDERS: tuple[Callable[[Page], Iterator[NamedProject]], ...] = (
    in_lists.of_tables,
    in_lists.of_rows,
    in_sentences.of_tags,
    in_sentences.of_amounts_before,
    in_lists.of_open_lists,
    in_sentences.of_roles,
    in_sentences.of_investors,
    in_sentences.of_amounts_after,
    in_sentences.of_steps,
    in_sentences.of_subjects,
    in_sentences.of_plans,
    in_lists.of_lines,
    in_sentences.of_pronouns,
)


def find(page: Page, batches: list[BatchList]) -> list[NamedProject]:
    """Every mention of a project, in the order of the text; one record per place, repeats not yet merged."""
    found: list[NamedProject] = []  # in the order of the text, and apart from each other
    _add(found, in_lists.of_batches(page, batches))
    for finder in FINDERS:
        _add(found, finder(page))
    for near in (_beside, _again):
        for one in list(found):
            _add(found, near(page, one))
    return found


def _add(found: list[NamedProject], more: Iterable[NamedProject]) -> None:
    for one in more:
        at = bisect_left(found, one.end, key=lambda record: record.start)
        if not at or found[at - 1].end <= one.start:
            found.insert(at, one)


def _beside(page: Page, one: NamedProject) -> Iterator[NamedProject]:
    """The names joined to this one by 和, 及 or 、 on its left."""
    at = one.start
    while join := re.search(r"(?:以及|和|及|与|、)$", page.text[max(0, at - 2) : at]):
        end = at - len(join.group())
        item = name_before(page, end)
        if item is None or one.listed:
            return
        yield record(page, item)
        at = item.start


def _again(page: Page, one: NamedProject) -> Iterator[NamedProject]:
    """Where else the same words stand: what is said there is said of the same project."""
    words = page.text[one.start : one.end]
    if len(words) >= 8:
        for m in re.finditer(re.escape(words), page.text):
            if m.start() != one.start and not is_caption(page, m.start()):
                yield record(page, Item(m.start(), m.end()))
