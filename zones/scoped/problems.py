"""Errors of /api/ as RFC 9457 problem details: a stable code for programs, Chinese sentences for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import JsonResponse

from zones import tracing

CONTENT_TYPE: Final = "application/problem+json"
DOCUMENT: Final = "/api/v1/docs/errors"

# code: the status it is answered with, and its short title
CODES: Final[dict[str, tuple[int, str]]] = {
    "invalid": (400, "提交的内容有误"),
    "unknown_parameter": (400, "参数无法识别"),
    "not_signed_in": (401, "尚未登录"),
    "token_expired": (401, "令牌已过期"),
    "forbidden": (403, "没有权限"),
    "not_found": (404, "没有这条记录"),
    "method_not_allowed": (405, "不支持这种操作"),
    "not_acceptable": (406, "只提供 JSON"),
    "conflict": (409, "与现有数据冲突"),
    "version_stale": (412, "内容已被他人修改"),
    "version_required": (428, "缺少版本号"),
    "too_large": (413, "提交的内容过大"),
    "unsupported_media": (415, "内容格式不支持"),
    "unprocessable": (422, "这样做不符合业务规则"),
    "throttled": (429, "请求过于频繁"),
    "server_error": (500, "系统出错了"),
    "unavailable": (503, "系统暂时不可用"),
    "schema_outdated": (503, "数据库结构需要升级"),
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    title: str | None = None,
    errors: Mapping[str, Any] | Sequence[Any] | None = None,
    request_id: str | None = None,
) -> JsonResponse:
    """An answer that says what is wrong and what to do.

    `code` is one of CODES, which gives the title where none is given; `errors` names what is wrong by field.
    Without `request_id` the current request's is shown. KeyError for a code that is not in the table.
    """
    content: dict[str, Any] = {
        "type": f"{DOCUMENT}#{code}",
        "title": CODES[code][1] if title is None else title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": tracing.request_id.get() if request_id is None else request_id,
    }
    if errors is not None:
        content["errors"] = errors
    return JsonResponse(content, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})
