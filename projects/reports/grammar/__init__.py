"""The reader of press reports: text in, named projects and stated totals out. Pure; knows no database."""

from projects.reports.grammar.reader import read
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
