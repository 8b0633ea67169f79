"""Rules, alerts with their log, and scans for other systems; and 签收."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, StrIndex, Substr
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.alerts import answering, closing, exempting, filters, levels
from projects.alerts.models import REMARK, WORDS, Alert, AlertAnswer, AlertEvent, Exemption, Rule, ScanRun
from projects.api.shared import FactsViewSet, person, project_field
from projects.models import Batch, Phase
from projects.models import Problem as Difficulty
from zones import clock
from zones.permissions import EVERYWHERE, Action, paths
from zones.scoped.api.fields import Day, Words
from zones.scoped.api.refusals import OUTSIDE, Refused
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
            *("days_to_answer", "step_down", "hysteresis", "hold_days", "enabled", "source", "version"),
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


class PlacedRow(RowSerializer):
    """A row of a project, or of a zone alone. The subject is a project, a problem, a unit …"""

    project = SeenIntegerField("project", source="project_id", help_text="项目的 id；不属于项目的为 null")
    project_code = SeenCharField("project", source="project.code")
    project_name = SeenCharField("project", source="project.name")
    zone = serializers.CharField(source="zone_code", read_only=True, help_text="区域代号")
    subject_kind = serializers.CharField(source="kind_of_subject", read_only=True, help_text="对象的种类，如 project")
    subject = serializers.CharField(source="called", read_only=True, help_text="对象的名称")


PLACED = ("id", "subject_kind", "subject", "project", "project_code", "project_name", "zone")
PLACED_ORDERS = {"id": "pk", "project": "project_id", "project_code": "project__code", "zone": "zone_code"}


def placed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows with what a PlacedRow shows of them."""
    kind = Substr("subject_key", 1, StrIndex("subject_key", Value(":")) - 1, output_field=CharField())
    current = When(kind_of_subject="project", then=F("project__name"))
    return rows.annotate(
        zone_code=Coalesce("project__zone__code", "zone__code"),
        kind_of_subject=kind,
        called=Case(current, default=F("subject_name"), output_field=CharField()),
    )


class AlertRow(PlacedRow):
    """One episode of a subject being behind by one rule."""

    department = SeenIntegerField("department", source="department_id", help_text="对象所属责任单位的 id")
    rule = SeenIntegerField("rule", source="rule_id", help_text="规则的 id")
    rule_code = SeenCharField("rule", source="rule.code")
    rule_name = SeenCharField("rule", source="rule.name")
    acknowledged_by = person("acknowledged_by", "签收人")
    acknowledged_by_name = SeenCharField("acknowledged_by", source="acknowledged_by.display_name")

    class Meta:
        model = Alert
        fields: ClassVar[tuple[str, ...]] = (
            *(*PLACED, "department", "rule", "rule_code", "rule_name"),
            *("severity", "level", "label", "colour", "sentence"),
            *("opened_on", "level_since", "last_judged_on", "held", "answer_by", "closed_on", "closed_reason"),
            *("acknowledged", "acknowledged_on", "acknowledged_by", "acknowledged_by_name", "acknowledged_note"),
            *("answered", "answered_on", "rung", "goes_up_on", "is_demo", "steps"),
        )


class AnswerRow(RowSerializer):
    """反馈: one answer to an alert."""

    alert = serializers.IntegerField(source="alert_id", read_only=True, help_text="预警的 id")
    by = person("by", "答复人")
    by_name = SeenCharField("by", source="by.display_name")

    class Meta:
        model = AlertAnswer
        hangs_on = "alert"
        fields: ClassVar = (
            *("id", "alert", "step", "on", "label", "category", "cause", "measures", "plan", "expected_on"),
            *("responsible", "help_needed", "by", "by_name", "at"),
        )


class AlertDetail(AlertRow):
    """With what it was judged by, its answers, and its log."""

    evidence = EvidenceField(read_only=True)
    answers = AnswerRow(many=True, read_only=True)
    events = EventRow(many=True, read_only=True)

    class Meta(AlertRow.Meta):
        fields: ClassVar = (*AlertRow.Meta.fields, "evidence", "answers", "events")


class Acknowledgement(serializers.Serializer):
    """签收"""

    note = serializers.CharField(
        required=False, allow_blank=True, max_length=REMARK, default="", help_text="备注，可不填"
    )


