"""What the facts put into a cell of an office's own table: in its column's unit, and in the words that the office uses.

A cell that says the same already is never touched, however it is written: 约1200 stays 约1200 as long as it is 1200.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from projects import dates, money, names
from projects.dates import DateSpan
from projects.intake.opening import Cell
from projects.ledgers.exporting.telling import FLAGS, PEOPLE, REPORTED, STEPS, Told, When, in_words
from projects.ledgers.meanings import DONE, MEANINGS
from projects.ledgers.said import WORDS
from projects.ledgers.understanding import POWERS, Column, Value
from projects.models import Category, Importance
from projects.money import Amount

MONTHLY: Final = DONE | set(WORDS) | {"done_rate", "lag"}
"""What says nothing without the month up to which it holds."""
ONCE: Final = frozenset(
    {
        *("name", "code", "national_code", "credit_code", "zone", "content", "size", "batch", "period"),
        *("build_period", "kind", "nature", "phase"),
    }
)
"""What is filled in where it is empty, and left as the office wrote it where it is not."""
CHOSEN: Final[Mapping[str, frozenset[str]]] = {
    "category": frozenset(map(str, Category.labels)),
    "importance": frozenset(map(str, Importance.labels)),
}
"""Words of ours: where an office has others, they are its own division of things and stay."""
TOUCHED: Final = {
    *MONTHLY,
    *("investment", "annual_plan", "carried", "company", "problem"),
    *FLAGS,
    *PEOPLE,
    *CHOSEN,
    *(f"{code}_{end}" for code in STEPS for end in ("planned", "actual", "on")),
}
"""What is brought up to date where it says something else."""
SPOKEN: Final = TOUCHED | ONCE
_OWN_UNIT: Final = re.compile(r"\s*(?P<number>[0-9０-９,，.．]+)\s*(?P<unit>亿元|万元|亿|万|元)\s*")


@dataclass(frozen=True, slots=True)
class Put:
    """A value for a cell, and what it is to be read as."""

    cell: Cell
    fact: Any


@dataclass(frozen=True, slots=True)
class Keep:
    """A cell that stays as it is; `why` is a Chinese sentence, "" where there is nothing to say."""

    why: str = ""


SAME: Final = Keep()
Decision = Put | Keep


@dataclass(slots=True)
class Habit:
    """How a column is written: words for yes and no, days as days of Excel or as text, shares as 0.63 or 63."""

    flags: dict[bool, Counter[str]] = field(default_factory=lambda: {True: Counter(), False: Counter()})
    scales: Counter[int] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    percents: Counter[str] = field(default_factory=Counter)

    def hear(self, value: Value) -> None:
        """Learn from a cell."""
        raw, said = value.raw, value.value
        if isinstance(said, bool) and isinstance(raw, str):
            self.flags[said][raw.strip()] += 1
        elif isinstance(raw, str):
            self.days["年" if "年" in raw else "-"] += 1
            self.percents["text" if "%" in raw else ""] += 1
        elif isinstance(raw, date):
            self.days["day"] += 1
        if isinstance(raw, int | float) and not isinstance(raw, bool) and raw and isinstance(said, int | float):
            self.scales[100 if abs(said / raw) > 50 else 1] += 1

    def flag(self, value: bool) -> str:
        found = self.flags[value].most_common(1)
        return found[0][0] if found else "是" if value else "否"

    @property
    def scale(self) -> int:
        found = self.scales.most_common(1)
        return found[0][0] if found else 1

    def day(self, day: date, *, dated: bool) -> Cell:
        """A day; `dated`: the cell, or the one that it looks like, shows days of Excel."""
        if dated:
            return day
        usual = next((how for how, _ in self.days.most_common() if how != "day"), "-")
        return f"{day.year}年{day.month}月{day.day}日" if usual == "年" else f"{day:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Heads:
    """A column with the month that its figures are told for afterwards; None where it is not of this year."""

    column: Column
    month: int | None
    fresh: bool  # another month than it was read with: what stood there is of the old one
    habit: Habit
    people: Mapping[str, str]  # how units and persons are called here → as we call them
    flagged: frozenset[str]  # steps of which another column says whether they are done

    @property
    def meaning(self) -> str:
        return self.column.meaning


def decide(heads: Heads, told: Told, present: Value | None, *, dated: bool = False) -> Decision:
    """What becomes of the cell of a project: `present` is what it says now, None for an empty one."""
    meaning = heads.meaning
    if meaning not in SPOKEN or heads.month is None:
        return SAME
    if present is not None and present.value is None and not present.doubt:
        present = None  # "-" and 无 stand for nothing
    if meaning in ONCE and present is not None:
        return SAME
    return _SHAPES.get(MEANINGS[meaning].shape, _text)(heads, told, present, dated)


def _absent(heads: Heads, present: Value | None) -> Decision:
    """The facts say nothing. What stood there for another month must not stand for this one."""
    if present is None:
        return SAME
    if heads.fresh and heads.meaning in MONTHLY:
        return Put(None, None) if present.raw not in (None, "") else SAME
    return Keep("系统里没有，保持原样")


# ---- By shape -----------------------------------------------------------------------------------------------------
def _money(heads: Heads, told: Told, present: Value | None, dated: bool) -> Decision:
    unit = heads.column.unit
    if heads.meaning == "investment":
        held, foreign = told.project.investment, told.project.foreign
        said = present.value if present else None
        if isinstance(said, Amount):
            ours = held if said.currency == "CNY" else foreign
            if ours and (ours.low, ours.high, ours.currency) == (said.low, said.high, said.currency):
                return SAME
        held = held or foreign
        if held is None:
            return _absent(heads, present)
        if held.currency != "CNY" or held.low != held.high:
            return Put(money.show_amount(held), held)
        yuan = held.high
    else:
        found = told.progress.get((REPORTED, heads.month or 0)) if heads.meaning == "total_done" else None
        cell = found.total if found and found.total is not None else told.cell(heads.meaning, heads.month)
        if not isinstance(cell, int):
            return _absent(heads, present)
        yuan = cell
    if present and isinstance(present.value, Amount) and present.value.currency == "CNY" and present.value.high == yuan:
        return SAME
    fact = Amount(yuan, yuan) if yuan >= 0 else None
    own = _OWN_UNIT.fullmatch(present.raw) if present and isinstance(present.raw, str) else None
    if own:
        return Put(money.show(yuan, {"亿": "亿元", "万": "万元"}.get(own["unit"], own["unit"])), fact)
    if not unit or fact is None:
        return Keep("没有单位，没有填" if not unit else "是负数，没有填")
    return Put(_plain(yuan / POWERS[unit]), fact)


def _plain(figure: float) -> int | float:
    return int(figure) if float(figure).is_integer() else figure


def _percent(heads: Heads, told: Told, present: Value | None, dated: bool) -> Decision:
    cell = told.cell(heads.meaning, heads.month)
    if not isinstance(cell, int | float):
        return _absent(heads, present)
    if present and isinstance(present.value, int | float) and abs(present.value - cell) < _finest(present.raw):
        return SAME
    words = isinstance(present.raw, str) if present else heads.habit.percents["text"] > 0 and not heads.habit.scales
    if words:
        places = _places(present.raw) if present else 1
        return Put(f"{cell:.{places}f}%", round(cell, places))
    scale = heads.habit.scale
    return Put(_plain(round(cell / scale, 6 if scale == 100 else 2)), cell)


def _places(raw: Any) -> int:
    match = re.search(r"\.(\d+)\s*%?\s*$", str(raw))
    return len(match[1]) if match else 0


def _finest(raw: Any) -> float:
    """Half of the last digit that is shown, in points."""
    return 0.5001 * 10.0 ** -_places(raw) if isinstance(raw, str) else 0.0501


def _number(heads: Heads, told: Told, present: Value | None, dated: bool) -> Decision:
    cell = told.cell(heads.meaning, heads.month)
    if not isinstance(cell, int | float):
        return _absent(heads, present)
    if present and isinstance(present.value, int | float) and abs(present.value - cell) < _finest(present.raw):
        return SAME
    return Put(_plain(cell), cell)


def _date(heads: Heads, told: Told, present: Value | None, dated: bool) -> Decision:
    stage, _, end = heads.meaning.rpartition("_")
    kind = STEPS.get(stage)
    if kind is None:
        return SAME
    done = _done(told, kind)
    span: DateSpan | None = None
    if end != "planned" and done:
        span = told.steps[kind].actual
    elif end != "actual" and not (end == "on" and done):
        deadline = told.deadline(kind)
        span = dates.read(deadline) if deadline else None
        if span and end == "on" and stage not in heads.flagged and deadline and deadline <= told.when.last:
            return Keep("计划日期已过而没有完成，这一栏不分计划和实际，没有改动")
    said = present.value if present else None
    if span is None or (span.first is None and span.last is None):
        return _absent(heads, present)
    if isinstance(said, DateSpan) and _alike(said, span, planned=end == "planned" or not done):
        return SAME
    if span.first != span.last or span.first is None:
        return Put(in_words(span), span)
    return Put(heads.habit.day(span.first, dated=dated), span)


def _done(told: Told, kind: str) -> bool:
    """Whether a step was done by the end of the month; one of which nobody knows the day was, as far as is known."""
    step = told.steps.get(kind)
    return bool(step and step.done and not (step.actual_last and step.actual_last > told.when.last))


def _alike(said: DateSpan, held: DateSpan, *, planned: bool) -> bool:
    """Of what is promised the last day counts, of what was done the whole span."""
    return said.last == held.last if planned else (said.first, said.last) == (held.first, held.last)


def _flag(heads: Heads, told: Told, present: Value | None, dated: bool) -> Decision:
    kind = FLAGS.get(heads.meaning)
    if kind is None:
        return SAME
    done = _done(told, kind)
    if present and present.value is done:
        return SAME
    if present and present.value is None:
        return Keep("看不出是或否，没有改动")
    return Put(heads.habit.flag(done), done)


def _people(heads: Heads, told: Told, present: Value | None, dated: bool) -> Decision:
    ours = told.people[heads.meaning] if heads.meaning in PEOPLE else []
    if not ours:
        return _absent(heads, present)
    said = present.value if present else None
    if isinstance(said, tuple):
        known = [heads.people.get(names.tidy(str(each))) for each in said]
        if None in known:
            return Keep("有不是本区登记的单位或人员，没有改动")
        if set(known) == set(ours):
            return SAME
    return Put("、".join(ours), tuple(ours))


def _text(heads: Heads, told: Told, present: Value | None, dated: bool) -> Decision:
    meaning = heads.meaning
    said = str(present.value).strip() if present and present.value is not None else ""
    if meaning == "problem":
        return _problem(told, said)
    if meaning == "progress":
        held = told.progress.get((REPORTED, heads.month or 0))
        words = held.words if held else ""
    elif meaning in ("batch", "period") and len(told.entries) != 1:
        return SAME
    else:
        words = str(told.cell(meaning, heads.month) or "")
    words = words.strip()
    if not words:
        return _absent(heads, present)
    if said == words or (meaning in CHOSEN and said and said not in CHOSEN[meaning]):
        return SAME
    if meaning == "company" and said and names.key(said) == names.key(words):
        return SAME
    return Put(words, words)


def _problem(told: Told, said: str) -> Decision:
    """What is open now; a problem that was closed is no longer said."""
    plain = {names.tidy(each)[:200].strip() for each in told.problems}
    if names.tidy(said)[:200].strip() in plain and len(plain) == 1:
        return SAME
    if not plain:
        return SAME if not said or re.fullmatch(r"无|暂无|[-—/]+|没有", said) else Put("无", None)
    words = "；".join(dict.fromkeys(told.problems))
    return SAME if words == said else Put(words, words)


_SHAPES: Final[dict[str, Callable[[Heads, Told, Value | None, bool], Decision]]] = {
    "money": _money,
    "percent": _percent,
    "number": _number,
    "date": _date,
    "flag": _flag,
    "names": _people,
}


# ---- Which month a column is of -----------------------------------------------------------------------------------
def fixed(columns: Iterable[Column]) -> set[str]:
    """Meanings that several columns have, one for each month."""
    months: dict[str, set[int]] = {}
    for column in columns:
        if column.meaning in MONTHLY and column.month:
            months.setdefault(column.meaning, set()).add(column.month)
    return {meaning for meaning, said in months.items() if len(said) > 1}


def month_of(column: Column, repeated: set[str], old: When | None, new: When) -> tuple[int | None, bool]:
    """The month that a column tells of afterwards, None where it is of another year; and whether it is another."""
    if old is None:
        same = column.year in (None, new.year - (column.meaning == "carried"))
        return (new.month if same else None), False
    year = column.year or old.year
    if column.meaning == "carried":
        return (new.month if year == old.year - 1 else None), False
    if column.meaning not in MONTHLY:
        return (new.month if year == old.year else None), False
    if year != old.year:
        return None, False
    if column.meaning in repeated:
        return (column.month if old.year == new.year else None), False
    if column.month in (None, old.month):
        return new.month, new != old
    if column.meaning in ("month_plan", "plan_to_date") and column.month == old.next.month and old.month < 12:
        return (new.month + 1 if new.month < 12 else None), new != old
    return (column.month if old.year == new.year else None), False
