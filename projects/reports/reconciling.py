"""The totals of a report beside what it lists, what was accepted of it, and what the database has as of its date.

Nothing is repaired: a difference is explained in a sentence and stays open until a person answers it; an answer holds
for the numbers that it was given to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from projects import money
from projects.dates import DateSpan
from projects.models import Batch, Entry, Milestone, Project
from projects.reports.models import Figure, Mention, Report
from projects.reports.storing import span_of
from projects.standings.among import listed as keys_listed
from zones import clock
from zones.models import Zone, ZoneName
from zones.permissions import EVERYWHERE, Action, paths

LABELS: Final = {
    "count": "项目数",
    "amount": "总投资",
    "started": "已开工",
    "not_started": "未开工",
    "produced": "已投产",
    "at_capacity": "已达效",
}
"""What is counted, in the order in which it is told."""
STEPS: Final = {
    "started": Milestone.Kind.STARTED,
    "produced": Milestone.Kind.PRODUCED,
    "at_capacity": Milestone.Kind.AT_CAPACITY,
}
# What is further was started; the press counts it so.
PROVES: Final = {
    "started": ("started", "topped_out", "completed", "trial", "produced", "at_capacity"),
    "produced": ("produced", "at_capacity"),
    "at_capacity": ("at_capacity",),
}
FILTERS: Final = {
    "已开工": "started",
    "开工": "started",
    "已投产": "produced",
    "投产": "produced",
    "已达效": "at_capacity",
}
"""Parts of a total that milestones can tell; no other part is known to the database."""
SAID: Final = {"": "项目", Batch.SIGN: "签约", Batch.START: "开工", Batch.PRODUCE: "投产"}
WHOLE: Final = {"全省": Zone.Kind.PROVINCE, "全市": Zone.Kind.CITY, "全县": Zone.Kind.COUNTY, "全区": Zone.Kind.ZONE}
MOST_NAMES: Final = 5
MOST_LOOKED_UP: Final = 100
BOTH: Final = "签约开工"
UNCLEAR: Final = "范围不明，不能核对"
BEYOND: Final = "范围超出您能查看的区域，不能与台账核对"

Tally = dict[str, int | None]
"""Numbers by the keys of `LABELS`; amounts in yuan, None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Line:
    """A total: what the report writes, lists, what was accepted of it, what the database has (None: not to be told).

    `open`: something differs, and nobody has said why for these numbers.
    """

    figure: Figure
    wanted: Tally
    listed: Tally
    accepted: Tally
    recorded: Tally | None
    sentence: str
    open: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """An entry of the database."""

    project: int
    batch: str
    period: int | None
    path: str
    amount: int | None
    since: date | None
    left_on: date | None
    role: str
    ended: date | None

    def holds(self, day: date) -> bool:
        entered = self.since is None or self.since <= day
        return entered and (self.left_on is None or self.left_on > day) and (self.ended is None or self.ended > day)


@dataclass(slots=True)
class _Known:
    """All that the totals of one report need, looked up once."""

    report: Report
    mentions: list[Mention]
    zones: dict[str, Zone | None]
    reach: list[str]
    rows: list[_Row] = field(default_factory=list)
    done: dict[int, list[tuple[str, date | None]]] = field(default_factory=dict)
    seen: dict[int, str] = field(default_factory=dict)

    def may_see(self, zone: Zone) -> bool:
        return any(path == EVERYWHERE or zone.path.startswith(path) for path in self.reach)


def lines(report: Report, user: Any = None, as_of: date | None = None) -> list[Line]:
    """Every total of projects in the report, as `user` may see them; None is the system itself. A constant number of
    statements. `as_of` is the day of the database where a total gives none itself: the day of the report.
    """
    figures = [one for one in report.figures.select_related("answered_by") if one.count or one.amount_low]
    if not figures:
        return []
    known = _look_up(report, figures, user)
    found = [_held_by(figure, known, as_of or report.known_on) for figure in figures]
    unnamed = {pk for one in found for pk in one.unnamed}
    known.seen = dict(_visible(user).filter(pk__in=unnamed).values_list("pk", "name"))
    return [_line(one, known) for one in found]


