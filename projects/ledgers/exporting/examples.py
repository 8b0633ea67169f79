"""Layouts that an office showed by an example: a filled-in table of its superior, filled in again with other projects.

What its columns mean is seen as in a ledger that comes in; a person corrects it, and it is kept with the example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from projects.intake import kinds, limits
from projects.intake.opening import Sheet, read_sheets
from projects.ledgers import storing
from projects.ledgers.exporting import forms, speaking
from projects.ledgers.exporting.filling import Filling, Plan, Report
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.moving import Move
from projects.ledgers.exporting.telling import KINDS, Told, When, tell
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.models import Layout
from projects.ledgers.understanding import UNITS, Answers, Table, understand
from projects.ledgers.understanding import Told as Answered
from projects.models import Project
from projects.papers.sheets import Cell, Column, Kind, Look
from zones import clock
from zones.models import User, Zone
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may

NOT_YOURS: Final = "您没有权限维护这个区域的报表版式"
NO_TABLE: Final = "样表里没有认出有“项目名称”一列的表：请上传上级要的、填有一两行项目的表"
ONLY_XLSX: Final = "样表应为 .xlsx 文件：请用 WPS 或 Excel 打开后另存为 .xlsx 再上传"
NAMED: Final = "版式名称不能为空，也不能与系统自带的样式同名"
NOT_HERE: Final = "“{name}”是{zone}的版式，只能用于这个区域及其下级"
GONE: Final = "“{name}”的样表已不在服务器上，请重新上传"
PROJECTS: Final = limits.ROWS - 500  # that a layout holds


# ---- Keeping ------------------------------------------------------------------------------------------------------
def learn(zone: Zone, name: str, data: bytes, file_name: str, *, by: User | None) -> Layout:
    """Keep an example as a layout of the zone. Raises ValidationError for what is no such table; Refused for a file
    that is not read.
    """
    _entitled(zone, by)
    name = " ".join(name.split())[:200]
    if not name or name.lower() in forms.SHIPPED or name.isdecimal():
        raise ValidationError({"name": NAMED})
    if kinds.ending(file_name) != ".xlsx":
        raise ValidationError({"example": ONLY_XLSX})
    sheets = read_sheets(data, file_name)
    table = _table(sheets, Layout(zone=zone), file_name)
    layout = Layout(zone=zone, purpose=Layout.Purpose.GIVEN, name=name, changed_by=by)
    layout.form = {"key": table.key, "title": table.title, "file_name": file_name[:200]}
    layout.headings = ["·".join(column.heading) for column in table.columns]
    with transaction.atomic():
        layout.full_clean(exclude=["example"])
        layout.example.save("", ContentFile(data), save=False)
        layout.save()
    return layout


def correct(
    layout: Layout,
    *,
    meanings: Mapping[str, str],
    units: Mapping[str, str],
    year: int | None,
    month: int | None,
    by: User | None,
    expected: int | None = None,
) -> None:
    """Say what columns mean (by `Column.key`), and of which month the example is."""
    _entitled(layout.zone, by)
    if any(code and code not in MEANINGS for code in meanings.values()) or any(
        unit not in UNITS for unit in units.values()
    ):
        raise ValidationError("没有这种列或单位，请从列表里选择")
    if (year is not None and not 1990 <= year <= 2100) or (month is not None and not 1 <= month <= 12):
        raise ValidationError("年份应在 1990 到 2100 之间，月份应在 1 到 12 之间")
    with transaction.atomic():
        held = Layout.objects.select_for_update(no_key=True, of=("self",)).get(pk=layout.pk)
        if expected is not None and held.version != expected:
            raise StaleVersion(held)
        told = layout.answers
        layout.answers = {
            "meanings": {**told.get("meanings", {}), **meanings},
            "units": {**told.get("units", {}), **units},
            "year": year or told.get("year"),
            "month": month or told.get("month"),
        }
        layout.changed_by = by
        layout.save()


def drop(layout: Layout, *, by: User | None) -> None:
    """Remove a layout and its example."""
    _entitled(layout.zone, by)
    file, kept = layout.example, str(layout.example.name or "")
    with transaction.atomic():
        layout.delete()
        if kept:
            transaction.on_commit(lambda: file.storage.delete(kept))


def _entitled(zone: Zone, by: User | None) -> None:
    if by is not None and not may(by, Action.WRITE, zone):
        raise ValidationError(NOT_YOURS)


# ---- Finding ------------------------------------------------------------------------------------------------------
def offered(user: User | None) -> QuerySet[Layout]:
    """The layouts that a person may use."""
    rows: QuerySet[Layout] = Layout.objects.all() if user is None else Layout.objects.visible_to(user)
    return rows.filter(purpose=Layout.Purpose.GIVEN).select_related("zone").order_by("zone__path", "name")


def named(name: str, zone: Zone) -> Layout | None:
    """The layout of that name that holds in a zone, its own before those of the zones above."""
    rows = offered(None).filter(name=name, zone__path__in=[zone.path, *zone.ancestor_paths])
    return rows.order_by("-zone__path").first()


def of(code: str) -> Layout:
    """The layout of that key. Raises ValidationError where there is none."""
    found = offered(None).filter(pk=int(code)).first() if len(code) < 18 else None
    if found is None:
        raise ValidationError("没有这个版式，可能已被删除")
    return found


# ---- Reading ------------------------------------------------------------------------------------------------------
def read(layout: Layout) -> tuple[bytes, tuple[Sheet, ...], Table]:
    """The example, its sheets, and its table as it is understood. Raises ValidationError; Refused as `read_sheets`."""
    try:
        with layout.example.open("rb") as file:
            data: bytes = file.read()
    except (FileNotFoundError, ValueError) as error:
        raise ValidationError(GONE.format(name=layout.name)) from error
    sheets = read_sheets(data, "样表.xlsx")
    return data, sheets, _table(sheets, layout, layout.form.get("file_name", "样表.xlsx"))


def _answered(layout: Layout) -> Answered:
    told = layout.answers
    answers = Answers(told.get("meanings", {}), told.get("units", {}), told.get("year"), told.get("month"))
    tables = {layout.form["key"]: answers} if "key" in layout.form else {}
    return Answered(tables=tables, layouts=storing.remembered(layout.zone))


def _table(sheets: tuple[Sheet, ...], layout: Layout, name: str) -> Table:
    """The table of an example: the one that was found first, else the one of most rows."""
    found = understand(sheets, on=clock.today(), told=_answered(layout), name=name).tables
    tables = [table for table in found if table.about == "projects" and table.rows.count("data")]
    known = next((table for table in tables if table.key == layout.form.get("key")), None)
    if known is None and not tables:
        raise ValidationError({"example": NO_TABLE})
    return known or max(tables, key=lambda table: len(table.rows))


# ---- Giving -------------------------------------------------------------------------------------------------------
def _covers(layout: Layout, zone: Zone) -> None:
    if not zone.path.startswith(layout.zone.path):
        raise ValidationError(NOT_HERE.format(name=layout.name, zone=layout.zone))


def _old(table: Table, when: When) -> When:
    """The month of the example. One without any says no month at all."""
    return When(table.year, table.month) if table.year and table.month else when


def _refuse_questions(layout: Layout, table: Table) -> None:
    if table.questions:
        text = table.questions[0].text
        raise ValidationError(f"版式“{layout.name}”还有 {len(table.questions)} 个问题没有回答：{text}")


def table(
    layout: Layout, asked: Asked, rows: QuerySet[Project], heard: Callable[[Told], None] | None = None
) -> tuple[list[Column], Iterator[list[Cell]], Look]:
    """Columns, rows and look, to be shown on a screen or written as csv."""
    _covers(layout, asked.zone)
    _, _, found = read(layout)
    _refuse_questions(layout, found)
    old, when = _old(found, asked.when), asked.when
    repeated = speaking.fixed(found.columns)
    move = Move(old, when, clock.today())
    columns, said = [], []
    for column in found.columns:
        month, _ = speaking.month_of(column, repeated, old, when)
        own = move.only_years() if column.meaning in repeated else move
        heading = tuple(own.words(each) for each in column.heading if each) or (column.letter,)
        columns.append(Column(heading, KINDS.get(column.meaning, Kind.TEXT), column.unit or "万元"))
        said.append((column.meaning if month else "", month))
    return columns, _rows(said, rows, when, heard), Look(title=move.words(found.title) or layout.name)


def _rows(
    said: list[tuple[str, int | None]], rows: QuerySet[Project], when: When, heard: Callable[[Told], None] | None
) -> Iterator[list[Cell]]:
    for number, told in enumerate(tell(rows, when), start=1):
        if heard:
            heard(told)
        yield [number if meaning == "serial" else told.cell(meaning, month) for meaning, month in said]


def give(
    layout: Layout,
    asked: Asked,
    rows: QuerySet[Project],
    heard: Callable[[Told], None] | None = None,
    watermark: str = "",
) -> tuple[BytesIO, str, int, Report]:
    """The example filled in with other projects: an open file, its title, how many rows, and what became of it.

    Raises ValidationError for questions that are not answered, and for more projects than it holds.
    """
    _covers(layout, asked.zone)
    data, sheets, found = read(layout)
    _refuse_questions(layout, found)
    if found.year and found.year != asked.when.year and speaking.fixed(found.columns):
        raise ValidationError(
            f"版式“{layout.name}”是{found.year}年按月排列的，不能用于其他年份：请上传{asked.when.year}年的样表"
        )
    keys = list(rows.values_list("pk", flat=True)[: PROJECTS + 1])
    if len(keys) > PROJECTS:
        raise ValidationError(f"超过 {PROJECTS} 个项目，这种版式放不下：请按下级区域分别导出")
    plan = _plan(found, keys)
    filling = Filling(data, "样表.xlsx", sheets, [plan], asked.when, zone=asked.zone)
    filled = filling.filled(rows, _answered(layout), heard=heard, watermark=watermark)
    title = Move(_old(found, asked.when), asked.when, clock.today()).words(found.title) or layout.name
    return BytesIO(filled.data), title, len(keys), filled.report


def _plan(table: Table, keys: list[int]) -> Plan:
    """One row of the example stays as the look of all; its groups and their sums go, those of the whole stay."""
    data = [row for row in table.rows if row.kind == "data"]
    # Where cells were left empty, or written as words, their look is no guide.
    first = max(data, key=lambda row: sum(not isinstance(value.raw, str) for value in row.cells.values())).number
    totals = [row for row in table.rows if row.kind == "total" and row.number > data[-1].number]
    last = max((row.number for row in totals), default=0)
    kept = {last, first}
    gone = [row.number for row in table.rows if row.kind in ("data", "group", "total") and row.number not in kept]
    rows = {first: keys[0]} if keys else {first: 0}
    added = [(first, first, keys[1:])] if len(keys) > 1 else []
    return Plan(table, rows, added, gone, anew=True)
