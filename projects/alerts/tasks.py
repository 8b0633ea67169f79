"""What the room does in the background."""

from __future__ import annotations

from typing import Final

from django.db import connection

from projects.alerts import scan
from projects.alerts.models import ScanPart, ScanRun
from projects.alerts.scan import Outcome, Overtaken, ScanRefused
from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from projects.jobs.posting import post
from zones import clock

SCAN: Final = "scan"
HELP: Final = "help_scan"
PARTS_EACH: Final = 4  # fewer are done before another worker has woken
MOST_HELPERS: Final = 15


def scan_alerts(job: Job, stopping: Stopping) -> str:
    """Judge the job's zone today, with the help of all workers that are free. Safe to repeat: what was written is not
    written again.
    """
    try:
        run = scan.begin(clock.today(), job.zone)
        if run is None:
            return "已判定到更晚的日期，没有写入"
        _call_for_help(run)
        outcome = scan.help_with(run)
    except ScanRefused as refusal:
        return f"没有判定：{refusal}"
    except Overtaken as overtaken:
        # The later scan judges everything, so nothing is lost and nobody need be woken.
        return str(overtaken)
    return in_words(outcome) if outcome else "本任务的部分已完成，其余由协助的任务收尾"


def help_scan(job: Job, stopping: Stopping) -> str:
    """Do parts of a scan that another job has begun."""
    run = ScanRun.objects.filter(pk=job.parameters.get("run"), finished_at=None).first()
    if run is None:
        return "判定此前已完成，无需协助"
    try:
        outcome = scan.help_with(run)
    except Overtaken as overtaken:
        return str(overtaken)
    return in_words(outcome) if outcome else "已协助判定"


def _call_for_help(run: ScanRun) -> None:
    """Leave jobs for other workers. Where one writer locks out all others they could only wait."""
    if connection.features.has_select_for_update_skip_locked:
        helpers = min(MOST_HELPERS, ScanPart.objects.filter(run=run).count() // PARTS_EACH)
        for number in range(helpers):
            post(HELP, zone=run.zone, parameters={"run": run.pk, "number": number})


def in_words(outcome: Outcome) -> str:
    """The counts of a scan in one sentence."""
    changed = (
        f"新发{outcome.opened}条，加重{outcome.worsened}条，减轻{outcome.eased}条，解除{outcome.closed}条，"
        f"不变{outcome.unchanged}条；通知{outcome.notices}条"
    )
    said = f"{outcome.projects}个项目，其中{outcome.judged}个作了判定；{changed}"
    return "；".join(filter(None, [said, outcome.waiting, outcome.note]))
