"""What the room does in the background."""

from __future__ import annotations

from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from projects.notices import sending

SEND = "send"


def send_notices(job: Job, stopping: Stopping) -> str:
    """Send what is due. Safe to run at any time, by any number of processes."""
    return sending.send_notices(stopping).sentence()
