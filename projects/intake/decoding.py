"""Bytes to text, in the encodings that offices use."""

from __future__ import annotations

import codecs
import re
from typing import Final

from projects.intake.refusals import Trouble

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_HAN: Final = re.compile("[㐀-鿿]")
_USUAL: Final = frozenset(
    "的一在有和中大为為个個年月日国國地上以业業工产產项項目投资資亿億万萬元区區市县縣建设設开開发發公司新"
    "是不了人这這来來到时時会會对對出能高全成多动動力进進重点點总總完经經企三二十"
)
_BROKEN: Final = "\ufffd"
_FEW: Final = 0.01  # of a page's characters that may be broken
_SAMPLE: Final = 20_000  # characters that two encodings are compared by


def decode(data: bytes, declared: str = "") -> str:
    """By its mark, else as declared, else UTF-8, else GB 18030 (which holds GBK) or Big5, whichever gives Chinese.

    The mark stays in the text: offsets count every code point. Raises Trouble when it is no text in any of them.
    """
    if marked := _marked(data):
        return marked
    for encoding in filter(None, (_known(declared), "utf-8")):
        if (text := _tried(data, encoding)) is not None:
            return text
    # Nearly every pair of bytes is a character of GB 18030, so Big5 passes for it: what is Chinese decides.
    found = [text for encoding in ("gb18030", "big5hkscs") if (text := _tried(data, encoding)) is not None]
    if not found:
        raise Trouble("encoding")
    return found[1] if len(found) == 2 and _usual(found[1]) > max(0.1, 2 * _usual(found[0])) else found[0]


def decode_page(data: bytes, declared: str = "") -> str:
    """A web page's text, as `decode`; but a page with some broken bytes is read as browsers do, without them."""
    try:
        return decode(data, declared)
    except Trouble:
        tried = [data.decode(encoding, "replace") for encoding in (_known(declared) or "utf-8", "utf-8", "gb18030")]
        best = min(tried, key=lambda text: text.count(_BROKEN))
        if best.count(_BROKEN) > _FEW * len(best):
            raise
        return _CONTROL.sub("", best).replace(_BROKEN, "")


def _marked(data: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    if not encoding:
        return ""
    if (text := _tried(data, encoding)) is None:
        raise Trouble("encoding")
    return text


def _known(declared: str) -> str:
    """The encoding that is meant: what calls itself GB2312 or GBK is written in GB 18030."""
    try:
        known = codecs.lookup(declared).name if declared else ""
    except LookupError:
        return ""
    return "gb18030" if known in ("gb2312", "gbk") else known


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError):
        return None
    return None if _CONTROL.search(text) else text


def _usual(text: str) -> float:
    """How much of the Chinese is of the most usual characters: a third of any report, next to none of rubbish."""
    chars = _HAN.findall(text[:_SAMPLE])
    return sum(char in _USUAL for char in chars) / max(len(chars), 20)
