"""Opening a report's file: plain text only, in the encodings that offices use."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

LARGEST = 1024 * 1024
SUFFIXES = (".txt", ".md")
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


class RefusedReport(Exception):
    """A report that cannot be taken in. `code` is for programs, the message is a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Document:
    """A report's text. `sha256` is that of the text, so the same report in another encoding is the same report."""

    name: str
    text: str
    sha256: str


def load(path: Path) -> Document:
    """Read the file. Raises RefusedReport when it cannot be opened, is no plain text or holds nothing."""
    if path.suffix.lower() not in SUFFIXES:
        raise RefusedReport("unsupported_format", f"“{path.name}”不是纯文本，目前只能读取 .txt、.md 文件。")
    text = _decoded(path.name, _bytes(path))
    if not text.strip("\ufeff \t\r\n\u3000"):
        raise RefusedReport("empty", f"“{path.name}”没有任何文字。")
    return Document(path.name, text, digest(text))


def digest(text: str) -> str:
    """The same for all copies of a text: line ends and blanks at them say nothing."""
    lines = "\n".join(line.rstrip() for line in text.removeprefix("\ufeff").splitlines())
    return hashlib.sha256(lines.strip().encode("utf-8")).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise RefusedReport("not_found", f"找不到文件“{path}”。") from None
    except IsADirectoryError:
        raise RefusedReport("unreadable", f"“{path}”是文件夹，请给出文件。") from None
    except OSError as error:
        raise RefusedReport("unreadable", f"文件“{path}”打不开（{error.strerror}），请检查权限。") from None
    if len(data) > LARGEST:
        raise RefusedReport("too_large", f"“{path.name}”超过 1 MB，不像一篇报道。")
    return data


def _decoded(name: str, data: bytes) -> str:
    """By its mark, else UTF-8, else GB 18030. The mark stays in the text: offsets count every code point."""
    encodings = [encoding for mark, encoding in _MARKS if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise RefusedReport("encoding", f"“{name}”的文字编码无法识别，请另存为 UTF-8 纯文本后再试。")
