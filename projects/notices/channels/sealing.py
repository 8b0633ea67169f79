"""Keys of other services, sealed before they are stored: a copy of the database alone tells none of them.

Encrypt-then-MAC with what the standard library has: a stream of HMAC-SHA256 in counter mode (a pseudo-random function
as in NIST SP 800-108) and HMAC-SHA256 over nonce and text, under two keys derived from SECRET_KEY. What was
sealed under another SECRET_KEY opens as long as that stands in SECRET_KEY_FALLBACKS, and has to be typed again after.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

VERSION: Final = "1:"
SALT: Final = "projects.notices.sealing"
NONCE: Final = 16
TAG: Final = 32


class Unreadable(Exception):
    """What is stored was sealed under another SECRET_KEY, or was tampered with."""


def seal(text: str) -> str:
    """The text, unreadable without SECRET_KEY; empty stays empty."""
    if not text:
        return ""
    nonce, key = secrets.token_bytes(NONCE), str(settings.SECRET_KEY)
    hidden = _stream(key, nonce, text.encode())
    return VERSION + base64.urlsafe_b64encode(nonce + hidden + _tag(key, nonce + hidden)).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises Unreadable."""
    if not sealed:
        return ""
    try:
        whole = base64.urlsafe_b64decode(sealed.removeprefix(VERSION))
    except (ValueError, binascii.Error) as error:
        raise Unreadable from error
    body, tag = whole[:-TAG], whole[-TAG:]
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        if hmac.compare_digest(_tag(str(key), body), tag):
            return _stream(str(key), body[:NONCE], body[NONCE:]).decode()
    raise Unreadable


def ending(sealed: str) -> str:
    """What may be shown of it: the last four characters, of a long one."""
    try:
        text = unseal(sealed)
    except Unreadable:
        return "无法解读，请重新填写"
    if not text:
        return ""
    return f"已设置，末四位 {text[-4:]}" if len(text) >= 12 else "已设置"


def _derived(key: str, use: str) -> bytes:
    return salted_hmac(f"{SALT}.{use}", b"", secret=key, algorithm="sha256").digest()


def _tag(key: str, body: bytes) -> bytes:
    return hmac.digest(_derived(key, "tag"), body, "sha256")


def _stream(key: str, nonce: bytes, text: bytes) -> bytes:
    """Encrypts and decrypts."""
    under, out = _derived(key, "text"), bytearray()
    for block in range(0, len(text), TAG):
        pad = hmac.digest(under, nonce + block.to_bytes(8, "big"), "sha256")
        out += bytes(a ^ b for a, b in zip(text[block : block + TAG], pad, strict=False))
    return bytes(out)
