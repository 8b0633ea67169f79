"""Months' returns and their steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects import facts, plans
from projects.api.photos import OfReturnRow, PhotosMixin
from projects.api.shared import (
    OF_PROJECT,
    ORDERS,
    REASON,
    SOURCED,
    OfProjectRow,
    Reasoned,
    SourcedRow,
    person,
    project_field,
    refuse_ended,
)
from projects.filters.returns import ReturnEventFilters, ReturnFilters
from projects.models import Return, ReturnEvent
from projects.models.monthly import FILLED
from zones.permissions import Action, may
from zones.scoped.api.fields import MOST, Day, Whole, Words, YesNo, Yuan
from zones.scoped.api.refusals import OUTSIDE, Refused, refused_by_rules
from zones.scoped.api.versions import STALE, expected_version
from zones.scoped.api.views import RowsViewSet, typed


# ---- Returns ---------------------------------------------------------------------------------------
class ReturnRow(SourcedRow, OfProjectRow):
    """What a project reports of one month. Money in yuan, null where nothing is told."""

    submitted_by = person("submitted_by", "上报人")
    reviewed_by = person("reviewed_by", "审核人")

    class Meta:
        model = Return
        fields: ClassVar = (
            *(*OF_PROJECT, "month", "status", *FILLED, "returned_reason", "late_days"),
            *("submitted_on", "submitted_at", "submitted_by", "reviewed_on", "reviewed_at", "reviewed_by"),
            *(*SOURCED, "recorded_at", "version"),
        )


class _Figures(serializers.Serializer):
    this_month = Yuan(min_value=-MOST, help_text="本月完成（元）；更正累计数时可为负数")
    year_to_date = Yuan(help_text="自年初累计（元）")
    since_start = Yuan(help_text="自开工累计（元）")
    building = Yuan(help_text="建筑工程，自年初累计（元）")
    installation = Yuan(help_text="安装工程，自年初累计（元）")
    equipment = Yuan(help_text="设备工器具购置，自年初累计（元）")
    other = Yuan(help_text="其他费用，自年初累计（元）")
    statistics = Yuan(help_text="入统额，自年初累计（元）")
    percent = Whole(required=False, allow_null=True, min_value=0, max_value=100, help_text="形象进度（%）")
    words = Words(required=False, allow_blank=True, max_length=1000, help_text="形象进度")
    claims_started = YesNo(required=False, help_text="申报开工")
    started_on = Day(required=False, allow_null=True, help_text="开工日期")
    claims_topped_out = YesNo(required=False, help_text="申报封顶")
    topped_out_on = Day(required=False, allow_null=True, help_text="封顶日期")
    claims_produced = YesNo(required=False, help_text="申报投产")
    produced_on = Day(required=False, allow_null=True, help_text="投产日期")
    note = Words(required=False, allow_blank=True, max_length=500, help_text="情况说明")


class ReturnForm(_Figures):
    """A month's return that is begun. What is not told stays empty."""

    project = project_field()
    month = Day(help_text="当月的任何一天")


class ReturnPatch(_Figures):
    """Figures of an open return (未报、退回); what is not named stays as it is."""


class Submission(serializers.Serializer):
    """上报"""

    note = Words(required=False, default="", allow_blank=True, max_length=500, help_text="情况说明")


class Sending(serializers.Serializer):
    """A step that asks why."""

    reason = Words(max_length=REASON, help_text="原因")


