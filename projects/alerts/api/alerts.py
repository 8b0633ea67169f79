"""Alerts with their answers and their log for other systems, and what is done about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.alerts import answering, closing, exempting, filters
from projects.alerts.api.forms import (
    Acknowledgement,
    AnswerForm,
    ApprovalForm,
    EvidenceForm,
    LeaveForm,
    RefusalForm,
)
from projects.alerts.api.placed import PLACED, PLACED_ORDERS, PlacedRow, placed
from projects.alerts.models import Alert, AlertAnswer, AlertEvent
from projects.api.shared import FactsViewSet, person
from zones.scoped.api.refusals import OUTSIDE, Refused
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed

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


@extend_schema_field(_EVIDENCE)
class EvidenceField(serializers.JSONField):
    """What an alert was judged by."""


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


class Events(RowsViewSet):
    """预警变化：每条预警的每一步。"""

    queryset = AlertEvent.objects.all()
    serializer_class = EventRow
    filterset_class = filters.EventFilters
    orders: ClassVar = {"id": "pk", "on": "on", "alert": "alert"}
