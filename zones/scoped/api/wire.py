"""JSON in and out."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from zones.scoped.api.refusals import Refused


def encode(data: Any) -> bytes:
    """JSON with dates as in ISO 8601 and times in UTC."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z)


class Renderer(BaseRenderer):
    """Answers in JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else encode(data)


class Parser(BaseParser):
    """Reads JSON strictly: no NaN, no broken text, no bottomless nesting, no name twice.

    Raises ParseError, and Refused for more than `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        # Django's own limit does not hold for what is read as a stream.
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        text = stream.read(limit + 1)
        if len(text) > limit:
            raise Refused("too_large", f"一次提交的内容不能超过 {limit} 字节，请分几次提交")
        try:
            read = orjson.loads(text)
            json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise ParseError(str(error)) from error
        return read


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Two readers of a name that stands there twice would each believe another value."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands there twice")


def _plain(value: Any) -> Any:
    if isinstance(value, Promise | Decimal):
        return str(value)
    raise TypeError(f"{type(value)} has no JSON form")
