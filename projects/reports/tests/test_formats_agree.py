"""The same report as text, Word, PDF and saved page: the same records, as sure of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from projects.intake.tests import making
from projects.reports import desk, exchange
from projects.reports.documents import Document, opened

CORPUS = Path(__file__).parent / "corpus"
# Lists, a table with tabs, circulars, long articles; lines that end early before a number; "3D打印"; what a page calls
# 相关链接 and is none.
REPORTS = ("12", "20", "21", "34", "42", "45", "56", "71", "77", "81")
FORMATS: dict[str, Callable[[str], bytes]] = {
    "docx": making.as_docx,
    "html": making.as_html,
    "pdf": making.as_pdf,
}


def records(document: Document) -> dict[str, Any]:
    """All that is read, but for the places, which differ with the format."""
    told = exchange.as_dict(desk.dry(document).reading)
    return {name: [_without_places(row) for row in told[name]] for name in ("projects", "aggregates")}


def _without_places(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if not name.startswith("evidence") and name != "spans"}
    for name in ("dates", "parts"):
        if name in kept:
            kept[name] = [_without_places(each) for each in kept[name]]
    return kept


@pytest.mark.parametrize("number", REPORTS)
def test_a_report_in_every_format_gives_the_same_records_and_is_as_sure_of_them(number):
    text = (CORPUS / f"{number}.txt").read_bytes()
    plain = records(opened(f"{number}.txt", text))
    assert plain["projects"]
    for kind, made in FORMATS.items():
        found = records(opened(f"{number}.{kind}", made(text.decode())))
        assert found == plain, kind


@pytest.mark.parametrize("number", ["12", "20", "21", "45", "81"])
def test_a_text_that_is_broken_into_lines_gives_what_its_paragraphs_give(number):
    text = (CORPUS / f"{number}.txt").read_text(encoding="utf-8")
    assert records(opened("a.txt", making.as_wrapped(text))) == records(opened("a.txt", text.encode()))