class AnswerForm(serializers.Serializer):
    """反馈"""

    category = serializers.ChoiceField(choices=Difficulty.Category.choices, help_text="原因类别")
    cause = Words(max_length=WORDS, help_text="原因")
    measures = Words(max_length=WORDS, help_text="已采取的措施")
    plan = Words(required=False, default="", allow_blank=True, max_length=WORDS, help_text="整改计划")
    expected_on = Day(help_text="预计恢复日期，不早于今天")
    responsible = Words(max_length=answering.NAME, help_text="责任人")
    help_needed = Words(required=False, default="", allow_blank=True, max_length=WORDS, help_text="请求协调事项")


class LeaveForm(serializers.Serializer):
    """申请豁免"""

    starts = Day(required=False, help_text="起始日期；不填为今天")
    ends = Day(help_text="最后一天")
    reason = Words(max_length=WORDS, help_text="理由")
    evidence = Words(max_length=WORDS, help_text="佐证：文件名称、文号或会议")


class LeaveAheadForm(LeaveForm):
    """申请豁免，事先"""

    project = project_field()
    rule = Words(max_length=40, help_text="规则的代号")


class EvidenceForm(serializers.Serializer):
    """申请销号"""

    evidence = Words(max_length=WORDS, help_text="佐证：已完成什么、有何材料、由谁核实")


class ApprovalForm(serializers.Serializer):
    """批准"""

    words = Words(required=False, default="", allow_blank=True, max_length=REMARK, help_text="意见，可不填")


class RefusalForm(serializers.Serializer):
    """退回、撤销"""

    reason = Words(max_length=REMARK, help_text="原因")


class Alerts(FactsViewSet):
    """预警：按规则落后的一次经过，从发出到解除。"""

    queryset = Alert.objects.all()
    serializer_class = AlertRow
    detail_class = AlertDetail
    filterset_class = filters.AlertFilters
    version = "steps"
    lock_first = "project"
    orders: ClassVar = PLACED_ORDERS | {
        "severity": "severity",
        "level_since": "level_since",
        "opened_on": "opened_on",
        "closed_on": "closed_on",
        "answer_by": "answer_by",
    }
    ordering: ClassVar = ("-severity", "level_since", "id")

    def get_queryset(self) -> QuerySet[Any]:
        return placed(super().get_queryset())

    @extend_schema(request=Acknowledgement, responses=AlertDetail)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: int) -> Response:
        """签收预警：本人已知悉并处理。

        级别不变，也不解除；加重后须再次签收。同一人重复签收没有变化。
        """
        told = typed(Acknowledgement, request)
        with self.changing(pk) as alert:
            answering.acknowledge(alert, by=self.writer, note=told["note"], expected_steps=alert.steps)
        return self.answer(pk)

    @extend_schema(operation_id="alerts_answer_create", request=AnswerForm, responses=AlertDetail)
    @action(detail=True, methods=["post"], url_path="answer")
    def give_answer(self, request: Request, pk: int) -> Response:
        """答复预警：原因、措施、预计恢复日期和责任人。

        负责的人员、其单位和项目办可以答复。级别不变；加重后须再次答复。
        """
        told = typed(AnswerForm, request)
        with self._responsible(pk) as alert:
            answering.answer(alert, by=self.writer, **told)
        return self.answer(pk)

    @extend_schema(request=LeaveForm, responses=AlertDetail)
    @action(detail=True, methods=["post"])
    def exempt(self, request: Request, pk: int) -> Response:
        """申请豁免。由领导在 exemptions 里批准或不批准；批准前照常预警。"""
        told = typed(LeaveForm, request)
        with self._responsible(pk) as alert:
            exempting.ask(alert, by=self.writer, **told)
        return self.answer(pk)

    @extend_schema(request=EvidenceForm, responses=AlertDetail)
    @action(detail=True, methods=["post"], url_path="ask-closing")
    def ask_closing(self, request: Request, pk: int) -> Response:
        """申请销号。由他人核实后批准；批准前不解除。"""
        told = typed(EvidenceForm, request)
        with self._responsible(pk) as alert:
            closing.ask(alert, by=self.writer, evidence=told["evidence"])
        return self.answer(pk)

    @extend_schema(request=ApprovalForm, responses=AlertDetail)
    @action(detail=True, methods=["post"], url_path="approve-closing")
    def approve_closing(self, request: Request, pk: int) -> Response:
        """批准销号。本期内不再发出；到下期仍落后、或又加重的，系统再次发出同一条预警。"""
        told = typed(ApprovalForm, request)
        with self._deciding(pk) as alert:
            closing.approve(alert, by=self.writer, words=told["words"])
        return self.answer(pk)

    @extend_schema(request=RefusalForm, responses=AlertDetail)
    @action(detail=True, methods=["post"], url_path="refuse-closing")
    def refuse_closing(self, request: Request, pk: int) -> Response:
        """退回销号申请，写明原因；预警仍未解除。"""
        told = typed(RefusalForm, request)
        with self._deciding(pk) as alert:
            closing.refuse(alert, by=self.writer, reason=told["reason"])
        return self.answer(pk)

    @extend_schema(request=RefusalForm, responses=AlertDetail)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """撤销销号，写明原因；预警恢复为未解除。"""
        told = typed(RefusalForm, request)
        with self._deciding(pk) as alert:
            closing.reopen(alert, by=self.writer, reason=told["reason"])
        return self.answer(pk)

    @contextmanager
    def _responsible(self, pk: int) -> Iterator[Alert]:
        """The alert, for who answers for it."""
        with self.changing(pk) as alert:
            if not answering.may_answer(self.writer, alert):
                raise Refused("forbidden", OUTSIDE)
            yield alert

    @contextmanager
    def _deciding(self, pk: int) -> Iterator[Alert]:
        """The alert, for who approves of its closing."""
        with self.changing(pk) as alert:
            if not closing.may_decide(self.writer, alert):
                raise Refused("forbidden", OUTSIDE)
            yield alert


