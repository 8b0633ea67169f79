"""What the formulas of an office's ledger come to: sums, shares, rounding, a choice. Anything else is not worked out.

No calculator of spreadsheets among the public packages is both small and kept up; what ledgers need is a page long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from projects.intake.formats.refs import split

Number = float
Held = Number | str | None
"""What stands in a cell: a number, "=formula" for a formula, any other text, None for nothing."""

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<ref>\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?)(?![\w(!])
    |(?P<name>[A-Z][A-Z.]*)(?=\()
    |(?P<sign><=|>=|<>|[-+*/^%(),=<>&]))""",
    re.VERBOSE,
)
_DEEP: Final = 40
_MOST: Final = 400_000  # cells of all ranges together, for one sheet


class Unknown(Exception):
    """A formula that is not worked out."""


class Workings:
    """Formulas of one sheet; `cells` are by row and column, counted from 1. What is `told` of a cell holds for those
    that are worked out from it.
    """

    def __init__(self, cells: Mapping[tuple[int, int], Held], told: Mapping[tuple[int, int], Held]) -> None:
        self.cells, self.told = cells, told
        self.known: dict[tuple[int, int], Held | Unknown] = {}
        self.looked = 0

    def value(self, row: int, column: int) -> Number | None:
        """What the formula of a cell comes to, None where it is not worked out."""
        try:
            found = self.at(row, column, 0)
        except (Unknown, RecursionError):
            return None
        return float(found) if isinstance(found, int | float) else None

    def at(self, row: int, column: int, deep: int) -> Held:
        """What a cell holds, worked out."""
        held = self.told[row, column] if deep and (row, column) in self.told else self.cells.get((row, column))
        if not (isinstance(held, str) and held.startswith("=")):
            return held
        place = (row, column)
        if place not in self.known:
            self.known[place] = Unknown()  # one that leads back to itself
            if deep > _DEEP:
                raise Unknown
            try:
                self.known[place] = _Reading(self, held[1:], deep + 1).whole()
            except (Unknown, ZeroDivisionError, OverflowError, ValueError) as error:
                self.known[place] = error if isinstance(error, Unknown) else Unknown()
        found = self.known[place]
        if isinstance(found, Unknown):
            raise found
        return found

    def range(self, first: str, last: str, deep: int) -> list[Held]:
        (top, left), (bottom, right) = split(first), split(last)
        self.looked += (bottom - top + 1) * (right - left + 1)
        if self.looked > _MOST:
            raise Unknown
        return [self.at(row, column, deep) for row in range(top, bottom + 1) for column in range(left, right + 1)]


