"""Parameters of projects, their other names, who stands for them, and companies."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as rest

from projects import names, selecting, statistics
from projects.filters.shared import LIGHT, ByLight, ByRound, ByText, OfProjectFilters, by_person
from projects.models import Assignment, Batch, Category, Importance, Phase
from zones import clock
from zones.filters import AtLeast, AtMost, ByPerson, Flag, From, Key, OneOf, PointsAtLeast, PointsAtMost, To, WithinZone
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]
FIGURES = [("both", "计划和完成数齐全"), ("figure", "有计划，缺完成数"), ("plan", "缺年度计划")]


class ProjectFilters(StrictFilterSet):
    zone = WithinZone()
    phase = OneOf(choices=Phase.choices, label="阶段")
    category = OneOf(choices=Category.choices, label="产业类别")
    importance = OneOf(choices=Importance.choices, label="重要级别")
    light = ByLight(label=LIGHT)
    text = ByText()
    code = rest.CharFilter("code", "iexact", label="编号")
    national_code = rest.CharFilter("national_code", label="项目代码")
    company = Key("company", label="企业的 id")
    parent = Key("parent", label="上级项目的 id")
    person = ByPerson(lambda rows, user: selecting.looked_after(rows, user, clock.today()))
    unassigned = Flag(lambda rows: selecting.unassigned(rows, clock.today()), "今天无人负责")
    batch = rest.ChoiceFilter(choices=Batch.choices, label="批次（任一有效入批）", method="listed")
    period = ByRound(method="listed")
    last_batch = rest.ChoiceFilter(choices=Batch.choices, label="最近一次入批的批次", method="last_listed")
    figures = rest.ChoiceFilter(choices=FIGURES, method="with_figures", label="本年数据")
    has_open_alert = Flag(selecting.with_open_alert, "有未解除的预警")
    has_open_problem = Flag(lambda rows: selecting.with_open_problem(rows, clock.today()), "有未销号的问题")
    overdue = Flag(lambda rows: selecting.with_deadline(rows, "overdue", clock.today()), "有超期的节点")
    due_soon = Flag(lambda rows: selecting.with_deadline(rows, "soon", clock.today()), "两周内有节点到期")
    suspended = Flag(lambda rows: statistics.suspended(rows, clock.today()), "正在停缓建")
    terminated = Flag(lambda rows: rows.filter(terminated_on__lte=clock.today()), "已终止")
    is_demo = Flag(lambda rows: rows.filter(is_demo=True), "演示")
    investment_min = AtLeast("investment_high", "总投资不低于（元）")
    investment_max = AtMost("investment_high", "总投资不高于（元）")
    plan_min = AtLeast("standing__plan", "年度计划不低于（元）")
    plan_max = AtMost("standing__plan", "年度计划不高于（元）")
    done_min = AtLeast("standing__done", "已完成不低于（元）")
    done_max = AtMost("standing__done", "已完成不高于（元）")
    severity_min = AtLeast("standing__severity", "预警轻重不低于")
    lag_elapsed_min = PointsAtLeast("standing__lag_elapsed", "落后时序不低于（百分点）")
    lag_elapsed_max = PointsAtMost("standing__lag_elapsed", "落后时序不高于（百分点）")
    lag_planned_min = PointsAtLeast("standing__lag_planned", "落后计划不低于（百分点）")
    lag_planned_max = PointsAtMost("standing__lag_planned", "落后计划不高于（百分点）")
    next_deadline_from = From("standing__next_deadline", "下一期限从这天起")
    next_deadline_to = To("standing__next_deadline", "下一期限到这天止")
    created_from = From("created_at__date", "建档从这天起")
    created_to = To("created_at__date", "建档到这天止")

    def listed(self, rows: Rows, name: str, value: str) -> Rows:
        """Batch and round of one and the same entry."""
        if name == "period" and self.data.get("batch"):
            return rows  # asked together with the batch
        return selecting.listed(rows, self.data.get("batch", ""), self.data.get("period", ""))

    def with_figures(self, rows: Rows, name: str, value: str) -> Rows:
        return selecting.with_figures(rows, value)

    def last_listed(self, rows: Rows, name: str, value: str) -> Rows:
        return selecting.last_listed(rows, value)


class AliasFilters(OfProjectFilters):
    name = rest.CharFilter(method="alike", label="又名中的文字", min_length=1, max_length=100)

    def alike(self, rows: Rows, name: str, value: str) -> Rows:
        key = names.key(value)
        return rows.filter(key__contains=key) if key else rows.none()


class AssignmentFilters(OfProjectFilters):
    role = OneOf(choices=Assignment.Role.choices, label="身份")
    person = ByPerson(lambda rows, user: held_by(rows, user), "本人或其单位承担：人员的用户名")
    department = Key("department", label="责任单位的 id")
    in_force = Flag(lambda rows: rows.in_force(clock.today()), "今天有效")
    starts_from = From("starts", "起始日期从这天起")
    starts_to = To("starts", "起始日期到这天止")
    ends_from = From("ends", "截止日期从这天起")
    ends_to = To("ends", "截止日期到这天止")
    recorded_by = by_person("recorded_by", "经办人")


def held_by(rows: Rows, user: Any) -> Rows:
    """Assignments of the person or of his unit."""
    his = Q(user=user.pk)
    return rows.filter(his | Q(department=user.department_id) if user.department_id else his)


class CompanyFilters(StrictFilterSet):
    zone = WithinZone()
    text = rest.CharFilter(method="named", label="企业名称或统一社会信用代码中的文字", min_length=1, max_length=100)
    credit_code = rest.CharFilter("credit_code", "iexact", label="统一社会信用代码")
    has_project = Flag(lambda rows: rows.filter(projects_seen__gte=1), "有可见的项目")
    is_demo = Flag(lambda rows: rows.filter(is_demo=True), "演示")

    def named(self, rows: Rows, name: str, value: str) -> Rows:
        alike = Q(name__icontains=value) | Q(credit_code__icontains=value)
        key = names.key(value)
        return rows.filter(alike | Q(key__contains=key) if key else alike)
