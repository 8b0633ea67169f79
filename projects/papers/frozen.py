"""A paper that was issued: the very file, kept with its SHA-256, and never another in its place."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from zones import clock
from zones.models import User

SPOILT: Final = "{}文件与签发时不一致或已丢失，请联系系统管理员从备份恢复"


def freeze(row: Any, data: bytes, by: User) -> None:
    """Put the file and who issued it when on the row, by the columns that such papers share. The caller saves."""
    row.issued_at, row.issued_on, row.issued_by = timezone.now(), clock.today(), by
    row.digest = hashlib.sha256(data).hexdigest()
    row.document.save("", ContentFile(data), save=False)


def frozen(row: Any, called: str) -> bytes:
    """The file as it was issued. Raises ValidationError, which says what it is `called`, if it is gone or another."""
    try:
        with row.document.open("rb") as kept:
            data = kept.read()
    except (FileNotFoundError, ValueError) as gone:
        raise ValidationError(SPOILT.format(called)) from gone
    if hashlib.sha256(data).hexdigest() != row.digest:
        raise ValidationError(SPOILT.format(called))
    return data
