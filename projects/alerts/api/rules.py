"""Rules for other systems."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.alerts import filters, levels, presets
from projects.alerts.models import Rule
from projects.models import Batch, Phase
from zones.models import Zone
from zones.permissions import Action, may
from zones.scoped.api.fields import VisibleCode, YesNo
from zones.scoped.api.refusals import OUTSIDE, Refused, refused_by_rules
from zones.scoped.api.rows import RowSerializer
from zones.scoped.api.views import RowsViewSet, typed

OUTCOMES: Final = ("added", "replaced", "revived", "same", "switched_off")


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
    streak = serializers.IntegerField(help_text="连续几个判定月份达到轻一级也算本级；0 为不计")


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
                "streak": each.streak,
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


@extend_schema_field(_PARAMETERS)
class ParametersField(serializers.JSONField):
    """Parameters of the measure, by name."""


@extend_schema_field(_RECIPIENTS)
class RecipientsField(serializers.JSONField):
    """Who is told, by level."""


@extend_schema_field(_DAYS)
class DaysField(serializers.JSONField):
    """Days to answer, by level."""


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
            *("days_to_answer", "step_down", "hysteresis", "hold_days", "enabled", "source", "version"),
        )


class SchemeForm(serializers.Serializer):
    """载入方案"""

    zone = VisibleCode(Zone, "区域", help_text="区域代号")
    scheme = serializers.ChoiceField(choices=[(each.code, each.name) for each in presets.schemes()])
    replace = YesNo(required=False, default=False, help_text="替换代号相同而内容不同的规则")


class LoadedRuleRow(serializers.Serializer):
    id = serializers.IntegerField(help_text="规则的 id")
    code = serializers.CharField()
    name = serializers.CharField()
    outcome = serializers.ChoiceField(
        choices=OUTCOMES, help_text="新增、替换、重新启用、没有变化，或停用（switched_off，原方案的规则）"
    )


class LoadedRow(serializers.Serializer):
    """What became of the zone's rules."""

    rules = LoadedRuleRow(many=True)


class Rules(RowsViewSet):
    """预警规则。本区域和上级的规则；下级用同一代号的规则替换上级的。"""

    queryset = Rule.objects.all()
    serializer_class = RuleRow
    filterset_class = filters.RuleFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "code": "code", "name": "name", "zone": "zone__path"}
    ordering: ClassVar = ("zone", "id")

    @extend_schema(request=SchemeForm, responses=LoadedRow)
    @action(detail=False, methods=["post"], url_path="load-scheme")
    def load_scheme(self, request: Request) -> Response:
        """把一个公布的预警方案载入区域。再次载入没有变化。

        区域里其他方案、对象相同的规则停用；代号相同而内容不同的，replace 为 true 才替换。下次判定起生效。
        """
        told = typed(SchemeForm, request)
        user: Any = request.user
        if not may(user, Action.WRITE, told["zone"]):
            raise Refused("forbidden", OUTSIDE)
        with refused_by_rules():
            found = presets.load_scheme(told["zone"], told["scheme"], user, replace=told["replace"])
        rows = [_loaded(rule, outcome) for outcome in OUTCOMES for rule in getattr(found, outcome)]
        return Response({"rules": rows})


def _loaded(rule: Rule, outcome: str) -> dict[str, Any]:
    return {"id": rule.pk, "code": rule.code, "name": rule.name, "outcome": outcome}
