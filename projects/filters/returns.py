"""Parameters of months' returns, their steps and their photos."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from projects.filters.shared import OfProjectFilters, Words, by_person
from projects.models import Assignment, Return, ReturnEvent
from zones import clock
from zones.filters import AtLeast, AtMost, Flag, From, Key, OneOf, To, Whole, WithinZone
from zones.models import Department
from zones.scoped.filters import StrictFilterSet
from zones.scoped.querysets import visible_rows

Rows = QuerySet[Any]


class ByUnit(Whole):
    """Rows of projects for which a unit stands today. One that the person may not see selects nothing."""

    def filter(self, qs: Rows, value: Any) -> Rows:
        if value is None:
            return qs
        seen = visible_rows(Department, self.parent.request.user).filter(pk=value).order_by()
        held = Assignment.objects.in_force(clock.today()).filter(department__in=seen.values("pk"))
        return qs.filter(Exists(held.filter(project=OuterRef("project"))))


class ReturnFilters(OfProjectFilters):
    month_from = From("month", "月份（最后一天）从这天起")
    month_to = To("month", "月份（最后一天）到这天止")
    status = OneOf(choices=Return.Status.choices, label="状态")
    late = Flag(lambda rows: rows.filter(late_days__gt=0), "迟报")
    unit = ByUnit(label="项目今天的责任单位的 id")
    year_to_date_min = AtLeast("year_to_date", "自年初累计不低于（元）")
    year_to_date_max = AtMost("year_to_date", "自年初累计不高于（元）")
    submitted_from = From("submitted_on", "上报从这天起")
    submitted_to = To("submitted_on", "上报到这天止")
    reviewed_from = From("reviewed_on", "审核从这天起")
    reviewed_to = To("reviewed_on", "审核到这天止")
    submitted_by = by_person("submitted_by", "上报人")
    reviewed_by = by_person("reviewed_by", "审核人")
    words = Words("words", "note", label="形象进度或情况说明中的文字")


class ReturnEventFilters(StrictFilterSet):
    zone = WithinZone("monthly_return__project__zone")
    project = Key("monthly_return__project", label="项目的 id")
    monthly_return = Key("monthly_return", label="月报的 id")
    what = OneOf(choices=ReturnEvent.What.choices, label="步骤")
    on_from = From("on", "从这天起")
    on_to = To("on", "到这天止")
    by = by_person("by", "经办人")
    text = Words("reason", label="说明中的文字")


class PhotoFilters(StrictFilterSet):
    zone = WithinZone("monthly_return__project__zone")
    project = Key("monthly_return__project", label="项目的 id")
    monthly_return = Key("monthly_return", label="月报的 id")
    taken_from = From("taken_on", "拍摄从这天起")
    taken_to = To("taken_on", "拍摄到这天止")
    uploaded_by = by_person("uploaded_by", "上传人")
    text = Words("place", label="拍摄地点中的文字")
