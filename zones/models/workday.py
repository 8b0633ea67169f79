"""Days that differ from the published calendar."""

from typing import ClassVar

from django.db import models

from zones.permissions import Action
from zones.scoped.querysets import ScopedModel


class WorkdayOverride(ScopedModel):
    """A day that is worked, or not, against the published calendar. Holds for the whole country."""

    zone_lookup: ClassVar[None] = None
    everywhere: ClassVar[bool] = True
    read_actions: ClassVar[tuple[str, ...]] = (Action.READ, Action.ADMINISTER_ACCOUNTS)
    write_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_ACCOUNTS,)

    date = models.DateField("日期", unique=True)
    is_working = models.BooleanField("上班", default=False)
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        verbose_name = "调休安排"
        verbose_name_plural = "调休安排"
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {'上班' if self.is_working else '放假'}"
