"""The columns of one made table: which, in what order, under which words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from bench.ledger_maker import words
from bench.ledger_maker.layouts import EXTRA, Layout, Spec
from bench.ledger_maker.truth import MONEY

_SUFFIXES: Final = ("（{}）", "({})", "\n（{}）", "（单位：{}）", "（{}）")
_BY_MONTH: Final = ("month_done", "month_words")
_FRAMES: Final = (
    ("项目基本情况", "基本信息", "项目概况"),
    ("投资及进度", "投资完成情况", "推进情况"),
    ("其他情况", "要素保障及备注", "责任落实"),
)


@dataclass(frozen=True)
class Choices:
    """Everything about a file that is decided before its first cell."""

    year: int
    month: int
    count: int
    unit: str  # of the amounts
    told: str  # where the unit is told, as `Layout.units` has it
    ending: str = ".xlsx"
    encoding: str = "utf-8-sig"
    group_by: str = ""
    grouping: str = "rows"  # or "merged": one cell down all rows of a group
    total: str = "last"  # or "first", ""
    months: int = 0  # of pairs to the right
    dirt: float = 0.15  # share of cells that are written in another way than plainly
    loose: bool = True  # other words than the layout's own, shuffled, dropped, added
    typos: float = 0.06
    framed: bool = False  # a third row over the headings
    merged_heads: bool = True
    numbered: bool = False  # a row "1 2 3" under the headings
    again: bool = False  # the headings again in the middle, as printed pages have them
    year_told: bool = True
    sheets: int = 1
    guide: str = ""  # a sheet 填表说明 "first" or "last"
    lists: bool = False  # a hidden sheet of lists
    hidden: bool = False  # hidden columns
    signed: bool = True
    blank_rows: bool = False
    pooled: bool = False  # two projects share one merged amount


@dataclass(frozen=True)
class Column:
    """`levels` are its headings from the top; `style` tells how all of its cells are written."""

    spec: Spec
    levels: tuple[str, ...]
    unit: str
    style: int
    month: int | None = None
    asks: str = ""

    @property
    def meaning(self) -> str:
        return self.spec.meaning

    @property
    def heading(self) -> str:
        return self.levels[-1]


def columns(rng: Random, layout: Layout, chosen: Choices) -> tuple[Column, ...]:
    """In the order in which they stand."""
    made: list[Column] = []
    for spec in _specs(rng, layout, chosen):
        made.append(_column(rng, spec, chosen))
        if spec.meaning == "annual_plan" and chosen.months:
            made += _pairs(rng, chosen)
    if chosen.framed:
        made = _framed(rng, made)
    return tuple(made)


def _specs(rng: Random, layout: Layout, chosen: Choices) -> Sequence[Spec]:
    specs = [spec for spec in layout.specs if rng.random() < spec.often]
    if not (chosen.loose and layout.projects):
        return specs
    droppable = [spec for spec in specs if spec.meaning not in ("name", "investment", "annual_plan") and not spec.above]
    for spec in rng.sample(droppable, min(len(droppable), rng.choice((0, 0, 1, 2)))):
        specs.remove(spec)
    there = {spec.meaning for spec in specs}
    added = [spec for spec in EXTRA if spec.meaning not in there]
    specs += rng.sample(added, rng.choice((0, 1, 1, 2, 3)))
    return _shuffled(rng, specs)


def _shuffled(rng: Random, specs: list[Spec]) -> list[Spec]:
    """As offices move columns: a few places, the number and the name in front, a group together."""
    runs: list[list[Spec]] = []
    for spec in specs:
        if runs and spec.above and spec.above == runs[-1][0].above:
            runs[-1].append(spec)
        else:
            runs.append([spec])
    reach = rng.choice((0, 2, 6))
    keyed = [(_place(run[0], at) + rng.uniform(0, reach), at, run) for at, run in enumerate(runs)]
    return [spec for _, _, run in sorted(keyed, key=lambda each: each[:2]) for spec in run]


def _place(spec: Spec, at: int) -> float:
    return {"serial": -99.0, "name": -9.0}.get(spec.meaning, float(at))


def _column(rng: Random, spec: Spec, chosen: Choices) -> Column:
    template = _wording(rng, spec, chosen)
    heading = fill(template, chosen)
    asks = ""
    if spec.meaning in MONEY:
        asks = "unit" if chosen.told == "absent" else ""
        if chosen.told == "heading" or spec.unit:
            heading += rng.choice(_SUFFIXES if chosen.loose else _SUFFIXES[:1]).format(spec.unit or chosen.unit)
    above = fill(spec.above, chosen)
    if above and chosen.told == "above" and "投资" in above:
        above += f"（{chosen.unit}）"
    month = chosen.month if spec.meaning in _BY_MONTH or "{M}" in template else None
    levels = (above, heading) if above else (heading,)
    unit = (spec.unit or chosen.unit) if spec.meaning in MONEY else ""
    return Column(spec, levels, unit, rng.randint(0, 11), month, asks)


def _wording(rng: Random, spec: Spec, chosen: Choices) -> str:
    if spec.headings and (not chosen.loose or spec.meaning == "other" or spec.above or rng.random() < 0.4):
        template = rng.choice(spec.headings) if chosen.loose else spec.headings[0]
    elif chosen.loose and rng.random() < 0.25 and spec.meaning in words.RARER:
        template = rng.choice(words.RARER[spec.meaning])
    elif chosen.loose:
        template = rng.choice(words.HEADINGS[spec.meaning])
    else:
        template = words.HEADINGS[spec.meaning][0]
    if not chosen.year_told:
        template = (
            template.replace("{Y}年1", "1").replace("{Y}年度", "年度").replace("{Y}年", "年度").replace("{P}年", "上年")
        )
    return _mistyped(rng, template, chosen.typos)


def _mistyped(rng: Random, heading: str, often: float) -> str:
    """A slip of the hand, or blanks, breaks and marks around."""
    if rng.random() < often:
        slips = [(right, wrong) for right, wrong in words.TYPOS if right in heading]
        if slips:
            heading = heading.replace(*rng.choice(slips), 1)
    if rng.random() < 2 * often and "{" not in heading:
        if len(heading) <= 4:
            heading = " ".join(heading)
        else:
            half = len(heading) // 2
            heading = f"{heading[:half]}\n{heading[half:]}"
    if rng.random() < often:
        heading = rng.choice(("*{}", "{}：", "{} ", " {}", "{}*")).replace("{}", heading)
    return heading


def fill(template: str, chosen: Choices, month: int | None = None) -> str:
    """A wording with year and month in it."""
    told = {"{Y}": chosen.year, "{P}": chosen.year - 1, "{M}": month or chosen.month}
    for mark, number in told.items():
        template = template.replace(mark, str(number))
    return template


def _pairs(rng: Random, chosen: Choices) -> list[Column]:
    """What was done month by month, words and money, as T1 has them; under a merged month or with it in each."""
    merged, style = chosen.loose and rng.random() < 0.4, rng.randint(0, 11)
    said, done = ("形象进度", "完成投资") if merged else ("{M}月形象进度", "{M}月实际完成投资")
    if chosen.told == "heading":
        done += f"（{chosen.unit}）"
    made = []
    for month in range(chosen.month - chosen.months + 1, chosen.month + 1):
        above = (f"{month}月",) if merged else ()
        asks = "unit" if chosen.told == "absent" else ""
        made.append(Column(Spec("month_words"), (*above, fill(said, chosen, month)), "", style, month))
        made.append(Column(Spec("month_done"), (*above, fill(done, chosen, month)), chosen.unit, style, month, asks))
    return made


def _framed(rng: Random, made: list[Column]) -> list[Column]:
    """A third level over all: what it is, what it costs, and the rest."""
    money = [at for at, column in enumerate(made) if column.meaning in MONEY]
    first, last = (min(money), max(money) + 1) if money else (len(made) // 2, len(made))
    frames = [rng.choice(each) for each in _FRAMES]

    def frame(at: int) -> str:
        return frames[0] if at < first else frames[1] if at < last else frames[2]

    return [replace(column, levels=(frame(at), *column.levels)) for at, column in enumerate(made)]
