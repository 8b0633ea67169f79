"""The working copy of a report: noise folded away, with the way back to every printed character.

Patterns are written once, in simplified characters and half-width punctuation. Whatever they find is handed back
as offsets into the report itself, so what is shown to a person is what was printed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from projects import glyphs

_SPACES = "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
_FOLD = {"「": "“", "」": "”", "『": "“", "』": "”", "〔": "(", "〕": ")", **dict.fromkeys(_SPACES, " "), "\r": "\n"}
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_STRAIGHT = re.compile(r'"([^"\n]{1,60})"')
_PINYIN = re.compile(r"(?<=[㐀-鿿])[(（]\s*[a-züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,7}\s*[)）]")
_BREAK = re.compile(r"[ \t\u3000]*(?:\r?\n|\r)[\s]*")
_ANY_BLANK = rf"[ \t\u3000\xa0{_SPACES}]+"
_INDENT = re.compile(rf"^{_ANY_BLANK}(?=\S)", re.MULTILINE)
_BLANK = re.compile(
    rf"(?<=[㐀-鿿\d]){_ANY_BLANK}(?=\d)|(?<=\d){_ANY_BLANK}(?=[㐀-鿿])|(?<=[,，。;；、:：”）)]){_ANY_BLANK}(?=[^\s|])"
)
LONGEST = 2000
_ENDS = "。!?！？;；:：…”》)—|"
_MARK = re.compile(
    r"(?:[(（]?[一二三四五六七八九十]{1,3}(?:[)）、.．]|是|$)|[(（]\d{1,2}[)）]|\d{1,2}[、.．)]|[-•·●◆①-⑳])"
)


def _fold(text: str) -> str:
    """Same length, one spelling per character."""
    plain = "".join(_FOLD.get(char, char) for char in glyphs.fold(text))
    return _STRAIGHT.sub(r"“\1”", plain) if '"' in plain else plain


def _width(raw: str) -> int:
    """The width that a text is wrapped to, in characters; 0 where lines end with their paragraphs."""
    lengths = [len(line.rstrip()) for line in raw.splitlines() if line.strip()]
    if len(lengths) < 6:
        return 0
    longest = max(lengths)
    full = sum(longest - 2 <= length for length in lengths)
    return longest if 16 <= longest <= 100 and full * 3 >= len(lengths) else 0


def _is_headline(line: str, *, first: bool) -> bool:
    """The first line of a report, or "二、现场,…": it stops without an end mark and goes on nowhere."""
    return len(line) < 40 and "。" not in line and (first or bool(_MARK.match(line.lstrip())))


def _joins(before: str, after: str, *, first: bool = False) -> bool:
    """Whether a line break only wraps a sentence: long running text that stops without an end mark."""
    if not before or not after or before[-1] in _ENDS or "|" in before or "|" in after:
        return False
    if _MARK.match(after):
        return False
    unclosed = before.count("“") > before.count("”") or before.count("(") > before.count(")")
    running = len(before) >= 15 and bool(re.search(r"[,，。、]", before)) and not _is_headline(before, first=first)
    return (unclosed or running) and bool(re.match(r"[㐀-鿿\d“”(（《A-Za-z、，,)）。]", after))


def _noise(raw: str) -> list[tuple[int, int]]:
    """Stretches of the report that the working copy leaves out."""
    cuts = [match.span() for match in _PINYIN.finditer(raw)]
    cuts += [match.span() for match in _UNSEEN.finditer(raw)]
    cuts += [match.span() for match in _INDENT.finditer(raw)]
    line_start, width = 0, _width(raw)
    held, begun = "", False
    for match in _BREAK.finditer(raw):
        line = _UNSEEN.sub("", held + raw[line_start : match.start()]).rstrip()
        following = raw[match.end() : match.end() + 12].splitlines()
        wrapped = width and match.end() - line_start >= width - 2 and len(match.group().splitlines()) == 1
        if wrapped or _joins(line, following[0] if following else "", first=not begun):
            cuts.append(match.span())
            held = line
        else:
            held = ""
        begun = begun or bool(line)
        line_start = match.end()
    # A row of a table keeps its blanks: there they separate cells.
    cuts += [m.span() for m in _BLANK.finditer(raw) if "|" not in _line_at(raw, m.start())]
    return sorted(set(cuts))


def _line_at(raw: str, at: int) -> str:
    return raw[raw.rfind("\n", 0, at) + 1 : (raw.find("\n", at) + 1 or len(raw) + 1) - 1]


@dataclass(frozen=True)
class Page:
    """`text` is the working copy; `origin[i]` is where its character i stands in `raw`."""

    raw: str
    text: str
    origin: tuple[int, ...]

    @classmethod
    def of(cls, raw: str) -> Page:
        chars: list[str] = []
        origin: list[int] = []
        at = 0
        for start, end in [*_noise(raw), (len(raw), len(raw))]:
            if start < at:
                continue
            chars.append(_fold(raw[at:start]))
            origin += range(at, start)
            at = end
        return cls(raw, "".join(chars), tuple(origin))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the report as printed."""
        if start >= end or start >= len(self.origin):
            place = self.origin[start] if start < len(self.origin) else len(self.raw)
            return place, place
        return self.origin[start], self.origin[end - 1] + 1

    def printed(self, start: int, end: int) -> str:
        """The stretch as printed, without line breaks and noise."""
        return "".join(self.raw[i] for i in self.origin[start:end])

    @cached_property
    def paragraphs(self) -> list[tuple[int, int]]:
        """(start, end) of every line of the working copy that holds something."""
        return [m.span() for m in re.finditer(r"[^\n\r]*[^\s][^\n\r]*", self.text)]

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """(start, end) of every sentence, closing mark included. A mark inside quotes or brackets does not end one."""
        found: list[tuple[int, int]] = []
        for start, end in self.paragraphs:
            found += _sentences(self.text, start, end)
        return found

    def sentence_at(self, at: int) -> tuple[int, int]:
        """The sentence that holds this place; an empty stretch when none does."""
        return _holding(self.sentences, at)

    def paragraph_at(self, at: int) -> tuple[int, int]:
        """The line that holds this place; an empty stretch when none does."""
        return _holding(self.paragraphs, at)


def _holding(stretches: list[tuple[int, int]], at: int) -> tuple[int, int]:
    place = bisect_right(stretches, at, key=lambda stretch: stretch[0]) - 1
    if place >= 0 and stretches[place][0] <= at < stretches[place][1]:
        return stretches[place]
    return at, at


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    begin = start
    for match in re.finditer(r"[。!?]+[”’)]*", text[start:end]):
        found += _bounded(begin, start + match.end())
        begin = start + match.end()
    if text[begin:end].strip():
        found += _bounded(begin, end)
    return found


def _bounded(start: int, end: int) -> list[tuple[int, int]]:
    """No sentence of a report is this long; damaged text without stops must not cost quadratic time."""
    return [(at, min(at + LONGEST, end)) for at in range(start, end, LONGEST)]
