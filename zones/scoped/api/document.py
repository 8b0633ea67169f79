"""The OpenAPI document, made from the endpoints themselves: parameters, versions, and how each one refuses."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django_filters import rest_framework as rest
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiFilterExtension
from drf_spectacular.openapi import AutoSchema

from zones import filters
from zones.scoped.problems import CODES, CONTENT_TYPE

READS: Final = ("unknown_parameter", "not_signed_in", "forbidden", "not_acceptable", "throttled", "unavailable")
WRITES: Final = (*READS, "too_large", "unsupported_media")
VERSIONED: Final = ("version_stale", "version_required")
PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "说明这类错误的地址"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "给人看的一句话"},
        "code": {"type": "string", "enum": list(CODES), "description": "给程序用的代号，不会改变"},
        "request_id": {"type": ["string", "null"], "description": "报修时请提供"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
ETAG: Final = {"schema": {"type": "string"}, "description": "版本；写入时放进 If-Match，再次读取时放进 If-None-Match"}

IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "读取时 ETag 的值",
    "schema": {"type": "string"},
}


class Schema(AutoSchema):
    """What an endpoint says of itself, with the refusals, and the version where it has one."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            self._add_refusals(operation)
            self._add_version(operation)
        return operation

    def get_summary(self) -> str | None:
        return self.get_description().strip().split("\n")[0] or None

    def _add_refusals(self, operation: dict[str, Any]) -> None:
        codes = [*(READS if self.method == "GET" else WRITES)]
        if "{" in self.path:
            codes.append("not_found")
        elif getattr(self.view, "action", "") == "list":
            codes.append("not_found")  # a page that is not there
        if self._is_versioned_write:
            codes += VERSIONED
        codes += getattr(self.view, "refusals", {}).get(getattr(self.view, "action", ""), ())
        for code in codes:
            status, title = CODES[code]
            operation["responses"][str(status)] = _refusal(title)

    def _add_version(self, operation: dict[str, Any]) -> None:
        if not getattr(self.view, "version", "") or "{" not in self.path:
            return
        if self._is_versioned_write:
            operation.setdefault("parameters", []).append(IF_MATCH)
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                answer.setdefault("headers", {})["ETag"] = ETAG
        if self.method == "GET":
            operation["responses"]["304"] = {"description": "没有变化"}

    @property
    def _is_versioned_write(self) -> bool:
        return self.method != "GET" and "{" in self.path and bool(getattr(self.view, "version", ""))


def add_problem(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A hook of the generator: what every refusal looks like."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    return result


class FilterParameters(OpenApiFilterExtension):
    """The parameters of a strict filter set, typed as they are read."""

    target_class = "zones.scoped.api.parameters.Filters"
    priority = 1

    def get_schema_operation_parameters(self, auto_schema: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        found = getattr(auto_schema.view, "filterset_class", None)
        return [_parameter(name, each) for name, each in found.base_filters.items()] if found else []


class TokenScheme(OpenApiAuthenticationExtension):
    """Bearer tokens."""

    target_class = "zones.scoped.api.signing.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "接口令牌"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The session of the officials' screens."""

    target_class = "zones.scoped.api.signing.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def _parameter(name: str, each: Any) -> dict[str, Any]:
    kind = _type(each)
    written = {"explode": False, "style": "form"} if kind["type"] == "array" else {}
    return {"name": name, "in": "query", "description": str(each.label or ""), "schema": kind, **written}


def _type(each: Any) -> dict[str, Any]:
    match each:
        case filters.Flag():
            return {"type": "boolean"}
        case rest.BaseInFilter():
            items: dict[str, Any] = {"type": "string", "minLength": 1}
            return {"type": "array", "minItems": 1, "items": items | _choices(each)}
        case rest.ChoiceFilter():
            return {"type": "string"} | _choices(each)
        case filters.Whole():
            return {"type": "integer"} | _bounds(each)
        case filters.PointsAtLeast():
            return {"type": "number"} | _bounds(each)
        case filters.AtLeast():
            return {"type": "integer"}
        case rest.DateFilter():
            return {"type": "string", "format": "date"}
    return {"type": "string", "minLength": 1} | _bounds(each)


def _bounds(each: Any) -> dict[str, Any]:
    said = {"max_length": "maxLength", "regex": "pattern", "min_value": "minimum", "max_value": "maximum"}
    return {said[key]: value for key, value in each.extra.items() if key in said}


def _choices(each: Any) -> dict[str, Any]:
    offered = each.extra.get("choices")
    return {"enum": [value for value, _ in offered]} if offered else {}


def _refusal(title: str) -> dict[str, Any]:
    return {"description": title, "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
