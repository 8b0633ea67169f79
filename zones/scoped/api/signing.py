"""Signing in to the API: by a token, or by the session of the officials' screens."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from rest_framework import authentication, permissions
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from zones import clock
from zones.models import ApiToken
from zones.permissions import remember

SCHEMES: Final = ("bearer", "token")
UNMARKED: Final = "请求没有带上安全标记：请把 Cookie 里 csrftoken 的值放进请求头 X-CSRFToken，或者改用令牌"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer sgyp_…`. One statement reads the token, the person and what he holds; a second one notes
    the use, once a day.
    """

    def authenticate(self, request: HttpRequest) -> tuple[Any, ApiToken] | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in SCHEMES:
            return None
        found: list[Any] = list(ApiToken.objects.of_key(key.strip()))
        token = found[0] if found else None
        if token is None or token.revoked_at or not token.user.is_active:
            raise AuthenticationFailed("令牌无效或已作废，请重新申请", "not_signed_in")
        if token.expired:
            raise AuthenticationFailed(f"令牌已于 {token.expires_at:%Y-%m-%d} 到期，请重新申请", "token_expired")
        today = clock.today()
        remember(token.user, today, {(row.role, row.path) for row in found if row.role})
        if token.last_used_on != today:
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
        return token.user, token

    def authenticate_header(self, request: HttpRequest) -> str:
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the officials' screens; who writes by it brings the mark of its forms as well."""

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as refused:
            raise PermissionDenied(UNMARKED) from refused


class SignedIn(permissions.BasePermission):
    """Somebody, and with a read-only token only to read."""

    message = "这个令牌只能读取，不能写入"

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        token = request.auth
        return request.method in permissions.SAFE_METHODS or not isinstance(token, ApiToken) or token.may_write
