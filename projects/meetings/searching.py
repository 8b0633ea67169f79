"""会议检索: every word that is looked for, in what was decided and in the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from projects.meetings import selecting
from projects.meetings.models import Decision, Minutes
from projects.meetings.recording import HEAVY

MOST: Final = 50  # rows of each kind
WORDS: Final = 5  # that are looked for at once
AROUND: Final = 40  # characters shown on each side of the first word found
OF_DECISIONS: Final = ("matter", "result", "project__name", "lead__name", "topic__title", "person__display_name")
OF_MINUTES: Final = ("title", "background", "body", "remarks", "addenda__text")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind: the first of it, and how much there is."""

    rows: list[Any]
    total: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


def words_of(text: str) -> list[str]:
    """The words that are looked for: what blanks separate, the first few."""
    return text.split()[:WORDS]


def decisions(words: Sequence[str], user: Any) -> Found:
    """Decisions in which all words stand, the latest first."""
    rows = selecting.handed_down(Decision.objects.visible_to(user), user).filter(_all_of(words, OF_DECISIONS))
    return _first(rows.select_related("meeting__zone", "project", "lead", "person").defer(*HEAVY))


def minutes(words: Sequence[str], user: Any) -> Found:
    """Minutes in which all words stand, corrections included, the latest first."""
    found = Minutes.objects.filter(_all_of(words, OF_MINUTES)).order_by().values("pk")
    return _first(selecting.issued_minutes(user).filter(pk__in=found).select_related("meeting__zone").defer(*HEAVY))


def excerpt(text: str, words: Sequence[str]) -> SafeString:
    """The text around the first word found, with all words marked; its beginning where none stands in it."""
    flat = " ".join(text.split())
    at = min((found for word in words if (found := flat.lower().find(word.lower())) >= 0), default=0)
    start, end = max(0, at - AROUND), at + 2 * AROUND
    shown = f"{'…' if start else ''}{flat[start:end]}{'…' if end < len(flat) else ''}"
    return marked(shown, words)


def marked(text: str, words: Sequence[str]) -> SafeString:
    """The text with every word that was looked for marked in it."""
    spans = _spans(text.lower(), [word.lower() for word in words if word])
    pieces, last = [], 0
    for start, end in spans:
        pieces += [(text[last:start], text[start:end])]
        last = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), text[last:])


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where words stand, left to right, none across another."""
    found, at = [], 0
    while at < len(text):
        length = max((len(word) for word in words if text.startswith(word, at)), default=0)
        if length:
            found.append((at, at + length))
        at += length or 1
    return found


def _all_of(words: Sequence[str], columns: Sequence[str]) -> Q:
    return reduce(and_, (reduce(or_, (Q(**{f"{name}__icontains": word}) for name in columns)) for word in words))


def _first(rows: QuerySet[Any]) -> Found:
    total = rows.count()
    return Found(list(rows[:MOST]) if total else [], total)
