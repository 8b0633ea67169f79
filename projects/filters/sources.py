"""Parameters of sources and of what they state."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from projects.filters.shared import OfProjectFilters, Words, by_person
from projects.models import Claim, Project, Source
from zones.filters import AtLeast, AtMost, Flag, From, Key, OneOf, To, Whole, WithinZone
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]


class SourceFilters(StrictFilterSet):
    zone = WithinZone()
    kind = OneOf(choices=Source.Kind.choices, label="类别")
    project = Whole(method="stating", label="所述项目的 id")
    date_from = From("date_last", "日期（最晚）从这天起")
    date_to = To("date_first", "日期（最早）到这天止")
    recorded_from = From("recorded_at__date", "登记从这天起")
    recorded_to = To("recorded_at__date", "登记到这天止")
    text = Words("title", "publisher", label="标题或发布单位中的文字")

    def stating(self, rows: Rows, name: str, value: int) -> Rows:
        seen = Project.objects.visible_to(self.request.user).filter(pk=value).values("pk")
        return rows.filter(Exists(Claim.objects.filter(source=OuterRef("pk"), project__in=seen)))


class ClaimFilters(OfProjectFilters):
    field = OneOf(choices=Claim.Field.choices, label="内容")
    certainty = OneOf(choices=Claim.Certainty.choices, label="性质")
    chosen = Flag(lambda rows: rows.filter(chosen=True), "已采用")
    disagreeing = Flag(lambda rows: disagreeing(rows), "同一项目同一内容另有不同的说法（名称按原文比较）")
    source = Key("source", label="来源的 id")
    source_kind = OneOf(choices=Source.Kind.choices, method="stated_in", label="来源的类别")
    high_min = AtLeast("high", "金额不低于")
    high_max = AtMost("high", "金额不高于")
    last_from = From("last", "所述日期（最晚）从这天起")
    last_to = To("last", "所述日期（最晚）到这天止")
    holds_from = From("holds_on", "对应日期从这天起")
    holds_to = To("holds_on", "对应日期到这天止")
    recorded_from = From("recorded_at__date", "记录从这天起")
    recorded_to = To("recorded_at__date", "记录到这天止")
    recorded_by = by_person("recorded_by", "记录人")
    words = Words("text", label="说法的文字")

    def stated_in(self, rows: Rows, name: str, value: list[str]) -> Rows:
        seen = Source.objects.visible_to(self.request.user).filter(kind__in=value)
        return rows.filter(source__in=seen.order_by().values("pk"))


def disagreeing(rows: Rows) -> Rows:
    """Claims beside which another one states something else of the same field, as `claims.disagreements` has it;
    but names are compared as they are printed, since a database knows nothing of their keys.
    """
    same = Q()
    for column, nothing in _SAID.items():
        same &= Q(Exact(Coalesce(F(column), nothing), Coalesce(OuterRef(column), nothing)))
    group = {name: OuterRef(name) for name in ("project", "field", "certainty")}
    return rows.filter(Exists(Claim.objects.filter(~same, **group)))


_SAID = {
    "low": Value(-1),
    "high": Value(-1),
    "currency": Value(""),
    "first": Value(date.min),
    "last": Value(date.min),
    "text": Value(""),
}
