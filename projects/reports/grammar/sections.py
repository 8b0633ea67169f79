"""Sections of numbered rows under a head such as "1. 第五期签约一批(2个)". Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from projects.reports.grammar import steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import COUNTED, NUMBER, number

Stretch = tuple[int, int]
_HEADING = pattern(
    "a numbered heading",
    r"\s*(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|[●■◆▪▶◇○])[㐀-鿿“]",
    "(二)在建项目",
    "(二)在",
    code="C7",
)
ABOUT = pattern(
    "a heading about one project",
    r"\s*(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\))关于(?P<n>[^\n。,]{4,40}?)(?:的[^\n。的]{0,10})?\s*\n(?=[^\n]{0,24}该)",
    "一、关于泉口物流园项目的进展\n该项目去年8月签约",
    "一、关于泉口物流园项目的进展\n",
    code="C8",
)
_DETAIL_LINE = re.compile(r"\s*(?!签约|开工|投产|竣工)[㐀-鿿]{2,5}:.")
_LOOKS_BACK = 120  # lines
_COUNT = re.compile(rf"(?P<n>{NUMBER}){COUNTED}(?!一批)")


def lines_of_rows(page: Page, records: Iterable[NamedProject]) -> frozenset[int]:
    """Where the lines begin that hold a row: no such line is a head."""
    return frozenset(page.paragraph_at(one.start)[0] for one in records if one.row)


def is_line(page: Page, at: int) -> bool:
    """Whether a line begins here."""
    start, _ = page.paragraph_at(at)
    return not page.text[start:at].strip()


def head(page: Page, one: NamedProject, rows: frozenset[int]) -> Stretch | None:
    """The head of the section: in the row's own line before it, or the nearest head above."""
    start, _ = page.paragraph_at(one.start)
    labels = [s for s in steps.find(page.text, start, one.start) if s.label and _heads(page.text, s)]
    if labels and one.row:
        begin = max(start, *(page.text.rfind(mark, start, labels[-1].start) + 1 for mark in "。;:"))
        count = re.match(rf"”?(?:项目)?[(:]?{NUMBER}{COUNTED}", page.text[labels[-1].end : one.start])
        return begin, labels[-1].end + (count.end() if count else 0)
    return _above(page, one.start, rows)


_COUNTED_HEAD = re.compile(rf"项目(?:共|有)?{NUMBER}{COUNTED}:")


def _heads(text: str, label: steps.Step) -> bool:
    """签约一批, 签约项目2个:"""
    return "一批" in text[label.start : label.end] or bool(_COUNTED_HEAD.match(text, label.end))


def _above(page: Page, at: int, rows: frozenset[int]) -> Stretch | None:
    """The nearest line above that ends in a colon, or is short and names a step."""
    last = bisect_left(page.paragraphs, (at + 1, 0))
    for start, end in page.paragraphs[max(0, last - _LOOKS_BACK) : last][::-1]:
        line = page.text[start:end].rstrip()
        if end > at or start in rows:
            continue
        if "|" in line or _DETAIL_LINE.match(line):
            continue
        short = len(line) < (60 if "一批" in line else 30)
        if (
            line.endswith(":")
            or (short and "项目" in line and _HEADING.match(line))
            or (short and steps.find(page.text, start, end) and "。" not in line)
        ):
            return start, end
    return None


def counts(page: Page, records: list[NamedProject]) -> list[tuple[steps.Step, Read[int], list[NamedProject]]]:
    """The heads that name a batch and say how many, with the rows below them."""
    rows = lines_of_rows(page, records)
    below: dict[Stretch, list[NamedProject]] = {}
    for one in records:
        if one.row and (found := head(page, one, rows)):
            below.setdefault(found, []).append(one)
    told = []
    for (start, end), under in below.items():
        labels = [s for s in steps.find(page.text, start, end) if s.label]
        counted = _COUNT.search(page.text, labels[-1].end, end) if labels else None
        if counted and (value := number(counted["n"])):
            told.append((labels[-1], Read(value, counted.start("n"), counted.end("n")), under))
    return told
