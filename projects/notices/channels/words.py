"""What a message says, fitted into what a service takes: cut at a line, saying how much was left out, the way to the
rest kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

LINK: Final = re.compile(r"https?://\S+")
LABELLED: Final = re.compile(r"(?P<words>.+?)[：:]\s*(?P<link>https?://\S+)")
LEFT_OUT: Final = re.compile(r"另有 (\d+) 条没有列在这里。")
ELLIPSIS: Final = "…"
MARKS: Final = str.maketrans({"[": "［", "]": "］", "<": "＜", ">": "＞", "*": "＊", "`": "｀", "\\": "＼"})


@dataclass(frozen=True)
class Line:
    """One line of a message, with the address that it leads to, if any."""

    words: str
    link: str = ""


Write = Callable[[list[Line]], str]


def left_out(count: int) -> str:
    """How a message says that it is not everything."""
    return f"另有 {count} 条没有列在这里。"


def lines_of(text: str) -> list[Line]:
    """The lines of a delivery's text: an address on a line of its own belongs to the line before it."""
    lines: list[Line] = []
    for raw in text.splitlines():
        words = raw.strip()
        labelled = LABELLED.fullmatch(words)
        if LINK.fullmatch(words) and lines and not lines[-1].link:
            lines[-1] = Line(lines[-1].words, words)
        elif labelled:
            lines.append(Line(labelled["words"], labelled["link"]))
        elif words:
            lines.append(Line(words))
    return lines


def fitted(lines: list[Line], write: Write, limit: int) -> str:
    """What `write` makes of the lines, in at most `limit` bytes of UTF-8: all of them, else as many from the top as fit
    with the last one and the number of those that are missing. Raises ValueError if not even that fits.
    """
    for shorter in _shorter(lines):
        whole = write(shorter)
        if len(whole.encode()) <= limit:
            return whole
    raise ValueError("the message does not fit")


def _shorter(lines: list[Line]) -> Iterator[list[Line]]:
    yield lines
    body, end = lines[:-1], lines[-1:]
    already = sum(int(found[1]) for line in body if (found := LEFT_OUT.fullmatch(line.words)))
    body = [line for line in body if not LEFT_OUT.fullmatch(line.words)]
    for keep in range(len(body) - 1, 0, -1):
        missing = already + sum(bool(line.link) for line in body[keep:])
        yield [*body[:keep], Line(left_out(missing)), *end]
    for room in range(len(body[0].words) // 2 if body else 0, 0, -20):
        first = Line(body[0].words[:room] + ELLIPSIS, body[0].link)
        yield [first, Line(left_out(already + sum(bool(line.link) for line in body[1:]))), *end]


def plain(words: str) -> str:
    """The words without what a service would read as a mark of its own."""
    return words.translate(MARKS)


def markdown(title: str) -> Write:
    """Markdown as 企业微信 and 钉钉 read it: a heading, links, an empty line between paragraphs."""

    def write(lines: list[Line]) -> str:
        shown = [f"[{plain(line.words)}]({line.link})" if line.link else plain(line.words) for line in lines]
        return "\n\n".join([f"#### {plain(title)}", *shown])

    return write


def anchored(title: str) -> Write:
    """Text with links as 企业微信's apps read it."""

    def write(lines: list[Line]) -> str:
        shown = [f'<a href="{line.link}">{plain(line.words)}</a>' if line.link else plain(line.words) for line in lines]
        return "\n".join([plain(title), "", *shown])

    return write
