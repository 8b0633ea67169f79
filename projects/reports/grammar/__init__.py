"""The reader of press reports: text in, named projects and stated totals out. Pure; knows no database."""

from __future__ import annotations

from projects.dates import DateSpan
from projects.reports.grammar.records import (
    Difference,
    NamedProject,
    Read,
    Reading,
    StatedDate,
    StatedPart,
    StatedTotal,
)

__all__ = ["Difference", "NamedProject", "Read", "Reading", "StatedDate", "StatedPart", "StatedTotal", "read"]


def read(text: str, *, published: DateSpan | None = None) -> Reading:
    """Read a report. Never raises: a text that holds nothing gives an empty reading."""
    # To compile its patterns takes more than half a second, and most processes read no report.
    from projects.reports.grammar import reader

    return reader.read(text, published=published)
