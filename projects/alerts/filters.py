"""Parameters of the endpoints of rules, alerts, their steps, and scans."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters import rest_framework as rest

from projects.alerts import states
from projects.alerts.letters import selecting as letters
from projects.alerts.models import (
    Alert,
    AlertEvent,
    Exemption,
    LetterKind,
    LetterReply,
    Petition,
    Rule,
    measure_choices,
)
from projects.filters.shared import OfProjectFilters, Words, by_person
from projects.models import Problem as Difficulty
from zones.filters import AtLeast, ByPerson, Flag, From, Key, OneOf, To, Whole, WithinZone, path_of_zone
from zones.models import Department, User
from zones.models.zone import ancestors_of
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]


class Levels(rest.BaseInFilter, rest.CharFilter):
    """Codes of levels, separated by commas; which there are, the rules say."""


class InForce(rest.CharFilter):
    """The rules that hold in a zone: its own and those from above, the nearest of each code, unless switched off."""

    def filter(self, qs: Rows, value: str) -> Rows:
        if not value:
            return qs
        path = path_of_zone(value, self.parent.request.user, self.field_name)
        places = [*ancestors_of(path), path]
        # Each of these paths begins with the one before, so the nearer zone has the greater path.
        nearer = Rule.objects.filter(
            code=OuterRef("code"), zone__path__in=places, zone__path__gt=OuterRef("zone__path")
        )
        return qs.filter(~Exists(nearer), enabled=True, zone__path__in=places)


class WithinPlace(WithinZone):
    """By the zone of the row's project, else its own; `way` leads to the row that has them."""

    def __init__(self, way: str = "") -> None:
        self.way = way
        super().__init__(f"{way}project__zone")

    def filter(self, qs: Rows, value: str) -> Rows:
        if not value:
            return qs
        path = path_of_zone(value, self.parent.request.user)
        here = {f"{self.way}{lookup}__path__startswith": path for lookup in ("project__zone", "zone")}
        return qs.filter(Q(*here.items(), _connector=Q.OR))


class InState(rest.ChoiceFilter):
    """Alerts in a state, as on the officials' list."""

    def filter(self, qs: Rows, value: str) -> Rows:
        rows: Any = qs
        return states.in_state(rows, value) if value else qs


class OfUnit(Key):
    """Alerts of a unit, and of the projects for which it stands."""

    def filter(self, qs: Rows, value: Any) -> Rows:
        if value is None:
            return qs
        unit = Department.objects.visible_to(self.parent.request.user).filter(pk=value).first()
        rows: Any = qs
        return states.of_unit(rows, unit) if unit else qs.none()


def _of_person(rows: Any, user: User) -> Rows:
    return states.of_person(rows, user)


class RuleFilters(StrictFilterSet):
    zone = WithinZone()
    in_force = InForce("in_force", label="区域代号：只要在这个区域实际适用的规则")
    code = rest.CharFilter("code", label="代号")
    measure = OneOf(choices=measure_choices(), label="判定指标")
    enabled = Flag(lambda rows: rows.filter(enabled=True), "启用")
    text = rest.CharFilter("name", "icontains", label="名称中的文字")


class AlertFilters(OfProjectFilters):
    zone = WithinPlace()
    state = InState(choices=states.choices(), label="状态")
    person = ByPerson(_of_person, "负责的人员的用户名，其单位负责的也算")
    unit = OfUnit("department", label="责任单位的 id")
    rung = OneOf(choices=Alert.Rung.choices, label="上报到：0 责任人、1 责任单位、2 领导、3 上级")
    answered = Flag(lambda rows: rows.filter(answered=True), "已答复，且此后没有加重")
    rule = rest.CharFilter("rule__code", label="规则的代号")
    open = Flag(lambda rows: rows.filter(closed_on=None), "未解除")
    held = Flag(lambda rows: rows.exclude(held=""), "暂停判定")
    acknowledged = Flag(lambda rows: rows.filter(acknowledged=True), "已签收，且此后没有加重")
    level = Levels("level", label="级别代号")
    severity_min = AtLeast("severity", "轻重不低于")
    text = Words("sentence", label="说明或项目名称中的文字，或项目名称的拼音首字母（从头）", project=True)
    is_demo = Flag(lambda rows: rows.filter(is_demo=True), "演示")
    opened_from = From("opened_on", "从这天起发出")
    opened_to = To("opened_on", "到这天止发出")
    closed_from = From("closed_on", "从这天起解除")
    closed_to = To("closed_on", "到这天止解除")
    answer_by_from = From("answer_by", "答复期限从这天起")
    answer_by_to = To("answer_by", "答复期限到这天止")


