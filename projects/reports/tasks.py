"""What the room does in the background: files that were sent become reports that wait for review."""

from __future__ import annotations

from typing import Any, Final

from projects import dates
from projects.intake import receiving
from projects.intake.models import Upload
from projects.intake.refusals import Refused
from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from projects.reports import desk, documents
from projects.reports.documents import RefusedReport
from projects.reports.models import Report
from zones.models import Zone

READ: Final = f"read_{Upload.Purpose.REPORT}"


def read_upload(job: Job, stopping: Stopping) -> str:
    """Read the file that the job names. Safe to repeat: the same text is one report."""
    return receiving.read(job, _read)


def _read(upload: Upload, data: bytes) -> str:
    try:
        outcome = _taken_in(upload, data)
    except RefusedReport as refused:
        raise Refused(refused.code, refused.message) from refused
    if outcome.error:
        raise Refused(outcome.error.code, outcome.error.message)
    return outcome.sentence


def _taken_in(upload: Upload, data: bytes) -> desk.Outcome:
    document = documents.opened(upload.name, data)

    def then(outcome: desk.Outcome) -> None:
        report = outcome.report
        Report.objects.filter(pk=report.pk, upload=None).update(upload=upload)
        found = {"zone": report.zone, "source": report.source, "format": document.format}
        receiving.done(upload, outcome.sentence, **found)

    zone, published = upload.told.get("zone"), upload.told.get("published")
    day = dates.read(published) if published else None
    return desk.take_in(document, zone=zone, published=day, among=_zones(upload), then=then)


def _zones(upload: Upload) -> Any:
    """The zones that the file may be stored for: where its sender may write today."""
    if upload.sent_by:
        return receiving.writable_zones(upload.sent_by)
    return Zone.objects.within(upload.zone)
