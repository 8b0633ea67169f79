"""The storm guard of the scan: a jumped clock, a bad import or a new rule must not alarm a whole zone at once.

A scan leaves its notices under a hold. When it is done and has opened more alerts than a real day does, they wait for
a confirmation; so do those of the first scan of a database, which finds everything that was ever late.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models.functions import Now

from projects.alerts.models import ScanPart, ScanRun
from projects.notices import confirming

LEAST: Final = 20  # new alerts that are never a storm, and
SHARE: Final = 20  # percent of the projects judged
ABANDONED: Final = timedelta(days=1)  # as long as the parts of a run that broke off are kept


def begin(run: ScanRun) -> None:
    """Belongs in the transaction that stores the run."""
    if settings.STORM_GUARD:
        confirming.begin(_key(run))


def hold_of(run: ScanRun) -> int | None:
    """What the notices of the run are to be left under; None where nobody guards."""
    if "_hold" not in run.__dict__:
        run.__dict__["_hold"] = confirming.counting(_key(run)) if settings.STORM_GUARD else None
    found: int | None = run.__dict__["_hold"]
    return found


def settle(run: ScanRun, opened: int, judged: int) -> str:
    """Tell people, or let them wait; why, in one sentence, if they wait. Belongs in the transaction that ends the run.

    What a run left that broke off is counted with this one.
    """
    hold = confirming.counting(_key(run))
    if hold is None:
        return ""
    broken_off = list(ScanRun.objects.filter(finished_at=None, pk__lt=run.pk, started_at__gt=Now() - ABANDONED))
    confirming.take_over(hold, [_key(each) for each in broken_off])
    parts = ScanPart.objects.filter(run__in=broken_off, finished_at__isnull=False)
    opened += sum(counts.get("opened", 0) for counts in parts.values_list("counts", flat=True))
    reason = _reason(run, opened, judged)
    held = confirming.keep(hold, reason) if reason else 0
    if held:
        return f"{held} 条通知待确认后发出：{reason}"
    confirming.release(hold)
    return ""


def _reason(run: ScanRun, opened: int, judged: int) -> str:
    if not ScanRun.objects.filter(finished_at__isnull=False).exclude(pk=run.pk).exists():
        return "这是第一次判定，请先核对预警是否属实"
    if opened * 100 > max(LEAST * 100, SHARE * judged):
        return f"一次新发 {opened} 条预警（判定了 {judged} 个项目），可能是数据或日期有误，请先核对"
    return ""


def _key(run: ScanRun) -> str:
    return f"scan:{run.pk}"
