"""Ledgers: what was understood, what is asked, what an import would do; answering, importing, taking back."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api.shared import person
from projects.ledgers import desk, filters
from projects.ledgers.api.files import GivesBack
from projects.ledgers.models import Ledger
from zones.scoped.api.fields import Whole, Words, YesNo
from zones.scoped.api.rows import RowSerializer, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed

_COUNTS: dict[str, Any] = {
    "type": "object",
    "description": "各类行数：new 新增，changed 有变化，unchanged 无变化，conflict 有冲突，wrong 有错误，"
    "left_out 不导入；doubtful 为有存疑内容的行数",
    "additionalProperties": {"type": "integer"},
}
_ABOUT: dict[str, Any] = {
    "type": "object",
    "description": "读到的内容：tables 各张表的列、单位、年月和 questions 要回答的问题，remarks 没有读入的工作表",
    "additionalProperties": True,
}
_TOLD: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}


@extend_schema_field(_COUNTS)
class CountsField(serializers.JSONField):
    """Numbers of rows by kind."""


@extend_schema_field(_ABOUT)
class AboutField(serializers.JSONField):
    """What was understood."""


@extend_schema_field(_TOLD)
class ToldField(serializers.DictField):
    """Answers by the key of a column."""

    child = serializers.CharField(allow_blank=True, max_length=40)


class LedgerLine(RowSerializer):
    """A ledger that was sent. `outcome` says what became of it, or what is to be done."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    source = SeenIntegerField("source", source="source_id", help_text="来源的 id")  # type: ignore[assignment]
    upload = SeenIntegerField("upload", source="upload_id", help_text="上传文件的 id")
    counts = CountsField(read_only=True)
    sent_by = person("sent_by", "上传人")
    imported_by = person("imported_by", "导入人")
    undone_by = person("undone_by", "撤销人")

    class Meta:
        model = Ledger
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "zone", "source", "upload", "file_name", "sha256", "on", "state", "outcome", "counts", "only_good"),
            *("done_rows", "all_rows", "read_at", "sent_by", "imported_at", "imported_by", "undone_at", "undone_by"),
            "version",
        )


class LedgerDetail(LedgerLine):
    """With all that was understood."""

    about = AboutField(read_only=True)

    class Meta(LedgerLine.Meta):
        fields: ClassVar = (*LedgerLine.Meta.fields, "about")


class LedgerAnswers(serializers.Serializer):
    """Answers to what is asked, or corrections of what was understood."""

    table = Words(required=False, default="", allow_blank=True, max_length=40, help_text="表的 key；不写为所有表")
    meanings = ToldField(required=False, help_text="列的 key → 列的含义（代码）；空为只保留原文")
    units = ToldField(required=False, help_text="列的 key → 元、万元或亿元；key 为空是所有没有写单位的金额")
    year = Whole(required=False, min_value=1990, max_value=2100, help_text="年份")
    month = Whole(required=False, min_value=1, max_value=12, help_text="完成数截至的月份")
    plan_reason = Words(required=False, allow_blank=True, max_length=300, help_text="调整年度计划和节点期限的原因")


class LedgerConfirmation(serializers.Serializer):
    """How it is imported."""

    only_good = YesNo(required=False, default=False, help_text="只导入正确的行；否则有一处错误就都不导入")


class LedgerAgain(serializers.Serializer):
    """What is said of columns when a ledger is read once more."""

    table = Words(required=False, default="", allow_blank=True, max_length=40, help_text="表的 key；不写为所有表")
    meanings = ToldField(
        required=False, help_text="列的 key → 列的含义（代码）；汇总表实为项目台账时，说明项目名称一列"
    )


class Ledgers(GivesBack, RowsViewSet):
    """台账：上传的表格读到了什么、要回答什么、导入会改动什么。上传用 uploads。只有项目办可以看到。"""

    queryset = Ledger.objects.all()
    serializer_class = LedgerLine
    detail_class = LedgerDetail
    filterset_class = filters.LedgerFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "file_name": "file_name", "read_at": "read_at", "imported_at": "imported_at"}

    @property
    def person(self) -> Any:
        """Who writes."""
        return self.request.user

    @extend_schema(request=LedgerAnswers, responses=LedgerDetail)
    @action(detail=True, methods=["post"], url_path="answer")
    def answer_questions(self, request: Request, pk: int) -> Response:
        """回答问题或更正识别结果，随后重新比对；行数多的由后台比对，状态为 comparing。"""
        told = typed(LedgerAnswers, request)
        with self.changing(pk) as ledger:
            desk.answer(ledger, by=self.person, **told)
        return self.answer(pk)

    @extend_schema(request=None, responses=LedgerDetail)
    @action(detail=True, methods=["post"])
    def compare(self, request: Request, pk: int) -> Response:
        """按现在的数据重新比对。"""
        typed(serializers.Serializer, request)
        with self.changing(pk) as ledger:
            desk.compare(ledger, by=self.person)
        return self.answer(pk)

    @extend_schema(request=LedgerConfirmation, responses=LedgerDetail)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: int) -> Response:
        """导入：一次全部写入，或都不写入；行数多的由后台导入，状态为 importing。预览以后数据有变化的不导入，请重新
        比对。
        """
        told = typed(LedgerConfirmation, request)
        with self.changing(pk) as ledger:
            desk.confirm(ledger, by=self.person, only_good=told["only_good"])
        return self.answer(pk)

    @extend_schema(request=None, responses=LedgerDetail)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """撤销整次导入；此后有人在导入的数据上做了登记的，不能撤销。行数多的由后台撤销，完成以前状态仍为 imported。"""
        typed(serializers.Serializer, request)
        with self.changing(pk) as ledger:
            desk.undo(ledger, by=self.person)
        return self.answer(pk)

    @extend_schema(request=LedgerAgain, responses={201: LedgerDetail})
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: int) -> Response:
        """把已撤销、不导入的台账重新读一次，原来的说明照用，得到一份新的台账。"""
        told = typed(LedgerAgain, request)
        with self.changing(pk) as ledger:
            new = desk.begin_again(ledger, by=self.person, **told)
        return self.answer(new.pk, status=201)