class Answers(RowsViewSet):
    """预警答复：每一次反馈，从早到晚都保留。"""

    queryset = AlertAnswer.objects.all()
    serializer_class = AnswerRow
    filterset_class = filters.AnswerFilters
    orders: ClassVar = {"id": "pk", "on": "on", "alert": "alert", "expected_on": "expected_on"}


class ExemptionRow(PlacedRow):
    """A leave for a subject to be behind by a rule."""

    rule = SeenIntegerField("rule", source="rule_id", help_text="规则的 id")
    rule_code = SeenCharField("rule", source="rule.code")
    rule_name = SeenCharField("rule", source="rule.name")
    alert = SeenIntegerField("alert", source="alert_id", help_text="预警的 id；事先申请的为 null")
    asked_by = person("asked_by", "申请人")
    decided_by = person("decided_by", "审批人")
    revoked_by = person("revoked_by", "撤销人")

    class Meta:
        model = Exemption
        fields: ClassVar = (
            *(*PLACED, "rule", "rule_code", "rule_name", "alert", "starts", "ends", "reason", "evidence", "state"),
            *("asked_by", "asked_on", "decided_by", "decided_on", "decision"),
            *("revoked_by", "revoked_on", "revoked_reason", "version"),
        )


class Exemptions(FactsViewSet):
    """预警豁免：申请、审批和撤销。已有预警的在 alerts 里申请，事先的在这里申请。"""

    queryset = Exemption.objects.all()
    serializer_class = ExemptionRow
    filterset_class = filters.ExemptionFilters
    version = "version"
    lock_first = "project"
    orders: ClassVar = PLACED_ORDERS | {"starts": "starts", "ends": "ends", "asked_on": "asked_on", "state": "state"}

    def get_queryset(self) -> QuerySet[Any]:
        return placed(super().get_queryset())

    @extend_schema(request=LeaveAheadForm, responses={200: ExemptionRow, 201: ExemptionRow})
    def create(self, request: Request) -> Response:
        """事先申请豁免一个项目。同一人的同一申请待审批时不重复登记，回答 200。"""
        told = typed(LeaveAheadForm, request)
        told.setdefault("starts", clock.today())
        with self.telling(told.pop("project")) as held:
            known = set(Exemption.objects.filter(project=held).values_list("pk", flat=True))
            row = exempting.ask_ahead(held, told.pop("rule"), by=self.writer, **told)
        return self.told(row.pk, row.pk not in known)

    @extend_schema(request=ApprovalForm, responses=ExemptionRow)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """批准豁免：从起始日期（不早于今天）到最后一天，预警暂停判定、不上报；不能批准本人的申请。"""
        told = typed(ApprovalForm, request)
        with self.changing(pk, Action.APPROVE) as row:
            exempting.approve(row, by=self.writer, words=told["words"])
        return self.answer(pk)

    @extend_schema(request=RefusalForm, responses=ExemptionRow)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: int) -> Response:
        """不予豁免，写明原因。"""
        told = typed(RefusalForm, request)
        with self.changing(pk, Action.APPROVE) as row:
            exempting.refuse(row, by=self.writer, reason=told["reason"])
        return self.answer(pk)

    @extend_schema(request=RefusalForm, responses=ExemptionRow)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: int) -> Response:
        """撤销豁免，写明原因；从今天起恢复判定。"""
        told = typed(RefusalForm, request)
        with self.changing(pk, Action.APPROVE) as row:
            exempting.revoke(row, by=self.writer, reason=told["reason"])
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
