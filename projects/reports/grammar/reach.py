"""Where a report speaks of a project. Working-copy offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from projects.reports.grammar import steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import NamedProject

_FOLLOW = re.compile(r"(?:该|此|这个|这一)?项目|园区|其|一期|首期")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the report speaks of a project: its own words, and the sentences that go on about it."""

    before: tuple[int, int]
    own: tuple[int, int]
    more: tuple[int, int]


def find(page: Page, records: list[NamedProject]) -> list[Reach]:
    """The reach of every record, in their order."""
    reaches = [_reach(page, records, at) for at in range(len(records))]
    _share(page, records, reaches)
    return reaches


def _reach(page: Page, records: list[NamedProject], at: int) -> Reach:
    one = records[at]
    text = page.text
    sentence, sentence_end = page.sentence_at(one.start)
    stop = records[at + 1].start if at + 1 < len(records) else len(text)
    group = min((i for i in range(one.end, sentence_end) if text[i] == ";"), default=sentence_end)
    own_end = min(stop, group)
    if one.row and sentence_end <= one.end + 1:
        own_end = min(stop, page.paragraph_at(one.start)[1])
    before = max(sentence, *(text.rfind(mark, 0, one.start) + 1 for mark in ",。;:\n"))
    if at and records[at - 1].end > before:
        before = _joint(text, records[at - 1].end, one.start) or records[at - 1].end
    return Reach((before, one.start), (one.end, own_end), (own_end, _goes_on(page, own_end, stop)))


def _goes_on(page: Page, begin: int, stop: int) -> int:
    """End of the sentences after this one, in the same paragraph, that speak of "该项目"."""
    end = begin
    last = page.paragraph_at(max(begin - 1, 0))[1]
    for s, e in page.sentences:
        if s < begin:
            continue
        if s >= min(stop, last) or not _FOLLOW.match(page.text[s:e].lstrip("“ ")):
            break
        end = min(e, stop)
    return end


def _share(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """ "A和投资5亿元的B开工建设": what is said after B is said of A as well; what leads up to A leads up to B."""
    for at in range(len(records) - 2, -1, -1):
        between = page.text[records[at].end : records[at + 1].start]
        joined = 0 < len(between) < 24 and not re.search(r"[,。;:!?\n]", between)
        if joined and not records[at].listed and _joint(page.text, records[at].end, records[at + 1].start) is None:
            reaches[at] = Reach(reaches[at].before, reaches[at + 1].own, reaches[at + 1].more)
    for at in range(1, len(records)):
        if reaches[at].own == reaches[at - 1].own:
            reaches[at] = Reach(reaches[at - 1].before, reaches[at].own, reaches[at].more)


def _joint(text: str, left: int, right: int) -> int | None:
    """Between "A年底前竣工、" and "B开工": each has its own predicate. None where nothing is said of the left one."""
    for step in reversed(steps.find(text, left, right)):
        if not step.label and (mark := re.match(r"[、和及与]", text[step.end : right])):
            return step.end + mark.end()
    return None
