"""Files by the API: lists, monthly tables, ledgers given back. A refusal is JSON as everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

from django.contrib import admin
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, views
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api.projects import Projects
from projects.files import serving
from projects.intake.refusals import Refused as FileRefused
from projects.ledgers.exporting import examples, forms, giving, own, project_list
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.telling import When
from projects.ledgers.models import Ledger
from projects.papers.sheets import POWERS, Look, lines, workbook
from zones import clock
from zones.filters import path_of_zone
from zones.models import Zone
from zones.scoped.api.pages import Pages
from zones.scoped.api.parameters import refuse_parameters
from zones.scoped.api.refusals import NOT_FOUND, Refused, refused_by_rules
from zones.scoped.api.views import RowsViewSet
from zones.scoped.api.wire import Renderer

CSV: Final = "text/csv"
KINDS: Final = ("xlsx", "csv")
TEMPLATE: Final = "template"
MONTH: Final = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
Answer = HttpResponse | StreamingHttpResponse


class Excel(BaseRenderer):
    """Lets who asks for Excel files alone have them."""

    media_type = serving.EXCEL
    format = "xlsx"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return Renderer().render(data)  # what is refused


class Csv(Excel):
    """The same for csv."""

    media_type = CSV
    format = "csv"


RENDERERS: Final = [Renderer, Excel, Csv]
FILE: Final = {(200, serving.EXCEL): OpenApiTypes.BINARY, (200, CSV): OpenApiTypes.BINARY}


def _choice(name: str, choices: tuple[str, ...], usual: str, about: str) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "string", "enum": list(choices), "default": usual}, description=about)


AS: Final = _choice("as", KINDS, "xlsx", "文件格式")
UNIT: Final = _choice("unit", tuple(POWERS), "万元", "金额的单位")
YESNO: Final = ("true", "false")
INTERNAL: Final = _choice("internal", YESNO, "false", "每页印上“内部资料”、姓名和时间，仅 xlsx")


def month_parameter(about: str) -> OpenApiParameter:
    return OpenApiParameter("month", {"type": "string", "pattern": MONTH}, description=about, required=False)


def chosen(request: Request, name: str, offered: tuple[str, ...], usual: str) -> str:
    """A parameter that is one of a few. Raises Refused."""
    value = request.query_params.get(name, usual)
    if value not in offered:
        sentence = f"参数 {name} 应为 {'、'.join(offered)}"
        raise Refused("invalid", sentence, {name: sentence})
    return value


def month(request: Request, usual: When) -> When:
    """The month that is asked for, as 2023-06. Raises Refused."""
    words = request.query_params.get("month")
    if words is None:
        return usual
    if not re.fullmatch(MONTH, words):
        sentence = f"月份“{words[:20]}”无效：应像 2023-06"
        raise Refused("invalid", sentence, {"month": sentence})
    return giving.month(words)


# ---- The list of projects ---------------------------------------------------------------------------------------
class ProjectExport(Projects):
    """项目列表导出。"""

    renderer_classes = RENDERERS

    @extend_schema(responses=FILE, parameters=[AS, UNIT], filters=True, operation_id="projects_export")
    def export(self, request: Request) -> Answer:
        """项目列表的文件，筛选、排序与列表相同，不分页，边查边传；列与页面上的导出相同。xlsx 有表名、合计和水印。"""
        kind, unit = chosen(request, "as", KINDS, "xlsx"), chosen(request, "unit", tuple(POWERS), "万元")
        asked = request._request.GET.copy()
        for name in ("as", "unit"):
            if len(asked.getlist(name)) > 1:
                raise Refused("invalid", f"参数 {name} 只能给一次", {name: "重复"})
            asked.pop(name, None)
        request._request.GET = asked  # type: ignore[assignment]
        known = [*self.filterset_class.base_filters, "ordering"]
        if any(name in asked for name in Pages.parameters):
            refuse_parameters(request, [*known, "as", "unit"])
        screen: Any = admin.site._registry[Projects.queryset.model]
        self.queryset = screen.get_queryset(request._request)
        rows = self.filter_queryset(self.queryset)
        columns, found = project_list.table(screen.list_display, rows, unit)
        name = f"项目（{clock.today():%Y-%m-%d}）"
        if kind == "csv":
            return serving.as_download(
                StreamingHttpResponse(lines(columns, found), content_type=f"{CSV}; charset=utf-8"), f"{name}.csv"
            )
        look = Look(title="项目", corner=f"单位：{unit}", watermark=giving.stamp(request.user), counted="条")
        with refused_by_rules():
            return serving.download(workbook(columns, found, look), f"{name}.xlsx", serving.EXCEL)


# ---- Monthly tables ---------------------------------------------------------------------------------------------
class TableRow(serializers.Serializer):
    """A table that can be had."""

    layout = serializers.CharField(help_text="样式代号，用于 tables/file/ 和 dispatches")
    name = serializers.CharField()
    zone = serializers.CharField(allow_null=True, help_text="自己的版式属于哪个区域；空为系统自带")


class Tables(views.APIView):
    """可导出的月报表样式：系统自带的，和各区域上传样表得到的。"""

    @extend_schema(responses=TableRow(many=True))
    def get(self, request: Request) -> Response:
        refuse_parameters(request, [])
        user: Any = request.user
        shipped = [{"layout": code, "name": forms.shipped(code).name, "zone": None} for code in forms.SHIPPED]
        template = {"layout": TEMPLATE, "name": giving.name_of(""), "zone": None}
        mine = [{"layout": str(row.pk), "name": row.name, "zone": row.zone.code} for row in examples.offered(user)]
        return Response([*shipped, template, *mine])


class TableFile(views.APIView):
    """月报表的文件。"""

    renderer_classes = RENDERERS

    @extend_schema(
        responses=FILE,
        parameters=[
            OpenApiParameter("zone", {"type": "string", "minLength": 1}, description="区域代号，含下级", required=True),
            OpenApiParameter(
                "layout", {"type": "string", "minLength": 1}, description="样式，见 tables", required=True
            ),
            month_parameter("月份，如 2023-06；不写为最近一个应报的月份"),
            _choice("unit", tuple(POWERS), "", "金额的单位；不写为样式自己的。自己的版式按样表"),
            AS,
            INTERNAL,
        ],
    )
    def get(self, request: Request) -> Answer:
        """一个区域一个月的报表或填报模板，与“报表导出”页面上的相同。"""
        refuse_parameters(request, ["zone", "layout", "month", "unit", "as", "internal"])
        asked, code = asked_for(request, request.query_params)
        kind = chosen(request, "as", KINDS, "xlsx")
        mark = giving.stamp(request.user) if chosen(request, "internal", YESNO, "false") == "true" else ""
        with file_refusals():
            rows = forms.projects_of(asked.zone, asked.when, request.user)
            given = giving.give(code, asked, rows, f".{kind}", watermark=mark)
        media = serving.EXCEL if kind == "xlsx" else f"{CSV}; charset=utf-8"
        return serving.download(given.file, f"{given.title}.{kind}", media)


def asked_for(request: Request, told: Any) -> tuple[Asked, str]:
    """What a request asks for: zone, month, layout, unit. Raises Refused for what is not there for this person."""
    user: Any = request.user
    missing = {name: f"请给出参数 {name}" for name in ("zone", "layout") if not told.get(name)}
    if missing:
        raise Refused("invalid", "；".join(missing.values()), missing)
    path = path_of_zone(told["zone"], user)
    zone = Zone.objects.get(path=path)
    day = own.latest(zone)
    unit = told.get("unit", "")
    if unit and unit not in POWERS:
        raise Refused("invalid", "金额单位应为元、万元或亿元", {"unit": "金额单位应为元、万元或亿元"})
    when = month(request, day)
    return Asked(zone, when, unit, str(user)), layout_code(user, told["layout"])


def layout_code(user: Any, code: str) -> str:
    """The code of a layout that this person may use. Raises Refused."""
    if code == TEMPLATE:
        return ""
    if (
        giving.is_example(code)
        and code.isascii()
        and len(code) < 18
        and examples.offered(user).filter(pk=code).exists()
    ):
        return code
    if code in forms.SHIPPED:
        return code
    sentence = f"没有“{code[:40]}”这个样式，可用的见 tables"
    raise Refused("invalid", sentence, {"layout": sentence})


@contextmanager
def file_refusals() -> Iterator[None]:
    """Turn what a verb, or a file, refuses into an answer."""
    try:
        with refused_by_rules():
            yield
    except FileRefused as refused:
        raise Refused("invalid", refused.sentence) from refused


# ---- A ledger in the layout it came in -----------------------------------------------------------------------------
class GivesBack(RowsViewSet):
    """Adds giving a ledger back to its endpoint."""

    @extend_schema(
        responses=FILE,
        parameters=[
            month_parameter("更新到哪个月，如 2023-07；不写为最近一个应报的月份"),
            _choice("adding", YESNO, "true", "加上导入以后新建的项目"),
            INTERNAL,
        ],
    )
    @action(detail=True, methods=["get"], renderer_classes=RENDERERS)
    def export(self, request: Request, pk: int) -> Answer:
        """已导入的台账，按原来的样子更新到一个月；原件是 csv 的给 csv，其余给 xlsx。"""
        refuse_parameters(request, ["month", "adding", "internal"])
        adding = chosen(request, "adding", YESNO, "true") == "true"
        mark = giving.stamp(request.user) if chosen(request, "internal", YESNO, "false") == "true" else ""
        ledger: Ledger | None = self.get_queryset().select_related("zone", "upload").filter(pk=pk).first()
        if ledger is None:
            raise Refused("not_found", NOT_FOUND)
        user: Any = request.user
        with file_refusals():
            when = month(request, own.usual_month(ledger))
            given = own.give(ledger, when, by=user, adding=adding, watermark=mark)
        media = serving.EXCEL if given.ending == ".xlsx" else f"{CSV}; charset=utf-8"
        return serving.download(BytesIO(given.data), given.name, media)