@transaction.atomic
def answer(figure: Figure, text: str, *, by: Any = None) -> None:
    """Say why a total differs; it holds as long as the numbers stay. Raises ValidationError without a word."""
    if not text.strip():
        raise ValidationError({"text": "请写明核对结果"})
    if len(text.strip()) > 300:
        raise ValidationError({"text": "核对结果请写在300字以内"})
    figure = (
        Figure.objects.select_for_update(no_key=True, of=("self",)).select_related("report__zone").get(pk=figure.pk)
    )
    line = next((line for line in lines(figure.report) if line.figure.pk == figure.pk), None)
    figure.answer, figure.answered_by, figure.answered_on = text.strip(), by, clock.today()
    figure.answered_to = _numbers(line) if line else {}
    figure.save(update_fields=["answer", "answered_by", "answered_on", "answered_to"])


# ---- Looking up ----------------------------------------------------------------------------------------
def _look_up(report: Report, figures: Sequence[Figure], user: Any) -> _Known:
    mentions = list(report.mentions.exclude(state=Mention.State.REFUSED).select_related("report"))
    known = _Known(report, mentions, _zones(report, figures), paths(user, Action.READ) if user else [EVERYWHERE])
    asked = [zone for zone in known.zones.values() if zone and known.may_see(zone)]
    if asked:
        known.rows = list(_rows(asked, figures))
        steps = any(FILTERS.get(one.filter) or one.stated.keys() & {*STEPS, "not_started"} for one in figures)
        known.done = _done({row.project for row in known.rows}) if steps else {}
    return known


def _visible(user: Any) -> QuerySet[Project]:
    return Project.objects.visible_to(user) if user else Project.objects.filter(withdrawn_at=None)


def _zones(report: Report, figures: Iterable[Figure]) -> dict[str, Zone | None]:
    """The zones that the scopes name, by the words; None for one that the report's office has nothing to do with.

    A name that no zone bears is what the report calls its own.
    """
    told = {_place(figure) for figure in figures}
    named: dict[str, list[Zone]] = defaultdict(list)
    for name in ZoneName.objects.filter(Q(name__in=told) | Q(short_name__in=told)).select_related("zone"):
        for word in told.intersection((name.name, name.short_name)):
            named[word].append(name.zone)
    found: dict[str, Zone | None] = {word: report.zone for word in told if word not in named}
    for word, zones in named.items():
        found[word] = next((zone for zone in zones if _is_near(zone, report.zone)), None)
    if not told.isdisjoint(WHOLE):
        above = {zone.kind: zone for zone in [*Zone.objects.filter(path__in=report.zone.ancestor_paths), report.zone]}
        found |= {word: above[kind] for word, kind in WHOLE.items() if kind in above}
    return found


def _is_near(zone: Zone, own: Zone) -> bool:
    return zone.path.startswith(own.path) or zone.path in own.ancestor_paths


def _rows(zones: Sequence[Zone], figures: Sequence[Figure]) -> Iterable[_Row]:
    """Entries of the zones in the batches and rounds that the totals speak of."""
    inside = Q()
    for zone in zones:
        inside |= Q(project__zone__path__startswith=zone.path)
    told = (
        "project_id",
        "batch",
        "period__number",
        "project__zone__path",
        "project__investment_high",
        "since",
        "left_on",
        "role_text",
    )
    rows = Entry.objects.with_since().filter(inside, project__withdrawn_at=None)
    if all(one.batch for one in figures):
        rows = rows.filter(batch__in={one.batch for one in figures})
    if all(one.period for one in figures):
        rows = rows.filter(period__number__in={one.period for one in figures})
    return (_Row(*row) for row in rows.values_list(*told, "project__terminated_on"))


def _done(projects: set[int]) -> dict[int, list[tuple[str, date | None]]]:
    found: dict[int, list[tuple[str, date | None]]] = defaultdict(list)
    rows = Milestone.objects.filter(done=True, kind__in=PROVES["started"], project__in=keys_listed(sorted(projects)))
    for pk, kind, last, known_on in rows.values_list("project_id", "kind", "actual_last", "known_on"):
        found[pk].append((kind, last or known_on))
    return found


# ---- One total -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Held:
    """What a total counts: mentions of the report, entries of the database (None: not to be told). `clear`: its scope
    is one of ours. Lists are as of `day`; how far their projects had come as of `since`, which the total may give.
    """

    figure: Figure
    clear: bool
    day: date
    since: date
    mentions: list[Mention]
    rows: list[_Row] | None

    @property
    def unnamed(self) -> list[int]:
        """Projects of the database that the report does not name; as many as a sentence could need."""
        named = {one.project_id for one in self.mentions if one.project_id}
        return sorted({row.project for row in self.rows or ()} - named)[:MOST_LOOKED_UP] if self.mentions else []


