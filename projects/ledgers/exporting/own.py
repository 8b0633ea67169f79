"""A ledger given back in the layout it came in: the same workbook, with what the facts say of a month."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

import xlsxwriter
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from projects import standings
from projects.glyphs import harmless
from projects.intake import limits
from projects.intake.models import Upload
from projects.intake.opening import Sheet, read_sheets
from projects.ledgers import storing
from projects.ledgers.exporting.filling import Filling, Plan, Report
from projects.ledgers.exporting.forms import projects_of
from projects.ledgers.exporting.moving import Move
from projects.ledgers.exporting.speaking import fixed
from projects.ledgers.exporting.telling import Told, When, tell
from projects.ledgers.models import Ledger
from projects.ledgers.understanding import Table
from projects.models import Project
from projects.standings.among import listed
from zones import clock
from zones.models import User, Zone

NOT_IMPORTED: Final = "这份台账{state}，只有已导入的台账可以导出更新后的"
PLAIN: Final = "原件是 {ending} 文件，样式没法保留：给出的是同样内容的 {now} 文件"
LOST: Final = "原件已不在服务器上，样式没法保留：给出的是同样内容的 Excel 文件"
SEVERAL: Final = "表里每个月各有几列，不能跨年接着填：请选{year}年的月份"


@dataclass(frozen=True, slots=True)
class Given:
    """A ledger as it is given back: a file, its name, and what became of it."""

    data: bytes
    name: str
    report: Report
    when: When

    @property
    def ending(self) -> str:
        """`.xlsx` or `.csv`."""
        return f".{self.name.rpartition('.')[2]}"


def keep_original(ledger: Ledger, data: bytes) -> None:
    """Keep the file of a ledger that came by no upload, so that it can be given back in its own style."""
    if ledger.upload_id is not None:
        return
    upload = Upload(zone=ledger.zone, purpose=Upload.Purpose.LEDGER, bundle=uuid4(), name=ledger.file_name)
    upload.size, upload.sha256, upload.source = len(data), ledger.sha256, ledger.source
    upload.state, upload.outcome, upload.read_at = Upload.State.READ, ledger.outcome or "已读取", timezone.now()
    upload.format, upload.sent_by = ledger.file_name.rpartition(".")[2][:10], ledger.sent_by
    upload.file.save("", ContentFile(data), save=False)
    with transaction.atomic():
        upload.save()
        Ledger.objects.filter(pk=ledger.pk).update(upload=upload)
    ledger.upload = upload


def latest(zone: Zone) -> When:
    """The last month whose return was due."""
    day = standings.judged_month(zone.return_day, clock.today())
    return When(day.year, day.month)


def usual_month(ledger: Ledger) -> When:
    """The month that is offered first: the last that was due, and none before the ledger's own."""
    said = [(table["year"], table["month"]) for table in ledger.about.get("tables", ()) if table["year"]]
    own = max(((year, month or 1) for year, month in said), default=(0, 0))
    return When(*max(own, tuple(latest(ledger.zone))))


def give(ledger: Ledger, when: When, *, by: User | None, adding: bool = True, watermark: str = "") -> Given:
    """The ledger as of that month, for who sees it. `adding`: projects that were opened since stand in it, too;
    `watermark` stands above each page.

    Raises ValidationError where it was not imported, and for a month that its layout cannot hold; Refused for a file
    that is not read.
    """
    if ledger.state != Ledger.State.IMPORTED:
        raise ValidationError(NOT_IMPORTED.format(state=ledger.get_state_display()))
    sheets = storing.sheets_of(ledger)
    read = storing.understood(ledger, sheets)
    tables = [table for table in read.tables if table.about == "projects"]
    if not tables:
        raise ValidationError("这份台账里没有项目的表，不能导出更新后的")
    _check_year(tables, when)
    data, remark = _workbook(ledger, sheets)
    plans = _plans(ledger, tables, when, by, adding=adding)
    keys = [pk for plan in plans for pk in (*plan.rows.values(), *(pk for each in plan.added for pk in each[2]))]
    most = limits.ROWS if ledger.all_rows < limits.ROWS - 500 else limits.ROWS_OF_COMMAND
    filling = Filling(data, "台账.xlsx", sheets, plans, when, zone=ledger.zone)
    report = filling.report
    if remark:
        report.remarks[remark] = None
    report.left += _left(ledger, plans)
    rows = _visible(by).filter(pk__in=listed(sorted(set(keys))))
    filled = filling.filled(rows, storing.answered(ledger), watermark=watermark, rows_at_most=most)
    old = next((When(t.year, t.month) for t in tables if t.year and t.month), when)
    name = Move(old, when, clock.today()).words(ledger.file_name.rpartition(".")[0] or ledger.file_name)
    if ledger.file_name.lower().endswith(".csv"):
        return Given(_csv(filled.data, most), f"{name}.csv", report, when)
    return Given(filled.data, f"{name}.xlsx", report, when)


