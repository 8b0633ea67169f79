"""Meetings with their topics and minutes, to be read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from projects.api.shared import person
from projects.meetings import selecting
from projects.meetings.filters import MeetingFilters, MinutesFilters, TopicFilters
from projects.meetings.models import Addendum, Meeting, Minutes, Topic
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet


class MeetingRow(RowSerializer):
    """One meeting of a zone."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    source = SeenIntegerField("source", source="source_id", help_text="来源的 id：会上填报的数据都注明它")  # type: ignore[assignment]

    class Meta:
        model = Meeting
        fields: ClassVar = (
            *("id", "zone", "kind", "held_on", "year", "number", "subject", "state", "starts_at", "place"),
            *("chair", "present", "sitting_in", "source", "agenda_made_at", "version"),
        )


class Meetings(RowsViewSet):
    """会议：周例会、联审联批会、专题会、观摩会，当年第几次。在系统里召开，这里只读。"""

    queryset = Meeting.objects.all()
    serializer_class = MeetingRow
    filterset_class = MeetingFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "zone": "zone__path", "held_on": "held_on", "number": "number"}
    ordering: ClassVar = ("-held_on", "-id")


class OfMeetingRow(RowSerializer):
    """A row of a meeting, and of a project where it is about one."""

    zone = serializers.CharField(source="meeting.zone.code", read_only=True, help_text="区域代号")
    held_on = serializers.DateField(source="meeting.held_on", read_only=True, help_text="会议日期")


class AboutProjectRow(OfMeetingRow):
    """The same with the project, which may lie where the reader sees nothing."""

    project = SeenIntegerField("project", source="project_id", help_text="项目的 id")
    project_code = SeenCharField("project", source="project.code")
    project_name = SeenCharField("project", source="project.name")


ABOUT_PROJECT = ("id", "zone", "meeting", "held_on", "project", "project_code", "project_name")


class TopicRow(AboutProjectRow):
    """What somebody wants a meeting to decide."""

    department = SeenIntegerField("department", source="department_id", help_text="提出单位的 id")
    department_name = SeenCharField("department", source="department.name")
    proposed_by = person("proposed_by", "提出人")
    decided_by = person("decided_by", "审定人")

    class Meta:
        model = Topic
        fields: ClassVar = (
            *(*ABOUT_PROJECT, "title", "text", "tried", "department", "department_name", "state", "declined_reason"),
            *("place", "proposed_by", "proposed_at", "decided_by", "decided_at", "version"),
        )


class Topics(RowsViewSet):
    """议题：待审、列入议程或不列入。"""

    queryset = Topic.objects.all()
    serializer_class = TopicRow
    filterset_class = TopicFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "meeting": "meeting_id", "place": "place", "proposed_at": "proposed_at"}


class AddendumRow(RowSerializer):
    """What is to be read instead in issued minutes."""

    by = person("by", "签发人")

    class Meta:
        model = Addendum
        fields: ClassVar = ("number", "text", "on", "by")
        hangs_on = "minutes"


class MinutesRow(OfMeetingRow):
    """The minutes of a meeting."""

    issued_by = person("issued_by", "签发人")

    class Meta:
        model = Minutes
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "zone", "meeting", "held_on", "title", "issued_on", "issued_at", "issued_by", "digest", "version"),
        )


class MinutesDetail(MinutesRow):
    """With the text, and what was corrected since."""

    addenda = AddendumRow(many=True, read_only=True)

    class Meta(MinutesRow.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *(*MinutesRow.Meta.fields, "background", "body", "remarks", "distribution", "copies", "addenda"),
        )


class MinutesList(RowsViewSet):
    """会议纪要：签发后不再改动，更正见 addenda。未签发的只有组织会议的和领导能看到。"""

    queryset = Minutes.objects.all()
    serializer_class = MinutesRow
    detail_class = MinutesDetail
    filterset_class = MinutesFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "held_on": "meeting__held_on", "issued_on": "issued_on"}

    def get_queryset(self) -> QuerySet[Any]:
        return selecting.readable(super().get_queryset(), self.request.user)
