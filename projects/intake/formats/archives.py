"""Files that are zip archives of XML (docx, xlsx, ods): looked through before anything of them is parsed."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Final

from projects.intake import limits
from projects.intake.refusals import Trouble

_CHUNK: Final = 256 * 1024

_MAIN: Final = {
    b"wordprocessingml.document.main+xml": "docx",
    b"wordprocessingml.template.main+xml": "docx",
    b"spreadsheetml.sheet.main+xml": "xlsx",
    b"spreadsheetml.template.main+xml": "xlsx",
    b"presentationml.": "slides",
}
_WHAT: Final = {"docx": ("Word 文档", ".docx"), "xlsx": ("Excel 表格", ".xlsx"), "ods": ("ODS 表格", ".ods")}
_DEFINING: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_PARTS: Final = (".xml", ".rels", ".vml")
_CONTAINERS: Final = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0")


def opened(data: bytes, kind: str) -> zipfile.ZipFile:
    """The archive, when it is of this kind and holds nothing that a plain document does not need.

    Raises Trouble for too many members or too much in them, declared or actual, for another kind of file, a password,
    macros, embedded objects, links to other workbooks, archives within, and definitions in its XML.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        members = archive.infolist()
        _measure(members)
        _compare(archive, kind)
        for member in members:
            _inspect(archive, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, ValueError, OSError) as error:
        raise Trouble("damaged") from error
    return archive


def _measure(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if len(names) > limits.MEMBERS:
        raise Trouble("bomb")
    if len(set(names)) < len(names):
        raise Trouble("damaged")
    if any(member.flag_bits & 0x1 for member in members):
        raise Trouble("encrypted")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > limits.UNPACKED or unpacked > limits.RATIO * max(packed, 1):
        raise Trouble("bomb")


def _compare(archive: zipfile.ZipFile, kind: str) -> None:
    found = _kind(archive)
    if found == kind:
        return
    if found in _WHAT:
        what, ending = _WHAT[found]
        raise Trouble("wrong_extension", what=what, ending=ending)
    raise Trouble(found)


def _kind(archive: zipfile.ZipFile) -> str:
    """What the archive declares itself to be: one of _WHAT, or the code of a refusal."""
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        types = archive.read("[Content_Types].xml")
        if b"macroEnabled" in types or b"vbaProject" in types:
            return "macro"
        return next((kind for part, kind in _MAIN.items() if part in types), "unsupported_format")
    if "OFD.xml" in names:
        return "ofd"
    if "mimetype" in names:
        declared = archive.read("mimetype")
        if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml"):
            return "encrypted"
        return "ods" if b"opendocument.spreadsheet" in declared else "unsupported_format"
    return "archive"


def _inspect(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a member without keeping it: its size and checksum must be as declared, and its content harmless."""
    name = member.filename.lower()
    if name.endswith("vbaproject.bin") or "/basic/" in f"/{name}":
        raise Trouble("macro")
    if "externallinks/" in name:
        raise Trouble("external")
    if "/embeddings/" in name or "oleobject" in name:
        raise Trouble("embedded")
    suspect = _definition() if name.endswith(_PARTS) else None
    with archive.open(member) as stream:
        first = True
        while chunk := stream.read(_CHUNK):
            if first and chunk.startswith(_CONTAINERS):
                raise Trouble("embedded")
            first = False
            if suspect and suspect(chunk):
                raise Trouble("doctype")


def _definition() -> Callable[[bytes], bool]:
    """Asks chunk after chunk of a part whether it defines anything, in UTF-8 or in UTF-16."""
    rest = b""

    def suspect(chunk: bytes) -> bool:
        nonlocal rest
        text = rest + chunk.replace(b"\x00", b"")
        rest = text[-16:]
        return bool(_DEFINING.search(text))

    return suspect