def _held_by(figure: Figure, known: _Known, day: date) -> _Held:
    step, place = FILTERS.get(figure.filter), known.zones.get(_place(figure))
    since = _as_of(figure) or day
    if place is None or (figure.filter and step is None):
        return _Held(figure, False, day, since, [], None)
    # What the report says of more than its zone, or of what is not in a list, it cannot list.
    own = place.path.startswith(known.report.zone.path) and step is None
    mentions = _of(figure, known, place) if own else []
    rows = _listed_on(figure, known, place, day) if known.may_see(place) else None
    if rows is not None and step:
        rows = [row for row in rows if _reached(row, known, step, since)]
    return _Held(figure, True, day, since, mentions, rows)


def _line(held: _Held, known: _Known) -> Line:
    figure, mentions, rows = held.figure, held.mentions, held.rows
    wanted = _wanted(figure)
    if not held.clear:
        return Line(figure, wanted, {}, {}, None, f"{_title(figure, wanted)}。{UNCLEAR}。", open=False)
    taken = [one for one in mentions if one.state == Mention.State.ACCEPTED]
    listed = _tally_mentions(mentions, wanted) if mentions else {}
    accepted = _tally_mentions(taken, wanted) if mentions else {}
    recorded = _tally_rows(rows, known, held.since, wanted) if rows is not None else None
    told = [_title(figure, wanted), *_listed(wanted, listed), *_recorded(figure, wanted, recorded, held)]
    told += _names(held, known) if rows is not None else []
    differs = _differs(figure, wanted, listed, "count") or _differs(figure, wanted, recorded or {}, *LABELS)
    line = Line(figure, wanted, listed, accepted, recorded, f"{'；'.join(told)}。", open=differs)
    return Line(figure, wanted, listed, accepted, recorded, line.sentence, open=differs and not _is_answered(line))


def _wanted(figure: Figure) -> Tally:
    told: Tally = {"count": figure.count, "amount": figure.amount_high}
    told |= {name: figure.stated[name]["value"] for name in LABELS if name in figure.stated and name not in told}
    return {name: value for name, value in told.items() if value is not None}


def _place(figure: Figure) -> str:
    """The first word of a scope, which names the zone; "" where there is none."""
    word = figure.scope.split(" ")[0]
    return "" if word in ("项目", *map(str, SAID.values())) or word.startswith("第") or word.endswith("一批") else word


def _as_of(figure: Figure) -> date | None:
    """The last day that the total's own numbers hold for."""
    told = figure.stated.get("as_of")
    span: DateSpan | None = span_of(told["value"]) if told else None
    day = span.last or span.first if span else None
    return min(day, clock.today()) if day else None


def _of(figure: Figure, known: _Known, place: Zone) -> list[Mention]:
    """The mentions that the total counts. What repeats another one is counted with it."""
    return [
        one
        for one in known.mentions
        if one.state != Mention.State.JOINED
        and (figure.batch in _lists(figure, one) if figure.batch else one.batches)
        and (figure.period is None or one.period == figure.period)
        and (place.pk == known.report.zone_id or one.zone_text == _place(figure))
    ]


def _lists(figure: Figure, mention: Mention) -> tuple[str, ...]:
    """What was signed and started in one round is on both lists of that round; in a report of all rounds it stands in
    the one in which it is printed.
    """
    return mention.batches if figure.period or not mention.batches else (mention.batch,)


def _listed_on(figure: Figure, known: _Known, place: Zone, day: date) -> list[_Row]:
    """The entries that the total counts, one of each project; as `_lists` has it."""
    rows: dict[int, _Row] = {}
    for row in known.rows:
        fits = not figure.batch or row.batch == figure.batch
        fits = fits and (figure.period is None or row.period == figure.period)
        passed_on = figure.batch == Batch.SIGN and not figure.period and BOTH in row.role
        if fits and not passed_on and row.path.startswith(place.path) and row.holds(day):
            rows.setdefault(row.project, row)
    return list(rows.values())


def _reached(row: _Row, known: _Known, step: str, day: date) -> bool:
    return any(kind in PROVES[step] and (on is None or on <= day) for kind, on in known.done.get(row.project, ()))


def _tally_mentions(mentions: Sequence[Mention], wanted: Tally) -> Tally:
    amounts = [_amount(one) for one in mentions]
    return _tally(len(mentions), amounts, wanted)


