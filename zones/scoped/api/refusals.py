"""What an endpoint refuses, as problem details: a stable code for programs, a Chinese sentence for people."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as RuleBroken
from django.http import Http404, JsonResponse
from rest_framework import exceptions, status
from rest_framework.settings import api_settings

from zones.models.versioned import StaleVersion
from zones.scoped.problems import CODES, problem

log = logging.getLogger(__name__)

NOT_FOUND = "没有这条记录，或者您无权查看"
OUTSIDE = "您没有权限写入这条记录"


class Refused(exceptions.APIException):
    """An answer by one of the codes of `zones.scoped.problems`. `errors`: {field: sentence or sentences}."""

    def __init__(self, code: str, detail: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(detail, code)
        self.status_code = CODES[code][0]
        self.errors = errors


@contextmanager
def refused_by_rules() -> Iterator[None]:
    """Turn what a verb refuses into an answer: 412 for a stale version, else 400 with the fields it names."""
    try:
        yield
    except StaleVersion as stale:
        raise Refused("version_stale", stale.messages[0]) from stale
    except RuleBroken as broken:
        raise Refused("invalid", "；".join(broken.messages), _by_field(broken)) from broken


def answer(error: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """What DRF calls for every exception of an endpoint; None leaves it to the handlers of all other errors."""
    code, detail, errors = _read(error)
    if not code:
        return None
    # Imported here: rest_framework.views reads the settings, which name modules that refuse.
    from rest_framework.views import set_rollback

    set_rollback()
    response = problem(CODES[code][0], code, detail, errors=_listed(errors))
    for name in ("auth_header", "wait"):
        _keep_header(response, name, getattr(error, name, None))
    return response


def _read(error: Exception) -> tuple[str, str, Any]:
    match error:
        case Refused():
            return str(error.get_codes()), str(error.detail), error.errors
        case exceptions.ValidationError():
            return "invalid", "提交的内容有误，请按各项提示修改", error.detail
        case Http404() | exceptions.NotFound():
            return "not_found", NOT_FOUND, None
        case exceptions.AuthenticationFailed():
            code = str(error.get_codes())
            return (code if code in CODES else "not_signed_in"), str(error.detail), None
        case exceptions.NotAuthenticated():
            return "not_signed_in", "请先登录，或在请求头 Authorization 里带上令牌", None
        case PermissionDenied() | exceptions.PermissionDenied():
            return "forbidden", str(getattr(error, "detail", "")) or "您没有权限这样做", None
        case exceptions.APIException():
            return _by_status(error)
    return "", "", None


def _by_status(error: exceptions.APIException) -> tuple[str, str, Any]:
    """The rest of what DRF itself refuses: malformed JSON, media types, methods, too many requests."""
    match error.status_code:
        case status.HTTP_405_METHOD_NOT_ALLOWED:
            return "method_not_allowed", "这个地址不支持这种请求方法", None
        case status.HTTP_415_UNSUPPORTED_MEDIA_TYPE:
            return "unsupported_media", "请求内容应为 JSON，并写明 Content-Type: application/json", None
        case status.HTTP_406_NOT_ACCEPTABLE:
            return "not_acceptable", "这里只提供 JSON：请把 Accept 写成 application/json，或不写", None
        case status.HTTP_429_TOO_MANY_REQUESTS:
            seconds = getattr(error, "wait", None)
            return "throttled", f"请求过于频繁，请在 {max(1, round(seconds or 1))} 秒后重试", None
        case status.HTTP_400_BAD_REQUEST:
            return "invalid", "请求内容不是有效的 JSON", None
    return "", "", None


def _by_field(broken: RuleBroken) -> dict[str, list[str]]:
    if hasattr(broken, "error_dict"):
        return {("" if name == NON_FIELD_ERRORS else name): each for name, each in broken.message_dict.items()}
    return {"": broken.messages}


def _listed(errors: Any, path: str = "") -> list[dict[str, str]] | None:
    """Errors as a flat list: {"field": "targets.3", "detail": "…"}; the empty field is the whole."""
    if errors is None:
        return None
    if isinstance(errors, dict):
        return [one for name, each in errors.items() for one in _listed(each, _join(path, name)) or []]
    if isinstance(errors, list) and any(isinstance(each, dict | list) for each in errors):
        return [one for at, each in enumerate(errors) for one in _listed(each, _join(path, str(at))) or []]
    return [{"field": path, "detail": str(each)} for each in (errors if isinstance(errors, list) else [errors])]


def _join(path: str, name: str) -> str:
    name = "" if name == api_settings.NON_FIELD_ERRORS_KEY else name
    return ".".join(str(part) for part in (path, name) if part != "")


def _keep_header(response: JsonResponse, name: str, value: Any) -> None:
    if value is not None:
        response["WWW-Authenticate" if name == "auth_header" else "Retry-After"] = (
            value if name == "auth_header" else str(max(1, round(value)))
        )
