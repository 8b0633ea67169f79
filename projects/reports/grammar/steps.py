"""Steps that a text asserts: which word, of which batch, done or only planned."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from projects.reports.grammar.intents import in_passing, planned
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.words import STATES, STEPS, TROUBLES

_LABEL = re.compile(r"(?<![未没待])“?(签约|开工|投产|竣工)(?:一批”?|(?=项目(?!负责|建设|落地)))")
_LABEL_BATCH = {"签约": "sign", "开工": "start", "投产": "produce", "竣工": "produce"}
CONVERTED = pattern(
    "where a project comes from",
    r"(?:由|从|将)?(?:第[^,。;]{1,4}|往|上|前|以往|此前|历)[期次批年][^,。;]{0,10}转化",
    "投产的21个由第三期开工项目转化",
    "由第三期开工项目转化",
    code="D4",
)
# No step is told without one of these; most stretches have none.
_ANY = re.compile(
    r"[开动]工|并网|动土|开建|奠基|破土|签|投[产用入运]|竣工|建成|运营|运行|营业|启[用动]|通[车汽气水电热]|开诊|交付|开园|迎客|敲定|落[定笔]|桩"
)
_BEYOND = 70  # how far past the stretch a step may look for what follows it
_COUNT_AFTER = re.compile(r"^(?:建设|的)?(?:有|项目)?\d+(?:个|项)")
_PART = re.compile(
    r"[\dA-Z一二三四五六七八九十首]+(?:#|号)?(?:楼|栋|幢|座|车间|厂房)|部分|[一二三四首]期(?!“?三个一批|项目)"
)
_AVERTED = re.compile(r"(?:不|不得|未|没有|防止|避免|拟|即将|若|如|逾期)(?:被|予以|依法|要求)*$")
_RULE_OF = re.compile(r"(?:机制|制度|办法|条件|标准|通道|程序)")
STATES_OF = dict(STATES)
ENDED = frozenset({"终止", "暂停", "停工", "调出"})
_EXTRA_DATES = (
    ("topped-out", re.compile(r"封顶|喜封金顶")),
    ("land-granted", re.compile(r"挂牌出让|摘牌|拿地|供地|土地出让")),
    ("trial", re.compile(r"试生产|试投产")),
    ("approved", re.compile(r"获批|核准|批复|备案")),
)
_ANY_EXTRA = re.compile("|".join(words.pattern for _, words in _EXTRA_DATES))


@dataclass(frozen=True, slots=True)
class Step:
    """A word of the pipeline.

    `label` is the name of a batch, which asserts nothing; `counted` belongs to a total; `passing` is the condition of
    something else ("投产后年产值…").
    """

    start: int
    end: int
    batch: str
    status: str
    role: str
    planned: bool = False
    label: bool = False
    counted: bool = False
    passing: bool = False

    @property
    def asserted(self) -> bool:
        return not (self.planned or self.passing or self.label or self.counted)

    @property
    def told(self) -> bool:
        """Whether it can be what a list or a total is about."""
        return not (self.planned or self.passing)


def find(text: str, start: int, end: int, ahead: frozenset[int] = frozenset()) -> list[Step]:
    """All steps and labels of the stretch, in order. Those at the places of `ahead` lie in the future."""
    every = _every(text)
    first = bisect_left(every.starts, start)
    last = bisect_left(every.starts, end, first)
    if first and every.reached[first - 1] > start:
        inside = _search(text, start, end)  # the stretch begins within a word, and reads the rest of it
    else:
        inside = [one for one in every.steps[first:last] if one[1].end <= end]
    if not inside:
        return []
    taken: set[int] = set()
    if text.find("转化", start, end) >= 0:
        for m in CONVERTED.finditer(text, start, end):
            taken.update(range(m.start(), m.end()))
    found: list[Step] = []
    for _, step in sorted(inside, key=_rank) if len(inside) > 1 else inside:
        if step.start not in taken:
            taken.update(range(step.start, step.end))
            found.append(replace(step, planned=True) if step.start in ahead and not step.label else step)
    return sorted(found, key=lambda step: step.start)


class _Every(NamedTuple):
    """The words of a whole text in order, with their ranks; where each begins, and how far those up to it reach."""

    steps: list[tuple[int, Step]]
    starts: list[int]
    reached: list[int]


@lru_cache(maxsize=8)
def _every(text: str) -> _Every:
    """Of two that overlap, both: which of them counts depends on the stretch. A text is asked for many of its own."""
    steps = sorted(_search(text, 0, len(text)), key=lambda one: one[1].start)
    return _Every(steps, [step.start for _, step in steps], list(accumulate((step.end for _, step in steps), max)))


def _rank(one: tuple[int, Step]) -> int:
    return one[0]


def _search(text: str, start: int, end: int) -> list[tuple[int, Step]]:
    """Every label (0) and every step of the stretch, with its rank: of two that overlap, the lower one counts."""
    if not _ANY.search(text, start, end):
        return []
    found: list[tuple[int, Step]] = []
    for m in _LABEL.finditer(text, start, end + _BEYOND):
        s, e = m.span()
        if e <= end:
            found.append((0, Step(s, e, _LABEL_BATCH[m.group(1)], "", "", label=True)))
    for rank, (batch, status, role, words) in enumerate(STEPS, 1):
        for m in words.finditer(text, start, end + _BEYOND):
            s, e = m.span()
            if e <= end:
                told = planned(text, s), False, _counted(text, s, e), in_passing(text, e)
                found.append((rank, Step(s, e, batch, status, role, *told)))
    return found


def _counted(text: str, start: int, end: int) -> bool:
    return bool(
        _COUNT_AFTER.match(text[end : end + 12])
        or re.search(r"[个项宗]\s*(?:已|均已|未)?$", text[max(0, start - 6) : start])
    )


def trouble(text: str, start: int, end: int) -> tuple[str, int, int] | None:
    """停工, 终止 and the like, which beat every batch; not 不得退出, 退出机制."""
    for status, words in TROUBLES:
        for match in words.finditer(text, start, end):
            averted = _AVERTED.search(text[max(0, match.start() - 8) : match.start()])
            if not averted and not _RULE_OF.match(text, match.end()):
                return status, match.start(), match.end()
    return None


def state(text: str, start: int, end: int, ahead: frozenset[int] = frozenset()) -> tuple[str, int, int] | None:
    """The state an item's own words assert; trouble beats everything, then what is not done yet."""
    window = text[start:end]
    if stopped := trouble(text, start, end):
        return stopped
    for status, words in STATES[:2]:
        if match := words.search(window):
            return status, start + match.start(), start + match.end()
    done = [step for step in find(text, start, end, ahead) if step.asserted]
    capacity = STATES_OF["已达效"].search(window)
    if capacity and done and start + capacity.start() > done[-1].start and not planned(text, start + capacity.start()):
        return "已达效", start + capacity.start(), start + capacity.end()
    if done:
        return done[-1].status, done[-1].start, done[-1].end
    for status, words in STATES[2:]:
        for match in words.finditer(window):
            s, e = start + match.start(), start + match.end()
            if not (s in ahead or planned(text, s) or in_passing(text, e)):
                return status, s, e
    return None


def chain(text: str, at: int) -> list[int]:
    """The places of the steps that follow this one at once: 竣工投产, 建成并投产."""
    places, end = [at], at
    for step in find(text, at, at + _BEYOND):
        if step.start > end + 1 and step.start != at:
            break
        places.append(step.start)
        end = step.end
    return places


def of_part(text: str, begin: int, end: int) -> bool:
    """Whether the words between a name and a step speak of a building or a phase: the part is done, not the project."""
    return begin < end and bool(_PART.search(re.split(r"[。;]", text[begin:end])[-1]))


def dated(text: str, start: int, end: int) -> list[tuple[int, str, bool]]:
    """(place, role of a date, planned) of every step of the stretch that a date can belong to."""
    found = [(s.start, s.role, s.planned) for s in find(text, start, end) if not (s.label or s.counted or s.passing)]
    if _ANY_EXTRA.search(text, start, end):
        for role, words in _EXTRA_DATES:
            places = [m.span() for m in words.finditer(text, start, end) if not in_passing(text, m.end())]
            found += [(s, role, planned(text, s)) for s, _ in places]
    return sorted(found)
