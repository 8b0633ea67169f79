"""Who may do what, where and when."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from zones import clock
from zones.models.user import User
from zones.models.versioned import Versioned
from zones.models.zone import Zone
from zones.permissions import Action, Role, forget
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

__all__ = ["Appointment", "Role"]


def holding(day: date, prefix: str = "") -> Q:
    """Condition on appointments, or on those behind `prefix`: they hold on `day`; the last day counts."""
    lasting = Q(**{f"{prefix}ends": None}) | Q(**{f"{prefix}ends__gte": day})
    return lasting & Q(**{f"{prefix}starts__lte": day})


class AppointmentQuerySet(ScopedQuerySet):
    """Appointments by date."""

    def in_force(self, on: date | None = None) -> AppointmentQuerySet:
        """Those that hold on `on` (today if left out); the last day counts."""
        return self.filter(holding(on or clock.today()))


class Appointment(Versioned, ScopedModel):
    """A person holds a role in a zone and everything below it, from one day to another (both included)."""

    zone_lookup: ClassVar[str] = "zone"
    read_actions: ClassVar[tuple[str, ...]] = (
        Action.ADMINISTER_ACCOUNTS,
        Action.ADMINISTER_PERMISSIONS,
        Action.READ_AUDIT,
    )
    write_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_PERMISSIONS,)

    user = models.ForeignKey(User, models.PROTECT, related_name="appointments", verbose_name="用户")
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="appointments", verbose_name="区域")
    role = models.CharField("角色", max_length=16, choices=Role.choices)
    starts = models.DateField("起始日期", default=clock.today)
    ends = models.DateField("截止日期", null=True, blank=True, help_text="最后一天；不填为长期")

    objects = ScopedManager.from_queryset(AppointmentQuerySet)()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ["zone_id", "role", "user_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
                name="zones_appointment_ends_after_start",
                violation_error_message="截止日期不能早于起始日期",
            ),
            models.UniqueConstraint(
                fields=["user", "zone", "role"],
                condition=Q(ends=None),
                name="zones_appointment_one_open",
                violation_error_message="该用户在该区域已有同一角色的长期任职",
            ),
        ]
        indexes = [models.Index(fields=["user", "starts", "ends"], name="zones_appointment_of_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.zone} {self.get_role_display()}"

    def clean(self) -> None:
        super().clean()
        if self.starts and self.ends and self.ends < self.starts:
            raise ValidationError({"ends": "截止日期不能早于起始日期"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        forget(self.user)
