"""What a file is, by its content. What its name claims is compared with that, and otherwise not asked.

A picture is drawn anew by `projects.returns.pictures`; a document is kept as it came, and only ever handed out as a
download.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import PurePath
from typing import Final

from django.core.exceptions import ValidationError

from projects.returns import pictures

LARGEST: Final = pictures.LARGEST
LONGEST_NAME: Final = 120  # characters, the ending included
PICTURES: Final = frozenset({"jpg", "jpeg", "png", "webp"})
KINDS: Final = {
    "pdf": "PDF 文件",
    "docx": "Word 文档",
    "doc": "Word 文档",
    "xlsx": "Excel 表格",
    "xls": "Excel 表格",
    "jpg": "图片",
}
ACCEPT: Final = ".pdf,.doc,.docx,.xls,.xlsx,.jpg,.jpeg,.png,.webp"
HELP: Final = f"PDF、Word、Excel 或图片（JPG、PNG、WEBP），不超过 {LARGEST // 1024 // 1024} 兆"
TOO_LARGE: Final = f"文件不能超过 {LARGEST // 1024 // 1024} 兆，请压缩或拆分后上传"
UNKNOWN: Final = "读不懂这个文件：请上传 PDF、Word、Excel 或图片（JPG、PNG、WEBP），其他格式请先另存为 PDF"
LOCKED: Final = "文件加了密码，别人打不开：请去掉密码后上传"
MACROS: Final = "文件里带有宏，不能上传：请另存为不带宏的 Word 或 Excel 文件"

_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY: Final = 128  # bytes of an entry of a compound file's directory; each stands at a multiple of its size


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is kept: what it is, its bytes, its thumbnail if it is a picture, and the day it was taken; and the
    digest of what was sent.
    """

    ending: str
    full: bytes
    small: bytes
    taken_on: date | None
    digest: str


def read(name: str, data: bytes) -> Content:
    """What a file is, by its content. Raises ValidationError for one that is not taken."""
    if not data:
        raise ValidationError("文件是空的，请重新选择")
    if len(data) > LARGEST:
        raise ValidationError(TOO_LARGE)
    ending = next((found for sniff in _SNIFFERS if (found := sniff(data))), "")
    if not ending:
        raise ValidationError(UNKNOWN)
    _compare(name, ending)
    digest = hashlib.sha256(data).hexdigest()
    if ending != "jpg":
        return Content(ending, data, b"", None, digest)
    drawn = pictures.read(data)
    return Content(ending, drawn.full, drawn.small, drawn.taken_on, digest)


# ---- What a file is --------------------------------------------------------------------------------
def _picture(data: bytes) -> str:
    # "jpg" for all three: it is what they are once drawn anew.
    begins = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
    return "jpg" if data.startswith(begins) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP") else ""


def _pdf(data: bytes) -> str:
    if not data.startswith(b"%PDF-"):
        return ""
    if b"%%EOF" not in data[-2048:]:
        raise ValidationError("PDF 文件不完整，可能没有传完：请重新导出后上传")
    return "pdf"


def _office(data: bytes) -> str:
    """docx or xlsx: a zip archive that has the one or the other's main part. Nothing in it is unpacked."""
    if not data.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ValidationError("文件已损坏，打不开：请重新保存后上传") from error
    if any(PurePath(name).name.lower() == "vbaproject.bin" for name in names):
        raise ValidationError(MACROS)
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else ""


def _old_office(data: bytes) -> str:
    """doc or xls: a compound file, by the first of their streams in its directory; one of the other may be inside."""
    if not data.startswith(_COMPOUND):
        return ""
    if _entry(data, "EncryptedPackage") >= 0:
        raise ValidationError(LOCKED)
    if _entry(data, "_VBA_PROJECT") >= 0:
        raise ValidationError(MACROS)
    word = _entry(data, "WordDocument")
    sheets = [at for at in (_entry(data, "Workbook"), _entry(data, "Book")) if at >= 0]
    if word >= 0 and (not sheets or word < min(sheets)):
        return "doc"
    return "xls" if sheets else ""


def _entry(data: bytes, name: str) -> int:
    """Where the directory names a stream so; -1 if nowhere."""
    wanted = name.encode("utf-16-le").ljust(64, b"\0")
    at = data.find(wanted)
    while at >= 0 and at % _ENTRY:
        at = data.find(wanted, at + 1)
    return at


_SNIFFERS: Final[tuple[Callable[[bytes], str], ...]] = (_picture, _pdf, _office, _old_office)


def _compare(name: str, ending: str) -> None:
    """Refuse a name that claims something else. Among pictures it does not matter: they are drawn anew."""
    claimed = PurePath(name.strip()).suffix.lower().lstrip(".")
    if not claimed or claimed == ending or (ending == "jpg" and claimed in PICTURES):
        return
    raise ValidationError(f"文件名以“.{claimed[:10]}”结尾，内容却是{KINDS[ending]}（.{ending}）：请核对后重新选择文件")


def named(name: str, ending: str) -> str:
    """A name that a person recognises and that no path, line or header can be made of."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    stem = PurePath(last).stem if PurePath(last).suffix.lower() in ACCEPT.split(",") else last
    kept = "".join(letter for letter in stem if letter.isprintable() and letter not in '<>:"|?*').strip(" .")
    return f"{(kept or '附件')[: LONGEST_NAME - len(ending) - 1]}.{ending}"
