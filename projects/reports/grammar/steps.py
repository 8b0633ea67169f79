"""Steps that a text asserts: which word, of which batch, done or only planned."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from projects.reports.grammar.intents import in_passing, planned
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.words import STATES, STEPS, TROUBLES

_LABEL = re.compile(r"(?<![未没待])“?(签约|开工|投产|竣工)(?:一批”?|(?=项目(?!负责|建设|落地)))")
_LABEL_STEP = {
    "签约": ("sign", "已签约"),
    "开工": ("start", "已开工"),
    "投产": ("produce", "已投产"),
    "竣工": ("produce", "已竣工"),
}
CONVERTED = pattern(
    "where a project comes from",
    r"(?:由|从|将)?(?:第[^,。;]{1,4}|往|上|前|以往|此前|历)[期次批年][^,。;]{0,10}(?:转化|结转)",
    "投产的21个由第三期开工项目转化",
    "由第三期开工项目转化",
    code="D4",
)
# No step is told without one of these; most stretches have none.
_ANY = quick(
    r"[开动]工|并网|动土|开建|奠基|破土|签|投[产用入运]|竣工|建成|运营|运行|营业|启[用动]|通[车航汽气水电热]|开诊|交付|开[园业放港航]|首航|迎客|敲定|落[定笔]|桩|量产|下线|完工|验收|进场施工|达成"
)
_BEYOND = 70  # how far past the stretch a step may look for what follows it
_COUNT_AFTER = re.compile(r"^(?:建设|的)?(?:有|项目)?\d+(?:个|项)")
_PART = re.compile(
    r"[\dA-Z一二三四五六七八九十首]+(?:#|号)?(?:楼|栋|幢|座|车间|厂房)|部分|[一二三四首]期(?!“?三个一批|项目)"
)
_OVERCOME = pattern(
    "a trouble that is over",
    r"[^;\n]{0,60}?(?:已|现|目前|[月日])[^,。;]{0,4}复工(?![时条])|[^。;]{0,60}(?:复工|重启|恢复施工|恢复建设|起死回生|化解|解决)",
    "半年,协调银行发放贷款后已复工",
    "半年,协调银行发放贷款后已复工",
    code="E2",
)
_ONCE = pattern(
    "a trouble that only was",
    r"(?:一度|曾|曾经|险些|差点|几乎)[^,。;]{0,10}$",
    "去年因资金问题一度",
    "一度",
    code="E2",
)
_AVERTED = re.compile(
    r"(?:建议|提请|申请|研究|是否|不|不得|未|没有|防止|避免|拟|即将|若|如|逾期)(?:被|予以|依法|要求)*$"
)
_CONDITION = pattern(
    "the condition under which something would be stopped",
    r"(?:逾期|届时|到期)[^。;]{0,16}$",
    "逾期不复工的,按程序",
    "逾期不复工的,按程序",
    code="E2",
)
_RULE_OF = re.compile(r"(?:机制|制度|办法|条件|标准|通道|程序)")
_ANY_TROUBLE = quick("|".join(words.pattern for _, words in TROUBLES))
_ANY_STATE = quick("|".join(words.pattern for _, words in STATES[1:]))
_ALONE = sorted(STATES[1:], key=lambda state: state[0] != "已达效")
BUILT = ("试生产", "已达效", "设备安装", "已封顶", "在建")
# What may be said behind a step of a batch that tells more than the step does.
_GOES_ON_TO = {
    "sign": [(status, words) for status, words in STATES if status in (*BUILT, "前期手续")],
    "start": [(status, words) for status, words in STATES if status in BUILT],
    "produce": [(status, words) for status, words in STATES if status == "已达效"],
    "已竣工": [(status, words) for status, words in STATES if status in ("试生产", "已达效")],
}
ORDER = {"sign": 1, "start": 2, "produce": 3}
ENDED = frozenset({"终止", "暂停", "停工", "调出"})
_EXTRA_DATES = (
    ("topped-out", quick(r"封顶|喜封金顶")),
    (
        "land-granted",
        quick(r"挂牌出让|摘牌|摘的牌|拿地|供地|土地出让|(?:竞得|摘得|拿到|取得)[^,。;]{0,16}(?:用地|土地|地块)"),
    ),
    (
        "trial",
        quick(
            r"试生产|试投产|试产(?!品)|试运[行转]|试车(?!台|成功)|点火试|热试(?=[,。;])|试机(?![型构])|点火(?=[,。;])"
        ),
    ),
    (
        "approved",
        quick(
            r"获批|核准|批复|备案|(?:取得|领取|拿到|领到)[^,。;]{0,8}(?:许可|不动产权)|(?<=[日月旬底])(?:取得|获得|拿到|办结)(?=[,。;])"
        ),
    ),
)
_ANY_EXTRA = quick("|".join(words.pattern for _, words in _EXTRA_DATES))


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


@lru_cache(maxsize=2048)
def find(text: str, start: int, end: int, ahead: frozenset[int] = frozenset()) -> Sequence[Step]:
    """All steps and labels of the stretch, in order. Those at the places of `ahead` lie in the future.

    The same stretch is asked for by whoever names, dates and counts: three times of four it is known.
    """
    every = _every(text)
    first = bisect_left(every.starts, start)
    last = bisect_left(every.starts, end, first)
    within = first and every.reached[first - 1] > start
    if first == last and not within:
        return ()
    # A stretch that begins within a word reads the rest of it.
    inside = _search(text, start, end) if within else [one for one in every.steps[first:last] if one[1].end <= end]
    if not inside:
        return ()
    taken: set[int] = set()
    if text.find("转", start, end) >= 0:
        for m in CONVERTED.finditer(text, start, end):
            taken.update(range(m.start(), m.end()))
    found: list[Step] = []
    for _, step in sorted(inside, key=_rank) if len(inside) > 1 else inside:
        if step.start not in taken:
            taken.update(range(step.start, step.end))
            found.append(replace(step, planned=True) if step.start in ahead and not step.label else step)
    return tuple(sorted(found, key=lambda step: step.start))


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
            found.append((0, Step(s, e, *_LABEL_STEP[m.group(1)], "", label=True)))
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
    if not _ANY_TROUBLE.search(text, start, end):
        return None
    for status, words in TROUBLES:
        for match in words.finditer(text, start, end):
            averted = bool(_AVERTED.search(text[max(0, match.start() - 8) : match.start()]))
            averted = averted or (status == "终止" and text.endswith("提出", 0, match.start()))
            past = _ONCE.search(text[max(0, match.start() - 14) : match.start()]) or (
                status in ("停工", "暂停", "终止") and _OVERCOME.match(text, match.end(), end)
            )
            if_late = _CONDITION.search(text, max(0, match.start() - 20), match.start())
            if not (averted or past or if_late or _RULE_OF.match(text, match.end())):
                return status, match.start(), match.end()
    return None


@lru_cache(maxsize=1024)
def state(text: str, start: int, end: int, ahead: frozenset[int] = frozenset()) -> tuple[str, int, int] | None:
    """The state an item's own words assert; trouble beats everything, then what is not done yet."""
    window = text[start:end]
    stopped = trouble(text, start, end)
    if stopped and stopped[0] != "滞后":
        return stopped
    if match := STATES[0][1].search(window):
        return STATES[0][0], start + match.start(), start + match.end()
    if stopped:
        return stopped
    done = [step for step in find(text, start, end, ahead) if step.asserted]
    furthest = max(done, key=lambda step: (ORDER[step.batch], step.start), default=None)
    later = _GOES_ON_TO.get(furthest.status, _GOES_ON_TO[furthest.batch]) if furthest else None
    told = later if later is not None else _ALONE if _ANY_STATE.search(text, start, end) else ()
    for status, words in told:
        for match in words.finditer(text, start, end):
            s, e = match.span()
            meant = s in ahead or (status != "前期手续" and planned(text, s))
            if not (meant or in_passing(text, e)):
                return status, s, e
    return (furthest.status, furthest.start, furthest.end) if furthest else None


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
