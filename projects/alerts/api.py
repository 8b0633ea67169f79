"""Rules, alerts with their log, and scans for other systems; and 签收."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Case, F, QuerySet, When
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.alerts import answering, filters, levels
from projects.alerts.models import REMARK, Alert, AlertEvent, Rule, ScanRun
from projects.api.shared import OF_PROJECT, ORDERS, OfProjectRow, person
from projects.models import Batch, Phase
from zones.permissions import EVERYWHERE, Action, paths
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed
from zones.scoped.querysets import under


# ---- Rules -------------------------------------------------------------------------------------------
class RuleLevel(serializers.Serializer):
    severity = serializers.IntegerField(help_text="轻重，数字越大越重")
    code = serializers.CharField(help_text="代号")
    label = serializers.CharField(help_text="名称")  # type: ignore[assignment]
    colour = serializers.CharField(help_text="颜色，如 #dc2626")
    low = serializers.FloatField(allow_null=True, help_text="下限；null 为不限")
    low_inclusive = serializers.BooleanField(help_text="含下限")
    high = serializers.FloatField(allow_null=True, help_text="上限；null 为不限")
    high_inclusive = serializers.BooleanField(help_text="含上限")
    urgent = serializers.BooleanField(help_text="立即告知")


@extend_schema_field(RuleLevel(many=True))
class LevelsField(serializers.JSONField):
    """Levels, from the mildest to the gravest; none where what is stored means nothing."""

    @staticmethod
    def from_column(rows: Any) -> list[dict[str, Any]]:
        return [
            {
                "severity": each.severity,
                "code": each.code,
                "label": each.label,
                "colour": each.colour,
                "low": None if each.low is None else float(each.low),
                "low_inclusive": each.low_inclusive,
                "high": None if each.high is None else float(each.high),
                "high_inclusive": each.high_inclusive,
                "urgent": each.urgent,
            }
            for each in levels.readable(rows)
        ]


class RuleScope(serializers.Serializer):
    phases = serializers.ListField(child=serializers.ChoiceField(Phase.choices), required=False)
    batches = serializers.ListField(child=serializers.ChoiceField(Batch.choices), required=False)
    min_annual_plan = serializers.IntegerField(required=False, allow_null=True, help_text="年度计划不少于（元）")


@extend_schema_field(RuleScope)
class ScopeField(serializers.JSONField):
    """Which projects a rule looks at."""


_PARAMETERS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
_RECIPIENTS: dict[str, Any] = {
    "type": "object",
    "description": "级别代号 → {assigned: 分包身份, zone: 本区域的角色, above: 上级的角色}；没有写的级别按惯例",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
}
_DAYS: dict[str, Any] = {
    "type": "object",
    "description": "级别代号 → 几天内答复",
    "additionalProperties": {"type": "integer"},
}
_EVIDENCE: dict[str, Any] = {
    "type": "object",
    "description": "判定时的数据和算式；空为没有保留",
    "additionalProperties": True,
    "properties": {
        "value": {"type": "string", "description": "精确值，分数，如 35/1"},
        "rule": {"type": "string"},
        "basis": {"type": "string", "description": "规则的依据"},
        "measure": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "string"}, "description": "算式，一步一行"},
        "month": {"type": "string", "format": "date", "description": "判定月份的最后一天"},
        "plan": {"type": ["integer", "null"], "description": "年度计划（元）"},
        "due": {"type": ["integer", "null"], "description": "应完成（元）"},
        "done": {"type": ["integer", "null"], "description": "已完成（元）"},
    },
}


@extend_schema_field(_PARAMETERS)
class ParametersField(serializers.JSONField):
    """Parameters of the measure, by name."""


@extend_schema_field(_RECIPIENTS)
class RecipientsField(serializers.JSONField):
    """Who is told, by level."""


@extend_schema_field(_DAYS)
class DaysField(serializers.JSONField):
    """Days to answer, by level."""


@extend_schema_field(_EVIDENCE)
class EvidenceField(serializers.JSONField):
    """What an alert was judged by."""


class RuleRow(RowSerializer):
    """A rule as data. It holds in its zone and below, unless a nearer zone has one with the same code."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    zone_name = serializers.CharField(source="zone.name", read_only=True)
    parameters = ParametersField(read_only=True, help_text="判定指标的参数")
    levels = LevelsField(read_only=True, help_text="级别，由轻到重")
    scope = ScopeField(read_only=True, help_text="适用范围；空为全部项目")
    recipients = RecipientsField(read_only=True)
    days_to_answer = DaysField(read_only=True)

    class Meta:
        model = Rule
        fields: ClassVar = (
            *("id", "zone", "zone_name", "code", "name", "measure", "parameters", "levels", "scope", "recipients"),
            *("days_to_answer", "enabled", "source", "version"),
        )


class Rules(RowsViewSet):
    """预警规则。本区域和上级的规则；下级用同一代号的规则替换上级的。"""

    queryset = Rule.objects.all()
    serializer_class = RuleRow
    filterset_class = filters.RuleFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "code": "code", "name": "name", "zone": "zone__path"}
    ordering: ClassVar = ("zone", "id")


