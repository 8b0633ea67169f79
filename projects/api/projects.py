"""Projects as they stand now, and who stands for them."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from projects.api.schedules import SchedulingMixin
from projects.filters import ProjectFilters
from projects.models import Project
from zones.scoped.api.rows import Hundredths, RowSerializer, SeenIntegerField


class ProjectRow(RowSerializer):
    """A project with its latest standing. Money in yuan, lags in percentage points; null is not known."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    zone_name = serializers.CharField(source="zone.name", read_only=True)
    # A company is seen from the zones of its projects, so its name tells nothing new.
    company_name = serializers.CharField(source="company.name", read_only=True, allow_null=True)
    parent = SeenIntegerField("parent", source="parent_id", help_text="上级项目的 id")  # type: ignore[assignment]
    light = serializers.CharField(source="standing.light", read_only=True, allow_null=True, help_text="灯；空为未判定")
    light_label = serializers.CharField(source="standing.light_label", read_only=True, allow_null=True)
    severity = serializers.IntegerField(source="standing.severity", read_only=True, allow_null=True)
    light_since = serializers.DateField(source="standing.since", read_only=True, allow_null=True)
    month = serializers.DateField(
        source="standing.month", read_only=True, allow_null=True, help_text="判定月份的最后一天"
    )
    plan = serializers.IntegerField(source="standing.plan", read_only=True, allow_null=True, help_text="年度计划（元）")
    due = serializers.IntegerField(
        source="standing.due", read_only=True, allow_null=True, help_text="按逐月分解应完成（元）"
    )
    done = serializers.IntegerField(source="standing.done", read_only=True, allow_null=True, help_text="已完成（元）")
    done_statistics = serializers.IntegerField(
        source="standing.done_statistics", read_only=True, allow_null=True, help_text="入统完成（元）"
    )
    lag_elapsed = Hundredths(source="standing.lag_elapsed", help_text="落后时序（百分点）")
    lag_planned = Hundredths(source="standing.lag_planned", help_text="落后计划（百分点）")
    next_step = serializers.CharField(source="standing.next_kind", read_only=True, allow_null=True)
    next_deadline = serializers.DateField(source="standing.next_deadline", read_only=True, allow_null=True)

    class Meta:
        model = Project
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "code", "name", "zone", "zone_name", "phase", "category", "importance", "national_code"),
            *("company", "company_name", "parent"),
            *("investment_low", "investment_high", "investment_qualifier"),
            *("foreign_low", "foreign_high", "foreign_currency", "foreign_qualifier"),
            *("light", "light_label", "severity", "light_since", "month", "plan", "due", "done", "done_statistics"),
            *("lag_elapsed", "lag_planned", "next_step", "next_deadline"),
            *("terminated_on", "is_demo", "created_at", "version"),
        )


class ProjectDetail(ProjectRow):
    """With what is too long for a list."""

    class Meta(ProjectRow.Meta):
        fields: ClassVar = (*ProjectRow.Meta.fields, "content", "terminated_reason")


class Projects(SchedulingMixin):
    """项目及其当前态势。金额为元，落后为百分点。"""

    queryset = Project.objects.all()
    serializer_class = ProjectRow
    detail_class = ProjectDetail
    filterset_class = ProjectFilters
    version = "version"
    orders: ClassVar = {
        "id": "pk",
        "code": "code",
        "name": "name",
        "zone": "zone__path",
        "investment": "investment_high",
        "severity": "standing__severity",
        "plan": "standing__plan",
        "done": "standing__done",
        "lag_elapsed": "standing__lag_elapsed",
        "lag_planned": "standing__lag_planned",
        "next_deadline": "standing__next_deadline",
        "created_at": "created_at",
    }
