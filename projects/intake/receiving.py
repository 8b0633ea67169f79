"""Files as they are sent in: into quarantine, each on its own, and a job asked for that reads it.

Nothing is opened here. What became of a file stands on its row; a file that cannot even be kept is told at once, and
the others go on.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone

from projects.intake import limits
from projects.intake.models import Upload
from projects.intake.refusals import Refused, Trouble, shown
from projects.jobs.models import Job
from projects.jobs.posting import post
from zones.models import User, Zone
from zones.permissions import Action, paths
from zones.scoped.querysets import under

LONGEST_TEXT: Final = 1_000_000  # characters that are pasted
MOST: Final = 50  # files of a bundle
LONGEST_NAME: Final = 200
OPEN: Final = (Upload.State.WAITING, Upload.State.READING)
GONE: Final = "“{name}”的原文件已不在服务器上；请重新上传。"
NOT_FINISHED: Final = (
    "“{name}”试了几次都没有读完（任务编号 {job}）；请另存为 .docx（表格为 .xlsx）再上传，仍然不行的请联系系统管理员。"
)
BEING_READ: Final = "“{name}”正在读取，请稍等。"
ALREADY_READ: Final = "“{name}”已经读取，不用再读；内容有更新的，请上传新的文件。"
TOO_MANY: Final = "“{name}”没有上传：一次最多 {most} 个文件，请分几次上传。"
UNTITLED: Final = "粘贴的文字"


@dataclass(frozen=True, slots=True)
class Pasted:
    """Text that was pasted, with the title it is to be known by."""

    text: str
    title: str = ""

    def as_file(self) -> File[bytes]:
        """The same as a plain text file."""
        first = self.text.strip().splitlines()[:1]
        title = self.title.strip() or (first[0].strip()[:40] if first else "")
        return ContentFile(self.text.encode("utf-8"), name=f"{title or UNTITLED}.txt")


@dataclass(slots=True)
class Received:
    """What became of what was sent: rows that are new, rows of files that had come before, and why others were not
    kept, by name and sentence.
    """

    new: list[Upload] = field(default_factory=list)
    known: list[Upload] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)


# ---- Receiving -----------------------------------------------------------------------------------------
def home_of(user: Any) -> Zone | None:
    """The zone in whose name a person sends a file of which he does not say what zone it is about."""
    return writable_zones(user).first()


def writable_zones(user: Any) -> Any:
    """The zones for which a person may send files, the highest first."""
    return Zone.objects.filter(under("", paths(user, Action.WRITE)), active=True).order_by("path")


def receive(
    sent: Iterable[File[Any]] | Pasted,
    *,
    zone: Zone,
    purpose: str,
    told: dict[str, str] | None = None,
    by: User | None,
    bundle: UUID | None = None,
) -> Received:
    """Keep what was sent in the name of `zone`, and ask for its reading; each file in a transaction of its own.

    A file that is in the zone, or below it, already is not kept again: it is read once more if it could not be read
    the last time. `told` is what the sender wrote beside it, see `Upload`. `bundle` adds to one that was begun.
    Whether `by` may write in the zone is for the caller to check.
    """
    files = [sent.as_file()] if isinstance(sent, Pasted) else sent
    bundle = bundle or uuid4()
    room = MOST - Upload.objects.filter(bundle=bundle).count()
    received = Received()
    for number, file in enumerate(files):
        name = _named(file.name or "")
        try:
            if number >= room:
                raise Refused("too_many", TOO_MANY.format(name=shown(name), most=MOST))
            _check(file, name)
            upload, new = _kept(file, name, zone, purpose, told or {}, by, bundle)
        except Refused as refused:
            received.refused.append((name, refused))
        else:
            (received.new if new else received.known).append(upload)
    return received


def _check(file: File[Any], name: str) -> None:
    if not file.size:
        raise Refused.of(Trouble("empty"), name)
    if file.size > limits.FILE:
        raise Refused.of(Trouble("too_large", most=limits.FILE // limits.MEGABYTE), name)


def _kept(
    file: File[Any], name: str, zone: Zone, purpose: str, told: dict[str, str], by: User | None, bundle: UUID
) -> tuple[Upload, bool]:
    """The row of a file, and whether it is new."""
    digest = hashlib.file_digest(_rewound(file), "sha256").hexdigest()
    with transaction.atomic():
        # One after the other in a zone, so that a file that is sent twice at once is kept once.
        Zone.objects.select_for_update(no_key=True).get(pk=zone.pk)
        same = Upload.objects.filter(sha256=digest, purpose=purpose, zone__path__startswith=zone.path)
        if known := same.select_for_update(no_key=True, of=("self",)).order_by("pk").first():
            if known.state == Upload.State.REFUSED:
                if not _is_there(known):
                    known.file.save("", _rewound(file), save=True)
                _read_again(known, told, by)
            return known, False
        upload = Upload(zone=zone, purpose=purpose, bundle=bundle, name=name, told=told, sent_by=by)
        upload.size, upload.sha256 = file.size or 0, digest
        upload.file.save("", _rewound(file), save=False)
        try:
            upload.save()
            _ask(upload, by)
        except BaseException:
            drop_file(upload)
            raise
    return upload, True


def _rewound(file: File[Any]) -> Any:
    file.seek(0)
    return file


def _ask(upload: Upload, by: User | None) -> None:
    """Leave a job that reads it."""
    upload.job = post(f"read_{upload.purpose}", by=by, zone=upload.zone, parameters={"upload": upload.pk})
    upload.save(update_fields=["job"])


def _named(name: str) -> str:
    """A name that a person recognises and that no path, line or header can be made of."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(" .")
    path = PurePath(kept)
    return f"{path.stem[: LONGEST_NAME - 20]}{path.suffix[:20]}" or "文件"


