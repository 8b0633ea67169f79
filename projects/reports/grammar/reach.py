"""Where a report speaks of a project. Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from projects.reports.grammar import steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject

_FOLLOW = pattern(
    "a sentence that goes on about the project",
    r"(?:(?:据|记者)[^,。]{0,8}(?:了解|介绍|悉)到?,?|目前,?|得知)?(?:(?:该|此|这[个一条座家])(?:(?:[^。;,的]{0,12}、)?(?:总共|一共)?(?:花了|总?投资|占地|概算|造价|投入)[^。;的]{1,30}的)?[㐀-鿿]{0,4}?(?:项目|园|基地|中心|工程|线|车间|楼|工厂|装置|道路|城|港|厂|电站|物流港|产业园|综合体)|项目|园区|产业园|其(?!中|他|它|余)|"
    r"(?:目前|现|眼下|截至目前|当前),?(?:正(?!式)|已(?!有|经有|累计)|土地|用地|设备|厂房|各项|施工|桩基|基础|围墙|钢结构|\d+(?:号|#|—|-))|[一二三首]期|主体|建成后|投产后|达产后|全部(?:建成|投产|达产))",
    "该项目总投资3亿元",
    "该项目",
    code="F4",
)


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
    group = text.find(";", one.end, sentence_end)
    own_end = min(stop, group if group >= 0 else sentence_end)
    if one.row and sentence_end <= one.end + 1:
        own_end = min(stop, _rows_end(page, one))
    before = max(sentence, *(text.rfind(mark, sentence, one.start) + 1 for mark in ",。;:\n"))
    if _AGREED.match(text, before, one.start):
        before = sentence
    if at and records[at - 1].end > before:
        before = _joint(text, records[at - 1].end, one.start) or records[at - 1].end
    return Reach((before, one.start), (one.end, own_end), (own_end, _goes_on(page, one, own_end, stop)))


_MARK = 8  # characters of a mark before the name that a row opens with
_AGREED = pattern(
    "what an agreement just signed is to build",
    r"(?:计划|拟|将|双方|共同|合作|预计)*(?:总?投资|出资)[^,。;]{1,12}(?:元)?(?:建设|新建|兴建|打造|实施)$",
    "拟投资12亿元建设",
    "拟投资12亿元建设",
    code="E3",
)
_DETAIL = pattern(
    "a line of details below the name of a row",
    r"\s*(?:(?:计划|概算|估算|项目|预计)?(?:总?投资|占地|用地)|项目(?:概况|简介|内容|规模|地点)|建设|位于|由[^。]{2,40}(?:公司|集团)|主要|目前|已|现|该项目|两个项目|责任|进展)",
    "总投资4.2亿元,设床位600张。",
    "总投资",
    code="C8",
)


def _rows_end(page: Page, one: NamedProject) -> int:
    """The end of the row's own line, or of the lines of details right below it."""
    start, end = page.paragraph_at(one.start)
    if end > one.end + 3:
        return end
    at = bisect_left(page.paragraphs, (start + 1, 0))
    for begin, last in page.paragraphs[at : at + 4]:
        if not _DETAIL.match(page.text, begin, last):
            break
        end = last
    return end


def _goes_on(page: Page, one: NamedProject, begin: int, stop: int) -> int:
    """End of the sentences after this one, in the same paragraph, that speak of "该项目"; a row has its line."""
    end = begin
    head, last = page.paragraph_at(max(begin - 1, 0))
    if one.row and one.start - head <= _MARK and head <= one.start and "|" not in page.text[head:last]:
        return max(begin, min(last, stop))
    first = bisect_left(page.sentences, (begin, 0))
    for at in range(first, len(page.sentences)):
        s, e = page.sentences[at]
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
