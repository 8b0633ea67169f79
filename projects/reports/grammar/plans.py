"""Sections that tell what is to be done: 三、2026年工作计划, 下半年工作安排. Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from projects.reports.grammar import steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern

Stretch = tuple[int, int]

_SECTION = re.compile(r"^[^\S\n]*[一二三四五六七八九十]{1,3}、[^\n。]{2,40}$", re.MULTILINE)
_OF_PLAN = pattern(
    "the heading of a section of plans",
    r"(?:下一?步|下阶段|下半年|明年|来年|20\d\d年|今后)[^,。;\n]{0,8}?(?:打算|安排|计划|重点工作|工作任务|主要任务|要点|工作目标|举措)",
    "二、2026年重点工作",
    "2026年重点工作",
    code="E3",
)
_DONE = re.compile(r"已(?:经|全部|基本|正式)?$")


@lru_cache(maxsize=4)
def _plans(text: str) -> tuple[Stretch, ...]:
    """The sections of plans, in order."""
    heads = [head.span() for head in _SECTION.finditer(text)]
    ends = [start for start, _ in heads[1:]] + [len(text)]
    return tuple((s, end) for (s, e), end in zip(heads, ends, strict=False) if _OF_PLAN.search(text, s, e))


def holds(page: Page, at: int) -> bool:
    """Whether a place lies in a section of plans."""
    found = _plans(page.text)
    before = bisect_right(found, (at, len(page.text))) - 1
    return before >= 0 and at < found[before][1]


def ahead(page: Page, *stretches: Stretch) -> frozenset[int]:
    """The places of the steps in these stretches that a section of plans puts into the future."""
    told = [step for part in stretches for step in steps.find(page.text, *part) if holds(page, step.start)]
    return frozenset(step.start for step in told if not _DONE.search(page.text, max(0, step.start - 4), step.start))
