"""Reading a report again with the grammar of today: it changes what nobody has looked at, and proposes the rest."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import names
from projects.dates import DateSpan
from projects.reports import corrections, storing, undoing
from projects.reports.acceptance import wait_for_others
from projects.reports.grammar import Reading, StatedTotal, read
from projects.reports.models import Difference, Figure, Mention, MentionEvent, Report

COLUMNS: Final = (
    *("start", "end", "stated", "name", "key", "aliases", "zone_text", "batch", "period", "period_role", "status"),
    *("confidence", "doubts"),
)
# What a person has decided on; how sure the reader is of it matters no more.
TOLD: Final = (*COLUMNS[:11],)
GONE: Final = {"gone": True}
NOTHING_PROPOSED: Final = "这条提及没有待处理的重读建议"
SHOWN: Final = ("amount", "foreign", "annual_plan", "completed", "company")
NUMBERS: Final = ("count", "amount_low", "amount_high")


@dataclass(frozen=True, slots=True)
class Reread:
    """What reading again did: mentions that came or are read otherwise, changes proposed to a person, mentions that are
    read no more; `rest`: totals and differences that came, went or changed.
    """

    changed: int = 0
    proposed: int = 0
    gone: int = 0
    rest: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sentence": self.sentence}

    @property
    def sentence(self) -> str:
        if not (self.changed or self.proposed or self.gone or self.rest):
            return "重新读取，没有变化"
        told = (
            (self.changed, "更新提及"),
            (self.gone, "去掉提及"),
            (self.proposed, "提出修改建议"),
            (self.rest, "更新数据"),
        )
        return f"重新读取：{'，'.join(f'{words} {number} 条' for number, words in told if number)}"


@transaction.atomic
def reread(report: Report, *, by: Any = None) -> Reread:
    """Read the report with the present grammar. Mentions nobody has decided on become what is read now; for the others
    a change is proposed (`take`, `dismiss`), once; totals and differences are brought up to date, with their answers.
    """
    wait_for_others(report.zone)
    report = Report.objects.select_for_update(no_key=True, of=("self",)).select_related("zone").get(pk=report.pk)
    reading = read(report.text, published=_published(report))
    found = _mentions(report, reading)
    rest = _figures(report, reading) + _differences(report, reading)
    if report.read_by != storing.READER:
        report.read_by = storing.READER
        report.save(update_fields=["read_by"])
    return Reread(**found, rest=rest)


@transaction.atomic
def take(mention: Mention, *, by: Any = None) -> Mention:
    """Let what was read again hold of a mention that was decided on. What was written of it in the core follows.

    Raises ValidationError when nothing is proposed.
    """
    mention = _proposed(mention)
    before, proposed = undoing.snapshot(mention), mention.proposed or {}
    if proposed == GONE:
        raise ValidationError("重新读取时没有再读到这条提及；不要它请撤销采纳，再选“不采纳”")
    for name, value in proposed.items():
        setattr(mention, name, value)
    mention.proposed = None
    _put_back(mention)
    mention.save(update_fields=[*COLUMNS, "corrected", "proposed"])
    step = undoing.event(mention, MentionEvent.What.REREAD, "采用重读建议", before, by=by, bundle=uuid.uuid4())
    held = undoing.current(mention) if mention.state == Mention.State.ACCEPTED else None
    if held:
        step.made = undoing.rewrite(mention, undoing.Made.of(held.made), by=by).as_json()
    step.save()
    return mention


@transaction.atomic
def dismiss(mention: Mention, *, by: Any = None) -> Mention:
    """What was read again does not hold; the same is not proposed a second time. Raises ValidationError as `take`."""
    mention = _proposed(mention)
    before = undoing.snapshot(mention)
    mention.proposed = None
    mention.save(update_fields=["proposed"])
    undoing.log(mention, MentionEvent.What.REREAD, "不采用重读建议", before, by=by)
    return mention


def told(mention: Mention) -> list[dict[str, str]]:
    """What the proposal would change, in words: [{"label", "now", "again"}]."""
    proposed = mention.proposed
    if not proposed:
        return []
    if proposed == GONE:
        return [{"label": "整条", "now": mention.name, "again": "没有再读到"}]
    now = _words({name: getattr(mention, name) for name in TOLD} | {"stated": mention.told})
    again = _words(proposed)
    lines = [
        {"label": label, "now": now.get(label, ""), "again": again.get(label, "")}
        for label in dict.fromkeys((*now, *again))
        if now.get(label, "") != again.get(label, "")
    ]
    return lines or [{"label": "原文位置", "now": "", "again": "有变动"}]


# ---- Mentions ------------------------------------------------------------------------------------------
def _mentions(report: Report, reading: Reading) -> dict[str, int]:
    """Bring the mentions up to date; how many changed, are proposed to change, and are gone."""
    old = list(report.mentions.select_for_update(no_key=True, of=("self",)).order_by("start"))
    touched = set(MentionEvent.objects.filter(mention__report=report).values_list("mention_id", flat=True))
    dismissed = _dismissed(report)
    new = {(one.start, one.end): storing.of_mention(one) for one in reading.mentions}
    counts = {"changed": 0, "proposed": 0, "gone": 0}
    moved, gone, changed = list[Mention](), list[int](), list[Mention]()
    for mention, values in _paired(old, new):
        if _is_decided(mention) or mention.pk in touched:
            wanted = _proposal(mention, values)
            if wanted is not None and _said(wanted) in dismissed.get(mention.pk, ()):
                wanted = None
            if wanted != mention.proposed:
                mention.proposed = wanted
                changed.append(mention)
                counts["proposed"] += wanted is not None
        elif values is None:
            gone.append(mention.pk)
            counts["gone"] += 1
        elif _differs(mention, values, COLUMNS):
            for name, value in values.items():
                setattr(mention, name, value)
            mention.state, mention.notes, mention.proposed = Mention.State.WAITING, [], None
            moved.append(mention)
            counts["changed"] += 1
    _store(report, gone, moved, changed, new)
    counts["changed"] += len(new)
    return counts


def _store(
    report: Report, gone: list[int], moved: list[Mention], changed: list[Mention], new: Mapping[Any, Any]
) -> None:
    Mention.objects.filter(pk__in=gone).delete()
    for mention in moved:
        # One by one would trip over the place of the next; out of the way first.
        Mention.objects.filter(pk=mention.pk).update(end=mention.pk + 10_000_000, start=mention.pk + 9_999_999)
    Mention.objects.bulk_update(moved, [*COLUMNS, "state", "notes", "proposed"], batch_size=200)
    Mention.objects.bulk_update(changed, ["proposed"], batch_size=200)
    Mention.objects.bulk_create(Mention(report=report, **values) for values in new.values())


def _paired(old: Iterable[Mention], new: dict[Any, Any]) -> list[tuple[Mention, dict[str, Any] | None]]:
    """Each mention with what is read of it now: at its place, else the only one of its name; taken from `new`."""
    rows = list(old)
    pairs = {one.pk: new.pop((one.start, one.end), None) for one in rows}
    for one in rows:
        if pairs[one.pk] is None:
            same = [place for place, values in new.items() if values["key"] == one.key]
            overlapping = [place for place in new if place[0] < one.end and one.start < place[1]]
            near = same if len(same) == 1 else overlapping if len(overlapping) == 1 else []
            pairs[one.pk] = new.pop(near[0]) if near else None
    return [(one, pairs[one.pk]) for one in rows]


def _is_decided(mention: Mention) -> bool:
    decided = (Mention.State.ACCEPTED, Mention.State.REFUSED, Mention.State.JOINED)
    return mention.state in decided or bool(mention.corrected)


def _proposal(mention: Mention, values: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is read now where it is not what was read then; None where it is."""
    if values is None:
        return dict(GONE)
    return values if _differs(mention, values, TOLD) else None


