"""Which of our projects a name means. One register serves reports, ledgers and meetings.

Names are the same when their comparison keys are equal, and any alias is as good as the name. Names whose digits or
phase marks differ are never the same; names that are only alike are told to a person and never merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from rapidfuzz import fuzz, process

from projects import names

ALIKE = 0.85
ABOVE = ("county", "zone")
"""Kinds of zones above a report's own in which its projects may be kept: not the whole city or province."""

Written = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """A project of the register with every name it goes by, the first being its own."""

    pk: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The project meant, or none; several equal ones are `unclear`; `alike` are near names a person should see."""

    pk: int | None = None
    unclear: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()


@dataclass(slots=True)
class Register:
    """The projects that a name of one zone can mean. Built with two queries, asked for every name of a document."""

    known: dict[int, Known] = field(default_factory=dict)
    by_name: dict[Written, set[int]] = field(default_factory=dict)
    by_key: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, projects: Iterable[Known]) -> Register:
        register = cls()
        for one in projects:
            register.add(one)
        return register

    @classmethod
    def for_zone(cls, zone: Any) -> Register:
        """Projects of the zone, of those below it, and of the county or development zone above it."""
        from projects.models import Project, ProjectAlias

        projects = Project.objects.filter(near(zone))
        aliases = ProjectAlias.objects.filter(project__in=projects).order_by("pk")
        also: dict[int, list[str]] = {}
        for pk, name in aliases.values_list("project_id", "name"):
            also.setdefault(pk, []).append(name)
        rows = projects.order_by("pk").values_list("pk", "name")
        return cls.of(Known(pk, (name, *also.get(pk, ()))) for pk, name in rows)

    def add(self, one: Known) -> None:
        before = self.known.get(one.pk)
        self.known[one.pk] = Known(one.pk, (*before.names, *one.names)) if before else one
        for name in one.names:
            self.by_name.setdefault(_written(name), set()).add(one.pk)
            self.by_key.setdefault(names.key(name), set()).add(one.pk)

    def find(self, name: str, aliases: Iterable[str] = ()) -> Match:
        """Which project this name means; where it means none, which its aliases mean."""
        also = {pk for alias in aliases for pk in self._called(alias)}
        found = self._called(name) or {pk for pk in also if self._same_marks(pk, name)}
        if len(found) == 1:
            return Match(pk=next(iter(found)))
        if found:
            return Match(unclear=tuple(sorted(found)))
        return Match(alike=tuple(sorted(also | self._alike(name))))

    def _called(self, name: str) -> set[int]:
        return self.by_name.get(_written(name), set())

    def _same_marks(self, pk: int, name: str) -> bool:
        """一期 and 二期 of one park share their short name, and are two projects all the same."""
        return names.marks(name) == names.marks(self.known[pk].names[0])

    def _alike(self, name: str) -> set[int]:
        key = names.key(name)
        close = process.extract(key, self.by_key.keys(), scorer=fuzz.partial_ratio, score_cutoff=80, limit=20)
        pks = {pk for other, _, _ in close for pk in self.by_key[other]}
        near = {pk: max(names.likeness(name, other) for other in self.known[pk].names) for pk in pks}
        return {pk for pk, likeness in near.items() if likeness >= ALIKE}


def near(zone: Any) -> Q:
    """Condition on projects: those that a document of `zone` can name."""
    return Q(zone__path__startswith=zone.path) | Q(zone__path__in=zone.ancestor_paths, zone__kind__in=ABOVE)


def _written(name: str) -> Written:
    # The key drops the point of 1.5万吨; the marks keep it.
    return names.key(name), names.marks(name)
