"""What the schedule wakes."""

import logging

from celery import shared_task

from projects.alerts.scan import Overtaken, ScanRefused, scan
from zones import clock

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def scan_alerts() -> None:
    """Judge all zones today. Safe to repeat: what was written is not written again."""
    try:
        logger.info("scan of %s: %s", clock.today(), scan(clock.today(), listing=False).counts)
    except ScanRefused as refusal:
        logger.warning("nothing scanned: %s", refusal)
    except Overtaken as overtaken:
        # The later scan judges everything, so nothing is lost and nobody need be woken.
        logger.info("scan broken off: %s", overtaken)
