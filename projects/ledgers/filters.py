"""Parameters of the endpoints of ledgers and their rows."""

from __future__ import annotations

from projects.filters.shared import Words, by_person
from projects.ledgers.models import Ledger, LedgerRow
from zones.filters import Flag, From, Key, OneOf, To, WithinZone
from zones.scoped.filters import StrictFilterSet


class LedgerFilters(StrictFilterSet):
    zone = WithinZone()
    state = OneOf(choices=Ledger.State.choices, label="状态")
    upload = Key("upload", label="上传文件的 id")
    person = by_person("sent_by", "上传人")
    read_from = From("read_at__date", "从这天起读取")
    read_to = To("read_at__date", "到这天止读取")
    text = Words("file_name", label="文件名中的文字")


class LedgerRowFilters(StrictFilterSet):
    zone = WithinZone("ledger__zone")
    ledger = Key("ledger", label="台账的 id")
    kind = OneOf(choices=LedgerRow.Kind.choices, label="结果")
    doubtful = Flag(lambda rows: rows.filter(doubtful=True), "有存疑的内容")
    project = Key("project", label="对应项目的 id")
    text = Words("name", label="项目名称中的文字")


class DispatchFilters(StrictFilterSet):
    zone = WithinZone()
    layout = Words("layout", label="样式代号或版式名称中的文字")
    month_from = From("month", "从这个月（最后一天）起")
    month_to = To("month", "到这个月（最后一天）止")
    text = Words("title", label="名称中的文字")
