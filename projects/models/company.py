"""Companies: who invests, who owns."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from stdnum.cn import uscc

from projects import names
from zones.models import Versioned
from zones.permissions import Action, paths
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet, under


class CompanyQuerySet(ScopedQuerySet):
    """Companies: many zones may see one, a single zone keeps it."""

    def writable_by(self, user: Any) -> CompanyQuerySet:
        """Companies kept by a zone whose data `user` may write."""
        return self.filter(under("zone", paths(user, Action.WRITE)))


class Company(Versioned, ScopedModel):
    """An investor or owner. It is seen from the zone that keeps it and from the zones of its projects, and written
    by the former alone.
    """

    zone_lookup: ClassVar[tuple[str, ...]] = ("zone", "projects__zone")

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="companies", verbose_name="登记区域")
    name = models.CharField("企业名称", max_length=200)
    key = models.CharField("比对名", max_length=200, editable=False, db_index=True)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True, help_text="18 位；有误只提示，不拦截")
    is_demo = models.BooleanField("演示", default=False, editable=False)

    objects = ScopedManager.from_queryset(CompanyQuerySet)()

    class Meta:
        verbose_name = "企业"
        verbose_name_plural = "企业"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["zone", "key"],
                name="projects_company_once_per_zone",
                violation_error_message="该区域已有同名企业",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = names.key(self.name)
        super().save(*args, **kwargs)

    @property
    def credit_code_is_doubtful(self) -> bool:
        """Whether the credit code fails the check digit of GB 32100; ledgers carry typing errors, so never refused."""
        return bool(self.credit_code) and not uscc.is_valid(self.credit_code)
