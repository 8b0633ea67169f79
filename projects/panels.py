"""Panels on the core's pages that belong to rooms above.

The core knows nothing of alerts or meetings, yet its pages should show them. A room above registers a panel in its
`ready()`; the page draws whatever is registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

Draw = Callable[[HttpRequest, Any], SafeString]


@dataclass(frozen=True, slots=True)
class Panel:
    """One box of a page: its name in the address, its Chinese title, and what draws its inside."""

    name: str
    title: str
    draw: Draw


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel with its inside, ready for the template."""

    name: str
    title: str
    inside: SafeString


_registered: dict[str, dict[str, Panel]] = {}


def register(name: str, title: str, draw: Draw, *, on: str = "project") -> None:
    """Show a panel on the pages of `on` ("project", "source"). Registering a name again replaces the panel.

    `draw` is given the request and the row, shows only what the person may see, costs a constant number of
    statements, and answers "" where there is nothing to show.
    """
    _registered.setdefault(on, {})[name] = Panel(name, title, draw)


def drawn(request: HttpRequest, row: Any, *, on: str = "project") -> list[Drawn]:
    """The panels of a page that have something to show, in the order in which they were registered."""
    return list(_drawn(request, row, on))


def _drawn(request: HttpRequest, row: Any, on: str) -> Iterator[Drawn]:
    for panel in _registered.get(on, {}).values():
        inside = panel.draw(request, row)
        if inside:
            yield Drawn(panel.name, panel.title, inside)
