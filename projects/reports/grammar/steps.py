"""Steps that a text asserts: which word, of which batch, done or only planned."""

from __future__ import annotations

import re
from dataclasses import dataclass

from projects.reports.grammar.words import NOT_YET, STATES, STEPS, TROUBLES

_LABEL = re.compile(r"“?(签约|开工|投产|竣工)(?:一批”?|(?=项目(?!负责|建设|落地)))")
_LABEL_BATCH = {"签约": "sign", "开工": "start", "投产": "produce", "竣工": "produce"}
_BEYOND = 70  # how far past the stretch a step may look for what follows it
_COUNT_AFTER = re.compile(r"^(?:建设|的)?(?:有|项目)?\d+(?:个|项)")
_EXTRA_DATES = (
    ("topped-out", re.compile(r"封顶|喜封金顶")),
    ("land-granted", re.compile(r"挂牌出让|摘牌|拿地|供地|土地出让")),
    ("trial", re.compile(r"试生产|试投产")),
    ("approved", re.compile(r"获批|核准|批复|备案")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A word of the pipeline. `label` is the name of a batch, which asserts nothing; `counted` belongs to a total."""

    start: int
    end: int
    batch: str
    status: str
    role: str
    planned: bool = False
    label: bool = False
    counted: bool = False

    @property
    def asserted(self) -> bool:
        return not (self.planned or self.label or self.counted)


def find(text: str, start: int, end: int) -> list[Step]:
    """All steps and labels of the stretch, in order."""
    found: dict[int, Step] = {}
    window = text[start:end]
    labels = [m.span() for m in _LABEL.finditer(window)]
    for m in _LABEL.finditer(window):
        s = start + m.start()
        found[s] = Step(s, start + m.end(), _LABEL_BATCH[m.group(1)], "", "", label=True)
    for batch, status, role, words in STEPS:
        for m in words.finditer(text, start, end + _BEYOND):
            s, e = m.span()
            if (
                e > end
                or any(a <= s - start < b for a, b in labels)
                or any(x.start <= s < x.end for x in found.values())
            ):
                continue
            found[s] = Step(s, e, batch, status, role, _planned(text, s), counted=_counted(text, s, e))
    return [found[s] for s in sorted(found)]


def _planned(text: str, at: int) -> bool:
    clause = re.split(r"[,。;:!?\n]", text[max(0, at - 24) : at])[-1]
    before = re.sub(r"(?:[\d年月日上中下旬底前]+|[一二三四]季度)$", "", clause)
    return bool(NOT_YET.search(clause) or NOT_YET.search(before) or re.search(r"明年|后年|力争|预计|计划|确保", clause))


def _counted(text: str, start: int, end: int) -> bool:
    return bool(
        _COUNT_AFTER.match(text[end : end + 12]) or re.search(r"[个项宗]\s*(?:已|均已|未)?$", text[:start][-6:])
    )


def trouble(text: str, start: int, end: int) -> tuple[str, int, int] | None:
    """停工, 终止 and the like, which beat every batch."""
    for status, words in TROUBLES:
        if match := words.search(text, start, end):
            return status, match.start(), match.end()
    return None


def state(text: str, start: int, end: int) -> tuple[str, int, int] | None:
    """The state an item's own words assert; trouble beats everything, then what is not done yet."""
    window = text[start:end]
    for status, words in (*TROUBLES, *STATES[:2]):
        if match := words.search(window):
            return status, start + match.start(), start + match.end()
    done = [step for step in find(text, start, end) if step.asserted]
    if done:
        return done[-1].status, done[-1].start, done[-1].end
    for status, words in STATES[2:]:
        for match in words.finditer(window):
            if not _planned(text, start + match.start()):
                return status, start + match.start(), start + match.end()
    return None


def dated(text: str, start: int, end: int) -> list[tuple[int, str, bool]]:
    """(place, role of a date, planned) of every step of the stretch that a date can belong to."""
    found = [(s.start, s.role, s.planned) for s in find(text, start, end) if not (s.label or s.counted)]
    for role, words in _EXTRA_DATES:
        found += [(start + m.start(), role, _planned(text, start + m.start())) for m in words.finditer(text[start:end])]
    return sorted(found)
