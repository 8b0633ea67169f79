"""What the room does in the background: files that were sent are read, compared and imported."""

from __future__ import annotations

from typing import Final

from projects.intake import receiving
from projects.intake.models import Upload
from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from projects.ledgers import desk
from projects.ledgers.models import Ledger

READ: Final = f"read_{Upload.Purpose.LEDGER}"
COMPARE: Final = "compare_ledger"
IMPORT: Final = "import_ledger"
UNDO: Final = Ledger.UNDO_JOB


def read_upload(job: Job, stopping: Stopping) -> str:
    """Read the file that the job names. Safe to repeat: the same file is one ledger."""
    return receiving.read(job, lambda upload, data: desk.open_upload(upload, data).outcome)


def compare_ledger(job: Job, stopping: Stopping) -> str:
    """Compare the ledger that the job names with the facts as they are now."""
    return desk.compared(job, stopping)


def import_ledger(job: Job, stopping: Stopping) -> str:
    """Import the ledger that the job names: all of it or nothing."""
    return desk.imported(job, stopping)


def undo_ledger(job: Job, stopping: Stopping) -> str:
    """Take the import of the ledger that the job names back: all of it or nothing."""
    return desk.undone(job)
