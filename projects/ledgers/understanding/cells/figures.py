"""Cells of percentages, areas, counts and other figures."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

from projects.intake.opening import Cell
from projects.ledgers.understanding.cells.basics import (
    WORDING,
    About,
    Reader,
    is_finite,
    is_number,
    no_number,
    remembering,
    shown,
)
from projects.ledgers.understanding.results import Value


def percents(about: About) -> Reader:
    """A column of percentages, in points."""

    def percent(cell: Cell, number: float, *, signed: bool) -> Value:
        # In a column of fractions a figure far above 1 was typed as points.
        odd = not signed and about.scale == 100 and abs(number) > 2
        points = round(number if signed or odd else number * (about.scale or 100), 6)
        if not math.isfinite(points) or abs(points) > 100_000:
            return Value(cell, None, f"“{shown(cell)}”不是百分数：请核对", wrong=True)
        doubt = ""
        if odd or (not signed and about.scale is None):
            doubt = f"“{shown(cell)}”：按{points:g}%读入"
        elif not signed and about.percent_doubt and 0 < abs(number) <= 1:
            doubt = about.percent_doubt.format(shown(cell), f"{points:g}")
        elif points < 0 or points > 1000:
            doubt = f"“{shown(cell)}”：按{points:g}%读入，请核对"
        return Value(cell, int(points) if float(points).is_integer() else points, doubt)

    def text(cell: str, plain: str) -> Value:
        bare = plain.replace(" ", "")
        match = re.fullmatch(r"(-?[0-9]+(?:\.[0-9]+)?)(%|‰|个?百分点)?", bare)
        if match:
            if match[2] == "‰":
                return percent(cell, float(match[1]) / 10, signed=True)
            return percent(cell, float(match[1]), signed=bool(match[2]))
        found = re.findall(r"[0-9]+(?:\.[0-9]+)?(?=%)", bare)
        if len(found) == 1:
            value = percent(cell, float(found[0]), signed=True)
            return value._replace(doubt=f"“{shown(cell)}”：按{found[0]}%读入")
        return Value(cell, None, f"“{shown(cell)}”不是百分数：请写成“63.5%”这样的数", wrong=not WORDING.match(bare))

    def number(cell: Cell) -> Value:
        if not is_number(cell):
            return Value(cell, None, f"“{shown(cell)}”不是百分数：请写成“63.5%”这样的数", wrong=True)
        return percent(cell, float(cell), signed=False) if is_finite(cell) else no_number(cell)  # type: ignore[arg-type]

    return remembering(text, number)


def _tidy_number(number: float) -> int | float:
    number = float(f"{number:.12g}")
    return int(number) if number.is_integer() else number


def numbers(about: About) -> Reader:
    """A column of other figures."""
    return remembering(lambda cell, plain: _measure(cell, plain, about.other_unit), _plain_number)


def _plain_number(cell: Cell) -> Value:
    if not isinstance(cell, (int, float)) or isinstance(cell, bool) or not is_finite(cell):
        return no_number(cell)
    return Value(cell, _tidy_number(cell) if isinstance(cell, float) else cell)


def areas(about: About) -> Reader:
    """A column of areas, in 亩."""
    return remembering(lambda cell, plain: _measure(cell, plain, "亩"), _plain_number)


_MEASURE: Final = re.compile(
    r"(?P<about>约|近|超|共|计)?(?P<number>-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?P<unit>万?(?:平方米|㎡|m2|m²|平米|平)|公顷|亩|[^\d\s]{0,6})(?P<more>左右)?"
)
_IN_MU: Final = {"公顷": Decimal(15), "平方米": Decimal("0.0015"), "㎡": Decimal("0.0015"), "m2": Decimal("0.0015")}


def _measure(cell: str, plain: str, unit: str) -> Value:
    match = _MEASURE.fullmatch(plain.replace(" ", "").replace("m²", "㎡").replace("平米", "㎡"))
    if not match:
        return Value(cell, None, f"“{shown(cell)}”不是一个数，只保留原文")
    number, own = Decimal(match["number"].replace(",", "")), match["unit"]
    doubt = f"“{shown(cell)}”：按{{}}{unit}读入" if match["about"] or match["more"] else ""
    if own and unit and own != unit:
        power = 10**4 if own.startswith("万") else 1
        rate = _IN_MU.get(own.removeprefix("万")) if unit == "亩" else None
        if rate is None:
            return Value(cell, None, f"“{shown(cell)}”的单位与这一列不同，只保留原文")
        number, doubt = (number * rate * power).quantize(Decimal("0.01")), f"“{shown(cell)}”：按{{}}亩读入"
    value = _tidy_number(float(number))
    return Value(cell, value, doubt.format(f"{value:g}") if doubt else "")


def counts(about: About) -> Reader:
    """A column of whole numbers."""

    def number(cell: Cell) -> Value:
        if not is_number(cell) or not is_finite(cell) or abs(cell - round(cell)) > 1e-6:  # type: ignore[operator,arg-type]
            return Value(cell, None, f"“{shown(cell)}”不是整数：请核对", wrong=True)
        return Value(cell, round(cell))  # type: ignore[arg-type]

    def text(cell: str, plain: str) -> Value:
        match = re.fullmatch(r"([0-9]{1,12})(?:\.0+)?[个项家人名处件]?", plain.replace(" ", "").replace(",", ""))
        return Value(cell, int(match[1])) if match else Value(cell, None, f"“{shown(cell)}”不是整数，只保留原文")

    return remembering(text, number)
