"""What all formats write alike: lines, cells, and what is joined in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from projects.intake import limits
from projects.intake.refusals import Trouble

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_BLANKS: Final = re.compile(r"[ \xa0\u2000-\u200a\u202f\u205f]+")
_RADICALS: Final = re.compile("[\u2e80-\u2fdf]")
_LATIN: Final = re.compile("[A-Za-z]")


def text_of(lines: Iterable[str]) -> str:
    """The article, a paragraph a line. Raises Trouble when it is longer than any article, or empty."""
    kept: list[str] = []
    size = 0
    for line in lines:
        plain = clean(line)
        size += len(plain.encode()) + 1
        if size > limits.TEXT:
            raise Trouble("too_long", most=limits.TEXT // limits.MEGABYTE)
        if plain:
            kept.append(plain)
    if not kept:
        raise Trouble("empty")
    return "\n".join(kept) + "\n"


def clean(line: str) -> str:
    """Without what nobody sees, and with the characters that some fonts draw as radicals."""
    plain = _CONTROL.sub("", line)
    plain = _RADICALS.sub(lambda match: unicodedata.normalize("NFKC", match.group()), plain)
    return _BLANKS.sub(" ", plain).strip(" \t\r\n\u3000")


def joined(before: str, after: str) -> str:
    """One text of two that a line break parts. English words get a blank, a word that a hyphen parts is whole."""
    if not before or not after:
        return before + after
    if before.endswith("-") and _LATIN.match(before[-2:-1]) and after[0].islower():
        return before[:-1] + after
    return f"{before} {after}" if _LATIN.match(before[-1]) and _LATIN.match(after[0]) else before + after


def cell(texts: Iterable[str]) -> str:
    """A cell on one line: what stood on several lines in it is one text again, and a bar of its own parts nothing."""
    text = ""
    for line in texts:
        text = joined(text, clean(line))
    return text.replace("|", "/")


def row(cells: list[str]) -> str:
    """A row of a table, as the reader of reports expects it. One cell alone, such as a head across all, is a line."""
    told = [each for each in cells if each]
    return " | ".join(cells) if len(told) > 1 else "".join(told)
