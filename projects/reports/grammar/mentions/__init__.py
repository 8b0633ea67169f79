"""Finding the projects that a report names. All offsets here are those of the working copy."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from projects.reports.grammar.batches import BatchList
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions import in_clauses, in_lists, in_places, in_rows, in_sentences
from projects.reports.grammar.mentions.naming import is_caption, name_before, record
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject

# Where two ways find overlapping names, the earlier one is surer of where the name ends.
MOST = 12  # names joined in one sentence; repeated words of a damaged text must not cost more
_HEAD = 8  # characters; shorter words are no name again
FINDERS: tuple[Callable[[Page], Iterator[NamedProject]], ...] = (
    in_rows.of_tables,
    in_rows.of_labels,
    in_rows.of_headings,
    in_sentences.of_renamed,
    in_rows.of_rows,
    in_rows.of_told_lines,
    in_sentences.of_tags,
    in_lists.of_bare_lists,
    in_sentences.of_amounts_before,
    in_sentences.of_bracketed_amounts,
    in_lists.of_open_lists,
    in_lists.of_counted_lists,
    in_sentences.of_roles,
    in_sentences.of_investors,
    in_sentences.of_amounts_after,
    in_sentences.of_steps,
    in_sentences.of_subjects,
    in_sentences.of_plans,
)
LAST: tuple[Callable[[Page], Iterator[NamedProject]], ...] = (
    in_rows.of_lines,
    in_places.of_places,
    in_sentences.of_pronouns,
)


def find(page: Page, batches: list[BatchList]) -> list[NamedProject]:
    """Every mention of a project, in the order of the text; one record per place, repeats not yet merged."""
    found: list[NamedProject] = []  # in the order of the text, and apart from each other
    _add(found, in_lists.of_batches(page, batches))
    for finder in FINDERS:
        _add(found, finder(page))
    _add(found, in_clauses.find(page, found))
    for finder in LAST:
        _add(found, finder(page))
    for one in list(found):
        _add(found, _beside(page, one))
    _add(found, _again(page, list(found)))
    for one in list(found):
        _add(found, _after(page, one))
    return [one for one in found if not (_NO_NAME.search(page.text[one.start : one.end]) or _is_old(page, one))]


_RENAMED = pattern(
    "that what was named has another name now",
    r"”?(?:项目)?(?:已|正式|现)*更名为",
    "“泉口静脉产业园”更名为",
    "”更名为",
    code="F3",
)


_WAS = pattern(
    "that what follows is a name of before",
    r"(?:原名称?|曾用名|原项目名称)(?:为|叫|是|:)?“?$",
    "原名称为“",
    "原名称为“",
    code="F3",
)


def _is_old(page: Page, one: NamedProject) -> bool:
    return bool(_RENAMED.match(page.text, one.end) or _WAS.search(page.text, max(0, one.start - 8), one.start))


_NO_NAME = pattern(
    "a head and its count, or news of what is named below",
    r"[(](?:共)?\d+[个项家][)]$|^(?:好消息|喜讯|亮点|看点|捷报|须)|^[^“”]*“[^”]*$",
    "红旗项目(3个)",
    "(3个)",
    code="C8",
)


def _add(found: list[NamedProject], more: Iterable[NamedProject]) -> None:
    for one in more:
        at = bisect_left(found, one.end, key=lambda record: record.start)
        if not at or found[at - 1].end <= one.start:
            found.insert(at, one)


def _beside(page: Page, one: NamedProject) -> Iterator[NamedProject]:
    """The names joined to this one by 和, 及 or 、 on its left."""
    at = one.start
    for _ in range(MOST):
        join = _JOINED.search(page.text, max(0, at - 14), at) if page.text.endswith(_JOINTS, 0, at) else None
        if join is None:
            return
        end = at - len(join.group())
        item = name_before(page, end)
        if item is None or one.listed:
            return
        yield record(page, item)
        at = item.start


_WHOLE = "项目"


def _after(page: Page, one: NamedProject) -> Iterator[NamedProject]:
    """The name that 和 joins to this one on its right: 察看了A项目和B项目."""
    text = page.text
    joint = _JOINT.match(text, one.end) if text.endswith(_WHOLE, 0, one.end) and not one.listed else None
    end = text.find(_WHOLE, joint.end(), joint.end() + _LONGEST) + len(_WHOLE) if joint else 0
    item = name_before(page, end) if joint and end > joint.end() else None
    if joint and item and item.start == joint.end() and text[end : end + 1] in "。,;":
        yield record(page, item)


_LONGEST = 40
_JOINT = re.compile("和|及|与|以及")
_JOINTS = ("和", "及", "与", "、", "的")
_JOINED = pattern(
    "a name joined to one with its place",
    r"(?:以及|和|及|与|、)(?:[㐀-鿿]{2,4}[市县区镇](?:签约|引进|新上|开工|建设)?的)?$",
    "、高山县签约的",
    "、高山县签约的",
    code="C2",
)


def _again(page: Page, found: list[NamedProject]) -> Iterator[NamedProject]:
    """Where else the same words stand: what is said there is said of the same project.

    The text is gone through once for all of them, by the beginnings of their words.
    """
    text = page.text
    first = {words: one.start for one in reversed(found) if len(words := text[one.start : one.end]) >= _HEAD}
    heads: dict[str, list[int]] = {words[:_HEAD]: [] for words in first}
    for at in range(len(text) - _HEAD + 1 if heads else 0):
        if (head := text[at : at + _HEAD]) in heads:
            heads[head].append(at)
    for words in reversed(first):
        end = 0
        for at in heads[words[:_HEAD]]:
            if at >= end and text.startswith(words, at):
                end = at + len(words)
                if at != first[words] and not is_caption(page, at):
                    yield record(page, Item(at, end))
