"""Any list of the screens as a file: the same filters, words, order and columns, all pages of it.

A cell is what the screen shows, without its colours. Where what is shown is an amount, a day or a number of the row
itself, the file has the amount, the day, the number, so that it can be added up and sorted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.messages import error
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.db.models import OrderBy
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils import timezone
from django.utils.safestring import SafeData

from projects.admin import columns as shown
from projects.files import serving
from projects.ledgers.exporting import giving, project_list
from projects.papers.sheets import POWERS, Cell, Column, Kind, Look, lines, workbook
from zones import clock

AT_ONCE: Final = 2000  # rows read at a time
FORMATS: Final = ("xlsx", "csv")
AS: Final = "export_as"
UNIT: Final = "export_unit"
OWN: Final = {"projects.project": project_list.table}
"""Lists whose file has other columns than the screen."""
NO_DATA: Final = "-"
CSV: Final = "text/csv; charset=utf-8"
_HIDDEN: Final = re.compile(r'<(\w+)[^>]*\baria-hidden="true"[^>]*>[^<]*</\1>')
_BREAK: Final = re.compile(r'<span class="tk-sub">|<br\s*/?>|</(?:p|li|div)>')
_TAG: Final = re.compile(r"<[^>]*>")
_BLANKS: Final = re.compile(r"[ \t\xa0]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")


@dataclass(frozen=True, slots=True)
class Listed:
    """A column of a list: how it stands in the file, and how its cell is had from a row."""

    column: Column
    cell: Callable[[Any], Cell]


def export(screen: Any, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The list of `screen` as `request` asks for it, as a file. Who may not see the list is refused as there."""
    if not screen.has_view_or_change_permission(request):
        raise PermissionDenied
    asked = request.GET.copy()
    kind, unit = (asked.pop(name, [""])[-1] for name in (AS, UNIT))  # the list must not take these for filters
    unit = unit if unit in POWERS else "万元"
    request.GET = asked  # type: ignore[assignment]
    try:
        seen = screen.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return HttpResponseRedirect("../")
    title, user = str(screen.opts.verbose_name_plural), request.user
    columns, rows = table_of(screen, seen, unit)
    name = f"{title}（{clock.today():%Y-%m-%d}）"
    if kind == "csv":
        answer = StreamingHttpResponse(lines(columns, rows), content_type=CSV)
        return serving.as_download(answer, f"{name}.csv")
    now = f"{clock.today():%Y-%m-%d} {timezone.localtime():%H:%M}"
    look = Look(
        title=title,
        about=f"导出：{user} {now}",
        corner=f"单位：{unit}" if any(column.kind is Kind.MONEY for column in columns) else "",
        signature=(f"制表人：{user}", "审核人：", f"制表日期：{clock.today():%Y-%m-%d}"),
        watermark=giving.stamp(user),
        counted="条",
    )
    try:
        return serving.download(workbook(columns, rows, look), f"{name}.xlsx", serving.EXCEL)
    except ValidationError as refusal:
        error(request, "；".join(refusal.messages))
        return HttpResponseRedirect(f"../?{asked.urlencode()}")


# ---- Columns -----------------------------------------------------------------------------------------------------
def table_of(screen: Any, seen: Any, unit: str) -> tuple[list[Column], Iterator[list[Cell]]]:
    """Columns and rows of a list as they stand in a file, money in `unit`."""
    own = OWN.get(seen.model._meta.label_lower)
    if own is not None:
        return own(seen.list_display, seen.queryset, unit)
    listed = [_listed(screen, seen, name, unit) for name in seen.list_display if name != "action_checkbox"]
    return [each.column for each in listed], _rows(seen.queryset, [each.cell for each in listed])


def _rows(rows: Any, cells: Sequence[Callable[[Any], Cell]]) -> Iterator[list[Cell]]:
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield [cell(row) for cell in cells]


