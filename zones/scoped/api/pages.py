"""Pages of a list: by number, as a table on a screen has them, or by cursor, to walk through everything.

By number the answer counts the rows, up to a limit: nobody reads the exact number of a hundred thousand, and counting
them costs more than showing fifty. By cursor the order is that of the ids, which never change, so that nothing is
missed or met twice, however the rows change meanwhile; the thousandth page costs what the first one does.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.db.models import IntegerField, QuerySet, Subquery
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from zones.scoped.api.refusals import Refused
from zones.scoped.api.rows import Row

SIZE: Final = 50
LARGEST: Final = 200
COUNTED: Final = 10_000
PLACE: Final = re.compile(rb"([<>])(\d{1,18})")


class CappedCount(Subquery):
    """How many rows there are, counted up to one more than `COUNTED`, in the statement that reads them."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values("pk")[: COUNTED + 1])


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: behind the row `after`, in the direction of reading or `back`."""

    after: int
    back: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises Refused."""
        try:
            if found := PLACE.fullmatch(base64.urlsafe_b64decode(text.encode() + b"==")):
                return cls(int(found[2]), found[1] == b"<")
        except ValueError:
            pass
        raise Refused("invalid", "cursor 无效：请从第一页（cursor=）重新开始", {"cursor": "无法识别"})

    def __str__(self) -> str:
        packed = f"{'<' if self.back else '>'}{self.after}"
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


class Pages(BasePagination):
    """`page` and `page_size`, or `cursor` (empty for the first page) and `page_size`."""

    parameters: Final = ("page", "page_size", "cursor")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        size = _number(request, "page_size", SIZE, LARGEST)
        if "cursor" not in request.query_params:
            return self._numbered(queryset, size, view)
        if "page" in request.query_params:
            raise Refused("invalid", "page 和 cursor 只能用一个", {"page": "不能与 cursor 同用"})
        return self._from_cursor(queryset, size, view)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({**self.head, "results": data})

    # ---- By number
    def _numbered(self, rows: QuerySet[Any], size: int, view: Any) -> list[Row]:
        page = _number(self.request, "page", 1)
        begin = (page - 1) * size
        if begin >= COUNTED:
            raise Refused("invalid", f"按页码最多读到第 {COUNTED} 条，再往后请用 cursor 翻页", {"page": "太大"})
        found = view.read(_chosen(rows, begin, size), CappedCount(rows))
        if not found and page > 1:
            raise Refused("not_found", f"没有第 {page} 页")
        count = found[0].pop(0) if found else 0
        for row in found[1:]:
            del row[0]
        more = begin + len(found) < count and begin + size < COUNTED
        self.head = {
            "count": min(count, COUNTED),
            "count_capped": count > COUNTED,
            "next": self._address(page=page + 1) if more else None,
            "previous": self._address(page=page - 1) if page > 1 else None,
        }
        return found

    # ---- By cursor
    def _from_cursor(self, rows: QuerySet[Any], size: int, view: Any) -> list[Row]:
        text = self.request.query_params["cursor"]
        here = Cursor.read(text) if text else None
        falling = self.request.query_params.get("ordering", "-id") == "-id"
        down = falling != (here is not None and here.back)
        if here:
            rows = rows.filter(pk__lt=here.after) if down else rows.filter(pk__gt=here.after)
        found = view.read(_chosen(rows.order_by("-pk" if down else "pk"), 0, size + 1))
        more, found = len(found) > size, found[:size]
        back = here is not None and here.back
        if back:
            found.reverse()
        ahead, behind = (bool(here), more) if back else (more, bool(here))
        self.head = {
            "next": self._address(cursor=Cursor(found[-1]["id"])) if ahead and found else None,
            "previous": self._address(cursor=Cursor(found[0]["id"], True)) if behind and found else None,
        }
        return found

    def _address(self, **changed: Any) -> str:
        # Relative to the host: a proxy in front knows its own name better.
        asked = {**self.request.query_params.dict(), **{name: str(value) for name, value in changed.items()}}
        return f"{self.request.path}?{urlencode(asked)}"

    # ---- The OpenAPI document
    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        address = {"type": ["string", "null"], "description": "相对地址；没有时为 null"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "maximum": COUNTED, "description": "按页码翻页时的总数"},
                "count_capped": {"type": "boolean", "description": f"总数多于 {COUNTED}，只数到这里"},
                "next": address,
                "previous": address,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            _parameter("page", "页码，从 1 起", {"type": "integer", "minimum": 1}),
            _parameter("page_size", "每页条数", {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE}),
            _parameter("cursor", "从这里往后读，第一页写空；按 id 排列，适合取全部", {"type": "string"}),
        ]


def _chosen(rows: QuerySet[Any], begin: int, size: int) -> QuerySet[Any]:
    """A page of the rows, chosen before anything is joined to them: else a planner that misjudges how many there are
    joins companies and standings to thousands, to show fifty.
    """
    if rows.query.annotations:
        return rows[begin : begin + size]
    page = rows.values("pk")[begin : begin + size]
    return rows.model._base_manager.filter(pk__in=page).order_by(*rows.query.order_by)


def _number(request: Request, name: str, default: int, largest: int | None = None) -> int:
    text = request.query_params.get(name, "")
    if name not in request.query_params:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if number < 1 or (largest and number > largest):
        asked = f"应为 1 到 {largest} 的整数" if largest else "应为从 1 起的整数"
        raise Refused("invalid", f"{name} {asked}", {name: asked})
    return number


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
