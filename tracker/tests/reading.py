"""The English words that a person reads on a page: in its text, and in what its fields, buttons and pictures say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

WORD = re.compile(r"[A-Za-z]{2,}")
# What has no Chinese name: GB/T 2260 is the number of a standard, three are programs, others formats of files, how
# large they are, or printed on the keys.
FOREIGN = frozenset({"GB", "Alt", "Ctrl", "Esc", "Shift", "Tab", "esc", "Excel", "Word", "PDF", "JPG", "PNG", "WEBP"})
FOREIGN |= {"WPS", "OFD", "UTF", "KB", "MB", "CSV"}
FOREIGN |= {"Webhook", "AgentId", "CorpId", "AppKey", "App", "ID", "Secret"}  # as 企业微信, 钉钉 and 飞书 print them
# Addresses of pages and of mail, codes of projects, and endings of files: data, and not words of the page.
DATA = re.compile(r"https?://\S+|[\w.-]+@[\w.-]+|\b[A-Z]{2,6}-\d{4}\b|\.[a-z]{2,5}\b")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>")
ACTING = re.compile(r"\son(click|load|change|submit|error)=")
READ_ALOUD = ("placeholder", "title", "aria-label", "alt", "data-label")
SILENT = frozenset({"script", "style", "template"})
EMPTY = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
BUTTONS = frozenset({"submit", "button", "reset"})


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A word, and the element in which it stands, as a selector."""

    element: str
    word: str
    text: str

    def __str__(self) -> str:
        return f"{self.element} “{self.text}”：{self.word}"


class Reader(HTMLParser):
    """Reads a page. `known` are names that are data, as those of projects and people, the longest first."""

    def __init__(self, html: str, known: Sequence[str] = ()) -> None:
        super().__init__()
        self.known = known
        self.found: list[Found] = []
        self.open: list[tuple[str, str, bool]] = []  # tag, selector, whether what is inside is not read
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        where = tag + "".join(f"#{given[name]}" for name in ("id",) if given.get(name))
        where += "".join(f".{each}" for each in given.get("class", "").split()[:1])
        for name in READ_ALOUD:
            self._read(given.get(name, ""), f"{where}[{name}]")
        if tag == "input" and given.get("type") in BUTTONS:
            self._read(given.get("value", ""), f"{where}[value]")
        if tag not in EMPTY:
            self.open.append((tag, where, tag in SILENT or "material-symbols" in given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if any(each == tag for each, *_ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, text: str) -> None:
        if WORD.search(text) and not any(silent for *_, silent in self.open):
            self._read(text, " > ".join(where for _, where, _ in self.open[-2:]))

    def _read(self, text: str, where: str) -> None:
        self.found += [Found(where, word, " ".join(text.split())[:60]) for word in words(text, self.known)]


def words(text: str, known: Sequence[str] = ()) -> list[str]:
    """The English words of a text that are neither data nor without a Chinese name."""
    if not WORD.search(text):
        return []
    text = DATA.sub("", text)
    for name in known:
        text = text.replace(name, "")
    return [word for word in WORD.findall(text) if word not in FOREIGN]


def english(html: str, known: Sequence[str] = ()) -> list[Found]:
    """Every English word of a page."""
    return Reader(html, known).found


def scripts_of_its_own(html: str) -> list[str]:
    """What the policy of the site forbids on a page: scripts written into it, and acts written into its elements."""
    written = [tag for tag in INLINE.findall(html) if "application/json" not in tag]
    return written + [act[0] for act in ACTING.finditer(html)]
