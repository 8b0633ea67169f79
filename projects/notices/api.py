"""One's own inbox for other systems: to look at, and to say what became of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as rest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.notices import inbox
from projects.notices.models import Notice
from projects.notices.outlets import Outlet
from projects.notices.watching import with_states
from zones.filters import Flag, From, Key, To, WithinZone
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed
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
            *("created_at", "read_at", "todo", "done_at"),
        )


class NoticeFilters(StrictFilterSet):
    zone = WithinZone()
    project = Key("project", label="项目的 id")
    kind = rest.CharFilter("kind", label="类别")
    urgent = Flag(lambda rows: rows.filter(urgent=True), "紧急")
    unread = Flag(lambda rows: rows.filter(read_at=None), "未读")
    todo = Flag(lambda rows: rows.filter(todo=True, done_at=None), "待办：须办理而没有办结")
    day_from = From("day", "从这天起")
    day_to = To("day", "到这天止")


class Notices(RowsViewSet):
    """本人的通知，和外出的人托本人代办的通知。"""

    queryset = Notice.objects.all()
    serializer_class = NoticeRow
    filterset_class = NoticeFilters
    orders: ClassVar = {"id": "pk", "day": "day", "read_at": "read_at"}

    def get_queryset(self) -> QuerySet[Any]:
        """One's own, also for a superuser."""
        rows: Any = super().get_queryset()
        return rows.mine(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """本人的通知。办完的事自动标为已办。"""
        inbox.settle(request.user)
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses=NoticeRow)
    @action(detail=True, methods=["post"], url_path="read")
    def mark_read(self, request: Request, pk: int) -> Response:
        """标为已读。已经读过的没有变化。"""
        return self._mark(request, pk, inbox.mark_read)

    @extend_schema(request=None, responses=NoticeRow)
    @action(detail=True, methods=["post"], url_path="done")
    def mark_done(self, request: Request, pk: int) -> Response:
        """标为已办，同时算作已读。已办的没有变化。"""
        return self._mark(request, pk, inbox.mark_done)

    def _mark(self, request: Request, pk: int, mark: Any) -> Response:
        typed(serializers.Serializer, request)
        with self.changing(pk) as notice:
            mark(Notice.objects.filter(pk=notice.pk), by=request.user)
        return self.answer(pk)


class ChannelRow(RowSerializer):
    """A robot, app or webhook, and how it does. Keys and addresses are in no answer."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    waiting = serializers.IntegerField(read_only=True, help_text="待发送的消息数")
    failed = serializers.IntegerField(read_only=True, help_text="未送达的消息数")
    down_since = serializers.DateTimeField(read_only=True, allow_null=True, help_text="不通起始")
    suspended_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text="停用时间")
    trouble = serializers.CharField(read_only=True, help_text="不通的原因")

    class Meta:
        model = Outlet
        fields: ClassVar = (
            *("id", "name", "kind", "zone", "enabled", "digest", "urgent", "digested_on"),
            *("waiting", "failed", "down_since", "suspended_at", "trouble"),
        )


class ChannelFilters(StrictFilterSet):
    zone = WithinZone()
    enabled = Flag(lambda rows: rows.filter(enabled=True), "启用的")
    down = Flag(lambda rows: rows.filter(down_since__isnull=False), "不通的")


class Channels(RowsViewSet):
    """聊天工具和 Webhook 及其发送情况，供系统管理员查看。"""

    queryset = Outlet.objects.all()
    serializer_class = ChannelRow
    filterset_class = ChannelFilters

    def get_queryset(self) -> QuerySet[Any]:
        """Those of the zones that the person looks after."""
        return with_states(super().get_queryset())