def _listed(screen: Any, seen: Any, name: Any, unit: str) -> Listed:
    label, attribute = label_for_field(name, seen.model, screen, return_attr=True)
    label = " ".join(str(label).split())
    try:
        field = seen.model._meta.get_field(name) if attribute is None else None
    except (FieldDoesNotExist, TypeError):
        field = None
    if field is not None:
        return Listed(Column((label,), _kind(field), unit=unit), _of_field(field))
    behind, path = _field_behind(seen.model, attribute)
    kind = _kind(behind) if behind is not None else Kind.TEXT
    call, boolean = _caller(screen, name), getattr(attribute, "boolean", False)
    if kind is Kind.TEXT:
        return Listed(Column((label,)), lambda row: text(call(row), boolean=boolean))
    return Listed(Column((label,), kind, unit=unit), _typed(call, path, kind))


def _caller(screen: Any, name: Any) -> Callable[[Any], Any]:
    method = name if callable(name) else getattr(screen, name, None)
    if callable(method):
        return method

    def called(row: Any) -> Any:
        try:
            return lookup_field(name, row, screen)[2]
        except ObjectDoesNotExist:
            return None

    return called


def _field_behind(model: Any, attribute: Any) -> tuple[Any, list[str]]:
    """The column by which a cell's column is put in order, where that is a column, and the way to it."""
    order = getattr(attribute, "admin_order_field", None)
    if isinstance(order, OrderBy):
        order = getattr(order.expression, "name", None)
    if not isinstance(order, str):
        return None, []
    path, field = order.removeprefix("-").split("__"), None
    try:
        for step in path:
            field = model._meta.get_field(step)
            if field.one_to_many or field.many_to_many:
                return None, []
            model = field.related_model
    except (FieldDoesNotExist, AttributeError):
        return None, []
    return field, path


def _kind(field: Any) -> Kind:
    if getattr(field, "choices", None):
        return Kind.TEXT
    match field:
        case models.DateTimeField():
            return Kind.MOMENT
        case models.DateField():
            return Kind.DAY
        case models.AutoField() | models.BooleanField() | models.JSONField():
            return Kind.TEXT
        case models.BigIntegerField() if "元" in str(field.verbose_name):
            return Kind.MONEY
        case models.IntegerField() | models.FloatField():
            return Kind.NUMBER
    return Kind.TEXT


def _of_field(field: Any) -> Callable[[Any], Cell]:
    """A column of the model as it is listed by its name."""
    name = field.name
    if field.choices:
        return lambda row: str(getattr(row, f"get_{name}_display")() or "")
    if _kind(field) is not Kind.TEXT:
        return lambda row: getattr(row, name)
    return lambda row: text(getattr(row, name), boolean=isinstance(field, models.BooleanField))


def _typed(call: Callable[[Any], Any], path: Sequence[str], kind: Kind) -> Callable[[Any], Cell]:
    """The value behind a cell where the cell shows nothing else, and the words of the cell where it does."""

    def cell(row: Any) -> Cell:
        said = text(call(row))
        value = row
        for step in path:
            value = getattr(value, step, None)
        return value if value is not None and said in _spellings(value, kind) else said

    return cell


def _spellings(value: Any, kind: Kind) -> tuple[str, ...]:
    """How a screen shows a value that it shows in full."""
    if kind is Kind.MONEY:
        return shown.brief(value), shown.money.show(value)
    if kind is Kind.NUMBER:
        return (str(value),)
    if not isinstance(value, date):
        return ()
    if kind is Kind.MOMENT:
        local = timezone.localtime(value)  # type: ignore[arg-type]
        return f"{local:%Y-%m-%d %H:%M}", f"{local:%m-%d %H:%M}", f"{local:%Y-%m-%d}"
    return (f"{value:%Y-%m-%d}",)


def text(value: Any, *, boolean: bool = False) -> str:
    """What a cell of a screen says, a line for each of its lines; "" for the dash of an empty one."""
    if value is None or value in ("", NO_DATA, shown.NOTHING):
        return ""
    if boolean or isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "\n".join(filter(None, map(text, value)))
    words = str(value)
    if isinstance(value, SafeData) and ("<" in words or "&" in words):
        words = _HIDDEN.sub("", words)
        words = html.unescape(_TAG.sub("", _BREAK.sub("\n", words)))
    words = _LINES.sub("\n", _BLANKS.sub(" ", words)).strip()
    return "" if words == shown.NOTHING else words