def _is_there(upload: Upload) -> bool:
    return bool(upload.file) and upload.file.storage.exists(str(upload.file.name))


def drop_file(upload: Upload) -> None:
    """Remove the file itself; its row stays and tells what became of it."""
    if upload.file:
        upload.file.storage.delete(str(upload.file.name))


# ---- Reading again -------------------------------------------------------------------------------------
def read_again(upload: Upload, *, zone: Zone | None = None, by: User | None) -> Upload:
    """Have a file read once more that could not be read, as one about `zone` if that is said now.

    Raises ValidationError for one that is being read, or was read, or whose file is gone.
    """
    with transaction.atomic():
        held = Upload.objects.select_for_update(no_key=True, of=("self",)).select_related("zone").get(pk=upload.pk)
        if held.is_open and not _is_lost(held):
            raise ValidationError(BEING_READ.format(name=shown(held.name)))
        if held.state == Upload.State.READ:
            raise ValidationError(ALREADY_READ.format(name=shown(held.name)))
        if not _is_there(held):
            raise ValidationError(GONE.format(name=shown(held.name)))
        _read_again(held, {"zone": zone.code} if zone else {}, by)
    return held


def _read_again(upload: Upload, told: dict[str, str], by: User | None) -> None:
    upload.told, upload.state, upload.outcome, upload.read_at = upload.told | told, Upload.State.WAITING, "", None
    upload.code = ""
    upload.sent_by = by or upload.sent_by  # who asks now is who may have it stored
    upload.save(update_fields=["told", "state", "outcome", "code", "read_at", "sent_by"])
    _ask(upload, by)


# ---- Reading -------------------------------------------------------------------------------------------
class AlreadyRead(Exception):
    """Another worker has read the file."""


Reader = Callable[[Upload, bytes], str]
"""Reads a file and stores all that it says, ending with `done` in the same transaction; returns the outcome. Raises
Refused. It may be begun again after it was cut off anywhere."""


def read(job: Job, reader: Reader) -> str:
    """What a job does that `receive` asked for; its outcome is the file's."""
    upload = Upload.objects.select_related("zone", "sent_by").filter(pk=job.parameters.get("upload")).first()
    if upload is None:
        return "没有这个上传文件，无需读取"
    if not upload.is_open:
        return upload.outcome
    Upload.objects.filter(pk=upload.pk, state__in=OPEN).update(state=Upload.State.READING)
    try:
        with upload.file.open("rb") as file:
            data = file.read()
        return reader(upload, data)
    except AlreadyRead:
        return str(Upload.objects.values_list("outcome", flat=True).get(pk=upload.pk))
    except FileNotFoundError:
        return _refuse(upload, Refused("gone", GONE.format(name=shown(upload.name))))
    except Refused as refused:
        return _refuse(upload, refused)


def done(upload: Upload, outcome: str, **found: Any) -> None:
    """Write down that a file was read: `found` are its zone, source and format. Belongs into the reader's transaction.

    Raises AlreadyRead when another worker was faster, so that what this one wrote is rolled back.
    """
    values = {"state": Upload.State.READ, "outcome": outcome, "read_at": timezone.now(), **found}
    if not Upload.objects.filter(pk=upload.pk, state__in=OPEN).update(**values):
        raise AlreadyRead


def _refuse(upload: Upload, refused: Refused) -> str:
    values = {"state": Upload.State.REFUSED, "outcome": refused.sentence[:500], "code": refused.code}
    Upload.objects.filter(pk=upload.pk, state__in=OPEN).update(read_at=timezone.now(), **values)
    return refused.sentence


def settle_lost(uploads: Any) -> None:
    """Refuse those of a queryset whose job was given up without a word, as after a worker was killed three times."""
    lost = uploads.filter(state__in=OPEN, job__state=Job.State.FAILED)
    for upload in lost:
        told = NOT_FINISHED.format(name=shown(upload.name), job=upload.job_id)
        _refuse(upload, Refused("not_finished", told))


def _is_lost(upload: Upload) -> bool:
    return upload.job is not None and upload.job.state == Job.State.FAILED
