"""The working copy of a report: noise folded away, with the way back to every printed character.

Patterns are written once, in simplified characters and half-width punctuation. Whatever they find is handed back
as offsets into the report itself, so what is shown to a person is what was printed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

from projects import glyphs, money
from projects.finding import near
from projects.money import FoundAmount

_SPACES = "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
_FOLD = {"「": "“", "」": "”", "『": "“", "』": "”", "〔": "(", "〕": ")", **dict.fromkeys(_SPACES, " "), "\r": "\n"}
_ODD = re.compile(f"[{''.join(_FOLD)}]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_STRAIGHT = re.compile(r'"([^"\n]{1,60})"')
_PINYIN = re.compile(r"(?<=[㐀-鿿])[(（]\s*[a-züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,7}\s*[)）]")
_BRACKET = re.compile("[(（]")
_BREAK = re.compile(r"(?<![ \t\u3000])[ \t\u3000]*+(?:\r?\n|\r)[\s]*")
_ANY_BLANK = rf"[ \t\u3000\xa0{_SPACES}]+"
_INDENT = re.compile(rf"^{_ANY_BLANK}(?=\S)", re.MULTILINE)
_BLANK = re.compile(
    rf"(?<=[㐀-鿿\d]){_ANY_BLANK}(?=\d)|(?<=\d){_ANY_BLANK}(?=[㐀-鿿%])|(?<=[,，。;；、:：”）)]){_ANY_BLANK}(?=[^\s|])"
)
_SPACE = re.compile(_ANY_BLANK)
LONGEST = 2000
LONGEST_PARAGRAPH = 5000  # characters; a book whose lines are lost must not be looked back through for each name
_UNPARTED = re.compile(r"[A-Za-z0-9.,%×-]{2,24}")
_HELD = 400
_ENDS = "。!?！？;；:：…”》)—|"
_TAIL_OF_NAME = re.compile(r"[㐀-鿿]{1,6}(?:项目|工程|产业园|基地|中心|生产线)(?:[。,，：:(（]|$)")
_MARK = re.compile(
    r"(?:0\d[ \t\u3000㐀-鿿]|[㐀-鿿]{2,5}[：:]|"
    r"[(（]?[一二三四五六七八九十]{1,3}(?:[)）、.．]|是|$)|[(（]\d{1,2}[)）]|\d{1,2}[、.．)]|[-•·●◆①-⑳])"
)


def _fold(text: str) -> str:
    """Same length, one spelling per character."""
    return _ODD.sub(lambda match: _FOLD[match.group()], glyphs.fold(text))


def _quoted(plain: str) -> str:
    """With quotes that open and close for straight ones."""
    return _STRAIGHT.sub(r"“\1”", plain) if '"' in plain else plain


_HEAD_OF_TABLE = re.compile(r"^[^\n|]*(?:序号|项目名称)[^\n|]*$", re.MULTILINE)
_NUMBERED_ROW = re.compile(r"[ \t\u3000]*[0-9]{1,3}(?: {2}|\u3000)")
_TABLE_ROW = re.compile(r"(?<![^\n])[^\n|]*+\|[^\n]*")
_GAP = re.compile(r"(?<=\S)(?: {2}|\u3000)(?=[ \u3000]*\S)")


def _celled(raw: str) -> str:
    """The text with | where a table has tabs, or the wide gaps of a table whose head names its columns; as long."""
    lines = raw.splitlines(keepends=True)
    gaps = False
    for at, line in enumerate(lines):
        if line.count("\t") >= 2 and "|" not in line:
            lines[at] = line.replace("\t", "|")
        elif "|" not in line and ("  " in line or "\u3000" in line):
            wide = len(_GAP.findall(line.strip()))
            gaps = (wide >= 2 or (gaps and bool(_NUMBERED_ROW.match(line)))) and (
                gaps or bool(_HEAD_OF_TABLE.match(line.strip()) or _NUMBERED_ROW.match(line))
            )
            lines[at] = _GAP.sub(lambda m: "|" + m.group()[1:], line) if gaps else line
        elif line.strip():
            gaps = False
    return "".join(lines)


def _broken_rows(celled: str) -> list[tuple[int, int]]:
    """The line breaks inside a cell: a row with too few cells, and below it a line with those that it lacks."""
    cuts: list[tuple[int, int]] = []
    columns = 0
    before: re.Match[str] | None = None
    for row in _TABLE_ROW.finditer(celled):
        bars = row.group().count("|")
        beside = before is not None and row.start() - before.end() == 1
        lacking = columns - before.group().count("|") if before is not None and beside else 0
        if before is not None and lacking == bars > 0 and not _FIRST_CELL.match(row.group()):
            cuts.append((len(celled[: before.end()].rstrip()), row.start()))
            before = None
            continue
        columns = bars if not beside else max(columns, bars)
        before = row
    return cuts


_FIRST_CELL = re.compile(r"\s*(?:\d+\s*\||合\s*计)")


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
    headed = before[-1] in ")）" or "一批" in before
    if _MARK.match(before) and not headed and not re.search(r"[,，。、：:]", before[4:]) and _TAIL_OF_NAME.match(after):
        return True
    unclosed = before.count("“") > before.count("”") or before.count("(") > before.count(")")
    running = len(before) >= 15 and bool(re.search(r"[,，。、]", before)) and not _is_headline(before, first=first)
    return (unclosed or running) and bool(re.match(r"[㐀-鿿\d“”(（《A-Za-z、，,)）。]", after))


def _noise(raw: str) -> list[tuple[int, int]]:
    """Stretches of the report that the working copy leaves out."""
    cuts = [match.span() for match in near(_BRACKET, 0, _PINYIN, raw)]
    cuts += [match.span() for match in _UNSEEN.finditer(raw)]
    cuts += [match.span() for match in _INDENT.finditer(raw)]
    line_start, width = 0, _width(raw)
    held, begun = "", False
    for match in _BREAK.finditer(raw):
        line = _UNSEEN.sub("", held + raw[line_start : match.start()]).rstrip()
        following = raw[match.end() : match.end() + 12].splitlines()
        ahead = following[0] if following else ""
        # Letters and figures that a line begins with are not parted: the line before ends where they had no room.
        room = width - 2 - (len(word.group()) if (word := _UNPARTED.match(ahead)) else 0)
        full = width and match.end() - line_start >= room and len(match.group().splitlines()) == 1
        wrapped = full and "|" not in line and "|" not in ahead
        if wrapped or _joins(line, ahead, first=not begun):
            cuts.append(match.span())
            held = _shortened(line)
        else:
            held = ""
        begun = begun or bool(line)
        line_start = match.end()
    # A row of a table keeps its blanks: there they separate cells.
    rows = [m.span() for m in _TABLE_ROW.finditer(raw)]
    cuts += _broken_rows(raw)
    starts = [start for start, _ in rows]
    cuts += [
        m.span() for m in near(_SPACE, 0, _BLANK, raw) if _holding(rows, starts, m.start()) == (m.start(), m.start())
    ]
    return sorted(set(cuts))


def _shortened(line: str) -> str:
    """A line that goes on, as far as `_joins` asks about it: no paragraph must be read again for each line."""
    if len(line) <= _HELD:
        return line
    head, middle, tail = line[: _HELD // 4], line[_HELD // 4 : -_HELD // 4], line[-_HELD // 4 :]
    kept = [mark for mark in ",，。、：:|" if mark in middle]
    for opening, closing in ("“”", "()"):
        more = middle.count(opening) - middle.count(closing)
        kept.append(opening * more or closing * -more)
    return f"{head}{''.join(kept)}{tail}"


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
        celled = _celled(raw)
        plain = _fold(celled)
        for start, end in [*_noise(celled), (len(raw), len(raw))]:
            if start < at:
                continue
            chars.append(_quoted(plain[at:start]))
            origin += range(at, start)
            at = end
        return cls(raw, "".join(chars), tuple(origin))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the report as printed."""
        if start >= end or start >= len(self.origin):
            place = self.origin[start] if start < len(self.origin) else len(self.raw)
            return place, place
        return self.origin[start], self.origin[end - 1] + 1

    def after_mark(self, place: int) -> int:
        """The place in the report as printed after a sign of a list that stands there: ①, ●."""
        mark = _SIGN.match(self.raw, place)
        return mark.end() if mark else place

    def printed(self, start: int, end: int) -> str:
        """The stretch as printed, without line breaks and noise."""
        return "".join(self.raw[i] for i in self.origin[start:end])

    @cached_property
    def money(self) -> list[FoundAmount]:
        """Every amount of the working copy, in order."""
        return money.find(self.text)

    def amounts(self, start: int, end: int) -> list[FoundAmount]:
        """The amounts of a stretch, in order; places are those of the working copy."""
        starts, ends = self._money_places
        return self.money[bisect_left(starts, start) : bisect_right(ends, end)]

    @cached_property
    def _money_places(self) -> tuple[list[int], list[int]]:
        return [found.start for found in self.money], [found.end for found in self.money]

    @cached_property
    def paragraphs(self) -> list[tuple[int, int]]:
        """(start, end) of every line of the working copy that holds something; an endless one in parts."""
        found: list[tuple[int, int]] = []
        for line in re.finditer(r"(?<![^\n\r])[^\S\n\r]*+\S[^\n\r]*", self.text):
            start, end = line.span()
            while end - start > LONGEST_PARAGRAPH:
                stop = self.text.rfind("。", start, start + LONGEST_PARAGRAPH) + 1 or start + LONGEST_PARAGRAPH
                found.append((start, stop))
                start = stop
            found.append((start, end))
        return found

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """(start, end) of every sentence, closing mark included. A mark inside quotes or brackets does not end one."""
        found: list[tuple[int, int]] = []
        for start, end in self.paragraphs:
            found += _sentences(self.text, start, end)
        return found

    def sentence_at(self, at: int) -> tuple[int, int]:
        """The sentence that holds this place; an empty stretch when none does."""
        return _holding(self.sentences, self._sentence_starts, at)

    def paragraph_at(self, at: int) -> tuple[int, int]:
        """The line that holds this place; an empty stretch when none does."""
        return _holding(self.paragraphs, self._paragraph_starts, at)

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    @cached_property
    def _paragraph_starts(self) -> list[int]:
        return [start for start, _ in self.paragraphs]

    @cached_property
    def marks(self) -> list[int]:
        """Where the marks stand that a name may end at, or be inside of."""
        return [mark.start() for mark in _MARKS.finditer(self.text)]


_STOPS = re.compile(r"[。!?]+[”’)]*")
_SIGN = re.compile(r"[\u2460-\u2473●•■◆▪]\s*")
_MARKS = re.compile(r"[，,。;:!?\n、—|()“”]")


def _holding(stretches: list[tuple[int, int]], starts: list[int], at: int) -> tuple[int, int]:
    place = bisect_right(starts, at) - 1
    if place >= 0 and stretches[place][0] <= at < stretches[place][1]:
        return stretches[place]
    return at, at


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    begin = start
    for match in _STOPS.finditer(text[start:end]):
        found += _bounded(begin, start + match.end())
        begin = start + match.end()
    if text[begin:end].strip():
        found += _bounded(begin, end)
    return found


def _bounded(start: int, end: int) -> list[tuple[int, int]]:
    """No sentence of a report is this long; damaged text without stops must not cost quadratic time."""
    return [(at, min(at + LONGEST, end)) for at in range(start, end, LONGEST)]