# ---- Alerts ------------------------------------------------------------------------------------------
class EventRow(RowSerializer):
    """One step of an alert."""

    alert = serializers.IntegerField(source="alert_id", read_only=True, help_text="预警的 id")
    project = serializers.IntegerField(source="alert.project_id", read_only=True, help_text="项目的 id")
    by = person("by", "经办人")
    by_name = SeenCharField("by", source="by.display_name")

    class Meta:
        model = AlertEvent
        hangs_on = "alert"
        fields: ClassVar = (
            *("id", "alert", "project", "step", "kind", "on", "level", "label", "severity", "sentence"),
            *("by", "by_name", "note", "at"),
        )


class AlertRow(OfProjectRow):
    """One episode of a project being behind by one rule."""

    rule = SeenIntegerField("rule", source="rule_id", help_text="规则的 id")
    rule_code = SeenCharField("rule", source="rule.code")
    rule_name = SeenCharField("rule", source="rule.name")
    acknowledged_by = person("acknowledged_by", "签收人")
    acknowledged_by_name = SeenCharField("acknowledged_by", source="acknowledged_by.display_name")

    class Meta:
        model = Alert
        fields: ClassVar[tuple[str, ...]] = (
            *(*OF_PROJECT, "rule", "rule_code", "rule_name"),
            *("severity", "level", "label", "colour", "sentence"),
            *("opened_on", "level_since", "last_judged_on", "held", "answer_by", "closed_on", "closed_reason"),
            *("acknowledged", "acknowledged_on", "acknowledged_by", "acknowledged_by_name", "acknowledged_note"),
            *("is_demo", "steps"),
        )


class AlertDetail(AlertRow):
    """With what it was judged by, and its log."""

    evidence = EvidenceField(read_only=True)
    events = EventRow(many=True, read_only=True)

    class Meta(AlertRow.Meta):
        fields: ClassVar = (*AlertRow.Meta.fields, "evidence", "events")


class Acknowledgement(serializers.Serializer):
    """签收"""

    note = serializers.CharField(
        required=False, allow_blank=True, max_length=REMARK, default="", help_text="备注，可不填"
    )


class Alerts(RowsViewSet):
    """预警：项目按规则落后的一次经过，从发出到解除。"""

    queryset = Alert.objects.all()
    serializer_class = AlertRow
    detail_class = AlertDetail
    filterset_class = filters.AlertFilters
    version = "steps"
    lock_first = "project"
    orders: ClassVar = ORDERS | {
        "severity": "severity",
        "level_since": "level_since",
        "opened_on": "opened_on",
        "closed_on": "closed_on",
        "answer_by": "answer_by",
    }
    ordering: ClassVar = ("-severity", "level_since", "id")

    @extend_schema(request=Acknowledgement, responses=AlertDetail)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: int) -> Response:
        """签收预警：本人已知悉并处理。

        级别不变，也不解除；加重后须再次签收。同一人重复签收没有变化。
        """
        told = typed(Acknowledgement, request)
        with self.changing(pk) as alert:
            by: Any = request.user
            answering.acknowledge(alert, by=by, note=told["note"], expected_steps=alert.steps)
        return self.answer(pk)


class Events(RowsViewSet):
    """预警变化：每条预警的每一步。"""

    queryset = AlertEvent.objects.all()
    serializer_class = EventRow
    filterset_class = filters.EventFilters
    orders: ClassVar = {"id": "pk", "on": "on", "alert": "alert"}


# ---- Scans -------------------------------------------------------------------------------------------
_COUNTS: dict[str, Any] = {
    "type": ["object", "null"],
    "description": "结果；涉及您看不到的区域时为 null。open 按级别代号、not_judged 按原因分列",
    "additionalProperties": {
        "anyOf": [{"type": "integer"}, {"type": "object", "additionalProperties": {"type": "integer"}}]
    },
}


@extend_schema_field(_COUNTS)
class CountsField(serializers.JSONField):
    """What a scan counted."""


class ScanRow(RowSerializer):
    """One run of the scan; without a zone it looked at all. Not finished, if it broke off."""

    zone = serializers.CharField(source="zone.code", read_only=True, allow_null=True, help_text="区域代号；空为全部")
    counts = CountsField(source="known_counts", read_only=True)

    class Meta:
        model = ScanRun
        fields: ClassVar = ("id", "as_of", "zone", "started_at", "finished_at", "counts")


class Scans(RowsViewSet):
    """判定记录：每次判定的日期、区域和结果。"""

    queryset = ScanRun.objects.all()
    serializer_class = ScanRow
    filterset_class = filters.ScanFilters
    orders: ClassVar = {"id": "pk", "as_of": "as_of", "started_at": "started_at"}

    def get_queryset(self) -> QuerySet[Any]:
        """Runs with their counts, where all they looked at is the reader's (`ScanRun.covers`)."""
        reach = paths(self.request.user, Action.READ)
        known: Any = F("counts") if EVERYWHERE in reach else Case(When(under("zone", reach), then=F("counts")))
        return super().get_queryset().annotate(known_counts=known)
