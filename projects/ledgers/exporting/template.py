"""The ledger of a zone to be filled in away from the system and sent back: what is not touched changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from django.db.models import Q, QuerySet

from projects.ledgers.exporting import forms
from projects.ledgers.exporting.forms import Asked, Form
from projects.ledgers.exporting.telling import tell
from projects.models import Category, Importance, Project
from projects.papers.sheets import Cell, Column, Look
from zones.models import Department, Zone

CHOICES: Final = {
    "category": tuple(str(label) for label in Category.labels),
    "importance": tuple(str(label) for label in Importance.labels),
    **dict.fromkeys(("started", "produced"), ("是", "否")),
}
MOST_UNITS: Final = 500


@cache
def form() -> Form:
    """The form of the template."""
    return forms.read(json.loads((forms.FOLDER / "template.json").read_text(encoding="utf-8")))


def table(asked: Asked, rows: QuerySet[Project]) -> tuple[list[Column], Iterator[list[Cell]], Look]:
    """Columns with what may be chosen in them, the projects as they stand, and room for more."""
    columns, _, look = forms.table(form(), asked, rows)
    choices = {**CHOICES, "unit": _units(asked.zone)}
    offered = [
        replace(column, choices=choices.get(slot.means, ()), total=False)
        for column, slot in zip(columns, form().columns, strict=True)
    ]
    return offered, _rows(asked, rows), replace(look, fill_in=True, signature=(), freeze=3)


def _rows(asked: Asked, rows: QuerySet[Project]) -> Iterator[list[Cell]]:
    for number, told in enumerate(tell(rows, asked.when), start=1):
        own = {"serial": number, "investment": told.stated()}
        yield [own[slot.means] if slot.means in own else told.cell(slot.means) for slot in form().columns]


def _units(zone: Zone) -> tuple[str, ...]:
    """The units that may be chosen, by the names that the ledger is read with."""
    near = Q(zone__path__in=[zone.path, *zone.ancestor_paths]) | Q(zone__path__startswith=zone.path)
    found = Department.objects.filter(near, active=True).order_by("zone__path", "pk")[:MOST_UNITS]
    return tuple(dict.fromkeys(str(unit) for unit in found))
