"""One cell: from what stands in it to a value of the column's shape, with a doubt where it is not plain.

What each of these columns is made of stands in `projects.ledgers.meanings`; all readers give a `Value` and never raise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from projects.ledgers.meanings import Shape
from projects.ledgers.understanding.cells.amounts import amounts, bare_figure
from projects.ledgers.understanding.cells.basics import About, Reader, doubtful, is_blank, is_empty, shown
from projects.ledgers.understanding.cells.days import days, periods
from projects.ledgers.understanding.cells.figures import areas, counts, numbers, percents
from projects.ledgers.understanding.cells.words import (
    credit_codes,
    flags,
    name_lists,
    national_codes,
    permits,
    phones,
    project_names,
    serials,
    texts,
)

__all__ = ["About", "Reader", "bare_figure", "doubtful", "is_blank", "is_empty", "reader", "shown"]

_READERS: Final[dict[Shape, Callable[[About], Reader]]] = {
    "serial": serials,
    "text": texts,
    "name": project_names,
    "names": name_lists,
    "money": amounts,
    "percent": percents,
    "date": days,
    "period": periods,
    "flag": flags,
    "permit": permits,
    "count": counts,
    "area": areas,
    "number": numbers,
    "credit_code": credit_codes,
    "national_code": national_codes,
    "phone": phones,
}


def reader(shape: Shape, about: About) -> Reader:
    """The reader of a column: a cell that is not blank in, its value out. It never raises."""
    return _READERS[shape](about)
