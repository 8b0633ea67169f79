"""What stands around the lists of a ledger's page: all errors at once, what is remembered of its headings, sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.http import HttpRequest

from projects.ledgers import storing
from projects.ledgers.admin.cells import text
from projects.ledgers.meanings import label
from projects.ledgers.models import Ledger, LedgerRow
from zones.scoped.admin import can_write

MOST: Final = 100  # errors that are listed
LINES: Final = 60  # rows of a table of sums


def errors(ledger: Ledger) -> list[tuple[str, int, str]]:
    """The sentence of every cell that must be mended, each with the place of its row."""
    if not ledger.counts.get(LedgerRow.Kind.WRONG) or not ledger.is_open:
        return []
    rows = ledger.rows.filter(kind=LedgerRow.Kind.WRONG).order_by("sheet", "number")[:MOST]
    return [
        (f"{sheet}:{number}", number, sentence)
        for sheet, number, differences in rows.values_list("sheet", "number", "differences")
        for *_, kind, _, _, sentence in differences
        if kind == "wrong"
    ][:MOST]


def remembered(request: HttpRequest, ledger: Ledger) -> list[dict[str, Any]]:
    """What people explained of headings like these, by whom, and whether the person may have it forgotten."""
    tables = {table["fingerprint"]: table for table in ledger.about.get("tables", ())}
    rows = storing.layouts_for(ledger.zone).filter(fingerprint__in=tables).select_related("zone", "changed_by")
    return [
        {
            "pk": layout.pk,
            "zone": layout.zone if layout.zone_id != ledger.zone_id else "",
            "by": layout.changed_by,
            "at": layout.changed_at,
            "said": "；".join(_said(layout.answers, tables[layout.fingerprint])),
            "mine": can_write(request, layout),
        }
        for layout in rows
    ]


def _said(answers: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[str]:
    columns = {column["key"]: f"{column['letter']}列“{'·'.join(column['heading'])}”" for column in table["columns"]}
    for key, code in answers.get("meanings", {}).items():
        if key in columns:
            yield f"{columns[key]}：{label(code)}"
    for key, unit in answers.get("units", {}).items():
        yield f"{columns.get(key, '没有写单位的金额')}：{unit}"


def sums(ledger: Ledger) -> list[dict[str, Any]]:
    """Tables of sums, where the file has no other: what they come to, and their first rows as they are."""
    tables = ledger.about.get("tables", ())
    if any(table["about"] == "projects" for table in tables):
        return []
    return [_sum(ledger, table) for table in tables if "sums" in table]


def _sum(ledger: Ledger, table: Mapping[str, Any]) -> dict[str, Any]:
    first = table["last_heading"] + 1
    count = min(LINES, table["last"] - first + 1)
    indexes = [column["index"] for column in table["columns"]]
    rows = storing.rows_of(ledger, table["sheet"], first, count)
    return {
        "table": table,
        "heads": [" · ".join(column["heading"]) for column in table["columns"]],
        "rows": [(number, [text(cells[at]) if at < len(cells) else "" for at in indexes]) for number, cells in rows],
        "named": [
            (column["index"], f"{column['letter']}列“{'·'.join(column['heading'])}”") for column in table["columns"]
        ],
    }
