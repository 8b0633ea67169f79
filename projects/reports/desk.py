"""From a report's text to rows: read it, find its zone, keep it, and accept it when asked to."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from projects import dates
from projects.dates import DateSpan
from projects.reports.documents import Document, RefusedReport
from projects.reports.grammar import Reading, read


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    reading: Reading | None = None
    report: Any = None
    new: bool = False
    accepted: Any = None
    error: RefusedReport | None = None
    remark: str = ""

    @property
    def found(self) -> bool:
        return bool(self.reading and (self.reading.mentions or self.reading.figures))

    @property
    def done(self) -> str:
        """What was done, in words."""
        if self.report is None:
            return "仅试读，没有写入"
        if self.accepted:
            kept = "已登记" if self.new else "以前读过，没有重复登记"
            return f"{kept}；{self.accepted.sentence}"
        return "已登记，待审核" if self.new else "以前读过，没有重复登记"

    @property
    def sentence(self) -> str:
        """What was read and done, in one sentence."""
        reading = self.reading
        if self.error or reading is None:
            return self.error.message if self.error else ""
        counts = (("项目", len(reading.mentions), "个"), ("数据", len(reading.figures), "条"))
        told = "、".join(f"{name}{number}{unit}" for name, number, unit in counts if number)
        kept = "待审核" if self.new else "这篇报道以前读过，没有重复登记"
        return "；".join(filter(None, (f"读到{told}，{kept}", self.remark)))


def dry(document: Document, *, zone: str | None = None, published: DateSpan | None = None) -> Outcome:
    """Read and write nothing. Works without a database; a zone that is named is checked where there is one."""
    reading = _read(document, published)
    if zone:
        try:
            reading.zone_text = named_zone(zone, None).name
        except DatabaseError:
            reading.zone_text = zone
    return Outcome(reading=reading, error=_empty(document, reading), remark=document.remark)


def take_in(
    document: Document,
    *,
    zone: str | None = None,
    published: DateSpan | None = None,
    accept: bool = False,
    by: Any = None,
    among: Any = None,
    then: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Read, store and, if asked, accept one report, in one transaction: all of it or nothing.

    `among` are the zones that it may be a report of, all if left out; `then` is called in the transaction when it is
    stored. Raises RefusedReport when the zone is unknown. A report that names nothing is not stored.
    """
    from projects.reports import acceptance, storing

    reading = _read(document, published)
    if error := _empty(document, reading):
        return Outcome(reading=reading, error=error)
    place = named_zone(zone, reading.published, among) if zone else zone_of(reading, among)
    try:
        with transaction.atomic():
            report, new = storing.store(document, reading, place)
            accepted = acceptance.accept(report, by=by) if accept else None
            remark = "；".join(filter(None, (document.remark, _elsewhere(reading, place))))
            outcome = Outcome(reading, report, new, accepted, remark=remark)
            if then:
                then(outcome)
    except ValidationError as refused:
        raise RefusedReport("refused", f"“{document.name}”没有写入：{'；'.join(refused.messages)}。") from refused
    return outcome


def _read(document: Document, published: DateSpan | None) -> Reading:
    """What the document says. A saved page knows its day, and its title where the text prints none."""
    reading = read(document.text, published=published or _day_of(document))
    reading.title = reading.title or document.title
    return reading


def _day_of(document: Document) -> DateSpan | None:
    try:
        return dates.read(document.published) if document.published else None
    except dates.UnreadableDate:
        return None


def _empty(document: Document, reading: Reading) -> RefusedReport | None:
    if reading.mentions or reading.figures:
        return None
    return RefusedReport("no_project", f"“{document.name}”里没有找到项目，也没有项目数据，没有登记。")


def named_zone(text: str, published: DateSpan | None, among: Any = None) -> Any:
    """The zone with this code, name or short name. Raises RefusedReport when there is none or more than one."""
    known = _known(among)
    found = _zones(text, published.last if published else None, known)
    if len(found) == 1:
        return found[0]
    if found:
        raise RefusedReport("unknown_zone", f"叫“{text}”的区域不止一个，请改用区域代号。")
    near = difflib.get_close_matches(text, known.values_list("name", flat=True), n=3, cutoff=0.5)
    hint = f"是不是{'、'.join(f'“{name}”' for name in near)}？" if near else "请先在“区域”里登记，或检查写法。"
    raise RefusedReport("unknown_zone", f"没有叫“{text}”的区域。{hint}")


def _known(among: Any) -> Any:
    from zones.models import Zone

    return Zone.objects.all() if among is None else among


def _zones(text: str, day: date | None, known: Any) -> list[Any]:
    by_code = list(known.filter(code=text))
    return by_code or list(known.named(text, on=day)) or list(known.named(text))


def _elsewhere(reading: Reading, place: Any) -> str:
    """A remark where the report speaks of another zone than the one that it is kept for."""
    told = reading.zone_text
    found = _zones(told, reading.published.last if reading.published else None, _known(None)) if told else []
    apart = len(found) == 1 and not (found[0].path.startswith(place.path) or place.path.startswith(found[0].path))
    return f"报道写的是“{told}”，按“{place}”登记，请核对" if apart else ""


def zone_of(reading: Reading, among: Any = None) -> Any:
    """The zone that the report itself speaks of, if it is one of `among`; of all zones, if that is left out."""
    told = reading.zone_text
    found = _zones(told, reading.published.last if reading.published else None, _known(among)) if told else []
    if len(found) == 1:
        return found[0]
    named = f"（读到的是“{told}”）" if told else ""
    way = "请用 --zone 指定" if among is None else "请选择区域后重新读取"
    raise RefusedReport("unknown_zone", f"从报道里认不出所属区域{named}，{way}。")
