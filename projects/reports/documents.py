"""Opening a report's file: any format that `projects.intake` reads, as the text that all offsets count in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from projects.intake import kinds, limits
from projects.intake.opening import Refused, read_text

SUFFIXES: Final = tuple(kinds.ARTICLES)


class RefusedReport(Exception):
    """A report that cannot be taken in. `code` is for programs, the message is a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Document:
    """A report's text. `sha256` is that of the text, so the same report in another encoding is the same report.

    `format`, `title`, `published` and `remark` are as in `projects.intake.opening.Text`.
    """

    name: str
    text: str
    sha256: str
    format: str = "txt"
    title: str = ""
    published: str = ""
    remark: str = ""


def load(path: Path) -> Document:
    """Read the file. Raises RefusedReport when it cannot be opened, and as `opened` does."""
    return opened(path.name, _bytes(path))


def opened(name: str, data: bytes) -> Document:
    """The document in a file's bytes. Raises RefusedReport for what is not read or holds nothing."""
    try:
        read = read_text(data, name)
    except Refused as refused:
        raise RefusedReport(refused.code, refused.sentence) from refused
    return Document(name, read.text, digest(read.text), read.format, read.title, read.published, read.remark)


def digest(text: str) -> str:
    """The same for all copies of a text: blanks and line ends say nothing, a Word file has others than a web page."""
    return hashlib.sha256("".join(text.removeprefix("\ufeff").split()).encode("utf-8")).hexdigest()


def _bytes(path: Path) -> bytes:
    """One byte more than is read at most: whoever reads says that it is too much."""
    try:
        with path.open("rb") as file:
            return file.read(limits.FILE + 1)
    except FileNotFoundError:
        raise RefusedReport("not_found", f"找不到文件“{path}”。") from None
    except IsADirectoryError:
        raise RefusedReport("unreadable", f"“{path}”是文件夹，请给出文件。") from None
    except OSError as error:
        raise RefusedReport("unreadable", f"文件“{path}”打不开（{error.strerror}），请检查权限。") from None
