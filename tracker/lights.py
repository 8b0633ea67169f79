"""The lights that rules can show, for the list of projects and the home page. Only the roof knows both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Look:
    """How a light looks: its code, Chinese label and colour."""

    code: str
    label: str
    colour: str


def of_rules(user: Any) -> list[Look]:
    """The lights of the rules that hold where `user` reads, the worst first. One statement over a few rows."""
    from projects.alerts.models import Rule

    levels = [level for rule in Rule.objects.visible_to(user).only("levels") for level in rule.levels]
    levels.sort(key=lambda level: -level.get("severity", 0))
    looks = {level["code"]: Look(level["code"], level["label"], level.get("colour", "")) for level in reversed(levels)}
    return list(reversed(looks.values()))


def choices(user: Any) -> list[tuple[str, str]]:
    """The same as choices of a filter."""
    return [(look.code, look.label) for look in of_rules(user)]
