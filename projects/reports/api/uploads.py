"""Sending a report to be read, and seeing what became of it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.files.base import File
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api.shared import person
from projects.forms.fields import not_to_come
from projects.intake import limits, receiving
from projects.intake.models import Upload
from projects.intake.receiving import Pasted
from projects.reports import filters
from zones.models import Zone
from zones.permissions import Action, may
from zones.scoped.api.fields import Day, VisibleCode, Words
from zones.scoped.api.refusals import OUTSIDE, Refused, refused_by_rules
from zones.scoped.api.rows import RowSerializer, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed
from zones.scoped.api.wire import Parser
from zones.scoped.querysets import may_write_somewhere

MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"
BESIDE: Final = 64 * 1024  # bytes for what stands beside the file
MEGABYTES: Final = limits.FILE // limits.MEGABYTE
AS_FORM: Final = f"请以 {MULTIPART} 上传，file 为一个文件；或以 {JSON} 提交，text 为报道的文字"
TOO_LARGE: Final = f"文件不能超过 {MEGABYTES} 兆，请删去图片、只留下写项目的部分后再上传"
MAY_NOT_SEND: Final = "您没有权限上传报道"
NO_HOME: Final = "请填写区域代号"
NO_WORDS: Final = "只有空白，没有文字；请填写报道的文字"


# ---- Reading -------------------------------------------------------------------------------------------
class UploadRow(RowSerializer):
    """A file that was sent, and what became of it: `outcome` says what was read, or why not and what to do."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    sent_by = person("sent_by", "上传人")
    report = SeenIntegerField("source", source="source.report.id", help_text="读成的报道的 id；空为还没有读成")
    ledger = SeenIntegerField("source", source="source.ledger.id", help_text="读成的台账的 id；空为还没有读成")

    class Meta:
        model = Upload
        fields: ClassVar = (
            *("id", "zone", "purpose", "name", "size", "sha256", "format", "state", "outcome", "code", "report"),
            "ledger",
            *("sent_at", "sent_by", "read_at"),
        )


# ---- Sending -------------------------------------------------------------------------------------------
@extend_schema_field({"type": "string", "format": "binary"})
class _File(serializers.FileField):
    """A file."""


class _Beside(serializers.Serializer):
    zone = VisibleCode(Zone, "区域", required=False, help_text="区域代号；不填则按报道里写的识别")
    published = Day(required=False, help_text="发表日期；不填则按报道里写的日期")

    def validate_published(self, day: Any) -> Any:
        with refused_by_rules():
            return not_to_come(day, "发表日期")


class UploadForm(_Beside):
    """A report as a file."""

    file = _File(help_text=f"docx、带文字的 pdf、txt、保存的网页；台账为 xlsx、xls、ods、csv。不超过 {MEGABYTES} 兆")
    purpose = serializers.ChoiceField(
        choices=Upload.Purpose.choices, required=False, default=Upload.Purpose.REPORT, help_text="用途；不填为报道"
    )


class TextForm(_Beside):
    """A report as text."""

    # Written blanks are no report; those around one stay, since all places count in what was sent.
    text = Words(max_length=receiving.LONGEST_TEXT, trim_whitespace=False, help_text="报道的文字")
    title = Words(required=False, default="", allow_blank=True, max_length=200, help_text="标题")

    def validate_text(self, text: str) -> str:
        if not text.strip("\ufeff \t\r\n\u3000"):
            raise serializers.ValidationError(NO_WORDS)
        return text


class Forms(MultiPartParser):
    """Reads a form with one file. It takes every media type, to say what is wanted.

    Raises Refused for another media type, for more than a file may have, and for what stands there twice or empty.
    """

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> DataAndFiles[Any, Any]:
        if str(media_type).partition(";")[0].strip().lower() != MULTIPART:
            raise Refused("unsupported_media", AS_FORM)
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > limits.FILE + BESIDE:
            raise Refused("too_large", TOO_LARGE)
        try:
            read = super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise Refused("invalid", AS_FORM) from error
        if any(len(each) > 1 for part in (read.data, read.files) for _, each in part.lists()):
            raise Refused("invalid", "一次只能传一个文件，每一项只写一次")
        if not all(read.data.values()):
            raise Refused("invalid", "没有内容的项请不要写")
        return read


class Uploads(RowsViewSet):
    """上传文件：交给后台读取的文件，及读取的结果。只有项目办可以看到和上传。"""

    queryset = Upload.objects.all()
    serializer_class = UploadRow
    filterset_class = filters.UploadFilters
    parser_classes = (Parser, Forms)
    orders: ClassVar = {"id": "pk", "name": "name", "size": "size", "sent_at": "sent_at", "read_at": "read_at"}

    def get_queryset(self) -> QuerySet[Any]:
        """All that the person may see, with the end told of those whose reading was given up without a word."""
        receiving.settle_lost(super().get_queryset().order_by())
        return super().get_queryset()

    @extend_schema(request={MULTIPART: UploadForm, JSON: TextForm}, responses={200: UploadRow, 202: UploadRow})
    def create(self, request: Request) -> Response:
        """上传一篇报道或一份台账，由后台读取：回答 202，Location 是查看结果的地址。用 GET 查看：state 是读到哪一步；
        outcome 是读到什么，或为什么没有读成、怎么办，code 是原因的代码；report 是读成的报道。几个文件逐个上传，一个未能
        读取不影响其余。区域内已有的同一个文件不重复登记，回答 200 和已有的一条；以前没有读成的，再传一次就重新读取。
        """
        as_text = (request.content_type or "").partition(";")[0].strip().lower() == JSON
        told = typed(TextForm if as_text else UploadForm, request)
        upload, new = self._received(told, request.user)
        answer = self.answer(upload.pk, 202 if new else 200)
        answer["Location"] = f"{request.path}{upload.pk}/"
        return answer

    def _received(self, told: dict[str, Any], user: Any) -> tuple[Upload, bool]:
        if not may_write_somewhere(Upload, user):
            raise Refused("forbidden", MAY_NOT_SEND)
        zone, published = told.get("zone"), told.get("published")
        if zone and not may(user, Action.WRITE, zone):
            raise Refused("forbidden", OUTSIDE)
        receiver = zone or receiving.home_of(user)
        if receiver is None:
            raise Refused("invalid", NO_HOME, {"zone": NO_HOME})
        beside = {"zone": zone.code} if zone else {}
        beside |= {"published": published.isoformat()} if published else {}
        sent: list[File[Any]] | Pasted = [told["file"]] if "file" in told else Pasted(told["text"], told["title"])
        purpose = told.get("purpose", Upload.Purpose.REPORT)
        received = receiving.receive(sent, zone=receiver, purpose=purpose, told=beside, by=user)
        for _, refused in received.refused:
            raise Refused("too_large" if refused.code == "too_large" else "invalid", refused.sentence)
        return (*received.new, *received.known)[0], bool(received.new)
