"""Reports, and what was read in them, for other systems."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.api.shared import person
from projects.reports import filters, notes
from projects.reports.models import Difference, Figure, Mention, Report
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet

_STATED: dict[str, Any] = {
    "type": "object",
    "description": "原文写明的各项 → {value: 值, start, end: 在正文中的位置（字符）, …}",
    "additionalProperties": {"type": "object", "additionalProperties": True},
}
_SPANS: dict[str, Any] = {
    "type": "array",
    "description": "在正文中的位置（字符），每处为 [起, 止]",
    "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
}
_WORDS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}


@extend_schema_field(_STATED)
class StatedField(serializers.JSONField):
    """Values as they are printed, each with its place."""


@extend_schema_field(_SPANS)
class SpansField(serializers.JSONField):
    """Places in the text."""


@extend_schema_field(_WORDS)
class WordsField(serializers.JSONField):
    """A list of words."""


class MentionNote(serializers.Serializer):
    code = serializers.ChoiceField(sorted({*notes.SENTENCES} - {notes.ALIKE}))
    words = serializers.CharField(help_text="原文的字句")
    why = serializers.CharField(help_text="原因")


@extend_schema_field(MentionNote(many=True))
class NotesField(serializers.JSONField):
    """What accepting left for a person to look at. Other projects are not named: the reader may not know them."""

    @staticmethod
    def from_column(stored: Any) -> list[dict[str, str]]:
        told = [each for each in stored if each["code"] != notes.ALIKE]
        return [{"code": each["code"], "words": each.get("words", ""), "why": each.get("why", "")} for each in told]


# ---- Parts -------------------------------------------------------------------------------------------
class PartRow(RowSerializer):
    """Something that stands in a report."""

    report = serializers.IntegerField(source="report_id", read_only=True, help_text="报道的 id")
    zone = serializers.CharField(source="report.zone.code", read_only=True, help_text="区域代号")


class MentionRow(PartRow):
    """A project named in a report."""

    project = SeenIntegerField("project", source="project_id", help_text="对应项目的 id；空为没有，或您无权查看")
    project_name = SeenCharField("project", source="project.name")
    aliases = WordsField(read_only=True, help_text="又称")
    stated = StatedField(read_only=True)
    notes = NotesField(read_only=True, help_text="采纳时留下的提醒")
    doubts = WordsField(read_only=True, help_text="读取程序存疑之处（代码）")
    decided_by = person("decided_by", "处理人")
    decided_by_name = SeenCharField("decided_by", source="decided_by.display_name")

    class Meta:
        model = Mention
        hangs_on = "report"
        fields: ClassVar = (
            *("id", "report", "zone", "start", "end", "name", "aliases", "zone_text", "batch", "period"),
            *("period_role", "status", "stated", "confidence", "doubts"),
            *("state", "project", "project_name", "notes", "reason"),
            *("decided_by", "decided_by_name", "decided_on"),
        )


class FigureRow(PartRow):
    """A total stated in a report. Money in yuan."""

    stated = StatedField(read_only=True)

    class Meta:
        model = Figure
        hangs_on = "report"
        fields: ClassVar = (
            *("id", "report", "zone", "start", "end", "scope", "filter", "batch", "period", "count"),
            *("amount_low", "amount_high", "stated", "answer", "answered_on"),
        )


class DifferenceRow(PartRow):
    """Where a report disagrees with itself."""

    spans = SpansField(read_only=True)
    resolved_by = person("resolved_by", "处理人")
    resolved_by_name = SeenCharField("resolved_by", source="resolved_by.display_name")

    class Meta:
        model = Difference
        hangs_on = "report"
        fields: ClassVar = (
            *("id", "report", "zone", "ordinal", "code", "sentence", "declared", "found", "spans", "open"),
            *("resolution", "resolved_by", "resolved_by_name", "resolved_on"),
        )


# ---- Reports -----------------------------------------------------------------------------------------
class ReportRow(RowSerializer):
    """A report that was read; `published_first` to `published_last` is its date, as precisely as it is known."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    zone_name = serializers.CharField(source="zone.name", read_only=True)
    source = SeenIntegerField("source", source="source_id", help_text="来源的 id")  # type: ignore[assignment]

    class Meta:
        model = Report
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "zone", "zone_name", "source", "title", "file_name"),
            *("published_first", "published_last", "published_precision", "published_inferred", "read_by", "read_at"),
        )


class ReportDetail(ReportRow):
    """With its text, and all that was read in it."""

    mentions = MentionRow(many=True, read_only=True)
    figures = FigureRow(many=True, read_only=True)
    differences = DifferenceRow(many=True, read_only=True)

    class Meta(ReportRow.Meta):
        fields: ClassVar = (*ReportRow.Meta.fields, "text", "mentions", "figures", "differences")


class Reports(RowsViewSet):
    """报道：读过的文件。列表不含正文。"""

    queryset = Report.objects.all()
    serializer_class = ReportRow
    detail_class = ReportDetail
    filterset_class = filters.ReportFilters
    orders: ClassVar = {"id": "pk", "published": "published_last", "read_at": "read_at", "title": "title"}


class Mentions(RowsViewSet):
    """提及：报道里写到的项目，及其审核。"""

    queryset = Mention.objects.all()
    serializer_class = MentionRow
    filterset_class = filters.MentionFilters
    orders: ClassVar = {"id": "pk", "report": "report", "start": "start", "name": "name", "decided_on": "decided_on"}


class Figures(RowsViewSet):
    """数据：报道里写明的总数。金额为元。"""

    queryset = Figure.objects.all()
    serializer_class = FigureRow
    filterset_class = filters.FigureFilters
    orders: ClassVar = {"id": "pk", "report": "report", "start": "start", "count": "count", "amount": "amount_high"}


class Differences(RowsViewSet):
    """数据不一致：报道自相矛盾之处，如合计与清单不符。"""

    queryset = Difference.objects.all()
    serializer_class = DifferenceRow
    filterset_class = filters.DifferenceFilters
    orders: ClassVar = {"id": "pk", "report": "report", "ordinal": "ordinal"}
