"""Runs of the scan for other systems."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Case, F, QuerySet, When
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.alerts import filters
from projects.alerts.models import ScanRun
from zones.permissions import EVERYWHERE, Action, paths
from zones.scoped.api.rows import RowSerializer
from zones.scoped.api.views import RowsViewSet
from zones.scoped.querysets import under

_COUNTS: dict[str, Any] = {
    "type": ["object", "null"],
    "description": "结果；涉及您看不到的区域时为 null。open 按级别代号、not_judged 按原因分列",
    "additionalProperties": {
        "anyOf": [{"type": "integer"}, {"type": "object", "additionalProperties": {"type": "integer"}}]
    },
}


@extend_schema_field(_COUNTS)
class CountsField(serializers.JSONField):
    """What a scan counted."""


class ScanRow(RowSerializer):
    """One run of the scan; without a zone it looked at all. Not finished, if it broke off."""

    zone = serializers.CharField(source="zone.code", read_only=True, allow_null=True, help_text="区域代号；空为全部")
    counts = CountsField(source="known_counts", read_only=True)

    class Meta:
        model = ScanRun
        fields: ClassVar = ("id", "as_of", "zone", "started_at", "finished_at", "counts")


class Scans(RowsViewSet):
    """判定记录：每次判定的日期、区域和结果。"""

    queryset = ScanRun.objects.all()
    serializer_class = ScanRow
    filterset_class = filters.ScanFilters
    orders: ClassVar = {"id": "pk", "as_of": "as_of", "started_at": "started_at"}

    def get_queryset(self) -> QuerySet[Any]:
        """Runs with their counts, where all they looked at is the reader's (`ScanRun.covers`)."""
        reach = paths(self.request.user, Action.READ)
        known: Any = F("counts") if EVERYWHERE in reach else Case(When(under("zone", reach), then=F("counts")))
        return super().get_queryset().annotate(known_counts=known)
