"""What came of a year's meetings: how many were held, what was decided, how much of it was done, and how soon.

The numbers of domain practice (办结率, 按期率, 平均用时, 逾期次数), by unit and over all, with what each means:

* `decided` are the matters that were issued and not revoked; `done` those of them that were closed (销号);
* a matter was finished on the day on which the closing that was agreed to had been asked for: who checks late makes
  nobody late;
* it was late if that day, or today while it is not done, lies after its deadline; an extension that a leader agreed to
  moves the deadline;
* `on_time` are the done ones that were not late; 按期率 is their share of all whose deadline counts: done with a
  deadline, or late already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateField, DurationField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from projects.meetings.models import Decision, DecisionEvent, Meeting
from zones import clock

What = DecisionEvent.What


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of decisions; `days` adds up how long the done ones took from being issued to being finished."""

    decided: int = 0
    done: int = 0
    dated: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    urged: int = 0
    days: int = 0

    @property
    def open(self) -> int:
        """Not done yet."""
        return self.decided - self.done

    @property
    def done_share(self) -> str:
        """办结率."""
        return _share(self.done, self.decided)

    @property
    def on_time_share(self) -> str:
        """按期率."""
        return _share(self.on_time, self.dated)

    @property
    def mean_days(self) -> str:
        """平均用时, in days with one decimal."""
        return f"{self.days / self.done:.1f}" if self.done else "—"


@dataclass(frozen=True, slots=True)
class OfUnit:
    """The numbers of one unit; of none where no unit leads."""

    pk: int | None
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Year:
    """The numbers of a year."""

    year: int
    held: int
    by_kind: list[tuple[str, int]]
    total: Tally
    units: list[OfUnit]

    @property
    def sentence(self) -> str:
        """The year as a leader reads it out."""
        total = self.total
        said = f"{self.year}年召开会议{self.held}次，议定事项{total.decided}项"
        if not total.decided:
            return f"{said}。"
        said += f"，办结{total.done}项，办结率{total.done_share}"
        if total.dated:
            said += f"，按期率{total.on_time_share}"
        if total.done:
            said += f"，平均用时{total.mean_days}天"
        late = f"，其中逾期{total.overdue}项" if total.overdue else ""
        return f"{said}；未办结{total.open}项{late}。"


def of_year(meetings: Any, decisions: Any, year: int, day: date | None = None) -> Year:
    """The numbers of the year's meetings among `meetings` and `decisions`, as they are on `day` (today if left out).
    A constant number of statements.
    """
    held = dict(_held(meetings, year))
    rows = _judged(decisions, year, day or clock.today())
    units = [_of_unit(row) for row in rows.values("lead", "lead__name", "lead__short_name").annotate(**NUMBERS)]
    units.sort(key=lambda unit: (-unit.tally.decided, unit.name))
    by_kind = [(Meeting.Kind(kind).label, number) for kind, number in held.items()]
    return Year(year, sum(held.values()), by_kind, _sum(unit.tally for unit in units), units)


def finished_on() -> Subquery:
    """The day on which the closing of a done decision was asked for."""
    asked = DecisionEvent.objects.filter(decision=OuterRef("pk"), what=What.CLOSING_ASKED)
    return Subquery(asked.order_by("-pk").values("on")[:1], output_field=DateField())


def _held(meetings: Any, year: int) -> Any:
    over = meetings.filter(year=year, state__in=[Meeting.State.CLOSED, Meeting.State.ISSUED])
    return over.order_by("kind").values_list("kind").annotate(number=Count("pk"))


def _judged(decisions: Any, year: int, day: date) -> QuerySet[Any]:
    done = Q(state=Decision.State.DONE)
    urged = DecisionEvent.objects.filter(decision=OuterRef("pk"), what=What.URGED).order_by().values("decision")
    rows = decisions.binding().filter(meeting__year=year).order_by()
    rows = rows.annotate(
        finished=Coalesce(finished_on(), F("done_on")),
        urges=Coalesce(Subquery(urged.annotate(number=Count("pk")).values("number")), 0),
    )
    asked = Q(state=Decision.State.CLOSING_ASKED)
    missed = (done | asked) & Q(deadline__lt=F("finished")) | ~(done | asked) & Q(deadline__lt=day)
    return rows.annotate(is_done=Q(done), is_late=missed)


_DONE = Q(is_done=True)
_LATE = Q(is_late=True)
NUMBERS: dict[str, Any] = {
    "decided": Count("pk"),
    "done": Count("pk", filter=_DONE),
    "dated": Count("pk", filter=Q(deadline__isnull=False) & (_DONE | _LATE)),
    "on_time": Count("pk", filter=Q(deadline__isnull=False) & _DONE & ~_LATE),
    "late": Count("pk", filter=_LATE),
    "overdue": Count("pk", filter=_LATE & ~_DONE),
    "urged": Sum("urges"),
    "took": Sum(
        ExpressionWrapper(F("finished") - F("issued_on"), output_field=DurationField()), filter=_DONE, default=None
    ),
}


def _of_unit(row: dict[str, Any]) -> OfUnit:
    took = row["took"]
    names = ("decided", "done", "dated", "on_time", "late", "overdue", "urged")
    tally = Tally(**{name: row[name] for name in names}, days=took.days if took else 0)
    return OfUnit(row["lead"], row["lead__short_name"] or row["lead__name"] or "未明确牵头单位", tally)


def _sum(tallies: Iterable[Tally]) -> Tally:
    names = tuple(Tally.__dataclass_fields__)
    listed = list(tallies)
    return Tally(**{name: sum(getattr(each, name) for each in listed) for name in names})


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"
