"""Mail into files: what an SMTP server would be given, one `.eml` per message."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from email.message import Message
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

UNSAFE = re.compile(r"[^A-Za-z0-9._@+-]")
LONGEST = 150  # characters of a file name, well below what file systems take


class EmlFileBackend(BaseEmailBackend):
    """Writes each message whole or not at all; the same Message-ID has the same file.

    The folder is `settings.EMAIL_FILE_PATH`. Raises OSError if it cannot be written and ValueError for a header
    with a line break, unless `fail_silently`.
    """

    def __init__(self, fail_silently: bool = False, file_path: str | None = None, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def open(self) -> bool:
        """Make the folder; False if that failed and `fail_silently`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            if not self.fail_silently:
                raise
            return False
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages and return how many were written; one without any recipient is not."""
        if not email_messages or not self.open():
            return 0
        return sum(self._write(message) for message in email_messages if message.recipients())

    def _write(self, message: EmailMessage) -> bool:
        try:
            mail = message.message()
            self._store(file_name(mail), mail.as_bytes())
        except (OSError, ValueError):
            if not self.fail_silently:
                raise
            return False
        return True

    def _store(self, name: str, content: bytes) -> None:
        # Under another name first: whoever reads *.eml never meets half a message.
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def file_name(mail: Message) -> str:
    """A safe name made of the Message-ID. Different ids have different names, also where characters are replaced."""
    message_id = str(mail["Message-ID"]).strip().strip("<>")
    safe = UNSAFE.sub("_", message_id)[:LONGEST].lstrip(".")
    if safe != message_id:
        safe += "-" + hashlib.sha256(message_id.encode()).hexdigest()[:12]
    return f"{safe}.eml"