class _Reading:
    """One formula on its way to a value."""

    def __init__(self, sheet: Workings, formula: str, deep: int) -> None:
        self.sheet, self.deep = sheet, deep
        self.tokens: list[tuple[str, str]] = []
        at = 0
        formula = formula.rstrip()
        while at < len(formula):
            match = _TOKEN.match(formula, at)
            if not match or len(self.tokens) > 500:
                raise Unknown
            self.tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            at = match.end()
        self.at = 0

    def whole(self) -> Held:
        found = self.compared()
        if self.at < len(self.tokens):
            raise Unknown
        return found

    def sign(self, *signs: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def compared(self) -> Held:
        left = self.joined()
        if sign := self.sign("<=", ">=", "<>", "=", "<", ">"):
            right = self.joined()
            left, right = ("" if each is None else each for each in (left, right))
            if isinstance(left, str) or isinstance(right, str):
                left, right = (each if isinstance(each, str) or each else "" for each in (left, right))
                if sign not in ("=", "<>"):
                    raise Unknown
                return float((left == right) == (sign == "="))
            tests = {"<=": left <= right, ">=": left >= right, "<>": left != right, "=": left == right}
            return float({**tests, "<": left < right, ">": left > right}[sign])
        return left

    def joined(self) -> Held:
        if self.at < len(self.tokens) and self.tokens[self.at] == ("sign", "&"):
            raise Unknown
        return self.added()

    def added(self) -> Held:
        found = self.multiplied()
        while sign := self.sign("+", "-"):
            left, right = _number(found), _number(self.multiplied())
            found = left + right if sign == "+" else left - right
        return found

    def multiplied(self) -> Held:
        found = self.signed()
        while sign := self.sign("*", "/", "^"):
            left, right = _number(found), _number(self.signed())
            if sign == "^":
                raise Unknown
            found = left * right if sign == "*" else left / right
        return found

    def signed(self) -> Held:
        if sign := self.sign("-", "+"):
            value = _number(self.signed())
            return -value if sign == "-" else value
        found = self.single()
        while self.sign("%"):
            found = _number(found) / 100
        return found

    def single(self) -> Held:
        if self.sign("("):
            found = self.compared()
            if not self.sign(")"):
                raise Unknown
            return found
        if self.at >= len(self.tokens):
            raise Unknown
        kind, word = self.tokens[self.at]
        self.at += 1
        match kind:
            case "number":
                return float(word)
            case "text":
                return word[1:-1].replace('""', '"')
            case "ref" if ":" not in word:
                return self.sheet.at(*split(word), self.deep)
            case "name":
                return self.function(word)
        raise Unknown

    def function(self, name: str) -> Held:
        self.sign("(")
        if name in ("IFERROR", "IF"):
            return self._iferror() if name == "IFERROR" else self._if()
        parts: list[list[Held]] = []
        while not self.sign(")"):
            parts.append(self.part())
            if not self.sign(",") and self.tokens[self.at : self.at + 1] != [("sign", ")")]:
                raise Unknown
        return _call(name, parts)

    def part(self) -> list[Held]:
        kind, word = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        if kind == "ref" and ":" in word:
            self.at += 1
            first, _, last = word.partition(":")
            return self.sheet.range(first, last, self.deep)
        return [self.compared()]

    def _iferror(self) -> Held:
        at = self.at
        try:
            found: Held = self.compared()
            failed = False
        except (Unknown, ZeroDivisionError) as error:
            if isinstance(error, Unknown):
                raise
            failed, found, self.at = True, None, at
            self._skip()
        if not self.sign(","):
            raise Unknown
        other = self.compared()
        if not self.sign(")"):
            raise Unknown
        return other if failed else found

    def _if(self) -> Held:
        """The branch that is not taken is not worked out: it may divide by the nought that was asked for."""
        chosen = bool(_number(self.compared()))
        found: Held = 0.0
        if not self.sign(","):
            raise Unknown
        if chosen:
            found = self.compared()
        else:
            self._skip()
        if self.sign(","):
            if chosen:
                self._skip()
            else:
                found = self.compared()
        if not self.sign(")"):
            raise Unknown
        return found

    def _skip(self) -> None:
        """On to the comma or the end at this depth."""
        depth = 0
        while self.at < len(self.tokens):
            word = self.tokens[self.at][1]
            if word in (",", ")") and not depth:
                return
            depth += (word == "(") - (word == ")")
            self.at += 1
        raise Unknown


def _number(value: Held) -> float:
    if isinstance(value, str):
        raise Unknown
    return value or 0.0


def _figures(parts: list[list[Held]]) -> list[float]:
    return [float(each) for part in parts for each in part if isinstance(each, int | float)]


def _round(parts: list[list[Held]]) -> float:
    value, places = _number(parts[0][0]), int(_number(parts[1][0]))
    scaled = abs(value) * 10**places
    whole = int(scaled + 0.5 + 1e-9)
    return (whole if value >= 0 else -whole) / 10**places


_FUNCTIONS: Final[dict[str, Callable[[list[list[Held]]], Held]]] = {
    "SUM": lambda parts: sum(_figures(parts)),
    "AVERAGE": lambda parts: sum(_figures(parts)) / len(_figures(parts)),
    "COUNT": lambda parts: float(len(_figures(parts))),
    "MAX": lambda parts: max(_figures(parts), default=0.0),
    "MIN": lambda parts: min(_figures(parts), default=0.0),
    "ROUND": _round,
}


def _call(name: str, parts: list[list[Held]]) -> Held:
    if name == "SUBTOTAL" and parts and parts[0] in ([9.0], [109.0]):
        return sum(_figures(parts[1:]))
    if name not in _FUNCTIONS or not parts:
        raise Unknown
    try:
        return _FUNCTIONS[name](parts)
    except (IndexError, TypeError) as error:
        raise Unknown from error
