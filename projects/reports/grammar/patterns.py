"""The register of the language: every named pattern with an example of our own and what it finds there.

A colleague adds a wording in one place: in the module that reads that thing, with `pattern(…)`. The test walks the
register and checks each example; `read_report` scored on the labelled reports shows what the pattern changed.

What is asked often costs time only where its first letter stands: `pattern` and `quick` see to that for patterns that
begin with letters, and `projects.finding.near` for those that cannot, but hold one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """A wording of the field. `gives` is the stretch of `example` that it finds; `code` is its row in the list of
    patterns of this language (A1 … T7), "" where it has none.
    """

    name: str
    code: str
    regex: re.Pattern[str]
    example: str
    gives: str

    def found(self) -> str | None:
        """What the pattern finds in its own example."""
        match = self.regex.search(self.example)
        return match.group() if match else None


REGISTER: dict[str, Pattern] = {}


def pattern(name: str, regex: str, example: str, gives: str, *, code: str = "", flags: int = 0) -> re.Pattern[str]:
    """Register a pattern and hand back what matches it.

    Raises:
        ValueError: two patterns of one name.
    """
    if name in REGISTER:
        raise ValueError(f"two patterns are called {name}")
    compiled = quick(regex, flags)
    REGISTER[name] = Pattern(name, code, compiled, example, gives)
    return compiled


# --- a letter first -----------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+", re.DOTALL)
_LETTER = re.compile(r"[^\\^$.*+?()\[\]{}|]|\\[^\w\s]")
_SET = re.compile(r"(?P<set>\[(?P<signs>(?!\^)[^\]\\]+)\])(?:(?P<many>\+)|\{1,(?P<most>\d)\}|(?![*{?]))(?![+?])")
_CAPTURES = re.compile(r"(?<!\\)\((?:\?P<|(?!\?))")
_RANGE = re.compile(r"(.)-(.)")
_MOST = 26  # letters that a range may stand for
_LOOK_BACK = ("(?<=", "(?<!")


class _NoLetterError(Exception):
    """The pattern can begin with something that is no letter."""


def quick(regex: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern, compiled with a letter first in each of its alternatives where they can be so written.

    (?:建成)?投用|[当现]场落笔|(?<=项目)敲定 becomes 建成投用|投用|当场落笔|现场落笔|敲(?<=项目敲)定: it finds the same,
    and the engine stops only where one of these letters stands, which is many times faster in a long text. Where an
    alternative begins with anything else, or a group that is captured would stand twice, the pattern stays as it is.
    """
    try:
        made = "|".join(_by_letter(regex))
    except _NoLetterError:
        return re.compile(regex, flags)
    same = len(_CAPTURES.findall(made)) == len(_CAPTURES.findall(regex))
    return re.compile(made if same else regex, flags)


def _by_letter(regex: str) -> Iterator[str]:
    """The alternatives, in their order, each beginning with a letter.

    Raises:
        _NoLetterError: one of them cannot.
    """
    for one in _alternatives(regex):
        yield from _expanded(one)


def _expanded(one: str) -> Iterator[str]:
    if one.startswith("(?:"):
        inner, rest = _group(one)
        if rest[:1] in ("*", "+", "{") or rest[:2] in ("??", "?+"):
            raise _NoLetterError
        maybe = rest.startswith("?")
        for way in _alternatives(inner):
            yield from _expanded(way + rest[maybe:])
        if maybe:
            yield from _expanded(rest[1:])
    elif one.startswith(_LOOK_BACK):
        inner, rest = _group(one)
        for way in _expanded(rest):
            first = _LETTER.match(way)
            letter = first.group() if first else ""
            yield f"{letter}{one[:4]}(?:{inner}){letter}){way[len(letter) :]}"
    elif first := _SET.match(one):
        most = f"{{0,{int(first['most']) - 1}}}" if first["most"] else "*"
        more = first["set"] + most if first["many"] or first["most"] else ""
        for sign in _RANGE.sub(_spelled_out, first["signs"]):
            yield from _expanded(re.escape(sign) + more + one[first.end() :])
    elif not (first := _LETTER.match(one)) or one.startswith(("*", "+", "{"), first.end()):
        raise _NoLetterError
    elif one.startswith("?", first.end()):
        yield first.group() + one[first.end() + 1 :]
        yield from _expanded(one[first.end() + 1 :])
    else:
        yield one


def _spelled_out(signs: re.Match[str]) -> str:
    """0123456789 for 0-9."""
    least, most = map(ord, signs.groups())
    if most - least > _MOST:
        raise _NoLetterError
    return "".join(map(chr, range(least, most + 1)))


def _group(one: str) -> tuple[str, str]:
    """What the group holds that a pattern begins with, and what follows it."""
    depth, at = 0, 0
    for token in _TOKEN.finditer(one):
        depth += (token.group() == "(") - (token.group() == ")")
        if not depth:
            at = token.start()
            break
    return one[4 if one.startswith(_LOOK_BACK) else 3 : at], one[at + 1 :]


def _alternatives(regex: str) -> list[str]:
    """The alternatives of a pattern that stand in no group."""
    found, depth = [""], 0
    for token in _TOKEN.finditer(regex):
        part = token.group()
        depth += (part == "(") - (part == ")")
        if part == "|" and not depth:
            found.append("")
        else:
            found[-1] += part
    return found