def _check_year(tables: Sequence[Table], when: When) -> None:
    for table in tables:
        if table.year and table.year != when.year and fixed(table.columns):
            raise ValidationError(SEVERAL.format(year=table.year))


def _visible(by: User | None) -> QuerySet[Project]:
    return Project.objects.all() if by is None else Project.objects.visible_to(by)


# ---- Which project stands where -----------------------------------------------------------------------------------
def _plans(ledger: Ledger, tables: Sequence[Table], when: When, by: User | None, *, adding: bool) -> list[Plan]:
    known: dict[int, dict[int, int]] = defaultdict(dict)
    rows = ledger.rows.exclude(project=None).exclude(kind="left_out").order_by("sheet", "number")
    for sheet, number, pk in rows.values_list("sheet", "number", "project_id"):
        known[sheet][number] = pk
    plans = []
    for table in tables:
        first, last = table.last_heading + 1, table.last_heading + len(table.rows)
        mine = {number: pk for number, pk in known[table.sheet_index].items() if first <= number <= last}
        first_of = {pk: number for number, pk in reversed(mine.items())}
        silent = frozenset(number for number, pk in mine.items() if first_of[pk] != number)
        plans.append(Plan(table, mine, silent=silent))
    there = {pk for plan in plans for pk in plan.rows.values()}
    ended = set(
        Project.objects.filter(pk__in=listed(sorted(there))).exclude(pk__in=_open(when)).values_list("pk", flat=True)
    )
    for plan in plans:
        plan.silent |= {number for number, pk in plan.rows.items() if pk in ended}
    if adding:
        _add(ledger, plans, there, when, by)
    return plans


def _open(when: When) -> Any:
    return Project.objects.open_on(when.last).values("pk")


def _left(ledger: Ledger, plans: Sequence[Plan]) -> list[str]:
    """Projects in the ledger that have ended."""
    keys = {plan.rows[number] for plan in plans for number in plan.silent}
    rows = Project.objects.filter(pk__in=listed(sorted(keys))).exclude(terminated_on=None)
    return [
        f"{name}（{'档案已撤销' if withdrawn else f'{ended:%Y-%m-%d} 终止' + (f'：{reason}' if reason else '')}）"
        for name, ended, reason, withdrawn in rows.order_by("pk").values_list(
            "name", "terminated_on", "terminated_reason", "withdrawn_at"
        )
    ]


def _add(ledger: Ledger, plans: Sequence[Plan], there: set[int], when: When, by: User | None) -> None:
    """Projects that were opened since the ledger was imported, each at the end of the group that it belongs to."""
    rows = (
        projects_of(ledger.zone, when, by)
        .filter(created_at__gt=ledger.imported_at)
        .exclude(pk__in=listed(sorted(there)))
    )
    new = list(tell(rows, when))
    if not new:
        return
    slots = [_Slots(plan) for plan in plans]
    told = {each.project.pk: each for each in tell(_visible(by).filter(pk__in=listed(sorted(there))), when)}
    for slot in slots:
        slot.learn(told)
    for each in new:
        found = next((place for slot in slots if (place := slot.find(each)) is not None), None)
        found = found or next((slot.end() for slot in slots if slot.groups), None)
        if found is not None:
            found[0].take(found[1], each.project.pk)
    for slot in slots:
        slot.settle()


ATTRIBUTES: Final[dict[str, Callable[[Told], str]]] = {
    "nature": Told.nature,
    "category": lambda told: told.project.category,
    "importance": lambda told: told.project.importance,
    "unit": lambda told: told.unit,
    "zone": lambda told: str(told.project.zone_id),
    "phase": lambda told: told.project.phase,
}
"""By what an office divides its projects into groups."""


