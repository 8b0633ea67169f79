"""Rows that were written by a step that was taken back: kept, and out of sight."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zones.scoped.querysets import ScopedManager, ScopedQuerySet


class Withdrawable(models.Model):
    """A row that can be withdrawn: it stays with who took it back and when, and nobody is shown it any more."""

    withdrawable: ClassVar[bool] = True

    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        "zones.User",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name="撤回人",
    )

    class Meta:
        abstract = True


class StandingManager(ScopedManager):
    """A default manager without what was withdrawn. `_base_manager` has every row."""

    def get_queryset(self) -> ScopedQuerySet:
        return super().get_queryset().filter(withdrawn_at=None)
