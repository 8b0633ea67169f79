"""The record of what was sent: reading it, its files, and keeping another table as sent."""

from __future__ import annotations

from io import BytesIO
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from projects.api.shared import person
from projects.files import serving
from projects.ledgers import filters
from projects.ledgers.api import files
from projects.ledgers.exporting import dispatching, giving
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.models import Dispatch
from zones.filters import path_of_zone
from zones.models import Zone
from zones.permissions import Action, may
from zones.scoped.api.fields import Day, Words
from zones.scoped.api.refusals import NOT_FOUND, OUTSIDE, Refused
from zones.scoped.api.rows import RowSerializer
from zones.scoped.api.views import RowsViewSet, typed


class DispatchRow(RowSerializer):
    """A table as it was sent. It never changes."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    sent_by = person("sent_by", "报送人")

    class Meta:
        model = Dispatch
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "zone", "month", "title", "layout", "recipient", "sent_on", "sent_at", "sent_by", "note"),
            *("file_name", "sha256", "size"),
        )


class DispatchForm(serializers.Serializer):
    """What was sent to whom."""

    zone = Words(max_length=50, help_text="区域代号，含下级")
    layout = Words(max_length=40, help_text="样式，见 tables；填报模板不能登记")
    month = serializers.RegexField(files.MONTH, help_text="月份，如 2023-06")
    unit = serializers.ChoiceField(choices=list(files.POWERS), required=False, help_text="金额的单位；不写为样式自己的")
    recipient = Words(max_length=100, help_text="报送给哪个单位")
    sent_on = Day(help_text="报送日期，不晚于今天")
    note = Words(max_length=300, required=False, default="", allow_blank=True, help_text="说明")


class Dispatches(RowsViewSet):
    """报送记录：什么表什么时候报给了谁，当时的文件和数。只有项目办和领导可以看到。"""

    queryset = Dispatch.objects.all()
    serializer_class = DispatchRow
    filterset_class = filters.DispatchFilters
    orders: ClassVar = {"id": "pk", "month": "month", "sent_on": "sent_on"}
    refusals: ClassVar = {"create": ("invalid",), "file": ("conflict",)}

    @extend_schema(request=DispatchForm, responses={200: DispatchRow, 201: DispatchRow})
    def create(self, request: Request) -> Response:
        """按现在的数生成报表并登记为已报送；文件和各项目的数从此不变。同样的内容再登记一次不重复，回答 200。"""
        told = typed(DispatchForm, request)
        user: Any = request.user
        zone = Zone.objects.get(path=path_of_zone(told.pop("zone"), user))
        if not may(user, Action.WRITE, zone):
            raise Refused("forbidden", OUTSIDE)
        code = files.layout_code(user, told.pop("layout"))
        asked = Asked(zone, giving.month(told.pop("month")), told.pop("unit", ""), str(user))
        known = Dispatch.objects.filter(zone=zone).order_by("-pk").values_list("pk", flat=True).first() or 0
        with files.file_refusals():
            sent = dispatching.send(code, asked, by=user, **told)
        answer = self.answer(sent.pk, 201 if sent.pk > known else 200)
        answer["Location"] = reverse("dispatch-detail", [sent.pk])
        return answer

    @extend_schema(responses={(200, serving.EXCEL): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], renderer_classes=files.RENDERERS)
    def file(self, request: Request, pk: int) -> Any:
        """报送的文件，与当时一字节不差。"""
        files.refuse_parameters(request, [])
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise Refused("not_found", NOT_FOUND)
        try:
            return serving.download(BytesIO(dispatching.file_of(row)), row.file_name, serving.EXCEL)
        except ValidationError as spoilt:
            raise Refused("conflict", "；".join(spoilt.messages)) from spoilt
