"""One's own inbox for other systems, to look at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as rest
from rest_framework import serializers

from projects.notices.models import Notice
from zones.filters import Flag, From, Key, To, WithinZone
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet
from zones.scoped.filters import StrictFilterSet


class NoticeRow(RowSerializer):
    """One sentence that one person should know, with the page it is about."""

    zone = serializers.CharField(source="zone.code", read_only=True, allow_null=True, help_text="区域代号")
    project = SeenIntegerField("project", source="project_id", help_text="项目的 id")
    project_name = SeenCharField("project", source="project.name")

    class Meta:
        model = Notice
        fields: ClassVar = (
            *("id", "kind", "sentence", "path", "zone", "project", "project_name", "urgent", "day"),
            *("created_at", "read_at"),
        )


class NoticeFilters(StrictFilterSet):
    zone = WithinZone()
    project = Key("project", label="项目的 id")
    kind = rest.CharFilter("kind", label="类别")
    urgent = Flag(lambda rows: rows.filter(urgent=True), "紧急")
    unread = Flag(lambda rows: rows.filter(read_at=None), "未读")
    day_from = From("day", "从这天起")
    day_to = To("day", "到这天止")


class Notices(RowsViewSet):
    """本人的通知。"""

    queryset = Notice.objects.all()
    serializer_class = NoticeRow
    filterset_class = NoticeFilters
    orders: ClassVar = {"id": "pk", "day": "day", "read_at": "read_at"}

    def get_queryset(self) -> QuerySet[Any]:
        """One's own, also for a superuser."""
        return super().get_queryset().filter(user=self.request.user.pk)
