"""What a bench prints: one row per figure, with what it is compared with, in the same run."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from common import table

HEADINGS: Final = ("项目", "数值", "单位", "基准", "倍数", "目标", "结果")
VERDICTS: Final = {True: "达到", False: "未达到", None: ""}


@dataclass(frozen=True)
class Row:
    """`ratio` is how many times the time, or the number, of `floor`: smaller is better, in every row.

    `aim` is the bound of the ratio, or of the value where there is no floor; empty where the figure is for information.
    """

    case: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    aim: str = ""
    ok: bool | None = None


def rate(case: str, value: float, floor: float, at_most: float | None = None) -> Row:
    """Answers a second against those of the floor."""
    return _compared(case, value, "1/s", floor, floor / value, at_most)


def latency(case: str, value: float, floor: float, at_most: float | None = None) -> Row:
    """Milliseconds of an answer against those of the floor."""
    return amount(case, value, "ms", floor, at_most)


def amount(case: str, value: float, unit: str, floor: float, at_most: float | None = None) -> Row:
    """So much of something against that of the floor."""
    return _compared(case, value, unit, floor, value / floor, at_most)


def number(case: str, value: float, unit: str, at_most: float | None = None) -> Row:
    """A number by itself."""
    aim = "" if at_most is None else f"<= {at_most:g}"
    return Row(case, round(value, 3), unit, aim=aim, ok=None if at_most is None else value <= at_most)


def at_least(case: str, value: float, unit: str, wanted: float | None = None) -> Row:
    """A number by itself that should be large."""
    aim = "" if wanted is None else f">= {wanted:g}"
    return Row(case, round(value, 3), unit, aim=aim, ok=None if wanted is None else value >= wanted)


def speed(case: str, value: float, floor: float) -> Row:
    """Megabytes a second against those of the floor."""
    return _compared(case, value, "MB/s", floor, floor / value, None)


def exactly(case: str, value: float, unit: str, wanted: float) -> Row:
    """A number that has to be just so."""
    return Row(case, value, unit, aim=f"= {wanted:g}", ok=value == wanted)


def _compared(case: str, value: float, unit: str, floor: float, ratio: float, at_most: float | None) -> Row:
    aim = "" if at_most is None else f"<= {at_most:g}"
    # The exact ratio is judged, the rounded one is shown.
    ok = None if at_most is None else ratio <= at_most
    return Row(case, round(value, 3), unit, round(floor, 3), round(ratio, 3), aim, ok)


def as_json(row: Row) -> str:
    return json.dumps(asdict(row), ensure_ascii=False)


def as_table(rows: Sequence[Row]) -> str:
    """All rows in columns, for people."""
    return table([HEADINGS, *(_cells(row) for row in rows)], indent="")


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.case, _shown(row.value), row.unit, _shown(row.floor), ratio, row.aim, VERDICTS[row.ok])


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
