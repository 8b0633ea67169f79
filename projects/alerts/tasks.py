"""What the room does in the background."""

from __future__ import annotations

from projects.alerts.scan import Outcome, Overtaken, ScanRefused, scan
from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from zones import clock

SCAN = "scan"


def scan_alerts(job: Job, stopping: Stopping) -> str:
    """Judge the job's zone today. Safe to repeat: what was written is not written again."""
    try:
        return in_words(scan(clock.today(), job.zone, listing=False))
    except ScanRefused as refusal:
        return f"没有判定：{refusal}"
    except Overtaken as overtaken:
        # The later scan judges everything, so nothing is lost and nobody need be woken.
        return str(overtaken)


def in_words(outcome: Outcome) -> str:
    """The counts of a scan in one sentence."""
    changed = (
        f"新发{outcome.opened}条，加重{outcome.worsened}条，减轻{outcome.eased}条，解除{outcome.closed}条，"
        f"不变{outcome.unchanged}条；通知{outcome.notices}条"
    )
    said = f"{outcome.projects}个项目，其中{outcome.judged}个作了判定；{changed}"
    return "；".join([said, *([outcome.note] if outcome.note else [])])
