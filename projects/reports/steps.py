"""Which steps a mention proves to be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from projects.dates import DateSpan
from projects.models import Milestone
from projects.reports.models import Mention, Report
from projects.reports.storing import span_of

Kind = Milestone.Kind

# What is being built has been started. 投用 of a building is not 投产 of its project, and stays a claim.
BY_STATUS = {
    "在谈": Kind.NEGOTIATED,
    "已签约": Kind.SIGNED,
    "已开工": Kind.STARTED,
    "在建": Kind.STARTED,
    "设备安装": Kind.STARTED,
    "已封顶": Kind.TOPPED_OUT,
    "已竣工": Kind.COMPLETED,
    "试生产": Kind.TRIAL,
    "已投产": Kind.PRODUCED,
    "已达效": Kind.AT_CAPACITY,
}
BY_DATE = {
    "signed": Kind.SIGNED,
    "started": Kind.STARTED,
    "topped-out": Kind.TOPPED_OUT,
    "completed": Kind.COMPLETED,
    "trial": Kind.TRIAL,
    "produced": Kind.PRODUCED,
}
# Of a building or a phase, these say no more of the project than that it was started.
WHOLE_ONLY = (Kind.TOPPED_OUT, Kind.COMPLETED, Kind.TRIAL, Kind.PRODUCED, Kind.AT_CAPACITY)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is done; `when` is None where the report gives no day."""

    kind: str
    when: DateSpan | None
    printed: str


def asserted(mention: Mention, report: Report) -> list[Step]:
    """The steps that the project's own words state as done, each once, with its day if one is given."""
    found: dict[str, Step] = {}
    for step in (*_dated(mention, report), *_by_status(mention, report)):
        found.setdefault(step.kind, step)
    return list(found.values())


def _dated(mention: Mention, report: Report) -> Iterator[Step]:
    for day in mention.told.get("dates", []):
        kind = BY_DATE.get(day["role"])
        if kind and day["certainty"] == "actual" and day["own"]:
            span = span_of(day["value"])
            yield _step(kind, span if span.first or span.last else None, day, report)


def _by_status(mention: Mention, report: Report) -> Iterator[Step]:
    stated = mention.told.get("status")
    kind = BY_STATUS.get(mention.status)
    if kind and stated and stated["own"]:
        yield _step(kind, None, stated, report)


def _step(kind: str, when: DateSpan | None, stated: dict[str, Any], report: Report) -> Step:
    kept = stated.get("correction")
    printed = kept["typed"] if kept else report.said(stated["start"], stated["end"])
    if stated["part"] and kind in WHOLE_ONLY:
        return Step(Kind.STARTED, None, printed)
    return Step(kind, when, printed)
