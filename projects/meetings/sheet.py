"""Decisions as an Excel table, row by row: however many there are, memory holds one of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Any, Final

import xlsxwriter
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from projects.meetings.models import DecisionEvent
from projects.meetings.recording import HEAVY
from zones import clock

What = DecisionEvent.What
AT_ONCE: Final = 500  # rows read at a time
HEAD: Final = 2  # rows above the first decision
COLUMNS: Final = (
    ("序号", 6),
    ("来源会议", 26),
    ("会议日期", 11),
    ("项目", 26),
    ("议定事项", 48),
    ("责任单位", 18),
    ("协办单位", 22),
    ("责任人", 10),
    ("首次时限", 11),
    ("完成时限", 11),
    ("办理状态", 10),
    ("逾期天数", 9),
    ("最近反馈", 36),
    ("销号日期", 11),
    ("办理结果", 30),
    ("催办次数", 9),
)
LOOK: Final = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1}
DAY: Final = "yyyy-mm-dd"


def table(decisions: QuerySet[Any], title: str) -> IO[bytes]:
    """The decisions as an open file that lies at its beginning; it is gone when it is closed. `title` stands above."""
    kept = TemporaryFile()  # noqa: SIM115  (who is handed the file closes it)
    # Text stays text: what somebody typed is never read as a formula or an address.
    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(kept, plain)
    sheet = book.add_worksheet("议定事项")
    looks = {name: book.add_format({**LOOK, **more}) for name, more in _looks().items()}
    _lay_out(sheet)
    sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, title, looks["title"])
    for place, (label, _) in enumerate(COLUMNS):
        sheet.write_string(HEAD - 1, place, label, looks["head"])
    for row, values in enumerate(_rows(decisions), start=HEAD):
        for place, value in enumerate(values):
            _write(sheet, row, place, value, looks)
    book.close()
    kept.seek(0)
    return kept


def _looks() -> dict[str, dict[str, Any]]:
    return {
        "title": {"font_name": "黑体", "font_size": 16, "align": "center", "border": 0},
        "head": {"bold": True, "align": "center", "bg_color": "#DDEAFE"},
        "text": {},
        "number": {"align": "center"},
        "day": {"num_format": DAY, "align": "center"},
    }


def _lay_out(sheet: Any) -> None:
    """Read on a screen and printed on A4 across, the head on every page."""
    for place, (_, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 30)
    sheet.freeze_panes(HEAD, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEAD - 1)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write(sheet: Any, row: int, place: int, value: Any, looks: dict[str, Any]) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, place, value, looks["day"])
    elif isinstance(value, int):
        sheet.write_number(row, place, value, looks["number"])
    else:
        sheet.write_string(row, place, value, looks["text"])


def _rows(decisions: QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
    told = DecisionEvent.objects.filter(decision=OuterRef("pk"), what__in=[What.REPORTED, What.CLOSING_ASKED])
    last = told.order_by("-pk")
    rows = decisions.select_related("meeting__zone", "project", "lead", "person").defer(*HEAVY)
    rows = rows.prefetch_related("helpers").annotate(
        urged=Count("events", filter=Q(events__what=What.URGED), distinct=True),
        last_on=Subquery(last.values("on")[:1]),
        last_note=Subquery(last.values("note")[:1]),
    )
    today = clock.today()
    for place, row in enumerate(rows.iterator(chunk_size=AT_ONCE), start=1):
        yield _values(place, row, today)


def _values(place: int, row: Any, today: date) -> tuple[Any, ...]:
    late = (today - row.deadline).days if row.is_unfinished and row.deadline else 0
    return (
        place,
        str(row.meeting),
        row.meeting.held_on,
        row.project.name if row.project else "",
        row.matter,
        str(row.lead or ""),
        "、".join(str(unit) for unit in row.helpers.all()),
        str(row.person or ""),
        row.promised or row.deadline or "",
        row.deadline or "",
        row.get_state_display(),
        late if late > 0 else "",
        f"{row.last_on:%Y-%m-%d} {row.last_note}" if row.last_on else "",
        row.done_on or "",
        row.result,
        row.urged,
    )
