"""Tables that superiors want each month. A form is data: what its headings say and what stands below them.

{"name": …, "title": …, "about": …, "corner": …, "unit": "万元", "paper": "A3", "rows": "projects" or "units",
"signature": […], "notes": […], "columns": [{"heading": [group, heading], "means": code of a meaning, "unit": "亿元",
"width": …, "total": true, "each_month": true, "count": …, "hint": …}]}.

In words {zone}, {office}, {by}, {unit}, {Y}, {Y-1}, {Y+1}, {M}, {M-1}, {M+1} are filled in; in columns with
`each_month`, which are repeated for every month of the year so far, {m}. A column of "units" counts projects by
`count`; `hint` is said where a cell is filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from projects.ledgers.exporting.telling import KINDS, NOBODY, Told, When, tell
from projects.ledgers.meanings import MEANINGS
from projects.models import Milestone, Project
from projects.papers.sheets import POWERS, Cell, Column, Kind, Look
from zones.models import Zone

FOLDER: Final = Path(__file__).parent / "layouts"
SHIPPED: Final = ("t1", "t4", "t5", "t7", "t12")
_FIELD: Final = re.compile(r"\{(\w+)([+-]\d)?\}")
_HEADS: Final = {"name", "title", "about", "corner", "unit", "paper", "rows", "signature", "notes", "columns"}
_OF_COLUMN: Final = {"heading", "means", "unit", "width", "total", "each_month", "count", "hint"}


# ---- What is counted by unit -------------------------------------------------------------------------------------
def _in_year(told: Told, kind: str) -> bool:
    """Whether a step belongs to the year: promised for it, or done in it."""
    day = told.deadline(kind)
    return bool(day and day.year == told.when.year) or _done_in_year(told, kind)


def _done_in_year(told: Told, kind: str) -> bool:
    step = told.steps.get(kind)
    day = (step.actual_last or step.known_on) if step and told.is_done(kind) else None
    return bool(day and day.year == told.when.year)


def _due(told: Told) -> bool:
    day = told.deadline("started")
    return bool(day and day.year == told.when.year and day <= told.when.last)


def _due_next(told: Told) -> bool:
    """Whether the start is promised for the month after, which may be of the next year."""
    day = told.deadline("started")
    return bool(day and day > told.when.last and day <= told.when.next.last)


def _built(told: Told, test: Callable[[Told, str], bool]) -> bool:
    return test(told, "completed") or test(told, "produced")


def _keeps_up(told: Told) -> bool:
    """Whether what was invested since January is no less than the targets of the project's own plan."""
    done = told.year_done(told.when.month)
    return bool(done is not None and told.plan and done >= told.targets.get(told.when.month, told.plan.amount))


def _keeps_steps(told: Told) -> bool:
    """Whether no step was overdue at the end of the month."""
    last = told.when.last
    return not any(_overdue(step, last) for step in told.steps.values())


def _overdue(step: Milestone, day: Any) -> bool:
    return bool(step.deadline and step.deadline <= day and not step.done_by(day))


COUNTS: Final[dict[str, Callable[[Told], bool]]] = {
    "all": lambda told: True,
    "start_planned": lambda told: _in_year(told, "started"),
    "start_due": _due,
    "start_next": _due_next,
    "started": lambda told: _done_in_year(told, "started"),
    "complete_planned": lambda told: _built(told, _in_year),
    "completed": lambda told: _built(told, _done_in_year),
    "continuing": lambda told: told.nature() == "续建类",
    "continuing_on": lambda told: told.nature() == "续建类" and _keeps_up(told),
    "early": lambda told: told.nature() == "预备类",
    "early_on": lambda told: told.nature() == "预备类" and _keeps_steps(told),
}


# ---- Forms -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Slot:
    """A column of a form, as it is written there."""

    heading: tuple[str, ...]
    means: str = ""
    unit: str = ""
    width: float = 0
    total: bool = False
    each_month: bool = False
    count: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form, checked. `unit` is that of money whose column has none of its own, unless another is asked for."""

    name: str
    title: str
    columns: tuple[Slot, ...]
    about: str = ""
    corner: str = ""
    unit: str = "万元"
    paper: str = ""
    rows: str = "projects"
    signature: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@cache
def shipped(code: str) -> Form:
    """The form of that code: t1, t4, t5, t7, t12. Raises ValidationError where there is none."""
    if code.lower() not in SHIPPED:
        raise ValidationError(f"没有“{code}”这个样式：可用的有{'、'.join(each.upper() for each in SHIPPED)}")
    return read(json.loads((FOLDER / f"{code.lower()}.json").read_text(encoding="utf-8")))


def read(data: Any) -> Form:
    """A form from its data. Raises ValidationError with what is wrong in it."""
    if not isinstance(data, dict) or not data.get("columns") or not data.get("name") or not data.get("title"):
        raise ValidationError("样式应写明名称 name、标题 title 和各栏 columns")
    if unknown := data.keys() - _HEADS:
        raise ValidationError(f"样式里没有“{'、'.join(sorted(unknown))}”这一项")
    slots = tuple(_slot(number, each) for number, each in enumerate(data["columns"], start=1))
    rows, unit = data.get("rows", "projects"), data.get("unit", "万元")
    if rows not in ("projects", "units") or unit not in POWERS:
        raise ValidationError("rows 应为 projects 或 units，unit 应为元、万元或亿元")
    if any(bool(slot.count) != (rows == "units" and slot.means != "unit") for slot in slots):
        raise ValidationError("按责任单位汇总的样式，各栏写 count，只有责任单位一栏写 means；其他样式不写 count")
    words: Any = {name: str(data.get(name, "")) for name in ("name", "title", "about", "corner", "paper")}
    below: Any = {name: tuple(map(str, data.get(name, ()))) for name in ("signature", "notes")}
    return Form(words.pop("name"), words.pop("title"), slots, unit=unit, rows=rows, **words, **below)


def _slot(number: int, data: Any) -> Slot:
    if not isinstance(data, dict) or not data.get("heading") or data.keys() - _OF_COLUMN:
        raise ValidationError(f"第{number}栏应写明 heading，可写 {'、'.join(sorted(_OF_COLUMN))}")
    means, count, unit = data.get("means", ""), data.get("count", ""), data.get("unit", "")
    if means and means not in MEANINGS:
        raise ValidationError(f"第{number}栏的含义“{means}”不在字段目录中")
    if (count and count not in COUNTS) or (unit and unit not in POWERS):
        raise ValidationError(f"第{number}栏的 count 或 unit 无效")
    heading = tuple(map(str, data["heading"]))
    flags = {name: bool(data.get(name)) for name in ("total", "each_month")}
    width, hint = float(data.get("width", 0)), str(data.get("hint", ""))
    return Slot(heading, means, unit, width, count=count, hint=hint, **flags)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: zone, month, unit ("" for the form's own), and who asks, "" for the system."""

    zone: Zone
    when: When
    unit: str = ""
    by: str = ""


