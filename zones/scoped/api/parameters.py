"""Parameters that are unknown, empty or doubled are refused. Ignored, they would return everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import BaseInFilter, DjangoFilterBackend
from rest_framework.request import Request

from zones.scoped.api.orders import PARAMETER as ORDERING
from zones.scoped.api.pages import Pages
from zones.scoped.api.refusals import Refused


class Filters(DjangoFilterBackend):
    """Applies the endpoint's filter set, and nothing that is not in it."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filters = getattr(self.get_filterset_class(view, queryset), "base_filters", {})
        refuse_parameters(request, [*filters, ORDERING, *Pages.parameters])
        for name, each in filters.items():
            if isinstance(each, BaseInFilter) and "" in request.query_params.get(name, "-").split(","):
                raise Refused("invalid", f"参数 {name} 的逗号旁边缺一个值", {name: "缺一个值"})
        return super().filter_queryset(request, queryset, view)


def refuse_parameters(request: Request, known: Sequence[str]) -> None:
    """Raise Refused for a parameter that is not among `known`, has no value, or is given twice."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        offered = f"可用的有：{'、'.join(known)}" if known else "这个地址不接受参数"
        errors = dict.fromkeys(unknown, "没有这个参数")
        raise Refused("unknown_parameter", f"没有参数“{'”“'.join(unknown)}”，{offered}", errors)
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise Refused("invalid", f"参数 {name} 给了 {len(values)} 次，只能给一次", {name: "重复"})
        if not values[0].strip() and name != "cursor":
            raise Refused("invalid", f"参数 {name} 没有值：填上值，或去掉这个参数", {name: "没有值"})
