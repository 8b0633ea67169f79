"""The base of every endpoint: the same rows, the same refusals."""

from typing import Any

from django.db import models, transaction
from rest_framework import serializers, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import CreateModelMixin, ListModelMixin, RetrieveModelMixin, UpdateModelMixin

from zones.scoped.querysets import ScopedQuerySet, visible_rows

OUTSIDE = "您没有权限写入这条记录"


class ScopedSlugRelatedField(serializers.SlugRelatedField):
    """A related row by its code, among those that the person may see; a foreign code reads like a missing one."""

    def __init__(self, slug_field: str, *, model: type[models.Model] | None = None, **kwargs: Any) -> None:
        self.scoped_model = model
        if model is not None:
            kwargs["queryset"] = model._default_manager.all()
        super().__init__(slug_field=slug_field, **kwargs)

    def get_queryset(self) -> models.QuerySet[Any]:
        assert self.scoped_model is not None, "only read-only fields go without a model"  # noqa: S101
        return visible_rows(self.scoped_model, self.context["request"].user)


class ScopedViewSet(CreateModelMixin, RetrieveModelMixin, UpdateModelMixin, ListModelMixin, viewsets.GenericViewSet):
    """Rows the person may see; a foreign one answers 404; what is written must be his before and after; no delete."""

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = super().get_queryset()
        return rows.visible_to(self.request.user) if isinstance(rows, ScopedQuerySet) else rows.none()

    def perform_create(self, serializer: serializers.BaseSerializer) -> None:
        with transaction.atomic():
            self._require_writable(serializer.save())

    def perform_update(self, serializer: serializers.BaseSerializer) -> None:
        with transaction.atomic():
            self._require_writable(serializer.instance)
            self._require_writable(serializer.save())

    def _require_writable(self, obj: Any) -> None:
        if not type(obj)._default_manager.writable_by(self.request.user).filter(pk=obj.pk).exists():
            raise PermissionDenied(OUTSIDE)
