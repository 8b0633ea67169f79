"""Ruled tables: from the rules on a page to rows of cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from projects.intake.formats import layout, lines
from projects.intake.formats.layout import Box, Char, Line

_NEAR = 3.0  # points: rules that are nearer are one rule, drawn twice or in pieces
_SHORT = 6.0  # points: shorter than that is part of a character or of a sign
_MOST = 2000  # rules on a page: more than that are a drawing


@dataclass(frozen=True, slots=True)
class _Rule:
    """A straight rule: across at the height `at`, or down at the distance `at`."""

    at: float
    begin: float
    end: float

    def meets(self, other: _Rule) -> bool:
        """Whether it crosses or touches one of the other direction."""
        return (
            self.begin - _NEAR <= other.at <= self.end + _NEAR and other.begin - _NEAR <= self.at <= other.end + _NEAR
        )

    def passes(self, at: float) -> bool:
        return self.begin - _NEAR < at < self.end + _NEAR


def filled(strokes: list[tuple[float, float, float, float]], chars: list[Char]) -> tuple[list[Line], list[Char]]:
    """The rows of the tables that the strokes (x0, y0, x1, y1) draw, and the characters that stand in none."""
    across = _merged([(y0, x0, x1) for x0, y0, x1, y1 in strokes if abs(y1 - y0) < 1 and x1 - x0 > _SHORT])
    down = _merged([(x0, y0, y1) for x0, y0, x1, y1 in strokes if abs(x1 - x0) < 1 and y1 - y0 > _SHORT])
    if len(across) + len(down) > _MOST:
        return [], chars
    found: list[Line] = []
    for rows, columns in _tables(across, down):
        table = _Table(rows, columns)
        chars = [char for char in chars if not table.takes(char)]
        found += table.lines()
    return found, chars


def _merged(strokes: list[tuple[float, float, float]]) -> list[_Rule]:
    """Strokes on one line that touch are one rule."""
    levels: list[list[tuple[float, float, float]]] = []
    for stroke in sorted(strokes):
        if levels and stroke[0] - levels[-1][0][0] <= _NEAR:
            levels[-1].append(stroke)
        else:
            levels.append([stroke])
    rules = []
    for level in levels:
        at = sum(stroke[0] for stroke in level) / len(level)
        begin, end = None, 0.0
        for _, first, last in sorted(level, key=lambda stroke: stroke[1]):
            if begin is not None and first > end + _NEAR:
                rules.append(_Rule(at, begin, end))
                begin = None
            end = last if begin is None else max(end, last)
            begin = first if begin is None else begin
        if begin is not None:
            rules.append(_Rule(at, begin, end))
    return rules


def _tables(across: list[_Rule], down: list[_Rule]) -> Iterator[tuple[list[_Rule], list[_Rule]]]:
    """Rules that hang together, where they make two rows and two columns at least."""
    left = set(range(len(down)))
    free = set(range(len(across)))
    while left:
        rows: set[int] = set()
        columns = {left.pop()}
        fresh = set(columns)
        while fresh:
            met = {at for at in free if any(across[at].meets(down[each]) for each in fresh)}
            free -= met
            rows |= met
            fresh = {at for at in left if any(down[at].meets(across[each]) for each in met)}
            left -= fresh
            columns |= fresh
        levels = {across[at].at for at in rows}
        if len(levels) > 2 and len({down[at].at for at in columns}) > 2:
            yield [across[at] for at in rows], [down[at] for at in columns]


class _Table:
    """A grid of all its rules. Places of the grid that no rule parts are one cell, and stand where it begins."""

    def __init__(self, across: list[_Rule], down: list[_Rule]) -> None:
        self._ys = sorted({rule.at for rule in across})
        self._xs = sorted({rule.at for rule in down})
        self._heads: dict[tuple[int, int], tuple[int, int]] = {}
        self._held: dict[tuple[int, int], list[Char]] = {}
        for row, (top, bottom) in enumerate(pairwise(self._ys)):
            for column, (start, end) in enumerate(pairwise(self._xs)):
                middle, level = (start + end) / 2, (top + bottom) / 2
                above = (row - 1, column)
                before = (row, column - 1)
                if above in self._heads and not any(rule.at == top and rule.passes(middle) for rule in across):
                    self._heads[row, column] = self._heads[above]
                elif before in self._heads and not any(rule.at == start and rule.passes(level) for rule in down):
                    self._heads[row, column] = self._heads[before]
                else:
                    self._heads[row, column] = (row, column)

    def takes(self, char: Char) -> bool:
        """Whether the character stands in the table: then it is put where it stands."""
        row = bisect_right(self._ys, char.box.middle) - 1
        column = bisect_right(self._xs, (char.box.left + char.box.right) / 2) - 1
        head = self._heads.get((row, column))
        if head is None:
            return False
        self._held.setdefault(head, []).append(char)
        return True

    def lines(self) -> Iterator[Line]:
        for row, (top, bottom) in enumerate(pairwise(self._ys)):
            held = [self._held.get((row, column), []) for column in range(len(self._xs) - 1)]
            told = lines.row([lines.cell(line.text for line in layout.lines_of(cell)) for cell in held])
            if told:
                yield Line(told, Box(self._xs[0], top, self._xs[-1], bottom), ruled=True)
