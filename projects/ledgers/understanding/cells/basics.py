"""What all readers of cells share."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from projects.glyphs import fold
from projects.intake.opening import Cell
from projects.ledgers.understanding.results import Value

Reader = Callable[[Cell], Value]


def word_set(text: str) -> frozenset[str]:
    """The words of a text, parted by blanks, to look things up in."""
    return frozenset(text.split())


_EMPTY: Final = word_set(
    "- -- --- — —— ——— – _ __ / // \\ | 、 . .. … …… * ? ？ 无 暂无 没有 待定 未定 待核实 待明确 待确定 不详"
    " 未知 空 N/A NA n/a na null NULL None none 暂缺 缺 待补充 待填 无数据 /"
)
LONG: Final = 60  # characters; what is longer is a paragraph and no figure or date
CACHED: Final = 4096  # texts that a reader remembers; names are all different, and memory stays flat


@dataclass(frozen=True, slots=True)
class About:
    """What a cell must know of its column and table to be read.

    `plain_text` is whether the file is text only, so that 2023.10 may have become 2023.1. `scale` is what a
    bare figure of a column of percentages is multiplied by; None where 1 may be either.
    """

    unit: str = ""
    unit_doubt: str = ""
    other_unit: str = ""
    year: int | None = None
    scale: int | None = 1
    percent_doubt: str = ""
    plain_text: bool = False


def doubtful(value: Value, sentence: str) -> Value:
    """The value with one doubt more."""
    return value._replace(doubt=f"{value.doubt}；{sentence}" if value.doubt else sentence)


def is_blank(cell: Cell) -> bool:
    """Whether nothing at all is in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_empty(text: str) -> bool:
    """Whether a text says that there is nothing: "-", "/", "无", "待定". "0" is a figure."""
    return not text or text in _EMPTY


def shown(cell: Cell) -> str:
    """A cell as Excel shows it, on one line, for a sentence."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else f"{cell:.15g}"
    if isinstance(cell, datetime) and (cell.hour or cell.minute or cell.second):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    text = " ".join(str(cell if cell is not None else "").split())
    return text if len(text) <= 40 else f"{text[:39]}…"


_ERROR: Final = re.compile(r"#(?:REF|N/A|DIV/0|VALUE|NAME|NUM|NULL|SPILL|CALC)[!?]?.*", re.IGNORECASE)


def formula_error(cell: Cell, plain: str) -> Value | None:
    """What a formula of Excel's left that could not be worked out, #REF!, as a cell that must be mended."""
    if not plain.startswith("#") or not _ERROR.fullmatch(plain):
        return None
    return Value(cell, None, f"“{shown(cell)}”是公式错误：请改成正确的内容", wrong=True)


def remembering(read: Callable[[str, str], Value], other: Reader | None = None) -> Reader:
    """A reader of texts by (raw, folded and stripped) that remembers what it read; `other` takes what is no text."""
    known: dict[str, Value] = {}

    def wrapped(cell: Cell) -> Value:
        if isinstance(cell, str):
            value = known.get(cell)
            if value is None:
                plain = fold(cell).strip()
                value = Value(cell) if is_empty(plain) else formula_error(cell, plain) or read(cell, plain)
                if len(known) < CACHED:
                    known[cell] = value
            return value
        if other is not None:
            return other(cell)
        return read(shown(cell), fold(shown(cell)))._replace(raw=cell)

    return wrapped


WORDING: Final = re.compile(
    r".*(?:开工|完成|办理|推进|建成|投产|竣工|启动|洽谈|谋划|停工|前期|确定|入库|签约|供地|施工|已|未|正在|中$|待|尚).*",
    re.DOTALL,
)


def is_number(cell: Cell) -> bool:
    """Whether a cell is a number of Excel's."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def is_finite(cell: Any) -> bool:
    """Whether a number is one at all, and not the result of a broken formula."""
    try:
        return math.isfinite(cell)
    except OverflowError:
        return False


def no_number(cell: Cell) -> Value:
    """A cell that should be a number and is none."""
    return Value(cell, None, f"“{shown(cell)}”不是数字：请核对", wrong=True)
