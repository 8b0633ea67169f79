"""A reading in the exchange format: amounts in 万元, dates as text, spans as [start, end]."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, TypeGuard, TypeVar

from projects.money import Amount
from projects.reports.grammar.records import (
    Difference,
    NamedProject,
    Read,
    Reading,
    StatedDate,
    StatedPart,
    StatedTotal,
)

T = TypeVar("T")
WAN = 10_000


def as_dict(reading: Reading) -> dict[str, Any]:
    """`{"projects", "aggregates", "differences"}` of one report."""
    return {
        "title": reading.title,
        "zone": reading.zone_text or None,
        "published": reading.published.iso() if reading.published else None,
        "published_inferred": reading.published_inferred,
        "projects": [project(reading, one) for one in reading.mentions],
        "aggregates": [aggregate(reading, one) for one in reading.figures],
        "differences": [difference(one) for one in reading.differences],
    }


def wan(yuan: int) -> int | float:
    """Yuan in 万元: whole when it is whole."""
    value = Decimal(yuan) / WAN
    return int(value) if value == value.to_integral_value() else float(value)


def project(reading: Reading, one: NamedProject) -> dict[str, Any]:
    values = one.values()
    return {
        "name": one.name,
        "aliases": one.aliases,
        "zone": _value(one.zone) or reading.zone_text or None,
        "batch": _value(one.batch),
        "period": _value(one.period),
        "period_role": one.period_role or None,
        **_money("investment", one.amount or one.foreign),
        **({"investment_usd_wan": _usd(one.foreign)} if one.amount else {}),
        "investment_text": _printed(reading, one.amount or one.foreign),
        "annual_plan_wan": _wan(one.annual_plan),
        "completed_wan": _wan(one.completed),
        "status": _value(one.status),
        "status_text": _printed(reading, one.status),
        "dates": [_date(reading, d) for d in one.dates],
        "company": _value(one.company),
        "parts": [_part(reading, part) for part in one.parts],
        "confidence": one.confidence,
        "doubts": list(one.doubts),
        "evidence": _evidence(reading, one),
        "evidence_fields": {name: [value.start, value.end] for name, value in values.items()},
    }


def _part(reading: Reading, part: StatedPart) -> dict[str, Any]:
    place = Read(part.value, part.start, part.end)
    return {
        "name": part.name,
        "investment_text": _printed(reading, place),
        **_money("investment", place),
        "evidence": [part.start, part.end],
    }


def aggregate(reading: Reading, one: StatedTotal) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "scope": one.scope,
        "filter": one.filter or None,
        "batch": _value(one.batch),
        "period": _value(one.period),
        "count": _value(one.count),
        **_money("investment", one.amount or one.foreign),
        **({"investment_usd_wan": _usd(one.foreign)} if one.amount else {}),
        "annual_plan_wan": _wan(one.annual_plan),
        "completed_wan": _wan(one.completed),
        "started_count": _value(one.started),
        "not_started_count": _value(one.not_started),
        "produced_count": _value(one.produced),
        "at_capacity_count": _value(one.at_capacity),
        "rate": float(one.rate.value) if one.rate else None,
        "rate_kind": one.rate_kind or None,
        "as_of": _as_of(one),
        "evidence": [one.start, one.end],
        "evidence_fields": {name: [value.start, value.end] for name, value in one.values().items()},
    }


def _as_of(one: StatedTotal) -> str | None:
    """The last day that the figures hold for."""
    day = one.as_of and (one.as_of.value.last or one.as_of.value.first)
    return day.isoformat() if day else None


def difference(one: Difference) -> dict[str, Any]:
    return {
        "code": one.code,
        "message": one.sentence,
        "declared": one.declared,
        "found": one.found,
        "open": one.open,
        "spans": [list(span) for span in one.spans],
    }


def _value(read: Read[T] | None) -> T | None:
    return read.value if read else None


def _wan(read: Read[Amount] | None) -> int | float | None:
    return wan(read.value.low) if read and read.value.currency == "CNY" else None


def _usd(read: Read[Amount] | None) -> int | float | None:
    return wan(read.value.low) if read and read.value.currency == "USD" else None


def _money(name: str, read: Read[Amount] | None) -> dict[str, Any]:
    return {
        f"{name}_wan": _wan(read),
        f"{name}_usd_wan": _usd(read),
        f"{name}_qualifier": (read.value.qualifier or None) if read else None,
        **({f"{name}_range_wan": [wan(read.value.low), wan(read.value.high)]} if _is_range(read) else {}),
    }


def _is_range(read: Read[Amount] | None) -> TypeGuard[Read[Amount]]:
    return read is not None and read.value.currency == "CNY" and read.value.low != read.value.high


def _printed(reading: Reading, read: Read[Any] | None) -> str | None:
    return "".join(reading.text[read.start : read.end].split()) if read else None


def _date(reading: Reading, stated: StatedDate) -> dict[str, Any]:
    return {
        # The exchange form has no sign for last year: 去年12月 in a report without a year is --12.
        "date": re.sub(r"^-\d-", "--", stated.partial) or stated.span.iso() or stated.span.relative,
        "role": stated.role,
        "certainty": stated.certainty,
        "text": "".join(reading.text[stated.start : stated.end].split()),
        "evidence": [stated.start, stated.end],
    }


def _evidence(reading: Reading, one: NamedProject) -> list[int]:
    """The name, with its amount where the two stand together in a sentence."""
    start, end = one.start, one.end
    if one.amount and re.search(r"[|\t\n]", reading.text[end : one.amount.start]):
        return [start, end]
    if one.amount and 0 <= one.amount.start - end <= 8:
        end = one.amount.end
    elif one.amount and 0 <= start - one.amount.end <= 3:
        start = one.amount.start
    return [start, end]
