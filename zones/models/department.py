"""Units that can be made responsible."""

from typing import ClassVar

from django.db import models

from zones.models.versioned import Versioned
from zones.models.zone import Zone
from zones.permissions import Action
from zones.scoped.querysets import ScopedModel


class Department(Versioned, ScopedModel):
    """A unit of a zone that can be made responsible for a project."""

    zone_lookup: ClassVar[str] = "zone"
    read_actions: ClassVar[tuple[str, ...]] = Zone.read_actions
    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.ADMINISTER_ACCOUNTS)

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="departments", verbose_name="所属区域")
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "责任单位"
        verbose_name_plural = "责任单位"
        ordering = ["zone_id", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "name"],
                name="zones_department_once_per_zone",
                violation_error_message="该区域已有同名责任单位",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name