def projects_of(zone: Zone, when: When, user: Any = None) -> QuerySet[Project]:
    """The projects of the zone and of those below it that had not ended by the end of the month, in its order."""
    rows = Project.objects.all() if user is None else Project.objects.visible_to(user)
    return rows.open_on(when.last).filter(zone__path__startswith=zone.path).order_by("zone__path", "serial", "pk")


def table(
    form: Form, asked: Asked, rows: QuerySet[Project], heard: Callable[[Told], None] | None = None
) -> tuple[list[Column], Iterator[list[Cell]], Look]:
    """Columns, rows and look of the form filled in with `rows`; they are read when the rows are walked through, and
    `heard` is called for each project then.
    """
    unit = asked.unit or form.unit
    words = _Words(asked, unit)
    slots = list(_repeated(form.columns, asked.when.month))
    columns = [_column(slot, month, unit, words) for slot, month in slots]
    projects = _heard(tell(rows, asked.when), heard)
    filled = _by_unit(form, projects) if form.rows == "units" else _projects(slots, projects)
    look = Look(
        title=words.fill(form.title),
        sheet=form.name,
        about=words.fill(form.about),
        corner=words.fill(form.corner),
        signature=tuple(map(words.fill, form.signature)),
        notes=tuple(map(words.fill, form.notes)),
        paper=form.paper,
        counted="个",
        freeze=next((at + 1 for at, slot in enumerate(form.columns) if slot.means in ("name", "unit")), 1),
    )
    return columns, filled, look


class _Words:
    """Fills words in."""

    def __init__(self, asked: Asked, unit: str) -> None:
        zone, when = asked.zone, asked.when
        self.known: Mapping[str, Any] = {
            **{"zone": str(zone), "office": f"{zone.name}", "by": asked.by, "unit": unit},
            **{"Y": when.year, "M": when.month},
        }

    def fill(self, text: str, **more: Any) -> str:
        known = {**self.known, **more}

        def put(match: re.Match[str]) -> str:
            if match[1] not in known:
                return match[0]
            if not match[2]:
                return str(known[match[1]])
            value = known[match[1]] + int(match[2])
            return str((value - 1) % 12 + 1 if match[1] in ("M", "m") else value)

        return _FIELD.sub(put, text)


def _repeated(slots: Sequence[Slot], until: int) -> Iterator[tuple[Slot, int | None]]:
    """The columns with their month; those of each month side by side, month after month."""
    for each_month, some in groupby(slots, key=lambda slot: slot.each_month):
        together = list(some)
        for month in range(1, until + 1) if each_month else (None,):
            yield from ((slot, month) for slot in together)


def _column(slot: Slot, month: int | None, unit: str, words: _Words) -> Column:
    heading = tuple(words.fill(each, m=month) for each in slot.heading)
    kind = Kind.NUMBER if slot.count else KINDS.get(slot.means, Kind.TEXT)
    return Column(heading, kind, slot.unit or unit, slot.width, slot.total or bool(slot.count), hint=slot.hint)


def _heard(projects: Iterator[Told], heard: Callable[[Told], None] | None) -> Iterator[Told]:
    for told in projects:
        if heard:
            heard(told)
        yield told


def _projects(slots: Sequence[tuple[Slot, int | None]], projects: Iterator[Told]) -> Iterator[list[Cell]]:
    for number, told in enumerate(projects, start=1):
        yield [number if slot.means == "serial" else told.cell(slot.means, month) for slot, month in slots]


def _by_unit(form: Form, projects: Iterator[Told]) -> Iterator[list[Cell]]:
    """A row for each unit that stands for projects, those that nobody stands for last."""
    counts: dict[str, list[int]] = {}
    tests = [COUNTS[slot.count] if slot.count else None for slot in form.columns]
    for told in projects:
        sums = counts.setdefault(told.unit, [0] * len(tests))
        for at, test in enumerate(tests):
            sums[at] += bool(test and test(told))
    for unit in sorted(counts, key=lambda name: (name == NOBODY, name)):
        yield [unit if test is None else count for test, count in zip(tests, counts[unit], strict=True)]
