"""The order of a list, by names that the endpoint offers."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from zones.scoped.api.refusals import Refused

PARAMETER = "ordering"


class Orders(BaseFilterBackend):
    """`ordering=-investment,id`: names of the endpoint's `orders`, a minus for falling; unknown values last."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        names = request.query_params.get(PARAMETER, "")
        if "cursor" in request.query_params:
            if names not in ("", "id", "-id"):
                raise Refused("invalid", "用 cursor 翻页时只能按 id 排列", {PARAMETER: "应为 id 或 -id"})
            return queryset
        wanted = names.split(",") if PARAMETER in request.query_params else list(view.ordering)
        return queryset.order_by(*(_term(name, view.orders) for name in wanted), "pk")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = [sign + name for name in view.orders for sign in ("", "-")]
        return [
            {
                "name": PARAMETER,
                "in": "query",
                "required": False,
                "description": "排列，几个之间用逗号；前加减号为从大到小；没有值的排在最后",
                "schema": {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1},
                "explode": False,
                "style": "form",
            }
        ]


def _term(name: str, orders: dict[str, str]) -> Any:
    lookup = orders.get(name.removeprefix("-"))
    if lookup is None:
        known = "、".join(orders)
        raise Refused("invalid", f"不能按“{name}”排列，可用的有：{known}", {PARAMETER: f"可用的有：{known}"})
    column = F(lookup)
    return column.desc(nulls_last=True) if name.startswith("-") else column.asc(nulls_last=True)