class _Slots:
    """Groups of a table, and to which of them a project belongs by what its neighbours have in common."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.groups: dict[tuple[str, ...], int] = {}  # group → its last row
        self.members: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self.more: dict[int, list[int]] = defaultdict(list)
        self.value: dict[str, tuple[str, ...]] = {}
        self.by: str = ""
        for row in plan.table.rows:
            if row.kind == "data":
                self.groups[row.group] = row.number
                if row.number in plan.rows:
                    self.members[row.group].append(plan.rows[row.number])

    def learn(self, told: Mapping[int, Told]) -> None:
        """By what the groups differ: what nearly all of each have in common, and no two groups share."""
        for name, say in ATTRIBUTES.items():
            usual: dict[tuple[str, ...], str] = {}
            for group, keys in self.members.items():
                counts = Counter(say(told[pk]) for pk in keys if pk in told)
                value, number = counts.most_common(1)[0] if counts else ("", 0)
                if value and number >= 0.8 * sum(counts.values()):
                    usual[group] = value
            if len(usual) == len(self.groups) > 1 and len(set(usual.values())) == len(usual):
                self.by, self.value = name, {value: group for group, value in usual.items()}
                return

    def find(self, told: Told) -> tuple[_Slots, int] | None:
        """Behind which row a project belongs, if that is known."""
        group = self.value.get(ATTRIBUTES[self.by](told)) if self.by else None
        if group is None:
            words = [say(told) for say in (Told.nature, lambda each: each.project.get_category_display())]
            plain = [re.sub("[类项目]", "", word) for word in words]
            named = [each for each in self.groups if any(word and word in "".join(each) for word in plain)]
            group = named[0] if len(named) == 1 else None
        return (self, self.groups[group]) if group is not None else None

    def end(self) -> tuple[_Slots, int]:
        """Behind the last row of all."""
        return self, max(self.groups.values())

    def take(self, row: int, pk: int) -> None:
        self.more[row].append(pk)

    def settle(self) -> None:
        self.plan.added = [(row, row, keys) for row, keys in sorted(self.more.items())]


# ---- Files --------------------------------------------------------------------------------------------------------
def _workbook(ledger: Ledger, sheets: Sequence[Sheet]) -> tuple[bytes, str]:
    """The file as it came, where it is an xlsx, else the same cells in a plain one, and a sentence on that."""
    ending = f".{ledger.file_name.rpartition('.')[2].lower()}"
    if ending != ".xlsx":
        now = "CSV" if ending == ".csv" else "Excel"
        return plain_workbook(sheets), "" if ending == ".csv" else PLAIN.format(ending=ending, now=now)
    if ledger.upload is None:
        return plain_workbook(sheets), LOST
    try:
        with ledger.upload.file.open("rb") as file:
            return file.read(), ""
    except (FileNotFoundError, ValueError):
        return plain_workbook(sheets), LOST


def plain_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The cells of sheets in a workbook, with merges, frames and widths, and no style of their own."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    look = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1}
    words, days = book.add_format(look), book.add_format({**look, "num_format": "yyyy-mm-dd"})
    for number, sheet in enumerate(sheets, start=1):
        page = book.add_worksheet(sheet.name[:31] or f"Sheet{number}")
        if sheet.hidden:
            page.hide()
        page.set_landscape()
        page.set_paper(8)
        page.fit_to_pages(1, 0)
        page.set_column(0, max((len(row) for row in sheet.rows), default=1), 14)
        for each in sheet.merged:
            if (each.top, each.left) != (each.bottom, each.right):
                page.merge_range(each.top, each.left, each.bottom, each.right, "", words)
        for at, row in enumerate(sheet.rows):
            for column, cell in enumerate(row):
                match cell:
                    case None:
                        continue
                    case bool():
                        page.write_boolean(at, column, cell, words)
                    case datetime() | date():
                        page.write_datetime(at, column, cell, days)
                    case str():
                        page.write_string(at, column, cell, words)
                    case _:
                        page.write_number(at, column, cell, words)
    book.close()
    return made.getvalue()


def _csv(data: bytes, most: int) -> bytes:
    """The first sheet of a workbook as csv, read back to the character."""
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\r\n")
    kept.write("\ufeff")
    for row in read_sheets(data, "台账.xlsx", rows=most)[0].rows:
        writer.writerow(map(_plain, row))
    return kept.getvalue().encode("utf-8", "replace")


def _plain(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case bool():
            return "是" if cell else "否"
        case datetime() | date():
            return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell)
