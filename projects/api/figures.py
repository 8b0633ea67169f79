"""Progress, and where projects stand."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects import facts
from projects.api.shared import (
    OF_PROJECT,
    ORDERS,
    SOURCED,
    FactsViewSet,
    OfProjectRow,
    SourcedRow,
    person,
    project_field,
)
from projects.filters import ProgressFilters, StandingFilters, StandingMonthFilters
from projects.forms.facts import TYPED
from projects.models import Progress, Standing, StandingMonth
from zones.scoped.api.fields import Day, Whole, Words, YesNo, Yuan
from zones.scoped.api.refusals import Refused
from zones.scoped.api.rows import Hundredths
from zones.scoped.api.views import RowsViewSet, typed


# ---- Progress --------------------------------------------------------------------------------------
class ProgressRow(SourcedRow, OfProjectRow):
    """What was achieved up to a day, as told by one channel. Never changed: another telling replaces it."""

    recorded_by = person("recorded_by", "填报人")

    class Meta:
        model = Progress
        fields: ClassVar = (
            *OF_PROJECT,
            *("channel", "up_to", "amount", "total", "percent", "words", "current", "replaces"),
            *(*SOURCED, "recorded_at", "recorded_by"),
        )


class ProgressForm(serializers.Serializer):
    """Progress up to a day. At least one of the figures or the words must be told."""

    project = project_field()
    channel = serializers.ChoiceField(
        choices=[(channel.value, channel.label) for channel in TYPED],
        default=Progress.Channel.WEEKLY,
        help_text="口径",
    )
    up_to = Day(help_text="截至日期，不晚于今天")
    amount = Yuan(help_text="年内累计完成投资（元）")
    total = Yuan(help_text="自开工累计完成投资（元）")
    percent = Whole(required=False, allow_null=True, min_value=0, max_value=100, help_text="形象进度（%）")
    words = Words(required=False, default="", allow_blank=True, max_length=1000, help_text="形象进度")
    sure = YesNo(required=False, default=False, help_text="数字看似有误而实际无误时写 true")


class ProgressList(FactsViewSet):
    """进展：按口径填报的完成投资和形象进度。不修改，再填一次以后填的为准。"""

    queryset = Progress.objects.all()
    serializer_class = ProgressRow
    filterset_class = ProgressFilters
    refusals: ClassVar = {"create": ("unprocessable",)}
    orders: ClassVar = ORDERS | {
        "up_to": "up_to",
        "channel": "channel",
        "amount": "amount",
        "total": "total",
        "percent": "percent",
        "recorded_at": "recorded_at",
    }

    @extend_schema(request=ProgressForm, responses={200: ProgressRow, 201: ProgressRow})
    def create(self, request: Request) -> Response:
        """填报一次进展。此前已填、没有变化的回答 200。"""
        told = typed(ProgressForm, request)
        sure, project = told.pop("sure"), told.pop("project")
        with self.telling(project) as held:
            doubtful = facts.doubt(held, told["channel"], told["up_to"], told.get("amount"))
            if doubtful and not sure:
                raise Refused("unprocessable", f"{doubtful}。核对无误请加上 sure: true 再提交", {"amount": doubtful})
            row, new = facts.record(held, told.pop("channel"), told.pop("up_to"), by=self.writer, **told)
        return self.told(row.pk, new)


# ---- Standings -------------------------------------------------------------------------------------
class _FiguresRow(OfProjectRow):
    """Where a project stood at the end of a judged month. Money in yuan, lags in percentage points."""

    lag_elapsed = Hundredths(help_text="落后时序（百分点）")
    lag_planned = Hundredths(help_text="落后计划（百分点）")


FIGURES = (*("month", "plan", "due", "done", "done_statistics", "lag_elapsed", "lag_planned", "severity", "light"),)


class StandingRow(_FiguresRow):
    """Latest figures and light; the id is the project's."""

    id = serializers.IntegerField(source="project_id", read_only=True, help_text="即项目的 id")
    project = serializers.IntegerField(source="project_id", read_only=True)
    light_since = serializers.DateField(source="since", read_only=True, allow_null=True)
    next_step = serializers.CharField(source="next_kind", read_only=True)

    class Meta:
        model = Standing
        fields: ClassVar = (
            *OF_PROJECT,
            *(*FIGURES, "light_label", "light_since", "next_step", "next_deadline"),
        )


FIGURE_ORDERS = {name: name for name in ("month", "plan", "due", "done", "lag_elapsed", "lag_planned", "severity")}


class Standings(RowsViewSet):
    """当前态势：每个项目一行，编号即项目的 id。金额为元，落后为百分点。"""

    queryset = Standing.objects.all()
    serializer_class = StandingRow
    filterset_class = StandingFilters
    orders: ClassVar = ORDERS | FIGURE_ORDERS | {"next_deadline": "next_deadline"}


class StandingMonthRow(_FiguresRow):
    """What the standing was when its month was judged. Never changed."""

    class Meta:
        model = StandingMonth
        fields: ClassVar = (*OF_PROJECT, *FIGURES, "frozen_at")


class StandingMonths(RowsViewSet):
    """月末定格：每个项目每个判定月份一行，不再变动。"""

    queryset = StandingMonth.objects.all()
    serializer_class = StandingMonthRow
    filterset_class = StandingMonthFilters
    orders: ClassVar = ORDERS | FIGURE_ORDERS | {"frozen_at": "frozen_at"}
