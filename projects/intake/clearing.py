"""Files that could not be read are not kept for ever: nobody works with them, and they may hold anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from projects.intake.models import Upload
from projects.intake.receiving import drop_file
from projects.jobs.kinds import Stopping
from projects.jobs.models import Job

CLEAR: Final = "clear_uploads"
KEPT: Final = timedelta(days=90)
"""How long a refused file can be had again, counted from the day on which it was refused."""
AT_ONCE: Final = 1000  # the next night removes the rest


def clear(job: Job, stopping: Stopping) -> str:
    """Remove what was refused so long ago, each on its own: row and file. Safe to repeat."""
    old = Upload.objects.filter(state=Upload.State.REFUSED, source=None, read_at__lt=Now() - KEPT)
    cleared = 0
    for pk in list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        if stopping():
            break
        cleared += _remove(pk)
    return f"清理超过 {KEPT.days} 天未能读取的文件 {cleared} 个" if cleared else "没有要清理的文件"


@transaction.atomic
def _remove(pk: int) -> bool:
    """Whether the file is gone. Somebody may be sending it again at this moment: then it stays."""
    refused = Upload.objects.select_for_update(of=("self",)).filter(pk=pk, state=Upload.State.REFUSED).first()
    if refused is None:
        return False
    refused.delete()
    # The key is gone from the row by then, the name of the file is not.
    transaction.on_commit(lambda: drop_file(refused))
    return True
