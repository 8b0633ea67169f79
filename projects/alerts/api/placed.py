"""What rows of a project, or of a zone alone, show of where they belong."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, StrIndex, Substr
from rest_framework import serializers

from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField


class PlacedRow(RowSerializer):
    """A row of a project, or of a zone alone. The subject is a project, a problem, a unit …"""

    project = SeenIntegerField("project", source="project_id", help_text="项目的 id；不属于项目的为 null")
    project_code = SeenCharField("project", source="project.code")
    project_name = SeenCharField("project", source="project.name")
    zone = serializers.CharField(source="zone_code", read_only=True, help_text="区域代号")
    subject_kind = serializers.CharField(source="kind_of_subject", read_only=True, help_text="对象的种类，如 project")
    subject = serializers.CharField(source="called", read_only=True, help_text="对象的名称")


PLACED = ("id", "subject_kind", "subject", "project", "project_code", "project_name", "zone")
PLACED_ORDERS = {"id": "pk", "project": "project_id", "project_code": "project__code", "zone": "zone_code"}


def placed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows with what a PlacedRow shows of them."""
    kind = Substr("subject_key", 1, StrIndex("subject_key", Value(":")) - 1, output_field=CharField())
    current = When(kind_of_subject="project", then=F("project__name"))
    return rows.annotate(
        zone_code=Coalesce("project__zone__code", "zone__code"),
        kind_of_subject=kind,
        called=Case(current, default=F("subject_name"), output_field=CharField()),
    )
