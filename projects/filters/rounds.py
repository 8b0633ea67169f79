"""Parameters of series, their rounds, and entries in them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as rest

from projects import selecting
from projects.filters.shared import ByRound, OfProjectFilters, Words, by_person
from projects.models import Batch, Period
from zones import clock
from zones.filters import Flag, From, Key, OneOf, To, Whole, WithinZone
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]


class SeriesFilters(StrictFilterSet):
    zone = WithinZone()
    code = rest.CharFilter(label="代号")
    text = Words("name", label="名称中的文字")


class PeriodFilters(StrictFilterSet):
    zone = WithinZone("series__zone")
    series = Key("series", label="活动的 id")
    series_code = rest.CharFilter("series__code", label="活动的代号")
    number = Whole(label="期")
    year = Whole(label="年度")
    first_from = From("first", "举办日期（最早）从这天起")
    first_to = To("first", "举办日期（最早）到这天止")
    last_from = From("last", "举办日期（最晚）从这天起")
    last_to = To("last", "举办日期（最晚）到这天止")
    text = Words("venue", "series__name", label="主会场或活动名称中的文字")


class EntryFilters(OfProjectFilters):
    batch = OneOf(choices=Batch.choices, label="批次")
    period = ByRound(method="of_round")
    series = Key("period__series", label="活动的 id")
    effective = Flag(lambda rows: rows.effective(), "在批（未调出）")
    effective_today = Flag(lambda rows: rows.effective(clock.today()), "今天在批：已到入批日期，未到调出日期")
    latest = Flag(lambda rows: rows.one_per_project(), "项目最近一次入批（每个项目只算一次）")
    entered_from = From("entered_on", "入批日期从这天起")
    entered_to = To("entered_on", "入批日期到这天止")
    left_from = From("left_on", "调出日期从这天起")
    left_to = To("left_on", "调出日期到这天止")
    source = Key("source", label="来源的 id")
    recorded_by = by_person("recorded_by", "经办人")
    role_text = Words("role_text", label="原文身份中的文字")

    def of_round(self, rows: Rows, name: str, value: str) -> Rows:
        if value == selecting.WITHOUT_PERIOD:
            return rows.filter(period=None)
        return rows.filter(period__in=Period.objects.visible_to(self.request.user).filter(pk=value).values("pk"))
