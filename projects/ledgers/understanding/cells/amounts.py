"""Cells of money."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from projects import money
from projects.intake.opening import Cell
from projects.ledgers.understanding.cells.basics import LONG, About, Reader, is_number, remembering, shown
from projects.ledgers.understanding.results import POWERS, Value
from projects.money import Amount

_NUMBER: Final = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]*)?|\.[0-9]+")
_SCIENCE: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}", re.IGNORECASE)
# What an amount is made of says nothing against it: 10亿元（其中固投8亿元）.
_MADE_OF: Final = re.compile(r"(?<=[元万亿0-9])\s*(?:[(]\s*(?:其中|含|包括)[^()]*[)]|[,;。]\s*其中.+)\Z", re.DOTALL)


def amounts(about: About) -> Reader:
    """A column of money: `about.unit` holds for figures that name none."""
    power = POWERS.get(about.unit)
    if power is None:
        return remembering(lambda cell, plain: _own_unit(cell, plain), _unknown_unit)

    def number(cell: Cell) -> Value:
        if isinstance(cell, int) and not isinstance(cell, bool) and 0 <= cell <= money.LARGEST // power:
            yuan = cell * power
            return Value(cell, Amount(yuan, yuan), about.unit_doubt)
        return _no_money(cell) if not is_number(cell) else _figure(cell, power, about)

    def text(cell: str, plain: str) -> Value:
        bare = plain.replace(" ", "")
        if _SCIENCE.fullmatch(bare) or _NUMBER.fullmatch(bare):
            return _bare_text(cell, plain, power, about)
        return _worded(cell, plain, about.unit, about.unit_doubt)

    return remembering(text, number)


def _unknown_unit(cell: Cell) -> Value:
    if not is_number(cell):
        return _no_money(cell)
    if cell == 0:
        return Value(cell, Amount(0, 0))
    return Value(cell, None, f"“{shown(cell)}”没有单位：请先说明这一列是元、万元还是亿元")


def _no_money(cell: Cell) -> Value:
    what = "日期" if isinstance(cell, date) else "是否" if isinstance(cell, bool) else "文字"
    return Value(cell, None, f"“{shown(cell)}”是{what}，这里应填金额：请改成数字", wrong=True)


def _own_unit(cell: str, plain: str) -> Value:
    """A text in a column whose unit nobody knows: read only if it names its unit itself."""
    bare = plain.replace(" ", "")
    if _SCIENCE.fullmatch(bare) or _NUMBER.fullmatch(bare):
        number = _decimal(bare)
        return (
            _unknown_unit(0)._replace(raw=cell) if number == 0 else _unknown_unit(bare_figure(bare))._replace(raw=cell)
        )
    value = _worded(cell, plain, "", "")
    if value.wrong and "没有写单位" in value.doubt:
        return value._replace(wrong=False, doubt=f"“{shown(cell)}”没有单位：请先说明这一列是元、万元还是亿元")
    return value


def bare_figure(text: str) -> float | int:
    """The number of a text that is one."""
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return 0
    return int(number) if number.is_integer() else number


def _decimal(bare: str) -> Decimal:
    return Decimal(bare.replace(",", "").rstrip("."))


def _figure(cell: Any, power: int, about: About) -> Value:
    """A number of Excel's; a figure that a formula worked out has more digits than money has, and is rounded."""
    if not math.isfinite(cell):
        return Value(cell, None, f"“{cell}”不是数字：请核对公式", wrong=True)
    if cell < 0:
        return Value(cell, None, f"“{shown(cell)}”是负数：金额不能小于零，调减请在说明中写明", wrong=True)
    if cell * power > money.LARGEST:
        return Value(cell, None, f"“{shown(cell)}”过大：请核对单位", wrong=True)
    told = Decimal(f"{cell:.15g}" if isinstance(cell, float) else cell)
    return _whole(cell, told, power, about.unit_doubt, about.unit)


def _whole(cell: Cell, told: Decimal, power: int, doubt: str, unit: str) -> Value:
    """An amount of whole yuan of a figure in its unit."""
    exact = told * power
    yuan = int(exact.to_integral_value())
    worked_out = len(told.as_tuple().digits) >= 13
    if exact != yuan and not worked_out and abs(exact - yuan) > Decimal("0.001"):
        doubt = doubt or f"“{shown(cell)}”精确到了分：按{money.show(yuan)}读入"
    return Value(cell, Amount(yuan, yuan), doubt)


def _bare_text(cell: str, plain: str, power: int, about: About) -> Value:
    """A figure that was typed as text."""
    bare = plain.replace(" ", "")
    if len(bare) > 30:
        return Value(cell, None, f"“{shown(cell)}”过长：请核对", wrong=True)
    if re.match(r"0[0-9]", bare):
        return Value(cell, None, f"“{shown(cell)}”的数字不完整：请核对原件后补全", wrong=True)
    told = _decimal(bare)
    if told * power > money.LARGEST:
        return Value(cell, None, f"“{shown(cell)}”过大：请核对单位", wrong=True)
    value = _whole(cell, told, power, about.unit_doubt, about.unit)
    odd = (
        re.search("[0-9]\\s+[0-9]", plain)
        or "，" in cell
        or _SCIENCE.fullmatch(bare)
        or bare.endswith(".")
        or bare[0] == "."
    )
    if odd and isinstance(value.value, Amount):
        return value._replace(doubt=f"“{shown(cell)}”：按{money.show_amount(value.value)}读入")
    return value


def _worded(cell: str, plain: str, unit: str, unit_doubt: str) -> Value:
    """Money in words: 约1200, 5.2亿, 30-50亿元."""
    if plain.startswith("="):
        return Value(cell, None, f"“{shown(cell)}”是公式：请改成数字", wrong=True)
    one_line = re.sub(r"\s*[\r\n]+\s*", "", plain)
    one_line = _MADE_OF.sub("", one_line)
    if len(one_line) > LONG:
        return Value(cell, None, f"“{shown(cell)}”不是金额：请改成数字", wrong=True)
    try:
        amount = money.read(one_line, unit=unit or None)
    except money.UnreadableAmount as error:
        # As it stands there, not as it was tried.
        return Value(cell, None, str(error).replace(f"“{one_line}”", f"“{shown(cell)}”"), wrong=True)
    named = re.search("[元圆万亿币]", one_line)
    parted = re.search(r"[0-9]\s*[\r\n]\s*[0-9]", plain)
    sure = amount.low == amount.high and not amount.qualifier and not parted and "，" not in cell
    sure = sure and not _MADE_OF.search(plain)
    if sure and named:
        return Value(cell, amount)
    return Value(cell, amount, unit_doubt if sure else f"“{shown(cell)}”：按{money.show_amount(amount)}读入")
