"""Endpoints over rows: list, detail, and writing by the verbs of a room."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import models, transaction
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from zones.permissions import may
from zones.scoped.api.orders import Orders
from zones.scoped.api.pages import Pages
from zones.scoped.api.parameters import Filters, refuse_parameters
from zones.scoped.api.refusals import NOT_FOUND, OUTSIDE, Refused, refused_by_rules
from zones.scoped.api.rows import Row, RowSerializer
from zones.scoped.api.versions import STALE, etag_of, expected_version, is_known
from zones.scoped.querysets import ScopedQuerySet


class RowsViewSet(viewsets.GenericViewSet):
    """Rows that the person may see; a foreign one answers like a missing one.

    `orders` maps the names of `ordering` to columns, `ordering` is the usual order, `version` the column that rises
    with every change (empty for what is never changed). `detail_class` shows more of a single row than a list does.
    `lock_first` is the relation that is locked before the row, so that writers and the scan meet in one order.
    `refusals` names for the document the codes of `zones.scoped.problems` that an action answers beside the usual.
    """

    pagination_class = Pages
    filter_backends: ClassVar[Any] = (Filters, Orders)
    serializer_class: type[RowSerializer]
    detail_class: ClassVar[type[RowSerializer] | None] = None
    orders: ClassVar[dict[str, str]] = {"id": "pk"}
    ordering: ClassVar[tuple[str, ...]] = ("-id",)
    version: ClassVar[str] = ""
    lock_first: ClassVar[str] = ""
    refusals: ClassVar[dict[str, tuple[str, ...]]] = {}
    lookup_value_converter = "int"

    # ---- Reading
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.get_paginated_response(self.paginate_queryset(self.filter_queryset(self.get_queryset())))

    def retrieve(self, request: Request, pk: int, **kwargs: Any) -> Response:
        refuse_parameters(request, [])
        return self.answer(pk)

    def get_queryset(self) -> models.QuerySet[Any]:
        """All rows that the person may see."""
        rows = super().get_queryset()
        if not isinstance(rows, ScopedQuerySet):
            return rows.none()
        return rows.listed_for(self.request.user) if self.action == "list" else rows.visible_to(self.request.user)

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return (self.detail_class if self.action != "list" else None) or self.serializer_class

    def read(self, rows: models.QuerySet[Any], *more: Any) -> builtins.list[Row]:
        """The rows of a page as they are shown."""
        return self.serializer_class.read(rows, self.request.user, *more)

    def answer(self, pk: int, status: int = 200) -> Response:
        """One row as it is shown now, with its version; 404 if there is none for this person."""
        shown = self.detail_class or self.serializer_class
        row = shown.read_one(self.get_queryset().order_by().filter(pk=pk), self.request.user)
        if row is None:
            raise Refused("not_found", NOT_FOUND)
        if not self.version:
            return Response(row, status)
        etag = etag_of(row, self.version)
        if self.request.method == "GET" and is_known(self.request, etag):
            return Response(None, 304, headers={"ETag": etag})
        return Response(row, status, headers={"ETag": etag})

    # ---- Writing
    @contextmanager
    def changing(self, pk: int, action: str = "") -> Iterator[Any]:
        """The row, locked, for a verb to change it: all or nothing. `action` is what it takes beside writing the row.

        Raises Refused: 404 if the person may not see it, 403 if he may not write it, 428 and 412 for a missing or
        stale `If-Match`, 400 for what the verb refuses.
        """
        with refused_by_rules(), transaction.atomic():
            row = self._lock(pk)
            if not type(row)._default_manager.writable_by(self.request.user).filter(pk=pk).exists():
                raise Refused("forbidden", OUTSIDE)
            if action and not may(self.request.user, action, row):
                raise Refused("forbidden", OUTSIDE)
            if self.version and getattr(row, self.version) != expected_version(self.request):
                raise Refused("version_stale", STALE)
            yield row

    def _lock(self, pk: int) -> Any:
        row = self.get_queryset().order_by().filter(pk=pk).first()
        if row is None:
            raise Refused("not_found", NOT_FOUND)
        first = getattr(row, self.lock_first) if self.lock_first else None
        if first is not None:
            type(first)._base_manager.select_for_update(no_key=True).get(pk=first.pk)
        return type(row)._base_manager.select_for_update(no_key=True).get(pk=pk)


def typed(form: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The body as the form reads it. Raises ValidationError, also for names that the form does not know, and
    Refused for parameters, which no writing has.
    """
    refuse_parameters(request, [])
    if not isinstance(request.data, dict):
        raise Refused("invalid", "请求内容应为一个 JSON 对象，写在 { } 里")
    read = form(data=request.data, context={"request": request})
    known = [name for name, field in read.fields.items() if not field.read_only]
    unknown = [name for name in request.data if name not in known]
    if unknown:
        listed = "、".join(known)
        raise serializers.ValidationError({name: [f"没有这一项，可用的有：{listed}"] for name in unknown})
    read.is_valid(raise_exception=True)
    return read.validated_data
