"""Versions of what people edit: `ETag` on what is read, `If-Match` on what is written."""

from __future__ import annotations

import re
import zlib
from typing import Any

from django.http import HttpRequest
from django.utils.http import parse_etags

from zones.scoped.api import wire
from zones.scoped.api.refusals import Refused

ETAG = re.compile(r'"([0-9]{1,18})(?:\.[0-9a-f]{8})?"')
STALE = "这条记录刚被他人修改，请重新读取后再提交"


def etag_of(row: dict[str, Any], version: str) -> str:
    """The version of the row itself, which `If-Match` asks for, and the sum of all that is shown with it, which
    changes with the light or the name of a zone as well: a cached answer is never older than the facts.
    """
    return f'"{row[version]}.{zlib.crc32(wire.encode(row)):08x}"'


def expected_version(request: HttpRequest) -> int:
    """The version that the writer has read. Raises Refused: 428 without one, 412 if it is none of ours."""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        raise Refused("version_required", "请先读取这条记录，再把响应头 ETag 的值放进请求头 If-Match 提交")
    found = ETAG.fullmatch(given)
    if not found:
        raise Refused("version_stale", STALE)
    return int(found[1])


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether the reader has this very answer already (`If-None-Match`)."""
    given = request.headers.get("If-None-Match", "").strip()
    return given == "*" or etag in parse_etags(given)
