"""What a file is. Its content says; its ending is compared with that."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from projects.intake.refusals import Trouble

ARTICLES: Final = {
    ".txt": "txt",
    ".md": "txt",
    ".docx": "docx",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
}
SHEETS: Final = {".xlsx": "xlsx", ".xls": "xls", ".ods": "ods", ".csv": "csv"}

CALLED: Final = {
    "txt": ("纯文本", ".txt"),
    "docx": ("Word 文档", ".docx"),
    "pdf": ("PDF 文件", ".pdf"),
    "html": ("网页", ".html"),
    "mhtml": ("单个文件的网页", ".mhtml"),
    "xlsx": ("Excel 表格", ".xlsx"),
    "xls": ("旧版 Excel 表格", ".xls"),
    "ods": ("ODS 表格", ".ods"),
}

_ELSEWHERE: Final = {
    **dict.fromkeys((".doc", ".dot", ".rtf"), "old_word"),
    **dict.fromkeys((".docm", ".dotm", ".xlsm", ".xltm"), "macro"),
    **dict.fromkeys((".wps", ".wpt"), "wps"),
    **dict.fromkeys((".et", ".ett"), "et"),
    **dict.fromkeys((".xls", ".xlsx", ".csv", ".ods"), "sheet"),
    **dict.fromkeys((".ppt", ".pptx", ".dps"), "slides"),
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic"), "picture"),
    **dict.fromkeys((".zip", ".rar", ".7z", ".gz", ".tar"), "archive"),
    **dict.fromkeys((".exe", ".bat", ".js", ".apk", ".msi", ".dll"), "program"),
    ".ofd": "ofd",
}

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "old_word"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM\x00", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"MZ\x90", "program"),
    (b"\x7fELF", "program"),
)
_MAIL: Final = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?MIME-Version:", re.IGNORECASE)
_PAGE: Final = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TAG: Final = re.compile(r"<(?:p|div|span|table|br|a|h\d|meta)\b[^<>]*>", re.IGNORECASE)
_HEAD: Final = 4096


def ending(name: str) -> str:
    """The ending of a file's name in small letters, with its dot."""
    return PurePath(name.strip()).suffix.lower()


def of(data: bytes) -> str:
    """What the first bytes say: one of CALLED, "zip" or "ole" (a container), a code of a refusal, or "" for text."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "picture"
    # The standard lets a header stand anywhere in the first kilobyte.
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if _MAIL.match(data[:_HEAD]):
        return "mhtml"
    return ""


def article(data: bytes, name: str) -> str:
    """The format to read a report's file as: one of the values of ARTICLES.

    Raises Trouble for a format that is not read, and for a file that is not what its name says.
    """
    return _compared(data, name, ARTICLES)


def sheet(data: bytes, name: str) -> str:
    """The format to read a ledger's file as: one of the values of SHEETS. Raises Trouble as `article` does."""
    if ending(name) in ARTICLES:
        raise Trouble("not_a_sheet")
    return _compared(data, name, SHEETS)


def _compared(data: bytes, name: str, read: dict[str, str]) -> str:
    wanted, found = read.get(ending(name), ""), of(data)
    if found == "ole":
        found = _compound(data)
    if not wanted:
        known = _ELSEWHERE.get(ending(name), "unsupported_format")
        raise Trouble("encrypted" if found == "encrypted" else known)
    if found == "zip" and wanted in ("docx", "xlsx", "ods"):
        return wanted  # Which of them it is only its members say: `formats.archives` looks, in the child.
    if found == "zip":
        raise Trouble("archive")
    if found == wanted:
        return wanted
    if found in CALLED:
        what, right = CALLED[found]
        raise Trouble("wrong_extension", what=what, ending=right)
    if found:
        raise Trouble(found)
    return _worded(data, wanted)


def _worded(data: bytes, wanted: str) -> str:
    """A file that is text, as far as its first bytes tell, and should be `wanted`."""
    page = bool(_PAGE.search(_glimpse(data[:_HEAD])))
    if wanted in ("txt", "csv") and not page:
        return wanted
    if wanted == "html" and (page or _TAG.search(_glimpse(data))):
        return wanted
    if page:
        raise Trouble("wrong_extension", what="网页", ending=".html")
    if b"\x00" in data or not data.strip():
        raise Trouble("damaged")
    raise Trouble("wrong_extension", what="纯文本", ending=".txt")


def _glimpse(data: bytes) -> str:
    """Enough of a text to see its tags, whatever its encoding."""
    return data.replace(b"\x00", b"").decode("latin-1")


def _compound(data: bytes) -> str:
    """What an OLE compound file holds; its streams are named in UTF-16."""
    for stream, kind in (
        ("EncryptedPackage", "encrypted"),
        ("WordDocument", "old_word"),
        ("Workbook", "xls"),
        ("PowerPoint Document", "slides"),
    ):
        if stream.encode("utf-16-le") in data:
            return kind
    return "damaged"
