"""Marks that Word counts by itself ("一、", "（2）", "1.1"): in no text, but on the page all the same."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from projects.intake.formats.elements import attribute, child, local, value

_DIGITS: Final = "〇一二三四五六七八九"
_ROMAN: Final = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_CHINESE: Final = ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand")
_LEVELS: Final = 9


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    style: str
    text: str


class Numbering:
    """Counts the paragraphs of one document, in their order."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = defaultdict(dict)
        self._styles: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()
        for element in () if numbering is None else numbering:
            self._define(element)
        if styles is not None:
            self._learn(styles)

    def mark(self, paragraph: Any) -> str:
        """What Word writes in front of this paragraph; "" for one that is not counted."""
        place = _place(child(paragraph, "pPr"))
        style = value(child(paragraph, "pPr", "pStyle"))
        number, level = place or self._styles.get(style, ("", 0))
        # "0" takes the numbering of the style away.
        levels = self._levels.get(self._lists.get(number, ""), {})
        if level not in levels:
            return ""
        count = self._count(number, level, levels)
        return self._written(levels, level, count)

    def _count(self, number: str, level: int, levels: dict[int, _Level]) -> dict[int, int]:
        count = self._counts[self._lists[number]]
        if number not in self._begun:
            self._begun.add(number)
            for at, start in self._restarts[number].items():
                count[at] = start - 1
        for above in range(level):
            if above in levels:
                count.setdefault(above, levels[above].start)
        count[level] = count.get(level, levels[level].start - 1) + 1
        for below in range(level + 1, _LEVELS):
            count.pop(below, None)
        return count

    def _written(self, levels: dict[int, _Level], level: int, count: dict[int, int]) -> str:
        own = levels[level]
        if own.style in ("none", ""):
            return ""
        if own.style == "bullet":
            return "• "

        def number(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            return _figure(count.get(at, 1), levels[at].style) if at in levels else ""

        mark = re.sub(r"%([1-9])", number, own.text)
        return f"{mark} " if re.search(r"[\w.．]\Z", mark) else mark

    def _define(self, element: Any) -> None:
        if local(element) == "abstractNum":
            levels = {}
            for each in (each for each in element if local(each) == "lvl"):
                start = value(child(each, "start"))
                levels[int(attribute(each, "ilvl") or 0)] = _Level(
                    int(start) if start.isdigit() else 1, value(child(each, "numFmt")), value(child(each, "lvlText"))
                )
            self._levels[attribute(element, "abstractNumId")] = levels
        elif local(element) == "num":
            number = attribute(element, "numId")
            self._lists[number] = value(child(element, "abstractNumId"))
            for each in (each for each in element if local(each) == "lvlOverride"):
                if (start := value(child(each, "startOverride"))).isdigit():
                    self._restarts[number][int(attribute(each, "ilvl") or 0)] = int(start)

    def _learn(self, styles: Any) -> None:
        own, based = {}, {}
        for each in (each for each in styles if local(each) == "style"):
            name = attribute(each, "styleId")
            based[name] = value(child(each, "basedOn"))
            if place := _place(child(each, "pPr")):
                own[name] = place
        for name in based:
            at, seen = name, set()
            while at and at not in own and at not in seen:
                seen.add(at)
                at = based.get(at, "")
            if at in own:
                self._styles[name] = own[at]


def _place(properties: Any) -> tuple[str, int] | None:
    """The list and the level that a paragraph or style asks for."""
    asked = child(properties, "numPr")
    number = value(child(asked, "numId"))
    level = value(child(asked, "ilvl"))
    return (number, int(level) if level.isdigit() else 0) if number else None


def _figure(number: int, style: str) -> str:
    if style in _CHINESE:
        return _chinese(number)
    match style:
        case "lowerLetter" | "upperLetter":
            letter = chr(ord("a") + (number - 1) % 26)
            return letter.upper() if style == "upperLetter" else letter
        case "lowerRoman" | "upperRoman":
            roman = _roman(number)
            return roman.upper() if style == "upperRoman" else roman
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if 1 <= number <= 20:
            return chr(ord("①") + number - 1)
        case "decimalZero":
            return f"{number:02d}"
        case "none":
            return ""
    return str(number)


def _chinese(number: int) -> str:
    if not 1 <= number <= 99:
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones else "")


def _roman(number: int) -> str:
    written = ""
    for worth, letters in _ROMAN:
        while number >= worth and len(written) < 20:
            written, number = written + letters, number - worth
    return written
