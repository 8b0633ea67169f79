"""Keeping what was read: a report and its rows, written once however often the file is read."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from projects.dates import DateSpan
from projects.models import Source
from projects.money import Amount
from projects.reports.documents import Document
from projects.reports.grammar import NamedProject, Read, Reading, StatedDate, StatedTotal
from projects.reports.models import Difference, Figure, Mention, Report

# Raised whenever the grammar reads differently: rows say which reader wrote them.
READER = "6"


def store(document: Document, reading: Reading, zone: Any) -> tuple[Report, bool]:
    """The report's rows, and whether they were written now. The same text in the same zone is the same report."""
    same = Report.objects.filter(zone=zone, sha256=document.sha256)
    if known := same.first():
        return known, False
    try:
        with transaction.atomic():
            return _write(document, reading, zone), True
    except IntegrityError:
        # Somebody else has just read the same text; whatever else went wrong is told by the missing row.
        return same.get(), False


def _write(document: Document, reading: Reading, zone: Any) -> Report:
    report = _report(document, reading, zone)
    mentions = {(one.start, one.end): one for one in reading.mentions}
    figures = {(one.start, one.end): one for one in reading.figures}
    Mention.objects.bulk_create(Mention(report=report, **of_mention(one)) for one in mentions.values())
    Figure.objects.bulk_create(Figure(report=report, **of_figure(one)) for one in figures.values())
    Difference.objects.bulk_create(of_differences(report, reading))
    return report


def _report(document: Document, reading: Reading, zone: Any) -> Report:
    span = reading.published
    source = Source.objects.create(
        kind=Source.Kind.REPORT,
        title=reading.title or document.name,
        zone=zone,
        date_first=span.first if span else None,
        date_last=span.last if span else None,
    )
    return Report.objects.create(
        source=source,
        zone=zone,
        file_name=document.name,
        sha256=document.sha256,
        title=reading.title,
        text=document.text,
        published_first=span.first if span else None,
        published_last=span.last if span else None,
        published_precision=span.precision if span else "unknown",
        published_inferred=reading.published_inferred,
        read_by=READER,
    )


def of_mention(one: NamedProject) -> dict[str, Any]:
    """The columns of a mention as they are read."""
    return {
        "start": one.start,
        "end": one.end,
        "stated": stated(one),
        "name": one.name,
        "key": one.key,
        "aliases": list(one.aliases),
        "zone_text": one.zone.value[:100] if one.zone else "",
        "batch": one.batch.value if one.batch else "",
        "period": one.period.value if one.period else None,
        "period_role": one.period_role,
        "status": one.status.value if one.status else "",
        "confidence": one.confidence,
        "doubts": list(one.doubts),
    }


def of_figure(one: StatedTotal) -> dict[str, Any]:
    """The columns of a total as they are read."""
    return {
        "start": one.start,
        "end": one.end,
        "stated": stated(one),
        "scope": one.scope,
        "filter": one.filter,
        "batch": one.batch.value if one.batch else "",
        "period": one.period.value if one.period else None,
        "count": one.count.value if one.count else None,
        "amount_low": one.amount.value.low if one.amount else None,
        "amount_high": one.amount.value.high if one.amount else None,
    }


def of_differences(report: Report, reading: Reading) -> list[Difference]:
    """Where the reading does not agree with itself, as rows."""
    return [
        Difference(
            report=report,
            ordinal=ordinal,
            code=one.code,
            sentence=one.sentence,
            declared=one.declared,
            found=one.found,
            spans=[list(span) for span in one.spans],
            open=one.open,
        )
        for ordinal, one in enumerate(reading.differences, start=1)
    ]


def stated(one: NamedProject | StatedTotal) -> dict[str, Any]:
    """Every value as read with its place: {"amount": {"value": {…}, "start": …, "end": …}, "dates": […]}."""
    values: dict[str, Any] = {name: _placed(value) for name, value in one.values().items()}
    if isinstance(one, NamedProject):
        _add_project(values, one)
    if isinstance(one, StatedTotal) and one.rate_kind:
        values["rate"]["kind"] = one.rate_kind
    return values


def _add_project(values: dict[str, Any], one: NamedProject) -> None:
    if one.batch:
        values["batch"]["entered"] = one.entered
    if one.status:
        values["status"] |= {"own": one.status_own, "part": one.status_part}
    if one.dates:
        values["dates"] = [_date(d) for d in one.dates]
    if one.parts:
        values["parts"] = [{"name": part.name, **_placed(Read(part.value, part.start, part.end))} for part in one.parts]


def _placed(read: Read[Any]) -> dict[str, Any]:
    return {"value": _plain(read.value), "start": read.start, "end": read.end}


def _date(one: StatedDate) -> dict[str, Any]:
    place = {"start": one.start, "end": one.end}
    said = {"role": one.role, "certainty": one.certainty, "own": one.own, "part": one.part}
    return {**said, "value": _plain(one.span), **place}


def _plain(value: Any) -> Any:
    """A value as JSON holds it: amounts in yuan, days as YYYY-MM-DD."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(part) for name, part in asdict(value).items()}
    return value.isoformat() if isinstance(value, date) else value


def amount_of(plain: dict[str, Any]) -> Amount:
    """An amount back from its JSON."""
    return Amount(**plain)


def span_of(plain: dict[str, Any]) -> DateSpan:
    """A span of dates back from its JSON."""
    first, last = (date.fromisoformat(plain[end]) if plain[end] else None for end in ("first", "last"))
    return DateSpan(first, last, plain["precision"], plain["relative"])
