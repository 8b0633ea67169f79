"""The columns that a list of projects shows, as the product names them, and the rows that a list selects."""

from typing import Any, Final

from django.db.models import F, QuerySet

from projects.models import Project

OWN: Final = (
    *("id", "code", "name", "phase", "category", "importance", "national_code", "company", "parent"),
    *("investment_low", "investment_high", "investment_qualifier"),
    *("foreign_low", "foreign_high", "foreign_currency", "terminated_on", "is_demo", "created_at", "version"),
)
RELATED: Final = {
    "zone_code": "zone__code",
    "zone_name": "zone__name",
    "company_name": "company__name",
    "light": "standing__light",
    "light_label": "standing__light_label",
    "severity": "standing__severity",
    "light_since": "standing__since",
    "month": "standing__month",
    "plan": "standing__plan",
    "due": "standing__due",
    "done": "standing__done",
    "done_statistics": "standing__done_statistics",
    "lag_elapsed": "standing__lag_elapsed",
    "lag_planned": "standing__lag_planned",
    "next_step": "standing__next_kind",
    "next_deadline": "standing__next_deadline",
}
RELATED_COLUMNS: Final = {name: F(column) for name, column in RELATED.items()}
ORDER: Final = (F("investment_high").desc(nulls_last=True), "pk")


def selected(phase: str, path: str) -> QuerySet[Any]:
    """Projects of a phase in a zone and below it."""
    return Project.objects.filter(phase=phase, zone__path__startswith=path, withdrawn_at=None)
