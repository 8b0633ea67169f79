"""Parameters of the endpoints of reports and of what was read in them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import rest_framework as rest

from projects.filters.shared import Words, by_person
from projects.intake.models import Upload
from projects.models import Batch
from projects.reports import outstanding
from projects.reports.models import Mention
from zones.filters import AtLeast, AtMost, Flag, From, Key, OneOf, To, Whole, WithinZone
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]


def mentioning(rows: Rows, **which: Any) -> Rows:
    """Reports with a mention of this kind."""
    return rows.filter(Exists(Mention.objects.filter(report=OuterRef("pk"), **which)))


class ReportFilters(StrictFilterSet):
    zone = WithinZone()
    project = Key("mentions__project", label="提及的项目的 id", distinct=True)
    batch = rest.ChoiceFilter(choices=Batch.choices, label="提及的批次", method="mentioned")
    period = Whole(label="提及的期（第几期）", method="mentioned", max_value=999)
    pending = Flag(lambda rows: rows.filter(outstanding.pending()), "有待处理的：提及、重读建议或不一致")
    waiting = Flag(lambda rows: rows.filter(outstanding.having("mention")), "有待审核的提及")
    proposed = Flag(lambda rows: rows.filter(outstanding.having("proposal")), "有重读建议")
    disagreeing = Flag(lambda rows: rows.filter(outstanding.having("doubt")), "有待处理的不一致")
    untold = Flag(lambda rows: rows.filter(outstanding.having("total")), "有未说明的总数")
    dated = Flag(lambda rows: rows.filter(published_last__isnull=False, published_inferred=False), "写明发表日期")
    published_from = From("published_last", "发表日期从这天起")
    published_to = To("published_first", "发表日期到这天止")
    read_from = From("read_at__date", "从这天起读取")
    read_to = To("read_at__date", "到这天止读取")
    text = Words("title", "file_name", label="标题或文件名中的文字")
    content = Words("text", label="正文中的文字")

    def mentioned(self, rows: Rows, name: str, value: Any) -> Rows:
        """Batch and round of one and the same mention."""
        if name == "period" and self.data.get("batch"):
            return rows  # asked together with the batch
        asked = {each: self.form.cleaned_data[each] for each in ("batch", "period") if self.data.get(each)}
        return mentioning(rows, **asked)


class PartFilters(StrictFilterSet):
    """Of whatever stands in a report."""

    zone = WithinZone("report__zone")
    report = Key("report", label="报道的 id")
    published_from = From("report__published_last", "报道的发表日期从这天起")
    published_to = To("report__published_first", "报道的发表日期到这天止")


class MentionFilters(PartFilters):
    project = Key("project", label="对应项目的 id")
    state = OneOf(choices=Mention.State.choices, label="审核")
    batch = OneOf(choices=Batch.choices, label="批次")
    period = Whole("period", label="期（第几期）", max_value=999)
    status = rest.CharFilter("status", label="状态，如：已开工")
    person = by_person("decided_by", "处理人")
    decided_from = From("decided_on", "从这天起处理")
    decided_to = To("decided_on", "到这天止处理")
    text = Words("name", label="项目名称中的文字")


class FigureFilters(PartFilters):
    batch = OneOf(choices=Batch.choices, label="批次")
    period = Whole("period", label="期（第几期）", max_value=999)
    count_min = AtLeast("count", "项目数不低于")
    count_max = AtMost("count", "项目数不高于")
    amount_min = AtLeast("amount_high", "总投资不低于（元）")
    amount_max = AtMost("amount_high", "总投资不高于（元）")
    text = Words("scope", "filter", label="范围或条件中的文字")


class DifferenceFilters(PartFilters):
    open = Flag(lambda rows: rows.filter(open=True), "待处理")
    code = rest.CharFilter("code", label="类型")
    person = by_person("resolved_by", "处理人")
    resolved_from = From("resolved_on", "从这天起处理")
    resolved_to = To("resolved_on", "到这天止处理")
    text = Words("sentence", label="说明中的文字")


class UploadFilters(StrictFilterSet):
    zone = WithinZone()
    purpose = rest.ChoiceFilter(choices=Upload.Purpose.choices, label="用途")
    state = OneOf(choices=Upload.State.choices, label="状态")
    code = rest.CharFilter("code", label="未能读取的原因（代码），如：scan")
    person = by_person("sent_by", "上传人")
    sent_from = From("sent_at__date", "从这天起上传")
    sent_to = To("sent_at__date", "到这天止上传")
    text = Words("name", label="文件名中的文字")
