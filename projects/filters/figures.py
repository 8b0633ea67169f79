"""Parameters of plans, progress, and standings."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from projects import selecting
from projects.filters.shared import LIGHT, ByLight, OfProjectFilters, Words, by_person
from projects.models import AnnualPlan, Progress
from zones import clock
from zones.filters import AtLeast, AtMost, Flag, From, Key, OneOf, PointsAtLeast, PointsAtMost, To, Whole

Rows = QuerySet[Any]


class PlanFilters(OfProjectFilters):
    year = Whole(label="年度")
    status = OneOf(choices=AnnualPlan.Status.choices, label="状态")
    method = OneOf(choices=AnnualPlan.Method.choices, label="分解方法")
    in_force = Flag(lambda rows: holding(rows), "现行（今天有效的那一版）")
    amount_min = AtLeast("amount", "年度计划不低于（元）")
    amount_max = AtMost("amount", "年度计划不高于（元）")
    effective_from = From("effective_from", "生效日期从这天起")
    effective_to = To("effective_from", "生效日期到这天止")
    recorded_from = From("recorded_at__date", "记录从这天起")
    recorded_to = To("recorded_at__date", "记录到这天止")
    author = by_person("author", "编制人")
    approved_by = by_person("approved_by", "批准人")
    source = Key("source", label="来源的 id")


def holding(rows: Rows) -> Rows:
    """Of each project and year the edition that holds today."""
    best = AnnualPlan.objects.holding_on(clock.today())
    best = best.filter(project=OuterRef("project"), year=OuterRef("year"))
    return rows.filter(pk=Subquery(best.values("pk")[:1]))


class ProgressFilters(OfProjectFilters):
    channel = OneOf(choices=Progress.Channel.choices, label="口径")
    current = Flag(lambda rows: rows.filter(current=True), "有效（未被更正）")
    up_to_from = From("up_to", "截至日期从这天起")
    up_to_to = To("up_to", "截至日期到这天止")
    amount_min = AtLeast("amount", "年内累计完成投资不低于（元）")
    amount_max = AtMost("amount", "年内累计完成投资不高于（元）")
    total_min = AtLeast("total", "自开工累计完成投资不低于（元）")
    total_max = AtMost("total", "自开工累计完成投资不高于（元）")
    percent_min = AtLeast("percent", "形象进度不低于（%）")
    percent_max = AtMost("percent", "形象进度不高于（%）")
    recorded_from = From("recorded_at__date", "记录从这天起")
    recorded_to = To("recorded_at__date", "记录到这天止")
    recorded_by = by_person("recorded_by", "填报人")
    source = Key("source", label="来源的 id")
    words = Words("words", label="形象进度中的文字")


class ByOwnLight(ByLight):
    """The light of the row itself."""

    def filter(self, qs: Rows, value: Any) -> Rows:
        if not value:
            return qs
        return qs.filter(light__in=["" if light == selecting.NOT_JUDGED else light for light in value])


class _FiguresFilters(OfProjectFilters):
    light = ByOwnLight(label=LIGHT)
    month_from = From("month", "判定月份的最后一天从这天起")
    month_to = To("month", "判定月份的最后一天到这天止")
    plan_min = AtLeast("plan", "年度计划不低于（元）")
    plan_max = AtMost("plan", "年度计划不高于（元）")
    due_min = AtLeast("due", "应完成不低于（元）")
    due_max = AtMost("due", "应完成不高于（元）")
    done_min = AtLeast("done", "已完成不低于（元）")
    done_max = AtMost("done", "已完成不高于（元）")
    severity_min = AtLeast("severity", "预警轻重不低于")
    severity_max = AtMost("severity", "预警轻重不高于")
    lag_elapsed_min = PointsAtLeast("lag_elapsed", "落后时序不低于（百分点）")
    lag_elapsed_max = PointsAtMost("lag_elapsed", "落后时序不高于（百分点）")
    lag_planned_min = PointsAtLeast("lag_planned", "落后计划不低于（百分点）")
    lag_planned_max = PointsAtMost("lag_planned", "落后计划不高于（百分点）")


class StandingFilters(_FiguresFilters):
    live = Flag(lambda rows: rows.filter(_alive()), "项目未终止")
    since_from = From("since", "灯从这天起或更晚")
    since_to = To("since", "灯到这天为止已亮")
    next_deadline_from = From("next_deadline", "下一期限从这天起")
    next_deadline_to = To("next_deadline", "下一期限到这天止")


class StandingMonthFilters(_FiguresFilters):
    frozen_from = From("frozen_at__date", "定格从这天起")
    frozen_to = To("frozen_at__date", "定格到这天止")


def _alive() -> Q:
    return Q(project__terminated_on=None) | Q(project__terminated_on__gt=clock.today())
