"""Plans of the year with their targets: drafted, approved, withdrawn."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects import facts
from projects.api.shared import (
    OF_PROJECT,
    ORDERS,
    REASON,
    SOURCED,
    FactsViewSet,
    OfProjectRow,
    SourcedRow,
    person,
    project_field,
    refuse_ended,
    whether,
)
from projects.filters import PlanFilters
from projects.filters.figures import holding
from projects.models import AnnualPlan, MonthlyTarget, Project
from projects.plans import cutting, methods
from zones.permissions import Action
from zones.scoped.api.fields import Whole, Words, Yuan
from zones.scoped.api.rows import RowSerializer
from zones.scoped.api.views import typed


class TargetRow(RowSerializer):
    """What is to be done of the year's plan by the end of a month, cumulative."""

    class Meta:
        model = MonthlyTarget
        fields: ClassVar = ("month", "amount")
        hangs_on = "plan"


class PlanRow(SourcedRow, OfProjectRow):
    """One edition of a year's plan, in yuan, cut down by month."""

    in_force = serializers.BooleanField(source="holds", read_only=True, help_text="现行：今天有效的那一版")
    author = person("author", "编制人")
    approved_by = person("approved_by", "批准人")
    withdrawn_by = person("withdrawn_by", "作废批准人")
    targets = TargetRow(many=True, read_only=True, help_text="逐月累计目标（元）")

    class Meta:
        model = AnnualPlan
        fields: ClassVar = (
            *OF_PROJECT,
            *("year", "edition", "amount", "carried", "method", "status", "in_force", "reason", *SOURCED, "author"),
            *("approved_by", "effective_from", "withdrawn_on", "withdrawn_by", "withdrawn_reason"),
            *("recorded_at", "version", "targets"),
        )


class PlanForm(serializers.Serializer):
    """The next edition of a year's plan: twelve cumulative targets, or a method that gives them."""

    project = project_field()
    year = Whole(min_value=2000, max_value=2099, help_text="年度")
    amount = Yuan(required=True, allow_null=False, help_text="年度计划投资（元）")
    targets = serializers.ListField(
        child=Yuan(required=True, allow_null=False),
        min_length=12,
        max_length=12,
        required=False,
        help_text="12 个月的累计目标（元）；不写则按 method 计算",
    )
    method = serializers.ChoiceField(
        choices=AnnualPlan.Method.choices,
        required=False,
        help_text="分解方法；targets 和 method 都不写为按月平均。按节点分解用系统建议的份额",
    )
    season = serializers.ChoiceField(
        choices=[(code, season.label) for code, season in cutting.SEASONS.items()],
        required=False,
        help_text="按季节分解时的季节方案",
    )
    first_month = Whole(required=False, default=1, min_value=1, max_value=12, help_text="起始月份，此前各月为 0")
    carried = Yuan(help_text="结转：截至上年底累计完成（元）；不清楚为 null")
    reason = Words(required=False, default="", allow_blank=True, max_length=REASON, help_text="调整原因，第 2 版起必填")

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if "targets" in told and told.get("method", AnnualPlan.Method.TYPED) != AnnualPlan.Method.TYPED:
            raise serializers.ValidationError({"targets": "targets 和 method 只写一个：写了 targets 就按它保存"})
        return told


class Withdrawal(serializers.Serializer):
    """作废"""

    reason = Words(max_length=REASON, help_text="作废原因")


class Plans(FactsViewSet):
    """年度投资计划，附逐月累计目标。金额为元。批准的不再修改：变了另拟一版，错了由领导作废。"""

    queryset = AnnualPlan.objects.all()
    serializer_class = PlanRow
    filterset_class = PlanFilters
    version = "version"
    lock_first = "project"
    orders: ClassVar = ORDERS | {
        "year": "year",
        "edition": "edition",
        "amount": "amount",
        "effective_from": "effective_from",
    }

    def get_queryset(self) -> QuerySet[AnnualPlan]:
        return super().get_queryset().annotate(holds=whether(holding(AnnualPlan.objects.all())))

    @extend_schema(request=PlanForm, responses={200: PlanRow, 201: PlanRow})
    def create(self, request: Request) -> Response:
        """拟定一版年度计划，待领导批准。与最近一版完全相同的回答 200。"""
        told = typed(PlanForm, request)
        with self.telling(told["project"], Action.WRITE) as held:
            last = held.plans.filter(year=told["year"]).order_by("-edition").first()
            targets, method = _targets(held, told)
            row = facts.plan_year(
                held,
                told["year"],
                told["amount"],
                targets,
                carried=told.get("carried"),
                method=method,
                reason=told["reason"],
                by=self.writer,
            )
        return self.told(row.pk, new=row != last)

    @extend_schema(request=None, responses=PlanRow)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """批准一版年度计划，从今天起生效。再次批准没有变化。"""
        typed(serializers.Serializer, request)
        with self.changing(pk, Action.APPROVE) as plan:
            refuse_ended(plan.project)
            facts.approve_plan(plan, by=self.writer)
        return self.answer(pk)

    @extend_schema(request=Withdrawal, responses=PlanRow)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """作废一版有误的年度计划。它留在列表里，不再用于判定；再次作废没有变化。"""
        told = typed(Withdrawal, request)
        with self.changing(pk, Action.APPROVE) as plan:
            refuse_ended(plan.project)
            facts.withdraw_plan(plan, reason=told["reason"], by=self.writer)
        return self.answer(pk)


def _targets(project: Project, told: dict[str, Any]) -> tuple[list[int], str]:
    """Twelve cumulative targets, and the method by which they came about."""
    if "targets" in told:
        return told["targets"], AnnualPlan.Method.TYPED
    method = told.get("method", AnnualPlan.Method.EVEN)
    season, first_month = told.get("season", ""), told["first_month"]
    found = methods.cut_down(project, told["year"], told["amount"], method, first_month=first_month, season=season)
    return found.targets, method
