"""Rows of ledgers: how each differs from what is known, and what a person says of it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.ledgers import desk, filters
from projects.ledgers.meant import NEW
from projects.ledgers.models import LedgerRow
from projects.models import Project
from zones.scoped.api.fields import VisibleKey, YesNo
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed

KINDS: Final = ("new", "changed", "conflict", "note", "wrong")


class RowDifference(serializers.Serializer):
    meaning = serializers.CharField(help_text="列的含义（代码）")
    column = serializers.CharField(help_text="列号，如 F")
    kind = serializers.ChoiceField(choices=KINDS)
    old = serializers.CharField(help_text="现有的")
    new = serializers.CharField(help_text="台账的")
    sentence = serializers.CharField(help_text="说明")


class RowDoubt(serializers.Serializer):
    column = serializers.CharField(help_text="列号，如 F")
    sentence = serializers.CharField(help_text="按什么读入，为什么")
    wrong = serializers.BooleanField(help_text="读不懂，没有读入")


@extend_schema_field(RowDifference(many=True))
class DifferencesField(serializers.JSONField):
    """What a row changes."""

    @staticmethod
    def from_column(stored: Any) -> list[dict[str, Any]]:
        return [
            dict(zip(("meaning", "column", "kind", "old", "new", "sentence"), each, strict=True)) for each in stored
        ]


@extend_schema_field(RowDoubt(many=True))
class DoubtsField(serializers.JSONField):
    """Cells that were not plain."""

    @staticmethod
    def from_column(stored: Any) -> list[dict[str, Any]]:
        return [dict(zip(("column", "sentence", "wrong"), each, strict=True)) for each in stored]


@extend_schema_field({"type": "string"})
class WhyField(serializers.JSONField):
    """Why a row means its project."""

    @staticmethod
    def from_column(stored: Any) -> str:
        return str(stored.get("why", ""))


class RowLine(RowSerializer):
    """A row of a ledger that names a project."""

    ledger = serializers.IntegerField(source="ledger_id", read_only=True, help_text="台账的 id")
    zone = serializers.CharField(source="ledger.zone.code", read_only=True, help_text="区域代号")
    sheet = serializers.IntegerField(read_only=True, help_text="工作表的序号，从 0 起")
    number = serializers.IntegerField(read_only=True, help_text="行号，与 Excel 显示的相同")
    project = SeenIntegerField("project", source="project_id", help_text="对应项目的 id")
    project_name = SeenCharField("project", source="project.name")
    why = WhyField(source="match", read_only=True, help_text="为什么是这个项目")
    differences = DifferencesField(read_only=True)
    doubts = DoubtsField(read_only=True)
    version = serializers.IntegerField(source="ledger.version", read_only=True, help_text="台账的版本")

    class Meta:
        model = LedgerRow
        fields: ClassVar = (
            *("id", "ledger", "zone", "sheet", "number", "name", "kind", "project", "project_name", "why", "created"),
            *("doubtful", "differences", "doubts", "version"),
        )


class RowDecision(serializers.Serializer):
    """What a person says of a row."""

    out = YesNo(required=False, help_text="不导入这一行")
    sure = YesNo(required=False, help_text="存疑的数确认无误")
    means = VisibleKey(Project, "项目", required=False, help_text="这一行是哪个项目（id）")
    choice = serializers.ChoiceField(choices=[(NEW, "新项目"), ("auto", "由系统识别")], required=False)


class Rows(RowsViewSet):
    """台账的行：对应哪个项目，与现有数据有什么不同。只有项目办可以看到。"""

    queryset = LedgerRow.objects.all()
    serializer_class = RowLine
    filterset_class = filters.LedgerRowFilters
    orders: ClassVar = {"id": "pk", "ledger": "ledger", "number": "number", "name": "name", "kind": "kind"}

    @property
    def person(self) -> Any:
        """Who writes."""
        return self.request.user

    @extend_schema(request=RowDecision, responses=RowLine)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: int) -> Response:
        """不导入一行、确认存疑的数，或选定它是哪个项目；随后重新比对，行的 id 会变。"""
        told = typed(RowDecision, request)
        with self.changing(pk) as row:
            if "out" in told:
                row = desk.exclude_row(row, out=told["out"], by=self.person)
            if "sure" in told:
                row = desk.accept_row(row, sure=told["sure"], by=self.person)
            if "means" in told:
                row = desk.choose_match(row, told["means"].pk, by=self.person)
            elif "choice" in told:
                row = desk.choose_match(row, NEW if told["choice"] == NEW else "", by=self.person)
        return self.answer(row.pk)
