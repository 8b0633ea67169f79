"""豁免 for other systems: asking ahead, approving, refusing, revoking."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.alerts import exempting, filters
from projects.alerts.api.forms import (
    ApprovalForm,
    LeaveAheadForm,
    RefusalForm,
)
from projects.alerts.api.placed import PLACED, PLACED_ORDERS, PlacedRow, placed
from projects.alerts.models import Exemption
from projects.api.shared import FactsViewSet, person
from zones import clock
from zones.permissions import Action
from zones.scoped.api.rows import SeenCharField, SeenIntegerField
from zones.scoped.api.views import typed


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
