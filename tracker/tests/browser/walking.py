"""Walks the officials' pages by their links, as a curious visitor would: lists, filters, pages, histories, acts."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

START = "/admin/"
NUMBER = re.compile(r"\d+")
# The way out, what no official reads, pictures and files, and the same page in another order.
PASSED_BY = re.compile(
    r"/admin/(logout|jsi18n|autocomplete|projects/return/photos|projects_meetings/(.*/)?(table|word|attachments))/"
    r"|/admin/projects_alerts/letter/(.*/)?(word|attachments)/"
    r"|/admin/projects_intake/upload/\d+/file/"
    r"|[?](_popup|_changelist_filters|_facets|o|p|all)=|&"
)


@dataclass(slots=True)
class Page:
    """A page that was visited, and the link by which it was reached."""

    path: str
    html: str
    links: list[str] = field(default_factory=list)


class Links(HTMLParser):
    """Where a page leads: its links, and each choice of its filters once."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: list[str] = []
        self.base, self.form, self.select = page.path, False, ""
        self.feed(page.html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "a" and given.get("href"):
            self.found.append(urljoin(self.base, given["href"]))
        elif tag == "form":
            self.form = given.get("method", "get").lower() == "get"
        elif tag == "select" and self.form:
            self.select = given.get("name", "")
        elif tag == "option" and self.select and given.get("value"):
            self.found.append(f"{urlsplit(self.base).path}?{urlencode({self.select: given['value']})}")
            self.select = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = False


def walk(open_page: Callable[[str], str], *, of_each: int, of_each_query: int) -> Iterator[Page]:
    """Every page that can be reached by links, `of_each` per kind of address: addresses that differ in numbers only.

    Addresses with a query are a kind of their own per name in it, and `of_each_query` of them are opened; those with
    two names and more are left out, as there would be no end of combinations.
    """
    waiting, seen, kinds = deque([START]), {START}, Counter([START])
    while waiting:
        path = waiting.popleft()
        page = Page(path, open_page(path))
        page.links = [_whole(link) for link in Links(page).found]
        yield page
        for link in page.links:
            kind = _kind(link)
            if link in seen or not link.startswith(START) or PASSED_BY.search(link):
                continue
            if kinds[kind] < (of_each_query if "?" in link else of_each):
                kinds[kind] += 1
                seen.add(link)
                waiting.append(link)


def _whole(link: str) -> str:
    """The path and query of an address of ours; another's stays whole."""
    parts = urlsplit(link)
    if parts.netloc or parts.scheme:
        return link
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _kind(link: str) -> str:
    parts = urlsplit(link)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return NUMBER.sub("#", parts.path) + ("?" + ",".join(names) if names else "")