class Returns(PhotosMixin):
    """月报：项目每月一份，未报 → 已报 → 已审或退回。审核后锁定，经领导批准才能重新打开。金额为元。"""

    queryset = Return.objects.all()
    serializer_class = ReturnRow
    filterset_class = ReturnFilters
    version = "version"
    lock_first = "project"
    refusals: ClassVar = {"create": ("conflict",)}
    orders: ClassVar = ORDERS | {
        "month": "month",
        "status": "status",
        "year_to_date": "year_to_date",
        "late_days": "late_days",
        "submitted_on": "submitted_on",
        "reviewed_on": "reviewed_on",
    }

    @extend_schema(request=ReturnForm, responses={200: ReturnRow, 201: ReturnRow})
    def create(self, request: Request) -> Response:
        """开始填报一个月。已有而内容相同的回答 200；已有而内容不同的请用 PATCH。"""
        told = typed(ReturnForm, request)
        month: date = told.pop("month")
        with self.telling(told.pop("project")) as held:
            last = plans.month_end(month.year, month.month)
            known = held.returns.filter(month=last).first()
            if known and any(getattr(known, name) != value for name, value in told.items()):
                raise Refused("conflict", f"该项目这个月已有月报（id 为 {known.pk}），请用 PATCH 修改它")
            row, _ = facts.fill_return(held, month, told, by=self.writer)
        return self.told(row.pk, new=known is None)

    @extend_schema(request=ReturnPatch, responses=ReturnRow)
    def partial_update(self, request: Request, pk: int) -> Response:
        """修改一份未报或退回的月报。"""
        told = typed(ReturnPatch, request)
        with self.changing(pk) as row:
            refuse_ended(row.project)
            facts.fill_return(row.project, row.month, told, by=self.writer)
        return self.answer(pk)

    @extend_schema(request=Submission, responses=ReturnRow)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """上报。数字前后矛盾、申报节点缺日期或照片的不能上报，需要说明的须写 note。"""
        told = typed(Submission, request)
        with self.changing(pk) as row:
            refuse_ended(row.project)
            facts.submit_return(row, note=told["note"], by=self.writer)
        return self.answer(pk)

    @extend_schema(request=Reasoned, responses=ReturnRow)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: int) -> Response:
        """撤回本人上报、还没有审核的月报。"""
        told = typed(Reasoned, request)
        with self.changing(pk) as row:
            facts.take_back_return(row, by=self.writer, reason=told.get("reason", ""))
        return self.answer(pk)

    @extend_schema(request=Reasoned, responses=ReturnRow)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: int) -> Response:
        """审核通过：锁定，并成为项目的进展和节点。"""
        told = typed(Reasoned, request)
        with self.deciding(pk, Action.REVIEW) as row:
            facts.review_return(row, by=self.writer, reason=told.get("reason", ""))
        return self.answer(pk)

    @extend_schema(request=Sending, responses=ReturnRow)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: int) -> Response:
        """退回已报的月报，写明原因。"""
        told = typed(Sending, request)
        with self.deciding(pk, Action.REVIEW) as row:
            facts.send_back_return(row, reason=told["reason"], by=self.writer)
        return self.answer(pk)

    @extend_schema(request=Sending, responses=ReturnRow)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """领导批准重新打开已审的月报，写明原因。"""
        told = typed(Sending, request)
        with self.deciding(pk, Action.APPROVE) as row:
            facts.reopen_return(row, reason=told["reason"], approver=self.writer)
        return self.answer(pk)

    @contextmanager
    def deciding(self, pk: int, action: str) -> Iterator[Return]:
        """The row, locked, for who may do `action` in its zone, whether or not he may fill it in; else as
        `RowsViewSet.changing`.
        """
        with refused_by_rules(), transaction.atomic():
            row = self._lock(pk)
            if not may(self.writer, action, row):
                raise Refused("forbidden", OUTSIDE)
            if row.version != expected_version(self.request):
                raise Refused("version_stale", STALE)
            refuse_ended(row.project)
            yield row


# ---- Their steps -------------------------------------------------------------------------------------
@extend_schema_field({"type": "object", "additionalProperties": True})
class _Values(serializers.JSONField):
    """The figures as they stood."""


class ReturnEventRow(OfReturnRow):
    """One step of a return: who, when, why, and the figures as they stood."""

    by = person("by", "经办人")
    values = _Values(read_only=True)

    class Meta:
        model = ReturnEvent
        fields: ClassVar = (*OF_PROJECT, "monthly_return", "month", "what", "on", "by", "reason", "values", "at")


class ReturnEvents(RowsViewSet):
    """月报记录：每一次保存、上报、撤回、审核、退回和重新打开。"""

    queryset = ReturnEvent.objects.all()
    serializer_class = ReturnEventRow
    filterset_class = ReturnEventFilters
    orders: ClassVar = {"id": "pk", "on": "on", "monthly_return": "monthly_return_id"}