def _tally_rows(rows: Sequence[_Row], known: _Known, day: date, wanted: Tally) -> Tally:
    found = _tally(len(rows), [row.amount for row in rows], wanted)
    for name in STEPS:
        if name in wanted:
            found[name] = sum(_reached(row, known, name, day) for row in rows)
    if "not_started" in wanted:
        found["not_started"] = sum(not _reached(row, known, "started", day) for row in rows)
    return found


def _tally(count: int, amounts: Sequence[int | None], wanted: Tally) -> Tally:
    """The count, and the amount where every one has one."""
    found: Tally = {"count": count}
    if "amount" in wanted:
        found["amount"] = None if not amounts or None in amounts else sum(one for one in amounts if one is not None)
    return found


def _amount(mention: Mention) -> int | None:
    told = mention.told.get("amount")
    return told["value"]["high"] if told else None


def _differs(figure: Figure, wanted: Tally, found: Mapping[str, int | None], *names: str) -> bool:
    return any(
        not _same(figure, name, wanted[name], found.get(name)) for name in names if name in wanted and name in found
    )


def _same(figure: Figure, name: str, wanted: int | None, found: int | None) -> bool:
    """Equal; amounts that the report rounds itself (约) within one per cent. What is not known does not differ."""
    if wanted is None or found is None:
        return True
    if name != "amount":
        return wanted == found
    stated = figure.stated.get("amount", {}).get("value", {})
    low, high = stated.get("low", wanted), stated.get("high", wanted)
    margin = low // 100 if stated.get("qualifier") else 0
    return bool(low - margin <= found <= high + margin)


def _is_answered(line: Line) -> bool:
    """Whether the answer was given to these numbers; those that the reader may not see do not count for him."""
    numbers = {name: told for name, told in _numbers(line).items() if told is not None}
    kept = line.figure.answered_to
    return bool(line.figure.answer) and all(kept.get(name) == told for name, told in numbers.items())


def _numbers(line: Line) -> dict[str, Any]:
    """What an answer holds for."""
    return {"wanted": line.wanted, "listed": line.listed, "recorded": line.recorded}


# ---- Words ---------------------------------------------------------------------------------------------
def _title(figure: Figure, wanted: Tally) -> str:
    return f"报道称{_subject(figure)}{'、'.join(_value(name, value) for name, value in wanted.items())}"


def _subject(figure: Figure) -> str:
    period = f"第{figure.period}期" if figure.period else ""
    return f"{period}{SAID[figure.batch]}{figure.filter}"


def _value(name: str, value: int | None) -> str:
    if name == "count":
        return f"{value}个"
    words = money.show(value or 0) if name == "amount" else f"{value}个"
    return f"{LABELS[name]}{words}"


def _listed(wanted: Tally, listed: Tally) -> list[str]:
    if not listed:
        return ["文中没有逐个列名"]
    told = [f"文中列名{listed['count']}个{_by(wanted.get('count'), listed['count'])}"]
    if listed.get("amount") is not None:
        told.append(f"列名项目总投资合计{money.show(listed['amount'] or 0)}")
    return told


def _recorded(figure: Figure, wanted: Tally, recorded: Tally | None, held: _Held) -> list[str]:
    if recorded is None:
        return [BEYOND]
    told = [f"台账中{_subject(figure)}项目{recorded['count']}个{_by(wanted.get('count'), recorded['count'])}"]
    for name in LABELS:
        if name != "count" and name in wanted and recorded.get(name) is not None:
            fits = _same(figure, name, wanted[name], recorded[name])
            told.append(f"{_value(name, recorded[name])}{'' if fits else '，不一致'}")
    since = f"，进展截至{held.since:%Y-%m-%d}" if held.since != held.day else ""
    return [f"{'，'.join(told)}（截至{held.day:%Y-%m-%d}{since}）".replace("项目项目", "项目")]


def _by(wanted: int | None, found: int | None) -> str:
    if wanted is None or found is None or wanted == found:
        return ""
    return f"，{'少' if found < wanted else '多'}{abs(found - wanted)}个"


def _names(held: _Held, known: _Known) -> list[str]:
    """Which are in the one and not in the other, as far as the reader may see them."""
    recorded = {row.project for row in held.rows or ()}
    more = [known.seen[pk] for pk in held.unnamed if pk in known.seen]
    less = [one.name for one in held.mentions if one.project_id not in recorded]
    told = [("台账有而文中没有列名的：", more), ("文中列名而台账没有的：", less)]
    return [f"{words}{_some(names)}" for words, names in told if names]


def _some(names: Sequence[str]) -> str:
    shown = "、".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown}等{len(names)}个"
