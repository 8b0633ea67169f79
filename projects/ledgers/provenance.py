"""Where a project's values come from: the cells of ledgers, on the project's own page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from projects.ledgers.models import Ledger, LedgerRow
from projects.models import Claim, Project

MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A value that a ledger states of the project, in a cell; or, without one, a row that tells of it."""

    what: str
    value: str
    place: str
    ledger: str
    url: str
    chosen: bool


def panel(request: HttpRequest, project: Project) -> SafeString:
    """The panel of a project's page; "" where no ledger that the person may see says anything of it."""
    found = list(told_of(project, request.user))
    return render_to_string("projects_ledgers/provenance.html", {"told": found}) if found else SafeString("")


def told_of(project: Project, user: Any) -> Iterator[Told]:
    """Rows of imported ledgers that mean the project, and every value that they state as a claim."""
    rows = LedgerRow.objects.filter(project=project, ledger__state=Ledger.State.IMPORTED).select_related("ledger")
    rows = rows.exclude(kind__in=(LedgerRow.Kind.WRONG, LedgerRow.Kind.LEFT_OUT))
    seen = {row.ledger_id: row for row in rows.filter(ledger__in=Ledger.objects.visible_to(user)).order_by("pk")[:MOST]}
    sources = {row.ledger.source_id: row.ledger for row in seen.values()}
    for row in seen.values():
        yield Told("台账行", row.name, f"第{row.number}行", str(row.ledger), url(row.ledger), True)
    claims = project.claims.filter(source__in=sources).exclude(place="").order_by("field", "-chosen", "pk")
    for claim in claims[:MOST]:
        ledger = sources[claim.source_id]
        planned = "计划" if claim.certainty == Claim.Certainty.PLANNED else ""
        what = f"{planned}{claim.get_field_display()}"
        yield Told(what, claim.shown, claim.place, str(ledger), url(ledger), claim.chosen)


def url(ledger: Ledger) -> str:
    """The page of a ledger."""
    return reverse("admin:projects_ledgers_ledger_change", args=[ledger.pk])
