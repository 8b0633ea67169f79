"""Nothing of the API is kept by anybody on the way, or by a browser that the next person uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

PREFIX: Final = "/api/"
# Programs that keep what they have read ask with `If-None-Match`; that needs no cache between them and us.
KEPT_BY_NOBODY: Final = "private, no-store"
SIGNED_IN_BY: Final = ("Authorization", "Cookie")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def private(get_response: GetResponse) -> GetResponse:
    """Middleware: marks every answer under /api/, refusals included."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path_info.startswith(PREFIX):
            response.headers["Cache-Control"] = KEPT_BY_NOBODY
            patch_vary_headers(response, SIGNED_IN_BY)
        return response

    return middleware
