"""The week of a project, read and told."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api.shared import OF_PROJECT, ORDERS, FactsViewSet, OfProjectRow, person, refuse_ended
from projects.meetings import filing, saving
from projects.meetings.filters import UpdateFilters
from projects.meetings.models import Update
from projects.meetings.models.update import WORDS
from zones.scoped.api.fields import Whole, Words, YesNo, Yuan
from zones.scoped.api.refusals import Refused
from zones.scoped.api.rows import SeenIntegerField
from zones.scoped.api.views import typed


class UpdateRow(OfProjectRow):
    """One project in one meeting. Money is this year's to date, in yuan."""

    held_on = serializers.DateField(source="meeting.held_on", read_only=True, help_text="会议日期")
    progress = SeenIntegerField("progress", source="progress_id", help_text="这一周报出的进展的 id")
    up_to = serializers.DateField(source="progress.up_to", read_only=True, allow_null=True, help_text="数据截至")
    amount = serializers.IntegerField(
        source="progress.amount", read_only=True, allow_null=True, help_text="年内累计完成投资（元）"
    )
    total = serializers.IntegerField(
        source="progress.total", read_only=True, allow_null=True, help_text="自开工累计完成投资（元）"
    )
    percent = serializers.IntegerField(source="progress.percent", read_only=True, allow_null=True, help_text="形象进度")
    filed_by = person("filed_by", "填报人")

    class Meta:
        model = Update
        fields: ClassVar = (
            *(*OF_PROJECT, "meeting", "held_on", "section", "place", "why", "words", "next_step", "help_wanted"),
            *("progress", "up_to", "amount", "total", "percent", "filed_at", "filed_by", "version"),
        )


class UpdateForm(serializers.Serializer):
    """The week as its people tell it; what is left out stays."""

    words = Words(required=False, allow_blank=True, max_length=WORDS, help_text="本周进展")
    amount = Yuan(help_text="年内累计完成投资（元）")
    total = Yuan(help_text="自开工累计完成投资（元）")
    percent = Whole(required=False, allow_null=True, min_value=0, max_value=100, help_text="形象进度（%）")
    next_step = Words(required=False, allow_blank=True, max_length=WORDS, help_text="下周计划")
    help_wanted = Words(required=False, allow_blank=True, max_length=WORDS, help_text="需协调事项")
    sure = YesNo(required=False, default=False, help_text="数字看似有误而实际无误时写 true")


class Updates(FactsViewSet):
    """周进展：每次会议每个项目一行，由项目的联络员或项目办填报；会议结束后不能再改。"""

    queryset = Update.objects.all()
    serializer_class = UpdateRow
    filterset_class = UpdateFilters
    version = "version"
    lock_first = "meeting"
    refusals: ClassVar = {"partial_update": ("unprocessable",)}
    orders: ClassVar = ORDERS | {"meeting": "meeting_id", "place": "place", "filed_at": "filed_at"}

    @extend_schema(request=UpdateForm, responses=UpdateRow)
    def partial_update(self, request: Request, pk: int) -> Response:
        """填报本周进展。金额生成一条进展，来源为这次会议；没有写的项不变。"""
        told = typed(UpdateForm, request)
        sure = told.pop("sure")
        with self.changing(pk) as row:
            refuse_ended(row.project)
            self._fill(row, told, sure=sure)
        return self.answer(pk)

    def _fill(self, row: Update, told: dict[str, Any], *, sure: bool) -> None:
        # Nobody has written since the row was read, or `changing` had refused: what stands there is what was seen.
        answer = saving.fill(row, uuid4(), told, saving.values_of(row), self.writer, sure=sure)
        if answer.doubts:
            sentence = "；".join(answer.doubts.values())
            raise Refused("unprocessable", f"{sentence}。核对无误请加上 sure: true 再提交", answer.doubts)
        filing.filed(answer.update, by=self.writer)
