"""What is answered when a request cannot be: a page in Chinese, and to programs under /api/ problem details.

None of it asks the database, a session or a template tag: it must work when they do not.
"""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template import loader

from tracker import faults
from zones import tracing
from zones.commands import first_line
from zones.scoped.problems import problem

log = logging.getLogger(__name__)
API: Final = "/api/"
TOO_LARGE: Final = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 for what is too large."""
    if isinstance(exception, TOO_LARGE):
        detail = "一次提交的内容超过了上限，没有保存。请减少内容或分几次提交。"
        return _answer(request, 413, "too_large", "提交的内容过大", detail)
    return _answer(request, 400, "invalid", "请求无法识别", "地址或提交的内容不完整，请返回重试。")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    detail = "这一页或这项操作不在您的权限之内。如有需要，请联系项目办或安全管理员。"
    return _answer(request, 403, "forbidden", "您没有权限打开这一页", detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its mark."""
    detail = "这一页打开太久或没有带上安全标记，刚才的内容没有保存。请返回上一页，刷新后重新提交。"
    return _answer(request, 403, "forbidden", "页面已经过期", detail)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404. Without the id of the request: what is hidden and what is not there look alike to the last letter."""
    return _answer(request, 404, "not_found", "没有这一页", "地址可能写错，或者记录不在您的查看范围之内。")


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 when the exception at hand is a trouble of the database that passes or that an operator mends."""
    cause = sys.exception()
    error = cause if isinstance(cause, Exception) else None
    if fault := faults.diagnose(error):
        return _unavailable(request, fault, error)
    detail = "刚才的操作没有完成，错误已记录。请稍后再试；反复出现时请联系系统管理员。"
    return _answer(request, 500, "server_error", "系统出错了", detail)


def _unavailable(request: HttpRequest, fault: faults.Fault, error: Exception | None) -> HttpResponse:
    # Where it waited is worth knowing; where the database was missed is not.
    trace = fault in (faults.BUSY, faults.SLOW)
    log.error("%s: %s", fault.title, first_line(error) if error else "", exc_info=trace)
    answer = _answer(request, 503, fault.code, fault.title, fault.sentence)
    answer.headers["Retry-After"] = str(fault.wait)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # else Django adds a traceback
    return answer


def _answer(request: HttpRequest, status: int, code: str, title: str, detail: str) -> HttpResponse:
    if request.path_info.startswith(API):
        return problem(status, code, detail)
    said: dict[str, Any] = {"title": title, "sentence": detail}
    if status != HTTPStatus.NOT_FOUND:
        said["request_id"] = tracing.request_id.get()
    return HttpResponse(loader.render_to_string("error.html", said), status=status)
