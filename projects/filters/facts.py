"""Parameters of milestones and what changed in them, standstills, problems and what became of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from projects import selecting
from projects.filters.shared import OfProjectFilters, Words, by_person
from projects.models import Milestone, MilestoneChange, Problem, ProblemEvent, Suspension
from zones import clock
from zones.filters import Flag, From, Key, OneOf, To, WithinZone
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]


class MilestoneFilters(OfProjectFilters):
    kind = OneOf(choices=Milestone.Kind.choices, label="节点")
    label = Words("label", label="节点名称（其他节点）中的文字")
    done = Flag(lambda rows: rows.filter(done=True), "已完成")
    overdue = Flag(lambda rows: selecting.overdue(rows, clock.today()), "已超期")
    due_soon = Flag(lambda rows: selecting.due_soon(rows, clock.today()), "两周内到期")
    approved = Flag(lambda rows: rows.filter(baseline__isnull=False), "已定首次承诺")
    baseline_from = From("baseline", "首次承诺期限从这天起")
    baseline_to = To("baseline", "首次承诺期限到这天止")
    planned_from = From("planned", "计划期限从这天起")
    planned_to = To("planned", "计划期限到这天止")
    deadline_from = From("judged_by", "判定期限（首次承诺，没有则为计划）从这天起")
    deadline_to = To("judged_by", "判定期限到这天止")
    actual_from = From("actual_last", "完成日期（最晚）从这天起")
    actual_to = To("actual_last", "完成日期（最晚）到这天止")
    known_from = From("known_on", "获知日期从这天起")
    known_to = To("known_on", "获知日期到这天止")


class MilestoneChangeFilters(StrictFilterSet):
    zone = WithinZone("milestone__project__zone")
    project = Key("milestone__project", label="项目的 id")
    milestone = Key("milestone", label="节点的 id")
    kind = OneOf("milestone__kind", choices=Milestone.Kind.choices, label="节点")
    what = OneOf(choices=MilestoneChange.What.choices, label="变动")
    on_from = From("on", "从这天起")
    on_to = To("on", "到这天止")
    by = by_person("by", "经办人")
    source = Key("source", label="来源的 id")
    text = Words("reason", label="原因中的文字")


class SuspensionFilters(OfProjectFilters):
    kind = OneOf(choices=Suspension.Kind.choices, label="类别")
    in_force = Flag(lambda rows: rows.in_force(clock.today()), "今天停缓建")
    starts_from = From("starts", "起始日期从这天起")
    starts_to = To("starts", "起始日期到这天止")
    ends_from = From("ends", "最后一天从这天起")
    ends_to = To("ends", "最后一天到这天止")
    recorded_by = by_person("recorded_by", "经办人")
    reason = Words("reason", "approver", label="原因或批准人中的文字")


class ProblemFilters(OfProjectFilters):
    zone = WithinZone()
    company = Key("company", label="企业的 id")
    problem_category = OneOf("category", choices=Problem.Category.choices, label="问题类别")
    open = Flag(lambda rows: rows.open_on(clock.today()), "未销号")
    overdue = Flag(lambda rows: selecting.late(rows, clock.today()), "未销号且超过时限")
    department = Key("department", label="责任单位的 id")
    owner = by_person("owner", "责任人")
    recorded_by = by_person("recorded_by", "登记人")
    raised_from = From("raised_on", "提出日期从这天起")
    raised_to = To("raised_on", "提出日期到这天止")
    deadline_from = From("deadline", "完成时限从这天起")
    deadline_to = To("deadline", "完成时限到这天止")
    closed_from = From("closed_on", "销号日期从这天起")
    closed_to = To("closed_on", "销号日期到这天止")
    text = Words("title", "solution", label="问题、措施或项目名称中的文字，或项目的拼音首字母（从头）", project=True)


class ProblemEventFilters(StrictFilterSet):
    zone = WithinZone("problem__zone")
    problem = Key("problem", label="问题的 id")
    project = Key("problem__project", label="项目的 id")
    what = OneOf(choices=ProblemEvent.What.choices, label="事项")
    on_from = From("on", "从这天起")
    on_to = To("on", "到这天止")
    by = by_person("by", "经办人")
    text = Words("note", label="说明中的文字")
