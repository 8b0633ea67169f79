"""Parameters of the endpoints of meetings, their rows, topics and minutes, and of decisions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as rest

from projects.filters.shared import OfProjectFilters, Words, by_person
from projects.meetings import filing, selecting
from projects.meetings.models import DecisionEvent, Meeting, Topic, Update
from zones import clock
from zones.filters import ByPerson, Flag, From, Key, OneOf, To, Whole, WithinZone
from zones.models import User
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]


class InState(rest.ChoiceFilter):
    """Decisions in a state, as on the officials' list."""

    def filter(self, qs: Rows, value: str) -> Rows:
        return selecting.in_state(qs, value) if value else qs


def _of_person(rows: Rows, user: User) -> Rows:
    return selecting.of_person(rows, user)


def _overdue(rows: Any) -> Rows:
    return rows.overdue(clock.today())


class MeetingFilters(StrictFilterSet):
    zone = WithinZone()
    kind = OneOf(choices=Meeting.Kind.choices, label="类别")
    state = OneOf(choices=Meeting.State.choices, label="状态")
    year = Whole("year", label="年份")
    held_from = From("held_on", "从这天起")
    held_to = To("held_on", "到这天止")
    text = Words("subject", "place", "chair", label="议题、地点或主持人中的文字")


class OfMeetingFilters(StrictFilterSet):
    zone = WithinZone("meeting__zone")
    meeting = Key("meeting", label="会议的 id")
    year = Whole("meeting__year", label="会议的年份")
    held_from = From("meeting__held_on", "会议从这天起")
    held_to = To("meeting__held_on", "会议到这天止")


class UpdateFilters(OfProjectFilters):
    meeting = Key("meeting", label="会议的 id")
    section = OneOf(choices=Update.Section.choices, label="议程中的部分")
    told = Flag(lambda rows: rows.exclude(pk__in=filing.untold(rows).order_by().values("pk")), "已填报")
    help_wanted = Flag(lambda rows: rows.exclude(help_wanted=""), "有需协调事项")
    held_from = From("meeting__held_on", "会议从这天起")
    held_to = To("meeting__held_on", "会议到这天止")
    filed_by = by_person("filed_by", "填报人")


class TopicFilters(OfMeetingFilters):
    project = Key("project", label="项目的 id")
    state = OneOf(choices=Topic.State.choices, label="状态")
    department = Key("department", label="提出单位的 id")
    text = Words("title", "text", label="议题、情况和建议中的文字")


class MinutesFilters(OfMeetingFilters):
    issued = Flag(lambda rows: rows.filter(issued_at__isnull=False), "已签发")
    issued_from = From("issued_on", "从这天起签发")
    issued_to = To("issued_on", "到这天止签发")
    text = Words("title", "background", "body", "remarks", label="标题或正文中的文字")


class DecisionFilters(OfMeetingFilters):
    project = Key("project", label="项目的 id")
    topic = Key("topic", label="议题的 id")
    state = InState(choices=list(selecting.STATES.items()), label="办理状态")
    overdue = Flag(_overdue, "未办结且超过时限")
    unit = Key("lead", label="牵头单位的 id")
    person = ByPerson(_of_person, "责任人的用户名，其单位牵头的也算")
    deadline_from = From("deadline", "完成时限从这天起")
    deadline_to = To("deadline", "完成时限到这天止")
    issued_from = From("issued_on", "从这天起下发")
    issued_to = To("issued_on", "到这天止下发")
    done_from = From("done_on", "从这天起销号")
    done_to = To("done_on", "到这天止销号")
    text = Words("matter", "result", label="事项、办理结果或项目名称中的文字，或项目的拼音首字母（从头）", project=True)


class DecisionEventFilters(StrictFilterSet):
    zone = WithinZone("decision__meeting__zone")
    decision = Key("decision", label="议定事项的 id")
    meeting = Key("decision__meeting", label="会议的 id")
    what = OneOf(choices=DecisionEvent.What.choices, label="步骤")
    person = by_person("by", "经办人")
    on_from = From("on", "从这天起")
    on_to = To("on", "到这天止")
    text = Words("note", label="说明中的文字")
