"""The only clock of the product: which business day it is."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The business day in Asia/Shanghai, or the day that `TRACKER_TODAY` fixes for a demonstration."""
    fixed = getattr(settings, "TRACKER_TODAY", None)
    if fixed:
        return fixed if isinstance(fixed, date) else date.fromisoformat(fixed)
    return timezone.now().astimezone(BUSINESS_ZONE).date()