def _differs(mention: Mention, values: Mapping[str, Any], columns: Iterable[str]) -> bool:
    return any(_as_read(mention, name) != _plain(values[name]) for name in columns)


def _as_read(mention: Mention, name: str) -> Any:
    """The column as it was read, whatever a person corrected there."""
    field = {"zone_text": "zone", "key": "name"}.get(name, name)
    kept = mention.corrected.get(field) if name in ("name", "key", "batch", "period", "status", "zone_text") else None
    if kept is None:
        return _plain(getattr(mention, name))
    read_then = kept["read"]
    if name == "key":
        return names.key(read_then or "")
    return read_then if name == "period" else read_then or ""


def _dismissed(report: Report) -> dict[int, set[str]]:
    """What was proposed before and not taken."""
    steps = MentionEvent.objects.filter(mention__report=report, what=MentionEvent.What.REREAD, undone_by=None)
    found: dict[int, set[str]] = {}
    for pk, before in steps.values_list("mention_id", "before"):
        if before.get("proposed"):
            found.setdefault(pk, set()).add(_said(before["proposed"]))
    return found


def _put_back(mention: Mention) -> None:
    """Corrections stay where they are; what they keep as read is what is read now."""
    kept = {}
    for field, correction in mention.corrected.items():
        column = corrections.COLUMNS.get(field)
        now = getattr(mention, column) or None if column else None
        kept[field] = {**correction, "read": now} if column else correction
        if column:
            value = correction["value"]
            setattr(mention, column, "" if value is None and field != "period" else value)
    mention.corrected, mention.key = kept, names.key(mention.name)


