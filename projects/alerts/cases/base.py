"""Subjects of rules, and the shards in which they are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet

from projects.alerts.verdicts import Unjudged

if TYPE_CHECKING:
    from zones.models import Zone

T = TypeVar("T")
Loader = Callable[[Sequence[int], date], Mapping[int, T]]
"""What is known of the subjects with these keys on a day, by key; a constant number of statements."""


@dataclass(slots=True, eq=False)
class Case:
    """One subject on one day. `path` and `return_day` are those of its zone; `until` is the last day for which what
    is known of it stays as it is by itself (a suspension ends, a plan comes into effect), None if nothing is ahead.
    """

    kind: ClassVar[str]

    shard: Shard
    pk: int
    name: str
    path: str
    return_day: int | None
    is_demo: bool
    until: date | None

    @property
    def as_of(self) -> date:
        return self.shard.as_of

    @property
    def key(self) -> str:
        """How it is called as the subject of an alert."""
        return f"{self.kind}:{self.pk}"

    @property
    def project_id(self) -> int | None:
        """The project that it belongs to."""
        return None

    @property
    def department_id(self) -> int | None:
        """The unit that it is, or is of."""
        return None

    @property
    def zone_id(self) -> int | None:
        """The zone that it belongs to, where there is no project."""
        return None

    @property
    def gone(self) -> bool:
        """Whether it had ended by the day: its alerts close, and it does not count any more."""
        return False

    @property
    def at_rest(self) -> Unjudged | None:
        """Why nothing is said of it on the day by any rule; None if rules may judge."""
        return None

    @property
    def called(self) -> str:
        """By its name, marked if anything of it is invented."""
        mark = "（演示）" if self.is_demo and "演示" not in self.name else ""
        return f"{self.name}{mark}"

    def on(self, day: date) -> Case | None:
        """The same subject as it was on another day; None if it was not there. Read for the whole shard at once."""
        return self.shard.on(day).cases.get(self.pk)

    def known(self, loader: Loader[T]) -> T | None:
        """What `loader` knows of it on the day. Asked once for the whole shard."""
        return self.shard.known(loader).get(self.pk)


class Shard:
    """Subjects of one kind on one day, by key, read together."""

    def __init__(
        self, kind: Kind, ids: Sequence[int], as_of: date, known: Mapping[Loader[Any], Mapping[int, Any]] | None = None
    ) -> None:
        """Read the subjects; `known` is what loaders would say of them, where that was found out already."""
        self.kind = kind
        self.ids = ids
        self.as_of = as_of
        self._days: dict[date, Shard] = {as_of: self}
        self._known: dict[Loader[Any], Mapping[int, Any]] = dict(known or {})
        self.cases: dict[int, Case] = {case.pk: case for case in kind.load(self)}

    def on(self, day: date) -> Shard:
        """The same subjects on another day."""
        if day not in self._days:
            self._days[day] = Shard(self.kind, self.ids, day)
        return self._days[day]

    def known(self, loader: Loader[T]) -> Mapping[int, T]:
        """What `loader` knows of all of them."""
        if loader not in self._known:
            self._known[loader] = loader(self.ids, self.as_of)
        return self._known[loader]


class Kind(ABC, Generic[T]):
    """A kind of subject: how its subjects are found, locked and read."""

    code: ClassVar[str]
    label: ClassVar[str]
    model: ClassVar[type[Model]]

    size: ClassVar[int] = 500
    """Subjects that are looked at together: what a scan keeps in memory."""
    part: ClassVar[int] = 500
    """Subjects of one part of a scan, which is one transaction."""
    page: ClassVar[str] = ""
    """The name of the address of a subject's own page, which takes its key; empty where it has none."""

    @abstractmethod
    def subjects(self, zone: Zone | None, as_of: date, *, whole: bool) -> QuerySet[Any]:
        """The subjects in `zone` and below (None: everywhere) that are there on the day, and those that are not but
        still show an open alert. Unless `whole`, subjects of which the last judgement still holds may be left out.
        """

    def shards(self, zone: Zone | None, as_of: date, *, whole: bool, most: int = 0) -> Iterator[list[int]]:
        """The keys of `subjects` in their order, `most` at a time; `size`, if left out."""
        rows, last = self.subjects(zone, as_of, whole=whole).order_by("pk"), 0
        while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[: most or self.size]):
            yield ids
            last = ids[-1]

    @abstractmethod
    def load(self, shard: Shard) -> Iterator[Case]:
        """The cases of `shard.ids` on `shard.as_of`. A constant number of statements."""

    def people(self, ids: Sequence[int]) -> Mapping[int, int]:
        """Who is named to answer for subjects, by their keys, where somebody is. One statement at most."""
        return {}

    def take(self, subjects: QuerySet[Any]) -> list[int]:
        """The keys of `subjects` in their order, locked in it, so that two scans wait for each other and never cross.

        Who only refers to a subject (a new figure of a project) need not wait. SQLite has no row locks: there the whole
        transaction is the lock.
        """
        rows = subjects.select_for_update(of=("self",), no_key=True).order_by("pk")
        return list(rows.values_list("pk", flat=True))


_kinds: dict[str, Kind[Any]] = {}


def register(kind: Kind[Any]) -> None:
    """Make a kind of subject known. Raises ValueError if another one has its code."""
    known = _kinds.setdefault(kind.code, kind)
    if type(known) is not type(kind):
        raise ValueError(f"two kinds of subject are called {kind.code!r}")


def get(code: str) -> Kind[Any] | None:
    """The kind with this code, if there is one."""
    return _kinds.get(code)


def kinds() -> list[Kind[Any]]:
    """All kinds, in the order in which they were registered."""
    return list(_kinds.values())
