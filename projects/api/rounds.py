"""Rounds of the activity, and which projects are on their lists."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from projects.api.shared import OF_PROJECT, ORDERS, SOURCED, OfProjectRow, SourcedRow, person
from projects.filters import EntryFilters, PeriodFilters, SeriesFilters
from projects.models import Entry, Period, Series
from zones.scoped.api.rows import RowSerializer, SeenIntegerField
from zones.scoped.api.views import RowsViewSet


class SeriesRow(RowSerializer):
    """A numbering of rounds; the zones below the one that runs it take part."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="主办区域的代号")

    class Meta:
        model = Series
        fields: ClassVar = ("id", "code", "name", "zone", "version")


class SeriesList(RowsViewSet):
    """活动：期次的编号系列。上级区域主办的，下级也能看到。"""

    queryset = Series.objects.all()
    serializer_class = SeriesRow
    filterset_class = SeriesFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "code": "code", "name": "name", "zone": "zone__path"}
    ordering: ClassVar = ("zone", "code")


class PeriodRow(RowSerializer):
    """One round: 第N期, or 第N次 of a year."""

    series_code = serializers.CharField(source="series.code", read_only=True)
    series_name = serializers.CharField(source="series.name", read_only=True)
    zone = serializers.CharField(source="series.zone.code", read_only=True, help_text="主办区域的代号")

    class Meta:
        model = Period
        fields: ClassVar = (
            *("id", "series", "series_code", "series_name", "zone", "number", "year", "first", "last", "venue"),
            "version",
        )


class Periods(RowsViewSet):
    """期次。"""

    queryset = Period.objects.all()
    serializer_class = PeriodRow
    filterset_class = PeriodFilters
    version = "version"
    orders: ClassVar = {
        "id": "pk",
        "series": "series_id",
        "year": "year",
        "number": "number",
        "first": "first",
        "last": "last",
    }


class EntryRow(SourcedRow, OfProjectRow):
    """A project is listed in a batch of a round: a promise, not a fact. Without a period the round is not known."""

    period = SeenIntegerField("period", source="period_id", help_text="期次的 id；空为期次不详")
    period_number = SeenIntegerField("period", source="period.number")
    period_year = SeenIntegerField("period", source="period.year")
    recorded_by = person("recorded_by", "经办人")
    left_by = person("left_by", "调出经办人")

    class Meta:
        model = Entry
        fields: ClassVar = (
            *OF_PROJECT,
            *("batch", "period", "period_number", "period_year", "role_text", "entered_on"),
            *("left_on", "left_reason", *SOURCED, "start", "end", "recorded_by", "left_by", "version"),
        )


class Entries(RowsViewSet):
    """入批：哪个项目列入哪一期的哪一批。"""

    queryset = Entry.objects.all()
    serializer_class = EntryRow
    filterset_class = EntryFilters
    version = "version"
    orders: ClassVar = ORDERS | {"batch": "batch", "entered_on": "entered_on", "left_on": "left_on"}