def _proposed(mention: Mention) -> Mention:
    wait_for_others(mention.report.zone)
    mention = Mention.objects.select_for_update(no_key=True, of=("self",)).select_related("report").get(pk=mention.pk)
    if not mention.proposed:
        raise ValidationError(NOTHING_PROPOSED)
    return mention


def _words(values: Mapping[str, Any]) -> dict[str, str]:
    """What is read of a mention, by label."""
    plain = {"name": values["name"], "batch": values["batch"], "period": values["period"], "status": values["status"]}
    said = {corrections.LABELS[field]: corrections.shown(field, value or None) for field, value in plain.items()}
    stated = values["stated"]
    said |= {corrections.LABELS[f]: corrections.shown(f, stated[f]["value"]) for f in SHOWN if f in stated}
    for field, (role, certainty) in corrections.DAYS.items():
        days = [day for day in stated.get("dates", []) if (day["role"], day["certainty"]) == (role, certainty)]
        if days:
            said[corrections.LABELS[field]] = corrections.shown(field, days[0]["value"])
    return said


# ---- Totals and differences ----------------------------------------------------------------------------
def _figures(report: Report, reading: Reading) -> int:
    """Bring the totals up to date; how many came, went or changed. An answer stays where its numbers do."""
    old = {(one.start, one.end): one for one in report.figures.all()}
    new = {(one.start, one.end): one for one in reading.figures}
    gone = [one for place, one in old.items() if place not in new]
    came = [_figure(report, one, gone) for place, one in new.items() if place not in old]
    changed = []
    for place, figure in old.items():
        values = storing.of_figure(new[place]) if place in new else None
        if values and any(_plain(getattr(figure, name)) != _plain(value) for name, value in values.items()):
            for name, value in values.items():
                setattr(figure, name, value)
            changed.append(figure)
    if changed:
        Figure.objects.bulk_update(changed, list(storing.of_figure(reading.figures[0])), batch_size=200)
    Figure.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Figure.objects.bulk_create(came)
    return len(gone) + len(came) + len(changed)


def _figure(report: Report, one: StatedTotal, gone: Iterable[Figure]) -> Figure:
    """A total at a new place; with the answer of one that says the same and is read no more at its own."""
    figure = Figure(report=report, **storing.of_figure(one))
    same = ("batch", "period", *NUMBERS)
    for other in gone:
        if other.answer and all(getattr(other, name) == getattr(figure, name) for name in same):
            for name in ("answer", "answered_to", "answered_by", "answered_on"):
                setattr(figure, name, getattr(other, name))
            break
    return figure


def _differences(report: Report, reading: Reading) -> int:
    """Bring the differences up to date; how many came or went. What was settled stays settled."""
    old = list(report.differences.order_by("ordinal"))
    new = storing.of_differences(report, reading)
    if [_difference(one) for one in old] == [_difference(one) for one in new]:
        return 0
    settled = {_difference(one)[1:]: one for one in old if one.resolution}
    for one in new:
        if before := settled.get(_difference(one)[1:]):
            one.open, one.resolution = False, before.resolution
            one.resolved_by, one.resolved_on = before.resolved_by, before.resolved_on
    met = {_difference(one)[1:] for one in old}
    now = {_difference(one)[1:] for one in new}
    Difference.objects.filter(report=report).delete()
    Difference.objects.bulk_create(new)
    return len(met ^ now) or 1


def _difference(one: Difference) -> tuple[Any, ...]:
    return one.ordinal, one.code, one.sentence, one.declared, one.found, _said(one.spans)


def _published(report: Report) -> DateSpan | None:
    """The day of the report, where it was told or printed; a guess of the reader is for the reader to make again."""
    if report.published_inferred or (report.published_first is None and report.published_last is None):
        return None
    return DateSpan(report.published_first, report.published_last, report.published_precision)


def _plain(value: Any) -> Any:
    """A value as JSON gives it back."""
    return json.loads(json.dumps(value))


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
