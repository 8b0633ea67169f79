"""Where values come from, and the values as they were stated there."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from projects.api.shared import OF_PROJECT, ORDERS, SOURCED, OfProjectRow, SourcedRow, person
from projects.filters import ClaimFilters, SourceFilters
from projects.models import Claim, Source
from zones.scoped.api.rows import RowSerializer
from zones.scoped.api.views import RowsViewSet


class SourceRow(RowSerializer):
    """A document, a meeting or a person that states something."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")

    class Meta:
        model = Source
        fields: ClassVar = ("id", "kind", "title", "publisher", "zone", "date_first", "date_last", "recorded_at")


class Sources(RowsViewSet):
    """来源：文件、报道、会议或人员。"""

    queryset = Source.objects.all()
    serializer_class = SourceRow
    filterset_class = SourceFilters
    orders: ClassVar = {
        "id": "pk",
        "title": "title",
        "zone": "zone__path",
        "date_last": "date_last",
        "recorded_at": "recorded_at",
    }


class ClaimRow(SourcedRow, OfProjectRow):
    """A value that a source states: money low–high in whole units of its currency, days first–last, or words.

    `start` and `end` are the characters of the source's text between which it stands, `place` its cell in a ledger.
    """

    recorded_by = person("recorded_by", "记录人")

    class Meta:
        model = Claim
        fields: ClassVar = (
            *(*OF_PROJECT, "field", "certainty", "low", "high", "currency", "qualifier"),
            *("first", "last", "precision", "text", "note", "holds_on", "chosen"),
            *(*SOURCED, "start", "end", "place", "recorded_at", "recorded_by"),
        )


class Claims(RowsViewSet):
    """说法：某个来源对某个项目说了什么，在原文哪里，是否采用。"""

    queryset = Claim.objects.all()
    serializer_class = ClaimRow
    filterset_class = ClaimFilters
    orders: ClassVar = ORDERS | {"field": "field", "high": "high", "last": "last", "recorded_at": "recorded_at"}