class AnswerFilters(StrictFilterSet):
    zone = WithinPlace("alert__")
    alert = Key("alert", label="预警的 id")
    project = Key("alert__project", label="项目的 id")
    category = OneOf(choices=Difficulty.Category.choices, label="原因类别")
    person = by_person("by", "答复人")
    needs_help = Flag(lambda rows: rows.exclude(help_needed=""), "请求协调")
    on_from = From("on", "从这天起答复")
    on_to = To("on", "到这天止答复")
    expected_from = From("expected_on", "预计恢复日期从这天起")
    expected_to = To("expected_on", "预计恢复日期到这天止")


class ExemptionFilters(StrictFilterSet):
    zone = WithinPlace()
    project = Key("project", label="项目的 id")
    alert = Key("alert", label="预警的 id")
    rule = rest.CharFilter("rule__code", label="规则的代号")
    state = OneOf(choices=Petition.State.choices, label="状态")
    person = by_person("asked_by", "申请人")
    in_force = Flag(Exemption.in_force, "今天起作用")
    ends_from = From("ends", "截止日期从这天起")
    ends_to = To("ends", "截止日期到这天止")


class EventFilters(StrictFilterSet):
    zone = WithinPlace("alert__")
    alert = Key("alert", label="预警的 id")
    project = Key("alert__project", label="项目的 id")
    kind = OneOf(choices=AlertEvent.Kind.choices, label="变化")
    level = Levels("level", label="级别代号")
    person = by_person("by", "经办人")
    on_from = From("on", "从这天起")
    on_to = To("on", "到这天止")


class ScanFilters(StrictFilterSet):
    zone = WithinZone()
    finished = Flag(lambda rows: rows.filter(finished_at__isnull=False), "已完成")
    as_of_from = From("as_of", "判定日期从这天起")
    as_of_to = To("as_of", "判定日期到这天止")


class LetterInState(rest.ChoiceFilter):
    """Letters in a state, as on the officials' list."""

    def filter(self, qs: Rows, value: str) -> Rows:
        return letters.in_state(qs, value) if value else qs


def _letters_of_person(rows: Any, user: User) -> Rows:
    return letters.of_person(rows, user)


def _overdue(rows: Any) -> Rows:
    return letters.in_state(rows, "overdue")


class LetterFilters(StrictFilterSet):
    zone = WithinZone()
    kind = OneOf(choices=LetterKind.choices, label="文种")
    state = LetterInState(choices=list(letters.STATES.items()), label="状态")
    overdue = Flag(_overdue, "待反馈且超过时限")
    project = Key("project", label="项目的 id")
    alert = Key("alerts", label="预警的 id")
    unit = Key("department", label="责任单位的 id")
    person = ByPerson(_letters_of_person, "收函人员的用户名，发给其单位的也算")
    year = Whole("year", label="编号的年份")
    reply_by_from = From("reply_by", "反馈时限从这天起")
    reply_by_to = To("reply_by", "反馈时限到这天止")
    issued_from = From("issued_on", "从这天起签发")
    issued_to = To("issued_on", "到这天止签发")
    text = Words(
        "title", "subject", "grounds", label="标题、项目名称或依据中的文字，或项目的拼音首字母（从头）", project=True
    )


class LetterReplyFilters(StrictFilterSet):
    zone = WithinZone("letter__zone")
    letter = Key("letter", label="函件的 id")
    project = Key("letter__project", label="项目的 id")
    state = OneOf(choices=LetterReply.State.choices, label="审核")
    category = OneOf(choices=Difficulty.Category.choices, label="原因类别")
    person = by_person("by", "反馈人")
    needs_help = Flag(lambda rows: rows.exclude(help_needed=""), "请求协调")
    on_from = From("on", "从这天起反馈")
    on_to = To("on", "到这天止反馈")
    expected_from = From("expected_on", "预计恢复日期从这天起")
    expected_to = To("expected_on", "预计恢复日期到这天止")
